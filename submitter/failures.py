"""What a backend says when it does not do what it was asked, and what that means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from .. import schemas
from ..diagnostics import Diagnostic, Finding, KeyPath, codes
from ..diagnostics.json_places import json_span
from ..payloads import Payload, fields
from .address import Address
from .errors import BackendError, RefusedError, told
from .requests import Request

_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_SUCCESS: Final = range(200, 300)
_LONGEST: Final = 500
_PLACES: Final = {"missing_gpu_type": fields.pointer(fields.GPU_TYPE)}
"""Where in a payload a backend's code points, for backends that do not say it themselves."""


class Problem(NamedTuple):
    """One thing that a backend says is wrong.

    Attributes:
        code: its own code for it, or empty.
        message: its own words, or empty.
        pointer: a JSON Pointer into the payload, or empty.

    """

    code: str = ""
    message: str = ""
    pointer: str = ""

    @property
    def detail(self) -> str:
        """Code and words, to be put behind something else; may be empty."""
        return "".join(f": {text}" for text in (self.code, self.message) if text)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a backend answered.

    Attributes:
        status: the HTTP status.
        value: the JSON of the body, or None if it is none.
        request: method and path of what was asked.
        problems: what the backend says is wrong, the gravest first.

    """

    status: int
    value: Any
    request: str
    problems: tuple["Problem", ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it is a success."""
        return self.status in _SUCCESS

    @property
    def object(self) -> Mapping[str, Any]:
        """The object that a success is."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def detail(self) -> str:
        """The backend's code and words, to be put behind a status; may be empty."""
        return self.problems[0].detail if self.problems else ""


class Lost(Exception):  # noqa: N818 - it may be found again
    """A request without an answer that can be used.

    Attributes:
        transient: whether the same request may well be answered in a moment.
        after: seconds that the backend asks to wait, or None.
        answer: what was answered, or None if nothing whole was.

    """

    def __init__(
        self,
        reason: str,
        *,
        transient: bool = True,
        after: float | None = None,
        answer: Answer | None = None,
    ) -> None:
        """Keep what happened."""
        super().__init__(reason)
        self.transient = transient
        self.after = after
        self.answer = answer


def problems(value: Any, redacted: Callable[[str], str]) -> tuple[Problem, ...]:
    """Return what the body of an error says, in any of the usual forms.

    Args:
        value: the body's JSON, whatever it is.
        redacted: takes out of a text what must not be shown.

    """
    if not isinstance(value, dict):
        return ()
    error = value.get("error", value.get("detail", value))
    if isinstance(error, str):
        error = {**value, "message": error}
    if not isinstance(error, dict):
        error = {"message": error}
    every = error.get("details")
    every = every if isinstance(every, list) and every else [error]
    return tuple(_problem(each, redacted) for each in every if isinstance(each, dict))


def _problem(error: Mapping[str, Any], redacted: Callable[[str], str]) -> Problem:
    code, message, pointer = (
        redacted(str(error.get(key) or ""))[:_LONGEST] for key in Problem._fields
    )
    return Problem(code, message, pointer or _PLACES.get(code, ""))


def sorry(lost: Lost, request: Request, address: Address) -> BackendError:
    """Return the error for a request that was given up."""
    answer = lost.answer
    if answer is None:
        finding = Finding(codes.UNREACHABLE, words={"backend": address.shown, "reason": str(lost)})
    elif answer.ok:
        finding = Finding(codes.ODD_ANSWER, words={"request": str(request), "reason": str(lost)})
    else:
        hint = None
        if lost.after is not None:
            hint = f"the backend asks to wait {lost.after:g} s; run the same command again then"
        words = {"status": str(answer.status), "detail": answer.detail}
        finding = Finding(codes.BACKEND_FAILED, words=words, hint=hint)
    return BackendError([told(finding, address.shown)])


def refusal(
    answer: Answer, what: str, address: Address, payload: Payload | None = None
) -> BackendError:
    """Return the error for an answer that is a no.

    Args:
        answer: it.
        what: what was refused, for the message.
        address: who refused.
        payload: in which the finding may point at a place.

    """
    code = {_UNAUTHORIZED: codes.KEY_REFUSED, _FORBIDDEN: codes.NOT_ALLOWED}.get(
        answer.status, codes.REFUSED
    )
    found = [
        _refused(code, problem, {"what": what, "status": str(answer.status)}, address, payload)
        for problem in answer.problems or (Problem(),)
    ]
    own_code = answer.problems[0].code if answer.problems else ""
    return RefusedError(found, status=answer.status, code=own_code or None)


def _refused(
    code: str,
    problem: Problem,
    words: dict[str, str],
    address: Address,
    payload: Payload | None,
) -> Diagnostic:
    words = {**words, "detail": problem.detail, "backend": address.shown}
    if payload is None or not problem.pointer:
        return told(Finding(code, words=words), address.shown)
    path = _path(problem.pointer, payload.value)
    hint = schemas.key_schema(path, "payload").get("description")
    span = json_span(payload.text, payload.name, path)
    return told(Finding(code, path, words, hint=hint), span)


def _path(pointer: str, value: Any) -> KeyPath:
    """Return the path of a JSON Pointer (RFC 6901) into a document."""
    path: list[str | int] = []
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        step: str | int = int(key) if isinstance(value, list) and key.isdecimal() else key
        path.append(step)
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            value = None
    return tuple(path)
