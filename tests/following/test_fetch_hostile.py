"""What a backend calls its files, and what stands in the folder: nothing outside is touched."""

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from minimal_backend import Minimal
from results import has_result, listing
from submitting import KEY, Workspace

import sftc
from sftc.following.artifacts import folded, wrong

Fetched = Callable[..., tuple[type[Exception] | None, str]]

DATA = b"weights"
SHA256 = sha256(DATA).hexdigest()
PATHS = {
    "/etc/passwd": "is outside",
    "../escaped": "is outside",
    "a/../../escaped": "is outside",
    "a//b": "is outside",
    "a/./b": "is outside",
    "a/": "is outside",
    "": "is outside",
    "a\\..\\b": "Windows",
    "C:/x": "Windows",
    "x:stream": "Windows",
    "a?": "Windows",
    "nul": "a Windows device name",
    "sub/COM1.txt": "a Windows device name",
    "lpt³.bin": "a Windows device name",
    "a\0b": "characters",
    "a\nb": "characters",
    "\x1b[2J": "characters",
    "a\u202eb": "characters",
    "\ud800": "characters",
    ".git/hooks/post-checkout": "hidden",
    "a/.env": "hidden",
    ".sftc-0.part": "hidden",
    "a.": "a space or a dot",
    "a /b": "a space or a dot",
    " a": "a space or a dot",
    "a" * 201: "too long",
    "ä" * 128: "too long",
}


@pytest.fixture
def fetched(workspace: Workspace, backend: Minimal, monkeypatch: pytest.MonkeyPatch) -> Fetched:
    """Return what fetches into ``out``, and returns the error and what it says."""
    monkeypatch.setenv("SYNTH_API_KEY", KEY)

    def fetch(**options: Any) -> tuple[type[Exception] | None, str]:
        try:
            sftc.fetch("job-0", workspace.folder / "out", backend=backend.address, **options)
        except sftc.SubmitError as error:
            return type(error), str(error)
        return None, ""

    return fetch


def listed(path: Any) -> dict[str, Any]:
    return {"path": path, "bytes": len(DATA), "sha256": SHA256}


@pytest.mark.slow_but_first
@pytest.mark.parametrize(("path", "reason"), PATHS.items(), ids=map(ascii, PATHS))
def test_paths_that_no_file_may_have(
    workspace: Workspace, backend: Minimal, fetched: Fetched, path: str, reason: str
) -> None:
    has_result(backend, {"good": DATA})
    listing(backend, listed("good"), listed(path))
    before = sorted(workspace.folder.rglob("*"))
    kind, said = fetched()
    assert (kind, said.count("SFT525")) == (sftc.BackendError, 1)
    assert reason in said
    assert sorted(workspace.folder.rglob("*")) == before


def test_a_path_does_not_steer_the_terminal(workspace: Workspace, backend: Minimal) -> None:
    has_result(backend)
    listing(backend, listed("\x1b[2J\0"))
    done = workspace.sftc("fetch", "job-0", "-o", "out")
    assert (done.returncode, "\\u001B[2J\\u0000" in done.stderr) == (3, True)


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    "paths",
    [
        ["a", "a"],
        ["README", "readme"],
        ["Straße", "STRASSE"],
        ["caf\u00e9", "cafe\u0301"],
        ["a", "a/b"],
        ["a/b", "a"],
        ["A/x", "a/y"],
    ],
)
def test_names_that_some_system_takes_for_one(
    workspace: Workspace, backend: Minimal, fetched: Fetched, paths: list[str]
) -> None:
    has_result(backend)
    listing(backend, *map(listed, paths))
    kind, said = fetched()
    assert (kind, "SFT525" in said) == (sftc.BackendError, True)
    assert not (workspace.folder / "out").exists()


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"artifacts": None},
        {"artifacts": {"a": 1}},
        {"artifacts": ["a"]},
        {"artifacts": [listed(7)]},
        {"artifacts": [{**listed("a"), "bytes": -1}]},
        {"artifacts": [{**listed("a"), "bytes": 1e400}]},
        {"artifacts": [{**listed("a"), "bytes": "7"}]},
        {"artifacts": [{**listed("a"), "sha256": "../../x"}]},
        {"artifacts": [{"path": "a"}]},
        {"artifacts": [listed(f"f{number}") for number in range(5000)]},
    ],
)
def test_lists_that_are_none(
    workspace: Workspace, backend: Minimal, fetched: Fetched, answer: Any
) -> None:
    has_result(backend)
    listing(backend)
    status, _, headers = backend.answers["GET /learning/jobs/job-0/artifacts"]
    backend.answers["GET /learning/jobs/job-0/artifacts"] = (status, answer, headers)
    kind, said = fetched()
    assert (kind, said.count("SFT514")) == (sftc.BackendError, 1)
    assert not (workspace.folder / "out").exists()


