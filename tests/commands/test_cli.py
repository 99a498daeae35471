"""The command line as people and scripts use it: real processes, real files."""

import ctypes
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import forked
import pytest

import sftc
from sftc import report, schemas
from sftc.compiler.source import LARGEST
from sftc.disk import files
from sftc.report import Format
from sftc.workspace.workers import ENOUGH

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]
GOOD = '[job]\nmodel = "m"\ndata = "a.jsonl"\n[compute]\ngpu_type = "H100"\n'
BAD = '[job]\nmodel = "m"\n[compute]\ngpu_count = 1\n'
WARNED = f"{GOOD}[hyperparameters]\nlr = 1e-5\n"


def run(*arguments: str, cwd: Path, stdin: bytes = b"", **options: Any) -> Any:
    """Run the console script; its output is text, and never a traceback."""
    result = forked.run(*arguments, cwd=cwd, input=stdin, encoding="utf-8", **options)
    assert "Traceback" not in result.stderr
    return result


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    for name, text in {"good.toml": GOOD, "bad.toml": BAD, "warned.toml": WARNED}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / "a").mkdir(exist_ok=True)
        (tmp_path / "a" / name).write_text(text)
    (tmp_path / "a.jsonl").touch()  # a lint looks whether it is there
    return tmp_path


@pytest.mark.slow
def test_version_and_module(tmp_path: Path) -> None:
    version = f"sftc {sftc.__version__}\n"
    assert run("--version", cwd=tmp_path).stdout == version
    module = [sys.executable, "-m", "sftc", "--version"]
    assert subprocess.check_output(module, cwd=tmp_path, text=True) == version


def test_compile_writes_the_payload_to_stdout(configs: Path) -> None:
    result = run("compile", "good.toml", cwd=configs)
    assert result.stdout.encode() == sftc.compile_config(GOOD).payload_bytes
    assert (result.returncode, result.stderr) == (0, "")


def test_compile_reads_stdin(configs: Path) -> None:
    result = run("compile", "-", cwd=configs, stdin=GOOD.encode())
    assert result.stdout.encode() == sftc.compile_config(GOOD).payload_bytes
    bad = run("compile", "-", cwd=configs, stdin=BAD.encode())
    assert bad.stderr.startswith("<stdin>:3:1: error[SFT101]")
    assert (bad.returncode, bad.stdout) == (1, "")


def test_compile_to_a_file_replaces_it_whole(configs: Path) -> None:
    target = configs / "out" / "job.json"
    assert run("compile", "good.toml", "-o", "out/job.json", cwd=configs).returncode == 0
    assert target.read_bytes() == sftc.compile_config(GOOD).payload_bytes
    target.chmod(0o640)
    before = target.read_bytes()
    assert run("compile", "bad.toml", "-o", "out/job.json", cwd=configs).returncode == 1
    assert target.read_bytes() == before
    assert run("compile", "good.toml", "-o", "out/job.json", cwd=configs).returncode == 0
    assert target.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in target.parent.iterdir()] == ["job.json"]


def test_compile_many(configs: Path) -> None:
    result = run("compile", "good.toml", "a/good.toml", "bad.toml", "--out-dir", "o", cwd=configs)
    assert result.returncode == 1
    written = sorted(str(p.relative_to(configs / "o")) for p in (configs / "o").rglob("*.json"))
    assert written == ["a/good.job.json", "good.job.json"]
    assert "bad.toml:3:1: error[SFT101]" in result.stderr


def test_dataset_takes_the_place_of_the_config_s(configs: Path) -> None:
    result = run("compile", "good.toml", "--dataset", "other.jsonl", cwd=configs)
    files = json.loads(result.stdout)["metadata"]["sftc"]["files"]
    assert files == {"training": {"path": "other.jsonl"}}
    assert "note[SFT307]: `job.data` is not forwarded: --dataset overrides it" in result.stderr
    assert sftc.compile_config(GOOD, dataset="x").provenance[
        "/metadata/sftc/files/training/path"
    ] == sftc.FromOption("dataset")


def test_strict(configs: Path) -> None:
    assert run("compile", "warned.toml", cwd=configs).returncode == 0
    strict = run("compile", "warned.toml", "--strict", cwd=configs)
    assert (strict.returncode, strict.stdout) == (1, "")
    assert run("lint", "warned.toml", cwd=configs).returncode == 0
    assert run("lint", "warned.toml", "--strict", cwd=configs).returncode == 1
    assert run("lint", "warned.toml", "--strict", "--exit-zero", cwd=configs).returncode == 0


