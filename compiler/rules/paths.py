"""Paths of datasets."""

import re
from collections.abc import Iterator
from typing import Final

from ...diagnostics import Finding, dotted
from .job import Job

_ABSOLUTE: Final = re.compile(r"[/~]|[A-Za-z]:[\\/]|\\\\")
_PATHS: Final = (("job", "data"), ("job", "data_path"), ("data", "validation_path"))


def paths_are_relative(job: Job) -> Iterator[Finding]:
    """Note a path of one machine: it is not there for a reviewer, nor in CI."""
    for path in _PATHS:
        value = job.get(*path)
        if value is not None and _ABSOLUTE.match(value):
            yield Finding("SFT251", path, {"key": dotted(path)})


RULES = (paths_are_relative,)
