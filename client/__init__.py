"""The client of a backend: its address, requests, answers and errors.

Independent of datasets and configs; shared by submitting and following.
"""

from .address import BACKEND, KEY, Address, address, secret
from .answers import Answer, finite, identifier, is_id, number, problems, refusal, text
from .bar import Bar, no_bar
from .connection import Client, Note
from .dialect import LEARNING, Dialect, Route
from .errors import (
    BackendError,
    DatasetError,
    FetchError,
    Patience,
    PayloadError,
    RefusedError,
    SubmitError,
    UsageError,
    diagnosed,
)
from .lost import Lost
from .request import Form, Request, Sink
from .running import run

__all__ = [
    "BACKEND",
    "KEY",
    "LEARNING",
    "Address",
    "Answer",
    "BackendError",
    "Bar",
    "Client",
    "DatasetError",
    "Dialect",
    "FetchError",
    "Form",
    "Lost",
    "Note",
    "Patience",
    "PayloadError",
    "RefusedError",
    "Request",
    "Route",
    "Sink",
    "SubmitError",
    "UsageError",
    "address",
    "diagnosed",
    "finite",
    "identifier",
    "is_id",
    "no_bar",
    "number",
    "problems",
    "refusal",
    "run",
    "secret",
    "text",
]
