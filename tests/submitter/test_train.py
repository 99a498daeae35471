"""A config becomes a job in one go, and what is wrong is told where it stands in the config."""

from typing import Any

import pytest
from minimal_backend import Minimal
from submitting import JOBS, filled, rows


@pytest.mark.slow_but_first
@pytest.mark.parametrize("given", [["sft.toml"], ["--config", "sft.toml", "--type", "sft"]])
def test_train_is_compile_pin_and_submit(
    workspace: Any, backend: Minimal, given: list[str]
) -> None:
    payload = workspace.compiled(head=5)
    preview = workspace.sftc("train", *given, "--examples", "5", "--dry-run", SYNTH_API_KEY="")
    assert (preview.returncode, backend.requests) == (0, [])
    assert preview.stdout.encode() == payload
    assert "would upload train.jsonl: 5 rows" in preview.stderr
    assert workspace.sftc("train", *given, "--examples", "5").stdout == "job-0\n"
    assert backend.jobs["job-0"]["payload"] == filled(payload, "file-0", "file-1")
    assert workspace.sftc("submit", "job.json").stdout == "job-0\n"


def test_train_takes_other_data_and_other_values(workspace: Any, backend: Minimal) -> None:
    workspace.write("other.jsonl", rows(2))
    workspace.write("held-out.jsonl", rows(1))
    done = workspace.sftc(
        "train",
        "sft.toml",
        *("--dataset", "other.jsonl", "--validation", "held-out.jsonl"),
        *("--set", "hyperparameters.learning_rate=1e-4", "--set", "job.model=some/model"),
        *("--set", "hyperparameters.parallelism.bf16=true"),
    )
    assert (done.returncode, done.stdout) == (0, "job-0\n"), done.stderr
    sent = backend.jobs["job-0"]["payload"]
    assert sent["model"] == "some/model"
    assert sent["hyperparameters"]["learning_rate"] == 1e-4
    assert sent["hyperparameters"]["parallelism"] == {"bf16": True}
    assert [*backend.files.values()] == [rows(2).encode(), rows(1).encode()]
    assert workspace.sftc("train", "sft.toml", "--dry-run").stdout.encode() == workspace.compiled()


@pytest.mark.parametrize(
    ("setting", "code", "said"),
    [
        ("hyperparameters.n_epochs=0", 1, "SFT"),
        ("job.model.name=3", 2, "cannot be set"),
        ("no equals", 2, "KEY=VALUE"),
        ("=3", 2, "KEY=VALUE"),
        ("a.=3", 2, "KEY=VALUE"),
        ("a=1\nb=2", 2, "KEY=VALUE"),
        (f"hyperparameters.n_epochs={'9' * 900}", 1, "SFT"),
        (f"hyperparameters.n_epochs={'9' * 5000}", 2, "KEY=VALUE"),
        ("learning_rate=1e-4", 2, "nothing reads `learning_rate`"),
        ("hyperparameters.learning_rte=1", 2, "nothing reads `hyperparameters.learning_rte`"),
        ("job.base_model=m", 2, "nothing reads `job.base_model`"),
        ("hyperparameters.learning_rate=nan", 1, "nan"),
        ("hyperparameters.x=[[[[", 2, "is no value in TOML"),
        ('hyperparameters.x="open', 2, "is no value in TOML"),
        (".".join("a" * 300) + "=1", 2, "KEY=VALUE"),
        ("job.model=\udcff", 2, "is no value in TOML"),
    ],
)
def test_settings_that_cannot_be(
    workspace: Any, backend: Minimal, setting: str, code: int, said: str
) -> None:
    done = workspace.sftc("train", "sft.toml", "--set", setting)
    assert (done.returncode, said in done.stderr, backend.requests) == (code, True, [])
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_job_of_train_is_named_by_its_config(workspace: Any, backend: Minimal) -> None:
    named = workspace.folder / "support-bot.toml"
    (workspace.folder / "sft.toml").rename(named)
    names = []
    for more in ([], ["--name", "mine"]):
        workspace.sftc("train", "support-bot.toml", "--resubmit", *more)
        names.append(backend.headers[-2]["X-Job-Name"])
    named.write_text(named.read_text().replace("[job]\n", '[job]\nname = "its own"\n'))
    workspace.sftc("train", "support-bot.toml", "--resubmit")
    assert [*names, backend.headers[-2]["X-Job-Name"]] == ["support-bot", "mine", "its%20own"]


def test_the_paths_of_a_config_are_the_users_own(
    workspace: Any, backend: Minimal, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("elsewhere") / "train.jsonl"
    (workspace.folder / "train.jsonl").rename(other)
    text = (workspace.folder / "sft.toml").read_text()
    workspace.write("sft.toml", text.replace('"train.jsonl"', f'"{other}"'))
    assert workspace.sftc("train", "sft.toml").stdout == "job-0\n"
    assert backend.names == ["train.jsonl", "validation.jsonl"]


@pytest.mark.usefixtures("backend")
def test_train_takes_a_dataset_from_anywhere(
    workspace: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("elsewhere") / "train.jsonl"
    (workspace.folder / "train.jsonl").rename(other)
    done = workspace.sftc("train", "--config", "sft.toml", "--dataset", str(other))
    assert (done.returncode, done.stdout) == (0, "job-0\n")


def test_train_says_what_is_wrong_with_the_config(workspace: Any, backend: Minimal) -> None:
    workspace.write("sft.toml", '[job]\nmodel = "m"\ndata = "train.jsonl"\n')
    done = workspace.sftc("train", "--config", "sft.toml")
    assert (done.returncode, backend.requests) == (1, [])
    assert "SFT103" in done.stderr or "gpu_type" in done.stderr


@pytest.mark.slow
def test_a_refusal_in_train_points_into_the_config(workspace: Any, backend: Minimal) -> None:
    epochs = {"code": "x", "message": "too few", "pointer": "/hyperparameters/n_epochs"}
    backend.answers[JOBS] = (400, {"detail": {"code": "missing_gpu_type"}}, {})
    done = workspace.sftc("train", "sft.toml")
    assert (done.returncode, "sft.toml:6:12: error[SFT517]" in done.stderr) == (3, True)
    backend.answers[JOBS] = (400, {"error": epochs}, {})  # a default: no line has set it
    done = workspace.sftc("train", "sft.toml")
    assert (done.returncode, "`hyperparameters.n_epochs`" in done.stderr) == (3, True)


def test_train_without_any_dataset(workspace: Any, backend: Minimal) -> None:
    workspace.write("sft.toml", '[job]\nmodel = "m"\n[compute]\ngpu_type = "A"\n')
    done = workspace.sftc("train", "sft.toml")
    assert (done.returncode, "SFT504" in done.stderr, backend.requests) == (1, True, [])
