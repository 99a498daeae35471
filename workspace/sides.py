"""Sides of a comparison from disk and from git: joins the files with the review.

A name that is a file is that file; another one with a colon is ``REV:path``.
"""

import os

from ..diagnostics import Diagnostic, Finding, codes
from ..disk import files
from ..payloads.reading import LARGEST
from ..review import Side, read_side
from .asking import GitError
from .git import Git


def open_side(name: str) -> Side | tuple[Diagnostic, ...]:
    """Return the side that a name stands for, or the findings that say why there is none.

    Args:
        name: a payload or a config: its path, ``-`` for standard input, or ``REV:path``.

    """
    data = read(name)
    if isinstance(data, Diagnostic):
        return (data,)
    return read_side(data, files.shown_name(name))


def read(name: str) -> bytes | Diagnostic:
    """Return the bytes of a file here or in git, or the finding that says why there are none."""
    if ":" not in name or os.path.lexists(name):
        return files.read_artifact(name)
    revision, _, path = name.partition(":")
    try:
        repository = Git.here()
        if path.startswith(("./", "../")):
            path = repository.path(path)
        return repository.read(revision, path, most=LARGEST + 1)
    except GitError as error:
        from ..diagnostics.catalogue import diagnose  # only a wrong name needs it

        return diagnose(Finding(codes.NOT_IN_GIT, words={"name": name, "reason": str(error)}), name)
