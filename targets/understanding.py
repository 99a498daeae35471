"""The text of a target as fields of a payload; and whose text it is, if nobody says."""

from contextlib import suppress
from typing import Any, Final, NamedTuple

from ..diagnostics import Finding, Span, codes
from . import reading
from .documents import LARGEST, LARGEST_MANIFEST, Document, UnreadableError, parse
from .paths import ABSENT, found
from .target import Target, load, names

_OURS: Final = b"sftc"
"""What each manifest of ours has in it, which may be larger than what others write."""

_ENDINGS: Final = {".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".json": "json"}


class Understood(NamedTuple):
    """What a text of another system says.

    Attributes:
        payload: the fields of a payload; None if it is no job of ours, or cannot be read.
        findings: what is not carried over, each with its place.

    """

    payload: dict[str, Any] | None
    findings: tuple[Finding, ...]


def understand(text: bytes, target: Target, *, name: str) -> Understood:
    """Return what a text says.

    Args:
        text: the config of another system.
        target: which system.
        name: what the text is called.

    Raises:
        ImportError: it is YAML, and the library for that is not installed.

    """
    largest = LARGEST_MANIFEST if target.is_manifest else LARGEST
    try:
        source = parse(text, target.reading_form, name, largest)
    except UnreadableError as error:
        return Understood(None, (error.finding,))
    read = reading.read(source, target)
    findings = (*source.findings, *read.findings)
    return Understood(None if read.refused else read.payload, findings)


def recognised(text: bytes, *, name: str) -> Target | Finding:
    """Return the one target that a text is certainly of, or the finding that says why not.

    Args:
        text: the config of another system.
        name: what the text is called; its ending says the form.

    Raises:
        ImportError: as for ``understand``.

    """
    form = next((f for ending, f in _ENDINGS.items() if name.lower().endswith(ending)), None)
    form = form or _guessed(text, name)
    of_form = [target for target in map(load, names()) if target.form == form]
    try:
        sources = _sources(text, form, name)
    except UnreadableError as error:
        return error.finding
    known_by = [(target, sources.get(target.reading_form)) for target in of_form]
    claims = [target for target, source in known_by if source and _claims(source, target)]
    if len(claims) == 1:
        return claims[0]
    known = ", ".join(target.name for target in claims or of_form)
    why = "several systems have its keys" if claims else "its keys match no system"
    return Finding(
        codes.SOURCE_NOT_RECOGNISED,
        words={"why": why},
        hint=f"name the system with --from: {known}",
        span=Span(1, 1, 1, 1, name),
    )


def _guessed(text: bytes, name: str) -> str:
    """Return the form of a text whose name has no ending that says it."""
    if text.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return "json"
    try:
        source = parse(text, "toml", name)
    except UnreadableError:
        return "yaml"
    return "toml" if source.tree else "yaml"


def _sources(text: bytes, form: str, name: str) -> dict[str, Document]:
    """Return what a text says, by the ways in which a text of its form may be read.

    Raises:
        UnreadableError: it cannot be read in any.

    """
    largest = LARGEST_MANIFEST if _OURS in text else LARGEST
    sources: dict[str, Document] = {}
    problem: UnreadableError | None = None
    try:
        sources[form] = parse(text, form, name, largest)
    except UnreadableError as error:
        problem = error
    if form == "yaml" and (problem or "kind" in sources[form].tree):
        with suppress(UnreadableError):
            sources["documents"] = parse(text, "documents", name, largest)
    if problem and not sources:
        raise problem
    return sources


def _claims(source: Document, target: Target) -> bool:
    """Whether a text has a key that only this target has, or all keys that say so together."""
    return any(found(source.tree, at) is not ABSENT for at in target.telltales)