@pytest.mark.slow_but_first
@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("place", ["a", "a/b"])
def test_links_in_the_folder_are_not_followed(
    workspace: Workspace, backend: Minimal, fetched: Fetched, place: str, *, force: bool
) -> None:
    has_result(backend, {"a/b": DATA})
    outside = workspace.folder / "outside"
    outside.mkdir()
    (outside / "b").write_bytes(b"mine")
    link = workspace.folder / "out" / place
    link.parent.mkdir(parents=True)
    link.symlink_to(outside if place == "a" else outside / "b")
    kind, said = fetched(force=force)
    assert (kind, "SFT526" in said) == (sftc.FetchError, True)
    assert [path.name for path in outside.iterdir()] == ["b"]
    assert (outside / "b").read_bytes() == b"mine"


@pytest.mark.slow_but_first
@pytest.mark.parametrize("kind", ["link", "hard link", "pipe", "folder"])
def test_what_is_kept_of_a_download_is_a_file_of_ours(
    workspace: Workspace, backend: Minimal, fetched: Fetched, kind: str
) -> None:
    has_result(backend, {"a": DATA})
    mine = workspace.write("mine", b"mine")
    part = workspace.folder / "out" / f".sftc-{SHA256}.part"
    part.parent.mkdir()
    match kind:
        case "link":
            part.symlink_to(mine)
        case "hard link":
            part.hardlink_to(mine)
        case "pipe":
            os.mkfifo(part)
        case _:
            part.mkdir()
    if kind == "folder":
        with pytest.raises(IsADirectoryError):
            fetched()
    else:
        assert fetched()[0] == sftc.FetchError
    assert mine.read_bytes() == b"mine"


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_what_is_no_file_is_in_the_way(
    workspace: Workspace, backend: Minimal, fetched: Fetched, kind: str
) -> None:
    has_result(backend, {"a": DATA})
    place = workspace.folder / "out" / "a"
    place.parent.mkdir()
    os.mkfifo(place) if kind == "pipe" else place.mkdir()
    error, said = fetched(force=True)
    assert (error, "it is not a regular file" in said) == (sftc.FetchError, True)


def test_a_folder_that_is_a_link_is_the_users_choice(
    workspace: Workspace, backend: Minimal, fetched: Fetched
) -> None:
    has_result(backend, {"a": DATA})
    (workspace.folder / "disk").mkdir()
    (workspace.folder / "out").symlink_to("disk")
    assert fetched() == (None, "")
    assert (workspace.folder / "disk" / "a").read_bytes() == DATA


@given(path=st.text(max_size=30) | st.text("./\\aC:~ -nul0", max_size=12))
@example("a/b.c")
def test_a_path_that_is_taken_stays_inside(path: str) -> None:
    if wrong(path):
        return
    assert os.path.normpath(f"/top/{path}") == f"/top/{path}"
    assert Path(path).parts == tuple(path.split("/"))
    assert not any(ord(char) < 32 for char in path)
    assert folded(folded(path)) == folded(path)


@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20))
def test_usual_names_are_taken(name: str) -> None:
    assert wrong(f"sub/x{name}.safetensors") == ""
