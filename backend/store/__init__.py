"""The server's state in SQLite; all SQL is here.

A function returns only after its change is on disk. Each change is one transaction, so a crash
leaves the state as it was before or after it.
"""

from .database import Database
from .files import Files
from .jobs import Jobs, KeyReusedError
from .keys import Keys
from .runs import Run, Runs
from .schema import ForeignError, NewerError
from .traces import Traces

__all__ = [
    "Database",
    "Files",
    "ForeignError",
    "Jobs",
    "KeyReusedError",
    "Keys",
    "NewerError",
    "Run",
    "Runs",
    "Traces",
]
