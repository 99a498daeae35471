"""The reference of the HTTP API, from the backend's OpenAPI document."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import sftc
from sftc.backend.openapi import document

from .markdown import code, page, table
from .schema_words import type_of

_ABOUT: Final = """\
What `sftc backend serve` answers. The server has the OpenAPI document of this page at \
`/openapi.json`. Each request carries its key as `Authorization: Bearer KEY`; errors have the body \
`{"error": {"code": …, "message": …}}`. [The backend](../backend.md) says how to run a server."""


def http() -> str:
    """Return the page."""
    return page("HTTP API", _ABOUT, _operations(document(sftc.__version__)))


def _operations(described: Mapping[str, Any]) -> Iterator[str]:
    seen: dict[str, str] = {}
    everywhere = _everywhere(described)
    yield "## Any request"
    yield ""
    yield "Besides its own answers, every operation may answer these."
    yield ""
    yield from table(("status", "answer"), everywhere)
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            name = f"{method.upper()} {path}"
            kind = operation["operationId"].rstrip("_0123456789")
            if kind in seen:
                yield f"`{name}` is another name of `{seen[kind]}`."
                yield ""
                continue
            seen[kind] = name
            yield from _operation(name, operation, everywhere)
    yield from _shapes(described["components"]["schemas"])


def _operation(
    name: str, operation: Mapping[str, Any], everywhere: list[tuple[str, str]]
) -> Iterator[str]:
    yield f"## {name}"
    yield ""
    yield str(operation["summary"])
    yield ""
    parameters = [
        (
            code(each["name"]),
            each["in"],
            type_of(each["schema"], "payload"),
            each.get("description", ""),
        )
        for each in operation["parameters"]
    ]
    yield from table(("parameter", "in", "type", "meaning"), parameters)
    if "requestBody" in operation:
        yield f"Body: {_content(operation['requestBody'])}"
        yield ""
    own = [answer for answer in _answers(operation["responses"]) if answer not in everywhere]
    yield from table(("status", "answer"), own)


def _everywhere(described: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the answers that all operations have alike."""
    answers = [
        list(_answers(operation["responses"]))
        for methods in described["paths"].values()
        for operation in methods.values()
    ]
    return [answer for answer in answers[0] if all(answer in others for others in answers)]


def _answers(responses: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for status, answer in responses.items():
        told = str(answer["description"])
        if told.startswith("- "):
            yield from ((status, line.removeprefix("- ")) for line in told.splitlines())
        else:
            yield status, _content(answer) or told


def _content(body: Mapping[str, Any]) -> str:
    kinds = []
    for media, said in body.get("content", {}).items():
        reference = said.get("schema", {}).get("$ref", "").rpartition("/")[2]
        link = f" [{reference}](#{reference.lower()})" if reference else ""
        kinds.append(f"`{media}`{link}")
    return ", ".join(kinds)


def _shapes(shapes: Mapping[str, Any]) -> Iterator[str]:
    for name, shape in shapes.items():
        if "." in name:
            continue
        yield f"## {name}"
        yield ""
        if name == "Payload":
            yield "A payload with the ids of its files: `sftc schema payload`."
            yield ""
            continue
        if "description" in shape:
            yield str(shape["description"])
            yield ""
        yield from table(("field", "type", "meaning"), _fields(shape))


def _fields(shape: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str, str]]:
    for part in (shape, *shape.get("allOf", ())):
        if "$ref" in part and not above:
            name = part["$ref"].rpartition("/")[2]
            yield "", f"[{name}](#{name.lower()})", "all fields of it"
        for key, said in part.get("properties", {}).items():
            yield code(above + key), _kind(said), str(said.get("description", ""))
            yield from _fields(said.get("items", {}), f"{above}{key}[].")
            if "$ref" not in said:
                yield from _fields({"properties": said.get("properties", {})}, f"{above}{key}.")


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "items" in schema:
        return f"list of {_kind(schema['items'])}"
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return " or ".join(_kind(each) for each in schema[word])
    return type_of(schema, "payload")