NEITHER = "it has neither `model` in [job] nor `gpu_type` in [compute]"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("compile", "good.toml", "a/good.toml"), "several configs need --out-dir DIR"),
        (("compile", "good.toml", "-o", "x", "--out-dir", "y"), "-o cannot be combined"),
        (("compile", "good.toml", "-o", "./good.toml"), "would overwrite the config itself"),
        (("compile", "-", "--out-dir", "o"), "standard input has no artifact"),
        (("compile", "../x.toml", "--out-dir", "o"), "is outside the current directory"),
        (("compile", "good", "--out-dir", "o"), "good does not end in .toml"),
        (("compile", "good.toml", "GOOD.toml", "--out-dir", "o"), "would both be written to"),
        (("compile", "good.toml", "--dataset", " "), "--dataset needs a path"),
        (("compile",), "name a config, or add --write to compile all in the repository"),
        (("compile", "good.toml", "-o", "x", "--write"), "-o cannot be combined"),
        *(((command, "empty"), "in empty") for command in ("check", "compile", "lint")),
        (("check", "-"), "standard input has no artifact"),
        (("diff", "good.toml"), "name a second file to compare good.toml with"),
        (("explain", "good.toml", "nothing"), "neither the config nor its payload has `nothing`"),
        (("lint", "good.toml", "--select", "ABC"), "there is no code or name of a code `ABC`"),
        (("lint", "good.toml", "--format", "xml"), "junit, not `xml`"),
        (("rule", "SFT211", "--all"), "leave out the code, or leave out --all"),
        (("rule", "SFT999"), "there is no code `SFT999`"),
        (("schema", "nothing"), "NAME takes config, "),
        (("init", "good.toml"), "good.toml exists; --force overwrites it"),
        (("nothing",), "there is no command `nothing`"),
    ],
)
def test_usage_errors(arguments: tuple[str, ...], message: str, configs: Path) -> None:
    (configs / "empty").mkdir()
    before = sorted(configs.rglob("*"))
    result = run(*arguments, cwd=configs)
    assert message in result.stderr
    assert (result.returncode, result.stdout) == (2, "")
    assert sorted(configs.rglob("*")) == before


def unreadable(path: Path) -> None:
    path.write_text(GOOD)
    path.chmod(0)


BAD_FILES: dict[str, tuple[Any, str]] = {
    "missing": (lambda _: None, "cannot read the file: no such file or directory"),
    "forbidden": (unreadable, "cannot read the file: permission denied"),
    "empty": (lambda path: path.touch(), "the file has no keys"),
    "huge-string": (
        lambda path: path.write_text(f'{GOOD}x = "{"a" * 50_000_000}"\n'),
        "the file is larger than 4 MiB",
    ),
    "deep": (
        lambda path: path.write_text(f"{GOOD}x = {'[' * 5000}{']' * 5000}\n"),
        "nested deeper than 64 levels",
    ),
    "deep-dotted": (
        lambda path: path.write_text(f"{'.'.join(['a'] * 5000)} = 1\n"),
        "nested deeper than 64 levels",
    ),
    "deep-header": (
        lambda path: path.write_text(f"[{'.'.join(['a'] * 500)}]\n"),
        "nested deeper than 64 levels",
    ),
    "random": (lambda path: path.write_bytes(bytes(range(256)) * 40), "the file is not UTF-8"),
}


@pytest.mark.slow_but_first
@pytest.mark.parametrize("name", BAD_FILES)
@pytest.mark.parametrize("command", ["compile", "lint"])
def test_bad_files(name: str, command: str, tmp_path: Path) -> None:
    make, message = BAD_FILES[name]
    make(tmp_path / f"{name}.toml")
    superuser: dict[str, Any] = {"preexec_fn": obey_permissions} if os.geteuid() == 0 else {}
    result = run(command, f"{name}.toml", cwd=tmp_path, **superuser)
    assert re.match(
        rf"{name}\.toml:\d+:\d+: error\[SFT\d+\]: .*{re.escape(message)}", result.stderr
    )
    assert result.stderr.endswith("1 error\n")
    is_unread = name in {"missing", "forbidden"}
    assert (result.returncode, result.stdout) == (2 if is_unread else 1, "")


