"""The step that comments, with tokens of all kinds, against a stand-in for GitHub's API."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from action_runner import STEPS, Runner
from github_api import Hub, serving
from repositories import BIN

MARK = "<!-- sftc-diff -->\n"
TEXT = f"{MARK}### 2 payloads change\n"
(STEP,) = (step for step in STEPS if step["name"] == "Comment")


@pytest.fixture
def hub() -> Iterator[Hub]:
    """Return GitHub, with a pull request without comments."""
    with serving() as hub:
        yield hub


@pytest.fixture
def runner(hub: Hub, tmp_path: Path) -> Runner:
    """Return a runner that needs no checkout."""
    return Runner(tmp_path, tmp_path, hub.address)


def comment(runner: Runner, text: str = TEXT, *, by: str = "workflow", folder: str = ".") -> str:
    """Comment, and return what is printed."""
    file = runner.temporary / "comment.md"
    file.write_text(text, "utf-8")
    values = {
        "steps.install.outputs.python": str(BIN / "python"),
        "steps.diff.outputs.comment": str(file),
        "inputs.token": by,
        "inputs.working-directory": folder,
        **runner.event,
    }
    (code, output), _ = runner.script(STEP, values)
    assert code == 0, output
    return output


@pytest.mark.slow_but_first
@pytest.mark.parametrize("token", ["workflow", "app", "alice", "nameless"])
def test_only_ones_own_comment_is_rewritten(runner: Runner, hub: Hub, token: str) -> None:
    for number in range(250):
        hub.add(f"reader-{number}", "Looks good.")
    for stranger in ("mallory", "bob"):
        hub.add(stranger, f"{MARK}mine")
    if token != "nameless":  # noqa: S105 - no secret
        hub.add("another-app[bot]", f"{MARK}mine")
    hub.comments[0]["user"] = None  # an account that is gone
    before = hub.bodies
    comment(runner, by=token)
    assert hub.bodies == [*before, TEXT]
    comment(runner, f"{MARK}### No payload changes\n", by=token)
    assert hub.bodies == [*before, f"{MARK}### No payload changes\n"]


@pytest.mark.slow
def test_nothing_is_written_twice_and_no_news_only_over_news(runner: Runner, hub: Hub) -> None:
    comment(runner, f"{MARK}### No payload changes\n")
    assert hub.bodies == []
    comment(runner, f"{MARK}### No payload changes, 1 is renamed\n")
    comment(runner, f"{MARK}### No payload changes, 1 is renamed\n")
    assert hub.writes == 1


@pytest.mark.slow
def test_a_folder_has_a_comment_of_its_own(runner: Runner, hub: Hub) -> None:
    for folder in (".", "teams/chat", "./teams/chat/", "teams/chat-2"):
        comment(runner, folder=folder)
    assert [body.splitlines()[0] for body in hub.bodies] == [
        "<!-- sftc-diff -->",
        "<!-- sftc-diff teams/chat -->",
        "<!-- sftc-diff teams/chat-2 -->",
    ]


@pytest.mark.slow
def test_what_prevents_a_comment_is_said_and_fails_nothing(runner: Runner, hub: Hub) -> None:
    beginning = "::notice title=sftc::no comment was written, since "
    said = comment(runner, by="fork")
    assert said.startswith(f"{beginning}the token may not comment: ")
    hub.is_down = True
    assert comment(runner).startswith(f"{beginning}GitHub answered 502;")
    runner.environment["GITHUB_API_URL"] = "http://127.0.0.1:9"
    assert comment(runner).startswith(f"{beginning}GitHub did not answer: ConnectError;")
    assert hub.bodies == []
