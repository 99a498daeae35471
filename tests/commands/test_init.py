"""`sftc init`: what it writes, says and refuses, with options and without."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import forked
import pytest
import yaml
from repositories import repository

from sftc import __version__, schemas
from sftc.commands.init_gpus import gpu_of

ROOT = Path(__file__).parents[2]
ROW = '{"messages": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}]}\n'
SHAREGPT = (
    '{"conversations": [{"from": "human", "value": "2+2?"}, {"from": "gpt", "value": "4"}]}\n'
)
ALPACA = '{"instruction": "2+2?", "input": "", "output": "4"}\n'


def sftc(folder: Path, *arguments: str) -> Any:
    done = forked.run(*arguments, cwd=folder, encoding="utf-8")
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    (folder / "data").mkdir(parents=True)
    for name, row in {"train": ROW, "sharegpt": SHAREGPT, "alpaca": ALPACA, "bad": "{}\n"}.items():
        (folder / "data" / f"{name}.jsonl").write_text(row)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and ".git/" not in f"{path}")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def commands(said: str) -> list[str]:
    """Return the commands that init says are next."""
    return re.findall(r"^  (sftc .*)$", said, re.MULTILINE)


def test_what_comes_next_works_when_pasted(here: Path) -> None:
    asked = ("--model", "Qwen/Qwen3-8B", "--data", "data/train.jsonl", "--gpu", "RTX 4090")
    done = sftc(here, "init", *asked)
    assert done.returncode == 0
    assert done.stderr == (
        "Wrote sft.toml and config.schema.json.\n"
        "data/train.jsonl: 1 row, valid.\n"
        "QLoRA of Qwen/Qwen3-8B on 1 × RTX 4090: 17.2 GiB of 24, 1 row of 4,096 tokens at a time, "
        "with activation checkpointing.\n"
        "QLoRA was chosen since it needs the least memory; nothing else fits.\n"
        "Next:\n"
        "  sftc data check data/train.jsonl\n"
        "  sftc lint sft.toml\n"
        "  sftc plan sft.toml\n"
        "  sftc compile --pin sft.toml -o sft.job.json\n"
        "  sftc submit sft.job.json\n"
        "`sftc backend serve` starts a backend here, and prints how to submit to it.\n"
    )
    for command in commands(done.stderr)[:-1]:
        ran = sftc(here, *command.split()[1:])
        assert (ran.returncode, "note[" in ran.stderr) == (0, False), command
    assert "It fits: it needs about 17.2 GiB" in sftc(here, "plan").stdout
    assert json.loads((here / "sft.job.json").read_bytes())["model"] == "Qwen/Qwen3-8B"
    assert sftc(here, "lint", "--strict", "--select", "SFT").stderr == ""


@pytest.mark.parametrize("form", ["sharegpt", "alpaca"])
def test_rows_of_another_format_come_with_the_command_that_converts_them(
    form: str, here: Path
) -> None:
    done = sftc(here, "init", "--data", f"data/{form}.jsonl")
    assert f"data/{form}.jsonl: rows in the {form} format; the config names" in done.stderr
    first, *others = commands(done.stderr)
    assert first == (
        f"sftc data convert --from {form} data/{form}.jsonl -o data/{form}.converted.jsonl"
    )
    assert "note[SFT257]" in sftc(here, "lint").stderr
    for command in (first, *others[:-1]):
        assert sftc(here, *command.split()[1:]).returncode == 0, command
    assert "note[SFT257]" not in sftc(here, "lint").stderr


def test_bad_rows_and_missing_files_are_told(here: Path) -> None:
    bad = sftc(here, "init", "a.toml", "--data", "data/bad.jsonl", "--validation", "data/no.jsonl")
    assert (
        "\ndata/bad.jsonl:1: `messages` is missing" in bad.stderr or "bad.jsonl:1: " in bad.stderr
    )
    assert "\ndata/no.jsonl: not there yet.\n" in bad.stderr
    missing = sftc(here, "init", "b.toml", "--data", "data/no.jsonl")
    assert "\nPut your data at data/no.jsonl, one conversation a line, then:\n" in missing.stderr
    assert (bad.returncode, missing.returncode) == (0, 0)


REFUSED = {
    # arguments: exit code, message
    ("--gpu", "RTX 409"): (2, "no GPU called 'RTX 409' is known; did you mean RTX 4090?"),
    ("--gpu", "abacus"): (2, "no GPU called 'abacus' is known; names are as H100, A100 80GB or"),
    ("--gpu", "H100x16"): (2, "a machine has 1 to 8 GPUs; for more, set `nodes` in the config"),
    ("--gpu", "H100x0"): (2, "a machine has 1 to 8 GPUs"),
    ("--model", " "): (2, "--model is blank"),
    ("--data", ""): (2, "--data is blank"),
    ("--kind", "dpo"): (2, "--kind takes qlora, lora or full, not `dpo`"),
    ("--ci", "jenkins"): (2, "--ci takes github or gitlab, not `jenkins`"),
    ("--model", "Qwen/Qwen3-32B", "--gpu", "T4"): (
        1,
        (
            "sftc: QLoRA of Qwen/Qwen3-32B does not fit 1 × T4 (39.3 GiB of 16), nor does any "
            "other kind of fine-tuning; the smallest GPU that would do: "
            "--gpu 'RTX 6000 Ada' (48 GiB)\n"
        ),
    ),
    ("--model", "Qwen/Qwen3-8B", "--gpu", "H100", "--kind", "full"): (
        1,
        "full fine-tuning of Qwen/Qwen3-8B does not fit 1 × H100",
    ),
}


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_what_is_refused_writes_nothing(arguments: tuple[str, ...], here: Path) -> None:
    before = contents(here)
    done = sftc(here, "init", *arguments)
    code, message = REFUSED[arguments]
    assert message in done.stderr
    assert (done.returncode, contents(here)) == (code, before)


GPUS = {
    "H100": ("H100", 1), "H100x8": ("H100", 8), "H100:8": ("H100", 8), "8xH100": ("H100", 8),
    "8 x H100": ("H100", 8), "RTX 4090": ("RTX 4090", 1), "rtx4090x2": ("rtx4090", 2),
    "RTX 4090 x2": ("RTX 4090", 2), "4090x2": ("4090", 2), "a100_40gb x4": ("a100_40gb", 4),
    "MI300X": ("MI300X", 1), "MI250X:4": ("MI250X", 4),
    "H100 80GB HBM3": ("H100 80GB HBM3", 1),
}  # fmt: skip


@pytest.mark.parametrize("text", GPUS)
def test_gpus_are_read_as_people_write_them(text: str) -> None:
    assert gpu_of(text) == GPUS[text]


def test_a_model_that_nobody_knows_is_written_and_not_planned(here: Path) -> None:
    done = sftc(here, "init", "--model", "acme/secret-9b", "--gpu", "L4")
    assert done.returncode == 0
    assert (
        "could not be planned: the shape of acme/secret-9b is not known; pass --model a folder "
        "with its config.json.\n" in done.stderr
    )


def test_a_model_in_a_folder_is_planned_by_its_config(here: Path) -> None:
    shape = {
        "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 2048,
        "intermediate_size": 5632, "num_hidden_layers": 22, "num_attention_heads": 32,
        "num_key_value_heads": 4, "vocab_size": 32000, "tie_word_embeddings": False,
    }  # fmt: skip
    (here / "models" / "tiny").mkdir(parents=True)
    (here / "models" / "tiny" / "config.json").write_text(json.dumps(shape))
    done = sftc(here, "init", "--model", "models/tiny", "--gpu", "L4", "--data", "data/train.jsonl")
    assert "QLoRA of ./models/tiny on 1 × L4: " in done.stderr
    plan = "sftc plan --model-config models/tiny/config.json sft.toml"
    assert plan in commands(done.stderr)
    assert "It fits" in sftc(here, *plan.split()[1:]).stdout
    assert sftc(here, "lint", "--strict").stderr == ""


def test_a_repository_has_one_schema(here: Path) -> None:
    repository(here)
    done = sftc(here, "init", "a/b/one.toml", "--repository", "--hooks", "--ci", "gitlab")
    assert done.stderr.startswith(
        "Wrote a/b/one.toml, sftc-config.schema.json, sftc.toml, settings.schema.json, "
        ".gitattributes, .pre-commit-config.yaml, .gitlab/sftc.yml and .gitlab-ci.yml.\n"
        "Set the CI variable SFTC to what pip installs sftc from.\n"
    )
    assert sftc(here, "init", "c/two.toml").stderr.startswith("Wrote c/two.toml.\n")
    assert sftc(here, "init", "three.toml").stderr.startswith("Wrote three.toml.\n")
    first_lines = [
        (here / name).read_text().splitlines()[0]
        for name in ("a/b/one.toml", "c/two.toml", "three.toml")
    ]
    assert first_lines == [
        "#:schema ../../sftc-config.schema.json",
        "#:schema ../sftc-config.schema.json",
        "#:schema ./sftc-config.schema.json",
    ]
    assert [p.name for p in here.rglob("*config.schema.json")] == ["sftc-config.schema.json"]
    assert (here / "sftc-config.schema.json").read_bytes() == schemas.text("config")
    again = sftc(here, "init", "a/b/one.toml", "--repository", "--hooks", "--ci", "gitlab")
    assert (again.returncode, again.stderr) == (
        0,
        "a/b/one.toml exists, and is left as it is.\nsftc.toml has the settings.\n",
    )
    assert sftc(here, "init", "a/b/one.toml", "--repository", "--gpu", "L4").returncode == 2


def test_files_that_people_edit_are_left_alone(here: Path) -> None:
    mine = "repos: []  # mine\n"
    (here / ".pre-commit-config.yaml").write_text(mine)
    (here / ".gitlab-ci.yml").write_text("stages: [test]\n")
    done = sftc(here, "init", "--hooks", "--ci", "gitlab", "--force")
    assert (here / ".pre-commit-config.yaml").read_text() == mine
    assert (here / ".gitlab-ci.yml").read_text() == "stages: [test]\n"
    assert ".pre-commit-config.yaml exists, and is left as it is. Add to it:\n  - repo: local" in (
        done.stderr
    )
    assert ".gitlab-ci.yml exists, and is left as it is. Add to it:\ninclude:\n" in done.stderr


def test_all_is_written_or_nothing(here: Path) -> None:
    (here / "settings.schema.json").write_text("{}")
    before = contents(here)
    done = sftc(here, "init", "--repository", "--hooks")
    assert done.stderr == "sftc: settings.schema.json exists; --force overwrites it\n"
    assert (done.returncode, contents(here)) == (2, before)
    (here / "settings.schema.json").unlink()
    (here / ".github").write_text("")  # a file where a folder has to be
    before = contents(here)
    done = sftc(here, "init", "new/a.toml", "--repository", "--ci", "github")
    assert "cannot write .github/workflows/sftc.yml" in done.stderr
    assert (done.returncode, contents(here)) == (1, before)
    assert not (here / "new").exists()


def test_hooks_and_jobs_are_those_of_the_page(here: Path) -> None:
    page = (ROOT / "docs" / "gitops.md").read_text("utf-8")
    shown = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```\n", page, re.DOTALL)]
    sftc(here, "init", "--hooks", "--ci", "github")
    sftc(here, "init", "--ci", "gitlab")
    workflow = (here / ".github" / "workflows" / "sftc.yml").read_text()
    of_page = next(each for each in shown if "jobs" in each)
    written = yaml.safe_load(workflow)
    for each in (of_page, written):  # the page may be of another version
        step = each["jobs"]["payloads"]["steps"][1]
        step["uses"] = step["uses"].partition("@")[0]
    assert written == of_page
    assert f"your-mirror-of/sftc@v{__version__}" in workflow
    job = yaml.safe_load((here / ".gitlab" / "sftc.yml").read_text())
    assert job == next(s for s in shown if "payloads" in s)
    hooks = yaml.safe_load((here / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    offered = {h["id"]: h for h in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    for hook in hooks:
        assert hook["language"] == "system"
        assert {**offered[hook["id"]], "language": "system"} | hook == {
            **offered[hook["id"]], "language": "system",
        }  # fmt: skip
    actionlint = Path(sys.executable).with_name("actionlint")
    if actionlint.exists():
        subprocess.run([actionlint, here / ".github" / "workflows" / "sftc.yml"], check=True)


NOTED = {
    # the value of [job].data, and whether the lint says that it is not there
    "data/no.jsonl": True,
    "no/such/folder.jsonl": True,
    "data/train.jsonl/x.jsonl": True,
    "data/train.jsonl": False,
    "../outside.jsonl": False,
    "/no/where.jsonl": False,
    "hf://datasets/a/b.jsonl": False,
    "s3://bucket/x.jsonl": False,
    "${DATA}/x.jsonl": False,
    "~/x.jsonl": False,
    ".secret/x.jsonl": False,
    "away/x.jsonl": False,
}


@pytest.mark.parametrize("name", NOTED)
def test_lint_notes_a_dataset_that_is_not_there(name: str, here: Path) -> None:
    (here / "away").symlink_to(here.parent)
    text = f'[job]\nmodel = "m"\ndata = "{name}"\n[compute]\ngpu_type = "H100"\n'
    (here / "a.toml").write_text(text)
    done = sftc(here, "lint", "--strict", "--select", "SFT257", "a.toml")
    assert done.returncode == 0
    assert ("a.toml:3:8: note[SFT257]: there is no training dataset" in done.stderr) is NOTED[name]
    piped = forked.run("lint", "-", cwd=here, input=text.encode(), encoding="utf-8")
    assert "SFT257" not in piped.stderr
    silenced = text.replace('"\n[compute]', '" # sftc: ignore[SFT257]\n[compute]')
    (here / "a.toml").write_text(silenced)
    assert "[SFT257]:" not in sftc(here, "lint", "a.toml").stderr
    assert "SFT011" not in sftc(here, "compile", "a.toml").stderr


@pytest.mark.parametrize(
    ("gpu", "name", "count"),
    [
        ("L40Sx4", "L40S", 4),
        ("MI300Xx8", "MI300X", 8),
        ("RTX 3060 Ti x 2", "RTX 3060 Ti", 2),
        ("A100 80GBx4", "A100 80GB", 4),
        ("2x RTX 4090", "RTX 4090", 2),
        ("GTX 1080", "GTX 1080", 1),
        ("H100:8", "H100", 8),
    ],
)
def test_gpus_are_counted(gpu: str, name: str, count: int) -> None:
    assert gpu_of(gpu) == (name, count)


@pytest.mark.parametrize("gpu", ["H100x2x2", "2xH100x4", "H100x0", "x4", "4", "RTX", ""])
def test_what_is_no_count_of_gpus_is_refused(gpu: str) -> None:
    assert isinstance(gpu_of(gpu), str)


def test_validation_rows_of_another_format_are_converted_too(here: Path) -> None:
    row = '{"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}\n'
    for name in ("x.jsonl", "v.jsonl"):
        (here / name).write_text(row)
    done = sftc(here, "init", "--data", "x.jsonl", "--validation", "v.jsonl")
    assert 'validation_path = "v.converted.jsonl"' in (here / "sft.toml").read_text()
    for name in ("x", "v"):
        command = f"  sftc data convert --from sharegpt {name}.jsonl -o {name}.converted.jsonl\n"
        assert command in done.stderr


def test_the_next_steps_start_where_paths_do(here: Path) -> None:
    (here / "sftc.toml").touch()
    (here / "a").mkdir()
    done = sftc(here / "a", "init")
    assert "Put your data at ../data/train.jsonl, one conversation a line, then:\n" in done.stderr
    assert "  cd ..\n  sftc data check data/train.jsonl\n  sftc lint a/sft.toml\n" in done.stderr


def test_attributes_are_only_added_to(here: Path) -> None:
    (here / ".gitattributes").write_bytes(b"# *.jsonl\r\n\xff text\r\n*.job.* text eol=lf")
    assert sftc(here, "init", "--repository").returncode == 0
    assert (here / ".gitattributes").read_bytes() == (
        b"# *.jsonl\r\n\xff text\r\n*.job.* text eol=lf\n*.jsonl -text\n"
    )


@pytest.mark.parametrize("name", [".gitattributes", ".pre-commit-config.yaml"])
def test_nothing_is_written_through_a_link_nor_read_from_a_pipe(here: Path, name: str) -> None:
    (here / name).symlink_to(here.parent / "elsewhere")
    assert sftc(here, "init", "--repository", "--hooks").returncode == 2
    (here / name).unlink()
    os.mkfifo(here / name)
    done = sftc(here, "init", "--repository", "--hooks")
    assert (done.returncode, done.stderr) == (2, f"sftc: {name} is not a regular file\n")
    assert {path.name for path in here.iterdir()} == {name, "data"}


def test_settings_that_cannot_be_used_are_named(here: Path) -> None:
    (here / "sftc.toml").write_text("garbage = [")
    done = sftc(here, "init", "--repository")
    assert (done.returncode, done.stderr.startswith("sftc: sftc.toml:1: ")) == (2, True)
