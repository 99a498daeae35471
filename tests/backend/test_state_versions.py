"""The state of earlier versions is upgraded whole or not at all; of later ones, refused."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import served
from served import KEY, payload

from sftc.backend import keys
from sftc.backend.store import Database, Files, ForeignError, Jobs, Traces

TABLES = (Path(__file__).parent / "state_v1.sql").read_text()
TABLES_2 = (Path(__file__).parent / "state_v2.sql").read_text()
MOMENT = "2026-01-01T10:00:00.000Z"
COUNT = 12


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """Return a state as version 1 wrote it."""
    path = tmp_path / "state.sqlite3"
    with sqlite3.connect(path) as state:
        state.execute("PRAGMA journal_mode = WAL")
        state.executescript(TABLES)
        owner = keys.digest(KEY)
        for number in range(COUNT):
            body = payload("file-1", steps=number + 1)
            body["model"] = f"m/{number} “ä\U0001f600” %_"
            facts = (f"job-{number:024x}", owner, f"k{number}" if number % 2 else None, "digest")
            state.execute(
                "INSERT INTO jobs VALUES (?, ?, ?, ?, ?, 'rehearsal', ?, 3, 40, ?, ?, ?, ?, NULL)",
                (
                    *facts,
                    json.dumps(body),
                    "running" if number == 7 else "queued",
                    json.dumps({"code": "c", "message": "m"}) if number == 3 else None,
                    *(MOMENT, MOMENT, MOMENT if number == 7 else None),
                ),
            )
            state.execute(
                "INSERT INTO events VALUES (?, 1, 'sft.job.created', 'info', 'Hello', NULL, ?)",
                (facts[0], MOMENT),
            )
            state.execute(
                "INSERT INTO points VALUES (?, 3, 'train.loss', 0.5, 'train', ?)",
                (facts[0], MOMENT),
            )
        state.execute("INSERT INTO keys VALUES (?, ?)", (owner, MOMENT))
        state.execute(
            "INSERT INTO files VALUES ('file-1', ?, 'fine-tune', 'd', 9, 'f', 'ready', 2, NULL, ?)",
            (owner, MOMENT),
        )
    state.close()
    return path


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """Return a state as version 2 wrote it, with a job that runs."""
    path = tmp_path / "state.sqlite3"
    body, job = json.dumps(payload("file-1")), f"job-{1:024x}"
    with sqlite3.connect(path) as state:
        state.execute("PRAGMA journal_mode = WAL")
        state.executescript(TABLES_2)
        state.execute(
            "INSERT INTO jobs VALUES (7, ?, ?, 'k', 'digest', 'n', 'm', 't', 's', 'rehearsal',"
            " 'running', 3, 40, NULL, ?, ?, ?, NULL)",
            (job, keys.digest(KEY), MOMENT, MOMENT, MOMENT),
        )
        state.execute("INSERT INTO payloads VALUES (?, ?)", (job, body))
        state.execute(
            "INSERT INTO events VALUES (?, 1, 'sft.job.created', 'info', 'Hello', NULL, ?)",
            (job, MOMENT),
        )
        state.execute(
            "INSERT INTO points VALUES (?, 3, 'train.loss', 0.5, 'train', ?)", (job, MOMENT)
        )
    state.close()
    return path


def test_version_2_is_upgraded_and_loses_nothing(second: Path) -> None:
    database = Database(second)
    (job,) = Jobs(database).to_run("rehearsal", None, (), 9)
    assert (job.mode, job.engine, job.name, job.step) == ("rehearsal", None, "n", 3)
    assert job.payload == payload("file-1")
    traces = Traces(database)
    assert [event["message"] for event in traces.events(job.id, 0, 9)] == ["Hello"]
    assert [point["value"] for point in traces.points(job.id, None, -1, 9)] == [0.5]
    assert Jobs(database).with_key(keys.digest(KEY), "k", "digest") == job
    with database.reading() as state:
        assert state.execute("PRAGMA foreign_key_check").fetchall() == []
    database.close()
    assert _tables(second) == _tables_of_a_new_state(second.with_name("new.sqlite3"))


def test_version_1_is_upgraded_and_loses_nothing(first: Path) -> None:
    database = Database(first)
    jobs, owner = Jobs(database), keys.digest(KEY)
    found = jobs.listed(owner, limit=COUNT)
    assert found
    assert [job.id for job in found.jobs] == [f"job-{n:024x}" for n in reversed(range(COUNT))]
    whole = jobs.get(owner, f"job-{3:024x}")
    assert whole
    assert whole.payload == {**payload("file-1", steps=4), "model": "m/3 “ä\U0001f600” %_"}
    assert (whole.model, whole.training_type) == ("m/3 “ä\U0001f600” %_", "sft_offline")
    assert (whole.name, whole.step, whole.error) == (None, 3, {"code": "c", "message": "m"})
    assert jobs.with_key(owner, "k5", "digest") == jobs.get(owner, f"job-{5:024x}")
    (next_one,) = jobs.to_run("rehearsal", None, (), 1)
    assert next_one.id == f"job-{7:024x}"
    searched = jobs.listed(owner, search="M/11 “Ä", limit=5)
    assert searched
    assert [job.id for job in searched.jobs] == [f"job-{11:024x}"]
    traces = Traces(database)
    assert [event["message"] for event in traces.events(f"job-{9:024x}", 0, 9)] == ["Hello"]
    assert [point["value"] for point in traces.points(f"job-{9:024x}", None, -1, 9)] == [0.5]
    assert len(Files(database).of(owner, None, 9)) == 1
    with database.reading() as state:
        assert state.execute("PRAGMA foreign_key_check").fetchall() == []
        assert state.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    database.close()
    assert _tables(first) == _tables_of_a_new_state(first.with_name("new.sqlite3"))


def test_a_server_goes_on_with_a_state_of_version_1(first: Path) -> None:
    with served.serving(first.parent) as server:
        # No file of these jobs is there: each of them fails, in words.
        server.until(lambda: server.job(f"job-{COUNT - 1:024x}")["status"] == "failed")
        assert server.ask("GET", "/learning/jobs?limit=1").body["total"] == COUNT


KILLED = """
import os, signal, sqlite3, sys
from pathlib import Path

