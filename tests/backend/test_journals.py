"""Journals that are none, or not any more: their job fails, in words, and the server goes on."""

import json
from pathlib import Path
from typing import Any

import pytest
from training_server import event, living, scripted, training, types

LINE = '{"format":1,"kind":"step","at":1,"step":1,"values":%s}\n'
BROKEN: dict[str, tuple[list[Any], str]] = {
    "no JSON": ([["raw", "hello\n"]], "a line of the journal is no JSON"),
    "no UTF-8": ([["hex", "ff0a"]], "a line of the journal is no JSON"),
    "another format": ([["raw", '{"format":2}\n']], "a line of the journal is none of format 1"),
    "an empty line": ([["raw", "\n"]], "a line of the journal is no JSON"),
    "deep": ([["raw", "[" * 100_000 + "\n"]], "a line of the journal is no JSON"),
    "NaN": ([["raw", LINE % '{"train.loss":NaN}']], "a value of the journal has no name"),
    "beyond floats": (
        [["raw", LINE % f'{{"train.loss":1{"0" * 400}}}']],
        "a value of the journal has no name",
    ),
    "a true loss": ([["raw", LINE % '{"x":true}']], "a value of the journal has no name"),
    "a name without end": ([["raw", LINE % f'{{"{"x" * 101}":1}}']], "a value of the journal"),
    "many values": (
        [["raw", LINE % ("{" + ",".join(f'"v{n}":1' for n in range(65)) + "}")]],
        "a line of the journal has more than 64 values",
    ),
    "a step beyond all": (
        [["raw", LINE.replace('"step":1', f'"step":{2**53}') % "{}"]],
        "a step of the journal is too large",
    ),
    "a step beyond the total": (
        [["start", 4], ["steps", 4, 5]],
        "step 5 of the journal is beyond the last, 4",
    ),
    "a checkpoint beyond the total": (
        [["start", 4], ["saved", 5]],
        "step 5 of the journal is beyond the last, 4",
    ),
    "a line without end": (
        [["raw", "x" * (1024 * 1024 + 1)]],
        "a line of the journal is longer than 1,048,576 bytes",
    ),
    "replaced": (
        [["start", 4], ["steps", 1, 1], ["wait", "seen"], ["replace"]],
        "the journal was replaced while it was read",
    ),
    "shorter": (
        [["start", 4], ["steps", 1, 1], ["wait", "seen"], ["truncate", 10]],
        "the journal was replaced while it was read",
    ),
    "a link": ([["link", "/etc/passwd"]], "the journal is a link"),
    "a pipe": ([["fifo"]], "the journal is not a regular file"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_a_journal_that_is_none(tmp_path: Path, name: str) -> None:
    script, message = BROKEN[name]
    with training(tmp_path) as server:
        job = scripted(server, *script, ["wait", "never"])
        if ["wait", "seen"] in script:
            server.until(lambda: server.job(job)["progress"]["step"] == 1)
            (tmp_path / "runs" / job / "seen").touch()
        found = server.over(job)
        assert (found["status"], found["error"]["code"]) == ("failed", "journal_unreadable")
        assert found["error"]["message"].startswith(f"The server gave up on the job: {message}")
        server.until(lambda: not living(tmp_path, job))
        assert server.ask("GET", f"/learning/jobs/{job}/events").status == 200


@pytest.mark.slow
def test_what_comes_before_a_bad_line_is_told(tmp_path: Path) -> None:
    good = "".join(LINE.replace('"step":1', f'"step":{n}') % '{"x":1}' for n in (1, 2))
    with training(tmp_path) as server:
        job = scripted(server, ["raw", f"{good}no JSON\n{good}"], ["wait", "never"])
        found = server.over(job)
        assert found["error"]["code"] == "journal_unreadable"
        assert found["progress"]["step"] == 2
        assert server.points(job) == [("x", 1, 1.0), ("x", 2, 1.0)]


@pytest.mark.slow_but_first
@pytest.mark.parametrize("measure", ["train.seconds", "train.tokens_per_second"])
@pytest.mark.parametrize("value", [1e308, -1e308, 1e13, -1.0])
def test_a_pace_that_cannot_be_is_none(tmp_path: Path, measure: str, value: float) -> None:
    sane = {"train.seconds": 0.5, "train.tokens_per_second": 80.0}
    steps = [["tell", "step", {"step": n, "values": {**sane, measure: value}}] for n in (1, 2, 3)]
    with training(tmp_path) as server:
        job = scripted(server, ["start", 9], *steps, ["wait", "never"])
        server.until(lambda: server.job(job)["progress"]["step"] == 3)
        pace = server.job(job)["throughput"]
        if measure == "train.seconds":
            assert pace is None
        else:
            left = {"seconds_per_step": 0.5, "seconds_left": 3.0}
            assert pace == {**left, "tokens_per_second": None}


@pytest.mark.slow
def test_a_torn_line_is_not_told(tmp_path: Path) -> None:
    torn = ["raw", LINE.rstrip("\n") % '{"train.loss":1}']
    with training(tmp_path) as server:
        cut = scripted(server, ["start", 2], torn, ["exit", 0])
        assert server.over(cut)["error"]["code"] == "trainer_failed"
        assert server.points(cut) == []
        mended = scripted(server, ["start", 2], torn, ["raw", "\n"], ["done", 1])
        assert server.over(mended)["status"] == "succeeded"
        assert server.points(mended) == [("train.loss", 1, 1.0)]


@pytest.mark.slow
def test_what_a_journal_says_is_bounded_and_clean(tmp_path: Path) -> None:
    facts = {"world": 1, "versions": {f"v{n}": "x" * 2500 for n in range(300)}, "total_steps": 2}
    long = json.dumps({"message": "\ud800" + "m" * 100_000, "pointer": "/" + "p" * 100_000})
    with training(tmp_path) as server:
        job = scripted(
            server,
            ["raw", f'{{"format":1,"kind":"note","at":1,{long[1:]}\n'],
            ["tell", "start", {"facts": {**facts, "resumed_from": None, "other": "x"}}],
            ["done", 2],
        )
        assert server.over(job)["status"] == "succeeded"
        note, start = event(server, job, "note"), event(server, job, "training")
        assert (len(note["message"]), note["message"][:2]) == (2001, "pp")
        assert len(note["data"]["pointer"]) == 2001
        assert len(start["data"]["versions"]) == 100
        assert "other" not in start["data"]


@pytest.mark.slow
def test_a_journal_of_many_megabytes_takes_no_memory(tmp_path: Path) -> None:
    """A hostile journal fills the disk that it is on, and not the server's memory."""
    line = '{"format":1,"kind":"step","at":1,"step":1,"values":{"x":1},"message":"%s"}\n'
    many = line % ("m" * 500_000)
    with training(tmp_path) as server:
        job = scripted(server, ["repeat", 200, ["raw", many]], ["done", 1])
        assert server.over(job)["status"] == "succeeded"
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        assert int(status.partition("VmHWM:")[2].split()[0]) < 150 * 1024
        assert types(server, job)[-1] == "completed"
