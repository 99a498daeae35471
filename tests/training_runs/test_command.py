"""The command as an engine runs it, from the root of the repository, too."""

import json
import signal
import subprocess
from pathlib import Path

from filelock import FileLock
from training_jobs import (
    LONG,
    METHODS,
    command,
    end,
    entries,
    environment,
    job,
    of,
    start,
    train,
    wait_for,
)

from sftc.jobfolder import Exit, Kind

ROOT = Path(__file__).parent.parent.parent


def test_it_trains_though_our_folder_of_datasets_is_there(tmp_path: Path, models: Path) -> None:
    folder = job(tmp_path / "job", METHODS["LoRA"])
    done = subprocess.run(
        command(folder, models),
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=LONG,
    )
    assert done.returncode == Exit.DONE, done.stderr
    assert entries(folder)[-1].kind is Kind.DONE


def test_a_second_trainer_waits_for_the_first_and_then_gives_up(
    tmp_path: Path, models: Path
) -> None:
    folder = job(tmp_path / "job", METHODS["LoRA"])
    with FileLock(folder.lock):
        assert train(folder, models, "wait_for_nobody") == Exit.FAILED
    assert not folder.journal.exists()
    assert "another trainer is running" in folder.log.read_text()


def test_a_stop_before_the_training_ends_it_as_well(tmp_path: Path, models: Path) -> None:
    folder = job(tmp_path / "job", METHODS["LoRA"])
    process = start(folder, models)
    wait_for(folder.recipe.exists, process)
    assert end(process, signal.SIGTERM) == Exit.INTERRUPTED
    assert entries(folder)[-1].kind is Kind.INTERRUPTED
    assert train(folder, models) == Exit.DONE
    assert json.loads((folder.result / "metrics.json").read_bytes())["steps"] == 8
    assert of(folder, Kind.DONE)
