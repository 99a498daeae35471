"""The references of the two settings files: a repository's, and the backend's."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sftc import schemas

from .markdown import code, fenced, page, table, toml_value
from .schema_words import default_of, type_of

_EDITORS: Final = "Editors complete and check it by its JSON Schema: `sftc schema {}`."


def settings() -> str:
    """Return the page about ``sftc.toml``."""
    return _page("Settings of a repository", "settings")


def serve() -> str:
    """Return the page about the file of ``sftc backend serve --settings``."""
    return _page("Settings of the backend", "serve")


def _page(title: str, name: str) -> str:
    schema = schemas.load(name)
    about = f"{schema['description']} {_EDITORS.format(name)}"
    return page(title, about, _keys((), schema, name))


def _keys(path: tuple[str, ...], schema: Mapping[str, Any], name: str) -> Iterator[str]:
    for key, part in schema["properties"].items():
        here, said = (*path, key), schemas.resolved(name, part)
        yield f"{'##' if not path else '###'} {'.'.join(here)}"
        yield ""
        yield str(said["description"])
        yield ""
        yield from table(("", ""), _facts(said, name))
        if "examples" in said:
            above = f"[{'.'.join(path)}]\n" if path else ""
            yield from fenced("toml", f"{above}{key} = {toml_value(said['examples'][0])}\n")
        if "properties" in said:
            yield from _keys(here, said, name)


def _facts(schema: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    yield "Type", type_of(schema, name)
    if shown := default_of(schema):
        yield "Default", shown
    below = schema.get("additionalProperties")
    if isinstance(below, Mapping):
        yield "Values", type_of(below, name)
    if "deprecated" in schema:
        yield "Deprecated", code("true")
