"""Whose file it is: others are passed over and left alone, ours are not."""

import pytest

import sftc
from sftc.diagnostics import codes

FOREIGN = {
    "flat": 'name="x"\ngpu_type="A100"\n[env]\nA="b"\n',
    "resources": '[resources]\ngpu_type="H100"\nmemory="64Gi"\n[image]\nname="x"\n',
    "slurm": '[job]\nmodel_name="llama"\n[scheduler]\nname="slurm"\n',
    "one known key of another table": "[training]\nsteps=5\n",
    "cron": '[job]\nname = "nightly"\nschedule = "0 3 * * *"\n',
    "torchtitan": '[job]\ndump_folder = "out"\n[training]\nseq_len = 2048\nsteps = 10\n'
    '[parallelism]\ntensor_parallel_degree = 1\n[model]\nname = "llama3"\n',
    "another kind": '[algorithm]\ntype = "online"\n[job]\nmodel = "m"\n',
}
OURS = {
    "two tables of ours beside another": "[hyperparameters]\nlearning_rate = 1e-4\n"
    "[compute]\ngpu_count = 8\n[wandb]\nproject = 1\n",
    "the schema line": "#:schema ./config.schema.json\n[wandb]\nproject = 1\n",
    "a misspelt table": '[jobb]\nmodel = "m/x"\n[wandb]\nproject = 1\n',
}


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_another_tools_file_is_left_alone(text: str) -> None:
    assert [d.code for d in sftc.lint_config(text)] == [codes.NOT_A_CONFIG]
    assert sftc.fix_config(text, unsafe=True).text == text
    compiled = sftc.compile_config(text)
    assert compiled.foreign is not None
    assert compiled.payload is None


@pytest.mark.parametrize("text", OURS.values(), ids=OURS)
def test_ours_is_told_what_it_lacks(text: str) -> None:
    found = [d.code for d in sftc.lint_config(text)]
    assert codes.NOT_A_CONFIG not in found
    assert {codes.MISSING_TABLE, codes.MISSING_KEY} & set(found)


def test_a_model_of_another_table_is_not_taken() -> None:
    text = '[job]\ndata = "a.jsonl"\n[compute]\ngpu_type = "H100"\n[judge]\nmodel = "m/other"\n'
    assert sftc.fix_config(text, unsafe=True).text == text
