"""Wrong use of each command: what is said, exactly, and the exit code 2."""

from pathlib import Path

import forked
import pytest

CONFIG = '[job]\nmodel = "m"\ndata = "a.jsonl"\n[compute]\ngpu_type = "H100"\n'

SAID: dict[str, str] = {
    # commands
    "lnt": "there is no command `lnt`; did you mean `lint`?\n`sftc --help` lists the commands.",
    "lnit": "there is no command `lnit`; did you mean `init` or `lint`?\n"
    "`sftc --help` lists the commands.",
    "frobnicate": "there is no command `frobnicate`\n`sftc --help` lists the commands.",
    "backend srve": "there is no command `srve`; did you mean `serve`?\n"
    "`sftc backend --help` lists the commands.",
    # options
    "--versoin": "`sftc` has no option `--versoin`; did you mean `--version`?\n"
    "`sftc --help` lists its options.",
    "lint --strct": "`sftc lint` has no option `--strct`; did you mean `--strict`?\n"
    "`sftc lint --help` lists its options.",
    "compile --out x": "`sftc compile` has no option `--out`; did you mean `--output` or "
    "`--out-dir`?\n`sftc compile --help` lists its options.",
    "diff -x": "`sftc diff` has no option `-x`\n`sftc diff --help` lists its options.",
    "data --near": "`sftc data check` has no option `--near`; did you mean `--near-duplicates`?\n"
    "`sftc data check --help` lists its options.",
    "lint --strict=yes": "`--strict` takes no value\n`sftc lint --help` lists its options.",
    "plan --gpu": "`--gpu` needs a value: `--gpu GPU`\n`sftc plan --help` lists its options.",
    # values
    "check --format jsn": "--format takes text, concise, json, github, sarif, gitlab or junit, not "
    "`jsn`; did you mean `json`?\n`sftc check --help` lists its options.",
    "schema confg": "NAME does not take `confg`; did you mean `config`?\n"
    "`sftc schema --help` lists its options.",
    "submit job.json --retries -1": "--retries takes a whole number of at least 0, not `-1`\n"
    "`sftc submit --help` lists its options.",
    "submit job.json --retries two": "--retries takes a whole number of at least 0, not `two`\n"
    "`sftc submit --help` lists its options.",
    "jobs -n 2000": "--limit takes a whole number from 1 to 1000, not `2000`\n"
    "`sftc jobs --help` lists its options.",
    "data show a.jsonl 0": "ROW takes a whole number of at least 1, not `0`\n"
    "`sftc data show --help` lists its options.",
    "backend serve --runner trian": "--runner takes rehearsal or train, not `trian`; did you mean "
    "`train`?\n`sftc backend serve --help` lists its options.",
    "compile a.toml --target axolot": "there is no target `axolot`; did you mean `axolotl`?",
    "lift a.yaml --from trll": "there is no target `trll`; did you mean `trl`?",
    "plan a.toml --gpu H10O": "the memory of the GPU `H10O` is not known",
    # codes
    "rule SFT2111": "there is no code `SFT2111`; did you mean `SFT211`?",
    "rule SFT9": "there is no code `SFT9`; `sftc rule` lists them",
    "rule global-batch-mismach": "there is no code or name of a code `global-batch-mismach`; did "
    "you mean `global-batch-mismatch`?",
    "rule foo bar": "no code mentions all of: foo bar",
    "rule SFT211 --all": "--all prints every page; leave out the code, or leave out --all",
    "lint a.toml --select SFT2111": "there is no code `SFT2111`; did you mean `SFT211`?",
    "lint a.toml --ignore 211": "there is no code or name of a code `211`; did you mean `SFT211`?",
    # too few and too many arguments
    "explain": "`sftc explain` needs a CONFIG\nUsage: sftc explain [OPTIONS] CONFIG [KEY|FIELD]",
    "diff": "`sftc diff` needs an OLD\nUsage: sftc diff [OPTIONS] OLD [NEW]",
    "lift": "`sftc lift` needs a PAYLOAD\nUsage: sftc lift [OPTIONS] PAYLOAD",
    "submit": "`sftc submit` needs a PAYLOAD\nUsage: sftc submit [OPTIONS] PAYLOAD",
    "recipe": "`sftc recipe` needs a PAYLOAD\nUsage: sftc recipe [OPTIONS] PAYLOAD",
    "schema": "`sftc schema` needs a NAME\nUsage: sftc schema [OPTIONS] NAME",
    **{
        command: f"`sftc {command}` needs a JOB\nUsage: sftc {command} [OPTIONS] JOB"
        for command in ("status", "follow", "logs", "cancel")
    },
    "fetch": "`sftc fetch` needs a JOB\nUsage: sftc fetch [OPTIONS] JOB",
    "fetch job_1": "`sftc fetch` needs `--output DIR`\nUsage: sftc fetch [OPTIONS] JOB",
    "compile": "name a config, or add --write to compile all in the repository",
    "train": "name one config, as in `sftc train sft.toml`",
    "data": "name a dataset, as in `sftc data train.jsonl`, or a config with --config",
    "data fix a.jsonl": "`sftc data fix` needs `--output FILE`\n"
    "Usage: sftc data fix [OPTIONS] DATASET",
    "status one two": "`sftc status` has no place for the argument `two`\n"
    "Usage: sftc status [OPTIONS] JOB",
    "targets all": "`sftc targets` has no place for the argument `all`\n"
    "Usage: sftc targets [OPTIONS]",
    # another kind of file
    **{
        f"{command} a.jsonl": "a.jsonl is a dataset, not a config: `sftc data a.jsonl` checks it"
        for command in ("lint", "compile", "check", "plan", "explain", "train")
    },
    **{
        f"{command} job.json": "job.json is a payload, not a config: `sftc lift job.json` turns "
        "it into a config"
        for command in ("lint", "compile", "explain", "train")
    },
    **{
        f"{command} a.toml": "a.toml is a config, not a dataset: `sftc data --config a.toml` "
        "checks the datasets that it names"
        for command in ("data", "data show", "data fix -o b", "data convert --from alpaca")
    },
    "submit a.jsonl": "a.jsonl is a dataset, not a payload: `sftc data a.jsonl` checks it",
    "diff a.jsonl a.toml": "a.jsonl is a dataset, not a config: `sftc data a.jsonl` checks it",
    # a folder where a file is wanted
    **{
        f"{command} folder": f"folder is a folder: name {kind} in it"
        for command, kind in (
            ("explain", "a config"),
            ("train", "a config"),
            ("lift", "a payload"),
            ("submit", "a payload"),
            ("recipe", "a payload"),
            ("data", "a dataset"),
            ("data show", "a dataset"),
            ("data fix -o b", "a dataset"),
        )
    },
    "data fix a.jsonl -o folder": "-o folder is a folder: name a file in it",
    # keys
    "explain a.toml gpu_typ": "neither the config nor its payload has `gpu_typ`; did you mean "
    "`compute.gpu_type`?",
    "explain a.toml gpu_type": "neither the config nor its payload has `gpu_type`; did you mean "
    "`compute.gpu_type`?",
    "explain a.toml lerning_rate": "neither the config nor its payload has `lerning_rate`; did "
    "you mean `hyperparameters.learning_rate`?",
    "explain a.toml learning_rate": "`hyperparameters.learning_rate` is not set in this config",
    "explain a.toml /modl": "neither the config nor its payload has `/modl`; did you mean "
    "`/model`?",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("wrong")
    (path / "folder").mkdir()
    (path / "a.toml").write_text(CONFIG)
    (path / "a.yaml").write_text("base_model: m\n")
    (path / "a.jsonl").touch()
    (path / "job.json").write_text("{}")
    return path


@pytest.mark.parametrize("words", SAID)
def test_what_is_said(words: str, folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    done = forked.run(*words.split(), cwd=folder, encoding="utf-8")
    assert done.stderr == f"sftc: {SAID[words]}\n"
    assert (done.returncode, done.stdout) == (2, "")
    assert sorted(folder.rglob("*")) == before


UNREADABLE = {
    "lint a.toml": 0,
    "lint missing.toml": 2,
    "lint missing.toml a.toml": 2,
    "lint missing.toml --exit-zero": 2,
    "lint missing.toml --format json": 2,
    "lint broken.toml": 1,
    "lint broken.toml missing.toml": 2,
    "compile missing.toml": 2,
    "compile missing.toml a.toml --out-dir out": 2,
    "compile broken.toml": 1,
    "compile missing.toml --target trl": 2,
    "check missing.toml": 2,
    "plan missing.toml": 2,
    "explain missing.toml": 2,
    "explain broken.toml": 1,
    "explain HEAD:missing.toml": 2,
    "diff a.toml missing.toml": 2,
    "lift missing.json": 2,
    "recipe missing.json": 2,
    "train missing.toml --dry-run": 2,
    "submit missing.json --dry-run": 2,
    "data missing.jsonl": 2,
    "data broken.jsonl": 1,
    "data broken.jsonl missing.jsonl": 2,
    "data missing.jsonl --format json": 2,
    "data --config missing.toml": 2,
    "data diff missing.jsonl broken.jsonl": 2,
    "data convert missing.jsonl --from alpaca": 2,
    "data fix missing.jsonl -o out.jsonl": 2,
}


@pytest.mark.parametrize("words", UNREADABLE)
def test_an_input_that_cannot_be_read_is_exit_code_2(words: str, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(CONFIG)
    (tmp_path / "broken.toml").write_text("[job")
    (tmp_path / "broken.jsonl").write_text("{\n")
    done = forked.run(*words.split(), cwd=tmp_path, encoding="utf-8")
    assert done.returncode == UNREADABLE[words], done.stderr
    if "broken" in words and "missing" in words and "diff" not in words:
        assert "broken" in done.stdout + done.stderr  # the others are looked at all the same
