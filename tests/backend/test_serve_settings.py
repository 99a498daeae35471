"""The settings of ``sftc backend serve``: what is wrong with a file, and what wins over it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import served
import tomli
from served import KEY, SFTC
from training_server import COMMAND

from sftc import schemas
from sftc.commands import runners
from sftc.engines import Launch, ranks
from sftc.engines.processes import MARK
from sftc.workspace import serving
from sftc.workspace.serving import ServeSettings

WHOLE = """\
runner = "train"
engine = "slurm"
models = "models"
hub = true
device = "cpu"
gpus = 2
cpus = 4
jobs_at_once = 2
retries = 5
environment = { NCCL_DEBUG = "WARN" }

[slurm]
conf = "slurm.conf"
partition = "gpu"
account = "a"
qos = "q"
reservation = "r"
constraint = "c"
time = "1:00:00"
memory = "10G"
gpu_types = { H100 = "h100" }
requeue = false
python = "/opt/python"
prologue = ["module load cuda"]
arguments = ["--exclusive"]
"""

BAD = {
    "runer = 1": "1:1: error[SFT012]: unknown setting `runer`",
    'runner = "trainer"': '1:10: error[SFT104]: `runner` must be "rehearsal" or "train"',
    "runner = 1": "1:10: error[SFT10",
    'models = " "': "1:10: error[SFT105]: `models` is blank",
    "jobs_at_once = 0": "1:16: error[SFT103]: `jobs_at_once` must be an integer from 1 to",
    'retries = "3"': "1:11: error[SFT102]: `retries` must be an integer from 0 to 100, not",
    "environment = { A = 1 }": "1:21: error[SFT015]: `environment.A` cannot be used: it must be a"
    " string, not an integer",
    'environment = { "A B" = "1" }': '1:25: error[SFT015]: `environment."A B"` cannot be used: no',
    'environment = { A = "\\u0000" }': "1:21: error[SFT015]: `environment.A` cannot be used",
    "environment = { RANK = 1 }": "1:24: error[SFT015]: `environment.RANK` cannot be used: sftc",
    '[environment]\nA = "1"\nSYNTH_API_KEY = "s"': "3:17: error[SFT015]: `environment.SYNTH_API"
    "_KEY` cannot be used: sftc sets it itself",
    '[environment]\nHF_HUB_OFFLINE = "0"': "2:18: error[SFT015]: `environment.HF_HUB_OFFLINE`"
    " cannot be used: sftc sets it itself, by `hub`",
    '\n[slurm]\nparttion = "p"': "3:1: error[SFT012]: unknown setting `parttion`",
    "[slurm]\npartition = 1": "2:13: error[SFT102]: `slurm.partition` must be a string",
    '[slurm]\narguments = ["--nodes=3"]': "2:13: error[SFT015]: `slurm.arguments` cannot be used:"
    " the argument '--nodes=3' is set by sftc",
    '[slurm]\ngpu_types = { H100 = "h 100" }': "2:13: error[SFT015]: `slurm.gpu_types` cannot be",
    "runner": "1:7: error[SFT004]: ",
}


def refused(folder: Path, *options: str, command: tuple[str, ...] = (str(SFTC),)) -> str:
    """Start a server that cannot be, and return what it says."""
    done = subprocess.run(
        [*command, "backend", "serve", "--port", "0", "--data-dir", "data", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1", "SYNTH_API_KEY": KEY},
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert not (folder / "data").exists()
    return done.stderr


@pytest.mark.parametrize("text", BAD)
def test_what_is_wrong_is_told_at_its_place(text: str, tmp_path: Path) -> None:
    path = tmp_path / "backend.toml"
    path.write_text(f"{text}\n")
    found = serving.read(path)
    assert isinstance(found, tuple)
    (first, *_) = found
    assert first.span
    place = f"{first.span.line}:{first.span.column}: error[{first.code}]: {first.message}"
    assert place.startswith(BAD[text])


OURS = (
    *("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"),
    *("HF_HUB_OFFLINE", "SYNTH_API_KEY", MARK),
)


def test_what_each_process_is_given_cannot_be_set(tmp_path: Path) -> None:
    path = tmp_path / "backend.toml"
    path.write_text("[environment]\n" + "".join(f'{name} = "1"\n' for name in OURS))
    found = serving.read(path)
    assert isinstance(found, tuple)
    assert [each.span.line for each in found] == [*range(2, len(OURS) + 2)]
    given = ranks.variables(Launch(folder=tmp_path, argv=("x",), name="x"), PLACE, 0)
    assert given.keys() - {"OMP_NUM_THREADS", "PYTHONUNBUFFERED"} <= {*OURS}


PLACE = ranks.Place(0, "x@", "127.0.0.1", 1)


@pytest.mark.slow
def test_a_file_that_cannot_be_used_is_shown_with_its_lines(tmp_path: Path) -> None:
    (tmp_path / "backend.toml").write_text("retries = -1\n")
    said = refused(tmp_path, "--settings", "backend.toml")
    assert said.startswith("backend.toml:1:11: error[SFT103]: `retries` must be")
    assert "1 | retries = -1" in said
    assert "cannot read the file" in refused(tmp_path, "--settings", "nowhere.toml")


def test_each_setting_is_read(tmp_path: Path) -> None:
    values = tomli.loads(WHOLE)
    schema = schemas.load("serve")["properties"]
    assert values.keys() == schema.keys()
    assert values["slurm"].keys() == schema["slurm"]["properties"].keys()
    path = tmp_path / "backend.toml"
    path.write_text(WHOLE)
    found = serving.read(path)
    assert isinstance(found, ServeSettings)
    assert (found.models, found.slurm.conf) == (tmp_path / "models", str(tmp_path / "slurm.conf"))
    plain = {name: getattr(found, name) for name in schema if name not in {"models", "slurm"}}
    assert plain == {name: values[name] for name in plain}
    plain = {name: getattr(found.slurm, name) for name in values["slurm"] if name != "conf"}
    assert json.loads(json.dumps(plain)) == {name: values["slurm"][name] for name in plain}


def test_the_defaults_are_those_of_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "backend.toml"
    path.write_text("")
    assert serving.read(path) == ServeSettings()
    for name, key in schemas.load("serve")["properties"].items():
        if "default" in key:
            assert getattr(ServeSettings(), name) == key["default"]


@pytest.mark.slow
def test_options_win_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "backend.toml"
    path.write_text('runner = "train"\nmodels = "nowhere"\njobs_at_once = 3\n')
    options = ("--settings", str(path), "--models", str(tmp_path))
    with served.serving(tmp_path / "data", *options, command=COMMAND) as server:
        job = server.ask("POST", "/learning/jobs", served.payload(server.ready())).body
        assert (job["mode"], job["engine"]) == ("train", "local")
    with served.serving(tmp_path / "data", *options, "--runner", "rehearsal") as server:
        job = server.ask("POST", "/learning/jobs", served.payload(server.ready())).body
        assert (job["mode"], job["engine"]) == ("rehearsal", None)
        server.process.terminate()
        said = server.process.communicate()[1]
    assert "Jobs are rehearsed: nothing is trained. --runner train trains them." in said
    assert f"The models in {tmp_path} are not used by rehearsals." in said


def test_a_folder_of_models_that_is_not_there(tmp_path: Path) -> None:
    said = refused(tmp_path, "--runner", "train", "--models", "m", command=COMMAND)
    assert said == "sftc: there is no folder of models m\n"


def test_more_gpus_than_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "backend.toml"
    path.write_text('runner = "train"\ngpus = 3\n')
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    said = refused(tmp_path, "--settings", str(path), command=COMMAND)
    assert said == "sftc: the setting gpus is 3, and this machine has 2\n"


def test_without_slurm_there_is_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = refused(tmp_path, "--runner", "train", "--engine", "slurm", command=COMMAND)
    assert said == "sftc: sbatch is not installed here: --engine slurm needs Slurm's commands\n"


def test_without_the_extra_there_is_a_line(tmp_path: Path) -> None:
    program = (
        "from importlib import util; from sftc.training import extra;"
        "extra.find_spec = lambda name: None if name == 'peft' else util.find_spec('json');"
        "from sftc.cli import main; main()"
    )
    said = refused(tmp_path, "--runner", "train", command=(sys.executable, "-c", program))
    assert (
        said == "sftc: training needs an extra: run pip install 'sftc[train]' (peft is missing)\n"
    )


def test_a_relative_conf_starts_from_the_folder_of_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/backend.toml").write_text('[slurm]\nconf = "../slurm.conf"\n')
    monkeypatch.chdir(tmp_path)
    found = serving.read(Path("site/backend.toml"))
    assert isinstance(found, ServeSettings)
    assert found.slurm.conf == str(tmp_path / "slurm.conf")


@pytest.mark.parametrize(
    ("inherited", "set_", "cpu"),
    [("0", "", True), ("", "0", False), ("0", None, False), ("", None, True), ("0", "-1", True)],
)
def test_the_gpus_are_those_that_a_trainer_sees(
    monkeypatch: pytest.MonkeyPatch, inherited: str, set_: str | None, *, cpu: bool
) -> None:
    name = "CUDA_VISIBLE_DEVICES"
    monkeypatch.setenv(name, inherited)
    environment = {} if set_ is None else {name: set_}
    monkeypatch.setattr(runners, "model_problems", lambda *_: ())
    program = runners._program(ServeSettings(environment=environment))  # noqa: SLF001 - its part
    assert (program.environment.get(name) == "" and set_ != "0") is cpu
    assert program.demand(json.loads(PAYLOAD)).gpus == (0 if cpu else 1)


PAYLOAD = """{
  "model": "m", "training_type": "sft_offline", "training_file_id": "file-1",
  "hyperparameters": {"n_epochs": 1},
  "metadata": {"effective_config": {"compute": {"gpu_type": "H100", "gpu_count": 1, "nodes": 1},
    "data": {"topology": {}}, "training": {"mode": "lora", "use_qlora": false}}}
}"""
