"""The state, in SQLite: the one place for SQL.

What a caller has been told is on the disk. Each function that changes something does so in one
transaction, so a crash leaves the state of before or of after.
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
