"""The data directory of the embedded backend: whose it is, what points outside it, what is gone."""

import os
import shutil
import sqlite3
from pathlib import Path

import pytest
import served
from served import ROWS, payload

LINKS = ["files", "incoming", "runs", "state.sqlite3", "state.sqlite3-wal", "lock", ".gitignore"]


@pytest.mark.slow_but_first
@pytest.mark.parametrize("command", ["serve", "key"])
@pytest.mark.parametrize("name", LINKS)
def test_nothing_is_written_through_a_link(tmp_path: Path, name: str, command: str) -> None:
    folder, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    (folder / name).symlink_to(
        elsewhere if name in {"files", "incoming", "runs"} else elsewhere / name
    )
    refused = served.run(command, folder)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == (
        f"sftc: cannot use {folder}: {folder / name} is a link, or not what the backend would"
        " have made\n"
    )
    assert [*elsewhere.iterdir()] == []


def test_a_state_that_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "state.sqlite3")
    refused = served.run("serve", tmp_path)
    assert refused.returncode == 2
    assert f"{tmp_path}/state.sqlite3 is a link, or not" in refused.stderr


@pytest.mark.slow
def test_the_directory_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "real")
    with served.serving(tmp_path / "data") as server:
        assert server.upload(ROWS).status == 201


def test_what_cannot_be_deleted_is_named(tmp_path: Path) -> None:
    (tmp_path / "incoming" / "folder").mkdir(parents=True)
    refused = served.run("serve", tmp_path)
    assert refused.returncode == 2
    assert refused.stderr == f"sftc: cannot use {tmp_path}: is a directory\n"


@pytest.mark.slow
def test_a_key_is_made_while_the_state_can_be_written(tmp_path: Path) -> None:
    with served.serving(tmp_path):
        made = served.run("key", tmp_path)
        assert (made.returncode, made.stderr) == (0, "")
    with sqlite3.connect(tmp_path / "state.sqlite3") as state:
        assert state.execute("SELECT count(*) FROM keys").fetchone() == (1,)
        state.execute("DROP TABLE keys")
    state.close()
    refused = served.run("key", tmp_path)
    assert refused.returncode == 2
    assert refused.stderr == (
        f"sftc: {tmp_path}/state.sqlite3 is a database of another program;"
        " choose another --data-dir\n"
    )


@pytest.mark.slow_but_first
@pytest.mark.parametrize("replaced", [False, True])
def test_a_directory_that_is_deleted_is_told_in_words(tmp_path: Path, *, replaced: bool) -> None:
    folder, log = tmp_path / "data", tmp_path / "log"
    with log.open("w") as stderr, served.serving(folder, stderr=stderr) as server:
        body = payload(server.ready())
        shutil.rmtree(folder)
        if replaced:
            assert served.run("key", folder).returncode == 0
        for _ in range(20):
            for answer in (
                server.ask("POST", "/learning/jobs", body),
                server.ask("GET", "/learning/jobs"),
                server.upload(ROWS),
            ):
                assert (answer.status, answer.code) == (500, "storage_unavailable")
    text = log.read_text()
    assert "the data directory cannot be used" in text
    assert "Traceback" not in text
    assert len(text) < 2_000
