"""What a backend answered, and what it means when that is not what was asked for.

An answer may be anything: no field is trusted to have a type, a length or a meaning.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final, NamedTuple, Protocol

from .. import schemas
from ..diagnostics import Finding, KeyPath, Span, codes, dotted, encodable
from ..diagnostics.pointers import steps
from .dialect import Dialect
from .errors import BackendError, RefusedError, diagnosed

_SUCCESS: Final = range(200, 300)
_CODES: Final = {401: codes.KEY_REFUSED, 403: codes.NOT_ALLOWED}
_LONGEST: Final = 500
_ID: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._:~+=@,-]{0,199}")
_MOST: Final = 20


class Document(Protocol):
    """What the user submitted, into which a backend may point."""

    @property
    def payload(self) -> Mapping[str, Any]:
        """The payload."""

    @property
    def place(self) -> Callable[[KeyPath], Span | str]:
        """Gives the span of the value at a path of the payload."""


class Problem(NamedTuple):
    """One thing that a backend says is wrong: its code, its words, a JSON Pointer; or empty."""

    code: str = ""
    message: str = ""
    pointer: str = ""

    @property
    def detail(self) -> str:
        """Code and words, to be put behind something else; may be empty."""
        return "".join(f": {text}" for text in (self.code, self.message) if text)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a backend answered; the key stands nowhere in it.

    Attributes:
        status: the HTTP status.
        value: the JSON of the body, or None if it is none.
        request: method and path of what was asked.
        problems: what the backend says is wrong, the gravest first.

    """

    status: int
    value: Any
    request: str
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it is a success."""
        return self.status in _SUCCESS

    @property
    def object(self) -> Mapping[str, Any]:
        """The object that a success is."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def state(self) -> str:
        """The state of the file or job that it shows, or empty."""
        return text(self.object.get("status"))

    @property
    def detail(self) -> str:
        """The backend's code and words, to be put behind a status; may be empty."""
        return self.problems[0].detail if self.problems else ""


def text(value: Any) -> str:
    """Return a value that ought to be a text, cut to a length; empty if it is none."""
    return encodable(value[:_LONGEST]) if isinstance(value, str) else ""


def is_id(value: Any) -> bool:
    """Whether a value can be shown, kept, put into a URL and typed into a shell as an id."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def number(value: Any) -> int | None:
    """Return a value that ought to be a count, or None if it is none."""
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
    return value if is_count else None


def finite(value: Any) -> float | None:
    """Return a value that ought to be a number, or None if it is none, or not finite."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return float(value) if isfinite(value) else None
    except OverflowError:  # an integer beyond all floats
        return None


def without(value: Any, secret: Callable[[str], str]) -> Any:
    """Return the plain values of a JSON document, its texts and keys without a secret.

    Raises:
        RecursionError: it is nested too deeply.

    """
    match value:
        case str():
            return secret(value)
        case list():
            return [without(item, secret) for item in value]
        case dict():
            return {secret(key): without(item, secret) for key, item in value.items()}
        case _:
            return value


def problems(value: Any, dialect: Dialect) -> tuple[Problem, ...]:
    """Return what the body of an error says, in any of the usual forms."""
    if not isinstance(value, dict):
        return ()
    error: Any = next((value[name] for name in dialect.errors if name in value), value)
    if isinstance(error, str):
        error = {**value, "message": error}
    if not isinstance(error, dict):
        error = {"message": str(error)}
    every = error.get(dialect.details)
    every = every if isinstance(every, list) and every else [error]
    return tuple(_problem(each, dialect) for each in every[:_MOST] if isinstance(each, dict))


def _problem(error: Mapping[str, Any], dialect: Dialect) -> Problem:
    code, message, pointer = (text(error.get(name)) for name in Problem._fields)
    return Problem(code, message, pointer or dialect.pointers.get(code, ""))


def identifier(answer: Answer, names: tuple[str, ...], backend: str) -> str:
    """Return the id that a success gives.

    Raises:
        BackendError: it gives none that could be shown, kept and put into a URL.

    """
    found = next((value for name in names if (value := answer.object.get(name))), None)
    if is_id(found):
        return str(found)
    reason = f"it has no `{names[0]}`" if found is None else f"its `{names[0]}` is not an id"
    words = {"request": answer.request, "reason": reason}
    raise BackendError([diagnosed(Finding(codes.ODD_ANSWER, words=words), backend)])


def refusal(
    answer: Answer, what: str, backend: str, document: Document | None = None
) -> BackendError:
    """Return the error for an answer that is a no.

    Args:
        answer: it.
        what: what was refused, for the message.
        backend: who refused.
        document: what was submitted, if the backend may point into it.

    """
    code = _CODES.get(answer.status, codes.REFUSED)
    found = []
    for problem in answer.problems or (Problem(),):
        words = {"what": what, "status": str(answer.status), "backend": backend}
        words["detail"] = problem.detail
        path = _path(problem.pointer, document.payload) if document else ()
        hint = _field(path) if path else None
        place = document.place(path) if document and path else backend
        found.append(diagnosed(Finding(code, path, words, hint=hint), place))
    own_code = answer.problems[0].code if answer.problems else ""
    return RefusedError(found, status=answer.status, code=own_code or None)


def _field(path: KeyPath) -> str:
    """Return a field's name, and what its schema says of it."""
    described = schemas.key_schema(path, "payload").get("description")
    return f"`{dotted(path)}`" + (f": {described}" if described else "")


def _path(pointer: str, value: Any) -> KeyPath:
    """Return the path of a JSON Pointer (RFC 6901) into a document."""
    path: list[str | int] = []
    for key in steps(pointer):
        step: str | int = int(key) if isinstance(value, list) and key.isdecimal() else key
        path.append(step)
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            value = None
    return tuple(path)