def obey_permissions() -> None:
    """Make the superuser, who may read everything, a user as others are (Linux)."""
    drop, dac_override, dac_read_search = 24, 1, 2  # <sys/prctl.h>, <linux/capability.h>
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (dac_override, dac_read_search):
        if libc.prctl(drop, capability, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl")


def test_an_endless_device_is_not_read_to_its_end(tmp_path: Path) -> None:
    assert "the file is larger than 4 MiB" in run("lint", "/dev/zero", cwd=tmp_path).stderr
    assert files.MOST == LARGEST + 1


@pytest.mark.slow_but_first
@pytest.mark.parametrize("text", [b"[job", b"[job]\nmodel = \xff\n", b"", b"a = 1\na = 2\n"])
@pytest.mark.parametrize("options", [("--select", "SFT2"), ("--ignore", "SFT0"), ("--diff",)])
def test_what_cannot_be_read_is_always_reported(
    text: bytes, options: tuple[str, ...], configs: Path
) -> None:
    (configs / "x.toml").write_bytes(text)
    for name in ("x.toml", "missing.toml"):
        result = run("lint", name, *options, cwd=configs)
        assert f"{name}:" in result.stderr
        assert "error[SFT00" in result.stderr
        assert (result.returncode, result.stdout) == (2 if name == "missing.toml" else 1, "")


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    "text", [GOOD, BAD, "[job", "a = '\udcff'\n", "", GOOD.replace("\n", "\r\n")]
)
@pytest.mark.parametrize("options", [(), ("--format", "json"), ("--select", "SFT2")])
def test_fix_of_stdin_always_writes_the_text(
    text: str, options: tuple[str, ...], configs: Path
) -> None:
    data = text.encode("utf-8", "surrogateescape")
    command = [str(BIN / "sftc"), "lint", "--fix", "-", *options]
    result = subprocess.run(command, cwd=configs, input=data, capture_output=True, check=False)
    assert result.stdout == data
    assert b"Traceback" not in result.stderr


def test_a_misspelt_file_name(configs: Path) -> None:
    assert "did you mean `good.toml`?" in run("lint", "god.toml", cwd=configs).stderr


def test_select_and_ignore(configs: Path) -> None:
    (configs / "c.toml").write_text('[job]\nmodel = "m"\n[lora]\nr = 1\n')
    codes = {"SFT106", "SFT222", "SFT242"}

    def found(*options: str) -> set[str]:
        result = run("lint", "c.toml", "--format", "json", *options, cwd=configs)
        assert result.returncode == int(bool({"SFT106"} & codes_of(result)))
        return codes_of(result)

    def codes_of(result: Any) -> set[str]:
        return {finding["code"] for finding in json.loads(result.stdout)["findings"]}

    assert found() == codes
    assert found("--select", "SFT2") == {"SFT222", "SFT242"}
    assert found("--ignore", "sft242") == {"SFT106", "SFT222"}
    assert found("--select", "SFT2", "--ignore", "SFT22") == {"SFT242"}


def test_fix_and_diff(configs: Path) -> None:
    path = configs / "warned.toml"
    diff = run("lint", "--diff", "warned.toml", cwd=configs)
    assert diff.returncode == 1
    assert "-lr = 1e-5\n+learning_rate = 1e-5\n" in diff.stdout
    assert path.read_text() == WARNED
    fixed = run("lint", "--fix", "warned.toml", cwd=configs)
    assert fixed.stderr == "warned.toml: fixed SFT243: rename `lr` to `learning_rate`\n"
    assert fixed.returncode == 0
    assert path.read_text() == WARNED.replace("lr =", "learning_rate =")
    assert run("lint", "--fix", "warned.toml", cwd=configs).stderr == ""
    assert run("lint", "--diff", "warned.toml", cwd=configs).returncode == 0


def test_unsafe_fixes_are_asked_for(configs: Path) -> None:
    path = configs / "none.toml"
    text = '[job]\nmodel = "m"\n[compute]\ngpu_type = "H100"\n[evaluation]\neval_steps = 5\n'
    path.write_text(text)
    run("lint", "--fix", "none.toml", cwd=configs)
    assert path.read_text() == text
    run("lint", "--fix", "--unsafe-fixes", "none.toml", cwd=configs)
    assert path.read_text() == text.replace("[evaluation]", "\n[training.validation]")


def test_fix_keeps_carriage_returns(configs: Path) -> None:
    (configs / "warned.toml").write_bytes(WARNED.replace("\n", "\r\n").encode())
    run("lint", "--fix", "warned.toml", cwd=configs)
    fixed = (configs / "warned.toml").read_bytes()
    assert fixed == WARNED.replace("lr =", "learning_rate =").replace("\n", "\r\n").encode()