statements = 0

def count(_statement):
    global statements
    statements += 1
    if statements == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

connect = sqlite3.connect

def watched(*given, **more):
    connection = connect(*given, **more)
    if given[0] != ":memory:":
        connection.set_trace_callback(count)
        connection.execute("PRAGMA cache_spill = 1")
        connection.execute("PRAGMA cache_size = 1")
    return connection

sqlite3.connect = watched
from sftc.backend.store import Database

Database(Path(sys.argv[1]))
print(statements)
"""


@pytest.mark.slow_but_first
@pytest.mark.parametrize(("name", "version", "least"), [("first", 1, COUNT), ("second", 2, 9)])
def test_a_kill_in_an_upgrade_leaves_the_earlier_version(
    name: str, version: int, least: int, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    earlier: Path = request.getfixturevalue(name)
    before = _dump(earlier)
    statements = 1
    while (ended := _run(earlier, statements)).returncode == -signal.SIGKILL:
        with sqlite3.connect(earlier) as state:
            assert state.execute("PRAGMA user_version").fetchone() == (version,), statements
        state.close()
        assert _dump(earlier) == before
        statements += 1 if statements < 9 else 5
    assert ended.returncode == 0, ended.stderr
    assert statements > least, "killed at each stage of the upgrade"
    assert _tables(earlier) == _tables_of_a_new_state(tmp_path / "new.sqlite3")


def _run(path: Path, statement: int) -> "subprocess.CompletedProcess[str]":
    """Open a state in a process that is killed before a statement."""
    command = [sys.executable, "-c", KILLED, str(path), str(statement)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)


def _dump(path: Path) -> list[str]:
    with sqlite3.connect(path) as state:
        found = [*state.iterdump()]
    state.close()
    return found


def _tables(path: Path) -> dict[str, Any]:
    """Return the columns and indexes of each table."""
    with sqlite3.connect(path) as state:
        tables = state.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        found = {
            name: (
                state.execute("SELECT * FROM pragma_table_xinfo(?)", (name,)).fetchall(),
                sorted(state.execute('SELECT name, "unique" FROM pragma_index_list(?)', (name,))),
                state.execute("SELECT * FROM pragma_foreign_key_list(?)", (name,)).fetchall(),
            )
            for (name,) in tables
        }
    state.close()
    return found


def _tables_of_a_new_state(path: Path) -> dict[str, Any]:
    Database(path).close()
    return _tables(path)


def test_a_later_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    Database(path).close()
    with sqlite3.connect(path) as state:
        state.execute("PRAGMA user_version = 4")
    state.close()
    found = served.run("key", tmp_path)
    assert (found.returncode, found.stdout) == (2, "")
    assert f"{path} was written by a later version of sftc" in found.stderr


@pytest.mark.parametrize("version", [0, 1, 2, 3, 4])
def test_a_database_of_another_program_is_refused_and_left_alone(
    tmp_path: Path, version: int
) -> None:
    path = tmp_path / "state.sqlite3"
    with sqlite3.connect(path) as state:
        state.execute("CREATE TABLE jobs (id TEXT PRIMARY KEY, salary INTEGER)")
        state.execute(f"PRAGMA user_version = {version}")
    state.close()
    before = path.read_bytes()
    with pytest.raises(ForeignError):
        Database(path)
    found = served.run("key", tmp_path)
    assert (found.returncode, found.stdout) == (2, "")
    assert f"{path} is a database of another program" in found.stderr
    assert path.read_bytes() == before


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite3").write_bytes(b"These are my notes.\n" * 100)
    found = served.run("key", tmp_path)
    assert (found.returncode, found.stdout) == (2, "")
    assert "file is not a database" in found.stderr
