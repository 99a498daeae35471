"""`sftc compile --target`, `sftc lift --from`, `sftc targets`: streams, exit codes, formats."""

import json
import subprocess
from pathlib import Path
from typing import NamedTuple

import jsonschema
import pytest
from served import SFTC
from typer.testing import CliRunner, Result

from sftc import cli, schemas, targets
from sftc.compiler import compile_config

HERE = Path(__file__).parent
QLORA = HERE / "cases" / "qlora"
LORA = HERE / "sources" / "axolotl" / "lora-8b.yml"


class Done(NamedTuple):
    """What a command came to."""

    returncode: int
    stdout: bytes
    stderr: bytes


def sftc(*arguments: object, stdin: bytes = b"") -> Done:
    """Run a command in this process."""
    done = CliRunner().invoke(cli.app, list(map(str, arguments)), input=stdin)
    return Done(done.exit_code, done.stdout_bytes, done.stderr_bytes)


def test_the_text_goes_to_standard_output_and_findings_to_standard_error() -> None:
    done = subprocess.run(
        [SFTC, "compile", "--target", "axolotl", QLORA / "config.toml"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    golden = (QLORA / "axolotl.yaml").read_bytes().splitlines()[1:]
    assert done.stdout.splitlines()[1:] == golden
    assert b"note[SFT803]" in done.stderr


def test_the_same_bytes_each_time() -> None:
    runs = {sftc("compile", "--target", "trl", QLORA / "config.toml").stdout for _ in range(2)}
    assert len(runs) == 1


def test_without_a_target_nothing_changes() -> None:
    payload = json.loads(sftc("compile", QLORA / "config.toml").stdout)
    assert payload["training_type"] == "sft_offline"


def test_strict_fails_on_what_is_lost() -> None:
    done = sftc("compile", "--strict", "--target", "trl", QLORA / "config.toml")
    assert done.returncode == 1
    assert done.stdout == b""
    assert b"warning[SFT801]" in done.stderr
    assert sftc("compile", "--strict", "--target", "axolotl", QLORA / "config.toml").returncode == 0


def test_an_error_writes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "out.yaml"
    config = HERE / "cases" / "disagrees" / "config.toml"
    done = sftc("compile", "--target", "trl", "-o", target, config)
    assert done.returncode == 1
    assert b"error[SFT805]" in done.stderr
    assert not target.exists()


def test_what_our_trainer_would_refuse_is_an_error_before_machines_are_rented() -> None:
    done = sftc("compile", "--target", "skypilot", HERE / "cases" / "full-sharded" / "config.toml")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"config.toml:24:14: error[SFT805]" in done.stderr
    assert b"the trainer has no setting `warm_start`; remove it (SFT701)" in done.stderr


def test_the_dataset_option_is_the_dataset(tmp_path: Path) -> None:
    target = tmp_path / "out.yaml"
    config = HERE / "cases" / "says-little" / "config.toml"
    done = sftc("compile", "--target", "trl", "--dataset", "my.jsonl", "-o", target, config)
    assert done.returncode == 0, done.stderr
    assert "data_files: my.jsonl  # --dataset" in target.read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ["compile", "--target", "nobody", QLORA / "config.toml"],
        ["compile", "--target", "trl"],
        ["compile", "--target", "trl", "--write", QLORA / "config.toml"],
        ["compile", "--target", "trl", "--pin", QLORA / "config.toml"],
        ["lift", "--from", "nobody", LORA],
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(arguments: list[object]) -> None:
    assert sftc(*arguments).returncode == 2


@pytest.mark.parametrize("option", [["--from", "axolotl"], []])
def test_a_config_of_another_system_is_lifted(option: list[str]) -> None:
    done = sftc("lift", *option, "--gpu-type", "H100", LORA)
    assert done.returncode == 0
    lines = LORA.with_suffix(".toml").read_text().splitlines()
    assert done.stdout.decode().splitlines()[3:] == lines[3:]
    assert b"warning[SFT811]" in done.stderr
    assert sftc("lint", "-", stdin=done.stdout).returncode == 0


def test_findings_as_json() -> None:
    done = sftc("lift", "--from", "axolotl", "--findings", "json", LORA)
    found = json.loads(done.stderr)
    jsonschema.validate(found, schemas.load("findings"))
    places = {f["code"]: (f["line"], f["column"]) for f in found["findings"]}
    assert places["SFT816"] == (1, 1)
    assert any(
        f["message"].startswith("`val_set_size`") and (f["line"], f["column"]) == (15, 1)
        for f in found["findings"]
    )


def test_strict_fails_on_what_is_not_carried() -> None:
    assert sftc("lift", "--strict", "--from", "axolotl", LORA).returncode == 1


def test_another_kind_of_job_is_refused() -> None:
    done = sftc("lift", HERE / "sources" / "axolotl" / "instruct-dpo-lora-8b.yml")
    assert done.returncode == 1
    assert done.stdout == b""
    assert b"error[SFT815]" in done.stderr


def test_what_is_nobodys_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("seed: 1\n")
    done = sftc("lift", path)
    assert done.returncode == 1
    assert b"error[SFT819]" in done.stderr
    path.write_text("no_key_of_it: 1\n")
    assert b"error[SFT819]" in sftc("lift", "--from", "trl", path).stderr


def test_a_payload_is_lifted_as_before() -> None:
    payload = sftc("compile", QLORA / "config.toml").stdout
    done = sftc("lift", "-", stdin=payload)
    assert done.returncode == 0
    assert sftc("compile", "-", stdin=done.stdout).stdout == payload


def lift(*arguments: object, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(cli.app, ["lift", *map(str, arguments)], input=stdin)


def test_an_option_holds_for_payloads_too() -> None:
    payload = compile_config((QLORA / "config.toml").read_bytes()).payload_bytes or b""
    assert lift("-", "--gpu-type", "H100", stdin=payload).exit_code == 2
    done = lift("-", "--findings", "json", stdin=b'{"x": 1}')
    assert done.exit_code == 1
    assert json.loads(done.stderr)["findings"]
    assert lift("-", "--strict", stdin=payload).exit_code == 0


def test_what_fails_strictly_is_not_written(tmp_path: Path) -> None:
    output = tmp_path / "config.toml"
    assert lift("--strict", "-o", output, LORA).exit_code == 1
    assert not output.exists()


def test_keys_of_another_system_are_described_if_asked() -> None:
    assert "# The base model" in lift("--comments", LORA).stdout


def test_a_text_without_an_ending_is_known_by_its_keys() -> None:
    assert lift("-", stdin=LORA.read_bytes()).exit_code == 0
    assert "--from" in lift("-", stdin=b"seed: 1\n").stderr


@pytest.mark.parametrize("stem", ["model.name = 'x'\n", "[model]\nname = 'x'\n"])
def test_toml_without_an_ending_is_known_too(stem: str) -> None:
    text = f"{stem}[optim]\nlr = 1e-4\n".encode()
    done = lift("-", "--gpu-type", "H100", stdin=text)
    assert (done.exit_code, "learning_rate = 0.0001" in done.stdout) == (0, True)
    assert "--from" in lift("-", stdin=b"[job]\nx = 1\n").stderr
    assert "--from" not in lift("-", stdin=b"[1]").stderr


@pytest.mark.parametrize("kind", ["cosine", "constant"])
def test_a_phase_that_no_schedule_of_ours_has_is_named(kind: str) -> None:
    text = f"[model]\nname = 'x'\n[scheduler]\ntype = '{kind}'\ndecay_steps = 5\n".encode()
    done = lift("--from", "prime-rl", "-", stdin=text)
    assert "warning[SFT811]: `scheduler.decay_steps` = 5 is not imported" in done.stderr


def test_a_manifest_keeps_its_gpu(tmp_path: Path) -> None:
    path = tmp_path / "task.yaml"
    path.write_bytes(sftc("compile", "--target", "skypilot", QLORA / "config.toml").stdout)
    assert lift("--gpu-type", "A100", path).exit_code == 2


def test_the_deprecated_place_of_openai_is_read() -> None:
    text = (
        b'{"model": "m", "training_file": "f", "hyperparameters": {"n_epochs": 3, "batch_size": 8}}'
    )
    done = lift("--from", "openai", "-", stdin=text)
    assert "n_epochs = 3" in done.stdout
    assert "global_batch = 8" in done.stdout


def test_options_that_a_target_does_not_take_are_named() -> None:
    arguments = ["compile", "--target", "trl", "--examples", "10", str(QLORA / "config.toml")]
    done = CliRunner().invoke(cli.app, arguments)
    assert done.exit_code == 2
    assert "--examples" in done.stderr


def test_the_targets_are_listed() -> None:
    listed = json.loads(sftc("targets", "--format", "json").stdout)
    jsonschema.validate(listed, schemas.load("targets"))
    names = [target["name"] for target in listed["targets"]]
    assert names == sorted(targets.names())
    assert {"axolotl", "openai", "skypilot", "trainjob"} < set(names)
    shown = sftc("targets").stdout
    assert all(name.encode() in shown for name in names)


def test_both_ways_meet(tmp_path: Path) -> None:
    """What compiles for a system, lifted and compiled again, says what it said, and defaults."""
    first = sftc("compile", "--target", "axolotl", QLORA / "config.toml").stdout
    path = tmp_path / "config.yml"
    path.write_bytes(first)
    lifted = sftc("lift", "--from", "axolotl", "--gpu-type", "H100", path).stdout
    again = sftc("compile", "--target", "axolotl", "-", stdin=lifted).stdout
    said = {line.partition(b"  #")[0] for line in again.splitlines()}
    for line in first.splitlines():
        assert line[:1] == b"#" or line.partition(b"  #")[0] in said