def test_fix_of_stdin_goes_to_stdout(configs: Path) -> None:
    result = run("lint", "--fix", "-", cwd=configs, stdin=WARNED.encode())
    assert result.stdout == WARNED.replace("lr =", "learning_rate =")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            '[project]\nname = "x"\n',
            f"{NEITHER}, and `project` is not a table of such configs",
        ),
        (
            'type = "rl"\n[services]\n[compute]\ngpu_count = 8\n[rollout]\nmax_turns = 10\n',
            'type is "rl"',
        ),
        (
            '[algorithm]\ntype = "online"\nmethod = "policy_gradient"\n[compute]\ngpu_count = 8\n',
            'algorithm.type is "online"',
        ),
    ],
)
def test_other_toml_files_are_passed_over(text: str, reason: str, configs: Path) -> None:
    (configs / "other.toml").write_text(text)
    result = run("lint", "other.toml", "good.toml", "--strict", cwd=configs)
    assert result.returncode == 0
    assert (
        "note[SFT009]: skipped, because it is not a fine-tuning config: " + reason in result.stderr
    )
    assert run("compile", "other.toml", cwd=configs).returncode == 1


@pytest.mark.slow
def test_schema_prints_what_ships(tmp_path: Path) -> None:
    for name in schemas.Name:
        assert run("schema", name, cwd=tmp_path).stdout.encode() == schemas.text(name)


@pytest.mark.parametrize("kind", ["qlora", "lora", "full"])
def test_init_writes_a_config_that_every_linter_likes(kind: str, tmp_path: Path) -> None:
    assert run("init", "--kind", kind, cwd=tmp_path).returncode == 0
    linted = run("lint", "--strict", "--ignore", "SFT257", "sft.toml", cwd=tmp_path)
    assert (linted.returncode, linted.stderr) == (0, "")
    assert (tmp_path / "config.schema.json").read_bytes() == schemas.text("config")
    for peer in (["taplo", "lint"], ["tombi", "lint", "--offline"]):
        assert peers_verdict(peer, tmp_path) == 0, peer
    # That they have really read the schema shows in what they say of a wrong value.
    path = tmp_path / "sft.toml"
    path.write_text(path.read_text().replace("gpu_count = ", "gpu_count = -"))
    for peer in (["taplo", "lint"], ["tombi", "lint", "--offline"]):
        assert peers_verdict(peer, tmp_path) != 0, peer


def peers_verdict(command: list[str], folder: Path) -> int:
    peer = [str(BIN / command[0]), *command[1:], "sft.toml"]
    return subprocess.run(peer, cwd=folder, check=False, capture_output=True).returncode


def test_init_overwrites_nobody_s_schema(tmp_path: Path) -> None:
    mine = tmp_path / "config.schema.json"
    mine.write_text("{}")
    result = run("init", cwd=tmp_path)
    assert result.stderr == "sftc: config.schema.json exists; --force overwrites it\n"
    assert (result.returncode, mine.read_text()) == (2, "{}")
    assert not (tmp_path / "sft.toml").exists()
    assert run("init", "--force", cwd=tmp_path).returncode == 0
    assert run("init", "another.toml", cwd=tmp_path).returncode == 0


def test_only_chosen_codes_are_fixed(configs: Path) -> None:
    path = configs / "two.toml"
    before = WARNED.replace("data =", "data_path =")
    path.write_text(before)
    assert run("lint", "--fix", "--select", "SFT243", "two.toml", cwd=configs).returncode == 0
    assert path.read_text() == before.replace("lr =", "learning_rate =")
    assert run("lint", "--fix", "--ignore", "SFT247", "two.toml", cwd=configs).stderr == ""
    assert "data_path" in path.read_text()


def test_a_suppressed_error_of_a_rule_compiles(configs: Path) -> None:
    text = f"{GOOD}gpu_count = 2\n[hyperparameters]\nworld_size = 4"
    (configs / "s.toml").write_text(f"{text}\n")
    assert run("compile", "s.toml", cwd=configs).returncode == 1
    (configs / "s.toml").write_text(f"{text} # sftc: ignore[SFT205]\n")
    result = run("compile", "s.toml", cwd=configs)
    assert json.loads(result.stdout)["hyperparameters"]["world_size"] == 4
    assert (result.returncode, result.stderr) == (0, "")


def test_many_configs_are_linted_as_one_by_one(tmp_path: Path) -> None:
    """The work of several processes comes back whole, and in the order of the arguments."""
    names = []
    (tmp_path / "a.jsonl").touch()
    for number in range(ENOUGH + 7):
        names.append(f"{number:03}.toml")
        text = (GOOD, BAD, WARNED, f"{GOOD}[x{number}]\ny = 1\n")[number % 4]
        (tmp_path / names[-1]).write_text(text)
    together = run("lint", "--format", "json", *names, cwd=tmp_path)
    apart = [json.loads(report_of(tmp_path / name, name))["findings"] for name in names]
    assert json.loads(together.stdout)["findings"] == [found for each in apart for found in each]
    assert together.returncode == 1


def report_of(path: Path, name: str) -> str:
    return report.render(Format.JSON, sftc.lint_config(path.read_bytes(), filename=name), {})
