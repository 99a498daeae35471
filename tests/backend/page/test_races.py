"""The page before a server whose answers come late and out of turn."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import delays
import served
import stored_jobs
from browser import Page
from served import KEY

from sftc.backend.records import Event
from sftc.backend.store import Database, Traces

A, B = (f"job-{number:024x}" for number in (10, 11))

# After each change of the page: what it shows is of the job that it names, in order, and once.
WATCH = """
const faults = window.faults = [];
const at = (id) => document.getElementById(id);
const letter = { [arguments[0]]: "a", [arguments[1]]: "b" };
const level = { a: 1, b: 5 };
new MutationObserver(() => {
  const own = letter[at("name").textContent];
  const types = [...document.querySelectorAll("#events .id")].map((id) => id.textContent);
  const expected = types.map((_, place) => place ? `${own}.${place}` : "sft.job.created");
  if (String(types) !== String(expected)) faults.push(`events of ${own}: ${types}`);
  const line = document.querySelector("#curve polyline.train");
  const pairs = line ? line.getAttribute("points").split(" ") : [];
  const steps = pairs.map((pair) => Number(pair.split(",")[0]));
  const folds = steps.some((step, place) => place && step <= steps[place - 1]);
  if (folds) faults.push(`curve of ${own}: ${steps}`);
  const last = Number(at("legend").textContent.match(/training ([0-9.]+)/)?.[1] ?? level[own]);
  if (Math.abs(last - level[own]) > 0.5) faults.push(`curve of ${own} ends at ${last}`);
}).observe(at("detail"), { subtree: true, childList: true, characterData: true });
"""

# Thirty times to the other job, after less time than three answers take.
SWITCH = """
const jobs = [arguments[0], arguments[1]];
let pauses = 12345;
const next = (turn) => {
  if (turn === 30) return void (window.switched = true);
  location.hash = jobs[turn % 2];
  pauses = (pauses * 1103515245 + 12345) % 2147483648;
  setTimeout(() => next(turn + 1), pauses % 500);
};
next(0);
"""


@contextmanager
def growing(database: Database) -> Iterator[dict[str, int]]:
    """Add events and points to two jobs for as long as the context lasts; give their number."""
    ended = threading.Event()
    count = {"rounds": 0}

    def grow() -> None:
        while not ended.wait(0.1):
            count["rounds"] += 1
            for job, letter, level in ((A, "a", 1.0), (B, "b", 5.0)):
                traces = Traces(database)
                traces.note(job, Event(f"{letter}.{count['rounds']}", "It goes on"))
                traces.reach(job, count["rounds"], {"train.loss": level + 0.001 * count["rounds"]})

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        yield count
    finally:
        ended.set()
        thread.join()


def test_switching_doubles_no_event_and_folds_no_curve(tmp_path: Path, page: Page) -> None:
    with stored_jobs.state(tmp_path) as database:
        jobs = [stored_jobs.job(number, KEY, total_steps=1000) for number in (10, 11)]
        stored_jobs.add(database, jobs)
        with (
            served.serving(tmp_path) as server,
            delays.delaying(server.address, delays.random_delays(1, 0.4)) as proxy,
        ):
            with growing(database) as grown:
                page.open(proxy.address, KEY, A)
                page.until("status", "created")
                page.run(WATCH, A, B)
                page.run(SWITCH, A, B)
                page.wait(lambda: page.run("return window.switched"))
            page.wait(lambda: _events(page)[-1:] == [f"b.{grown['rounds']}"])
            assert _events(page) == ["sft.job.created"] + [
                f"b.{number + 1}" for number in range(grown["rounds"])
            ]
            page.wait(lambda: _points(page) == grown["rounds"])
            assert page.run("return window.faults") == []
            page.leave()


def test_each_view_has_one_request_under_way(tmp_path: Path, page: Page) -> None:
    with stored_jobs.state(tmp_path) as database:
        stored_jobs.add(database, [stored_jobs.job(10, KEY)])
    with (
        served.serving(tmp_path) as server,
        delays.delaying(server.address, delays.random_delays(2, 0.8)) as proxy,
    ):
        page.open(proxy.address, KEY)
        page.wait(lambda: sum("/metrics" in path for path in proxy.paths) >= 4)
        assert (proxy.most["list"], proxy.most["job"]) == (1, 1)
        page.leave()


def test_the_answer_to_an_older_search_is_not_shown(tmp_path: Path, page: Page) -> None:
    def slow(path: str) -> float:
        return 2 if path.endswith("search=on") else 0

    with stored_jobs.state(tmp_path) as database:
        names = ("one", "only", "two")
        jobs = [stored_jobs.job(place, KEY, name=name) for place, name in enumerate(names)]
        stored_jobs.add(database, jobs)
    with served.serving(tmp_path) as server, delays.delaying(server.address, slow) as proxy:
        page.open(proxy.address, KEY)
        page.until("count", "3 jobs")
        page.run(WATCH_ROWS)
        page.one("#search").send_keys("on")
        page.wait(lambda: any(path.endswith("search=on") for path in proxy.paths))
        page.one("#search").send_keys("e")
        page.until("count", "1 match")
        page.wait(lambda: sum(path.endswith("search=one") for path in proxy.paths) >= 4)
        assert page.run("return window.lengths") == [1]
        page.leave()


WATCH_ROWS = """
const lengths = window.lengths = [];
const list = document.getElementById("jobs");
new MutationObserver(() => lengths.push(list.children.length)).observe(list, { childList: true });
"""


def test_what_is_left_is_asked_for_no_more(tmp_path: Path, page: Page) -> None:
    with stored_jobs.state(tmp_path) as database:
        stored_jobs.add(database, [stored_jobs.job(number, KEY) for number in (10, 11)])
    with (
        served.serving(tmp_path) as server,
        delays.delaying(server.address, lambda _path: 0) as proxy,
    ):
        page.open(proxy.address, KEY, A)
        page.wait(lambda: _asked(proxy, A) >= 3)
        page.go(B)
        page.until("name", B)
        page.wait(lambda: _asked(proxy, B) >= 1)
        before = _asked(proxy, A)
        page.wait(lambda: _asked(proxy, B) >= 9)
        assert _asked(proxy, A) == before
        page.one("#forget").click()
        assert not page.one("#desk").is_displayed()
        page.leave()


def _asked(proxy: delays.Proxy, job: str) -> int:
    return sum(f"/jobs/{job}" in path for path in proxy.paths)


def _events(page: Page) -> list[str]:
    script = "return [...document.querySelectorAll('#events .id')].map((id) => id.textContent)"
    found: Any = page.run(script)
    return list(found)


def _points(page: Page) -> int:
    script = (
        "const line = document.querySelector('#curve polyline.train');"
        "return line ? line.getAttribute('points').split(' ').length : 0"
    )
    return int(page.run(script))
