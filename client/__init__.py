"""Speaking to a backend: where it is, what it is asked, how it answers, what can go wrong.

It knows neither datasets nor configs. Who submits and who follows a job share it.
"""

from .address import BACKEND, KEY, Address, address, secret
from .answers import Answer, identifier, is_id, number, problems, refusal, text
from .connection import Client, Note, run
from .dialect import LEARNING, Dialect, Route
from .errors import (
    BackendError,
    DatasetError,
    Patience,
    PayloadError,
    RefusedError,
    SubmitError,
    UsageError,
    diagnosed,
)
from .lost import Lost
from .request import Form, Request

__all__ = [
    "BACKEND",
    "KEY",
    "LEARNING",
    "Address",
    "Answer",
    "BackendError",
    "Client",
    "DatasetError",
    "Dialect",
    "Form",
    "Lost",
    "Note",
    "Patience",
    "PayloadError",
    "RefusedError",
    "Request",
    "Route",
    "SubmitError",
    "UsageError",
    "address",
    "diagnosed",
    "identifier",
    "is_id",
    "number",
    "problems",
    "refusal",
    "run",
    "secret",
    "text",
]
