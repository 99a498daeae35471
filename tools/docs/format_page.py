"""The index of formats: each schema that sftc ships, and what it describes."""

from typing import Final

from sftc import schemas

from .markdown import code, page, table

_ABOUT: Final = """\
Everything that sftc reads and prints as data has a JSON Schema (draft 2020-12). \
`sftc schema NAME` prints it."""


def formats() -> str:
    """Return the page."""
    rows = []
    for name in sorted(schemas.Name):
        schema = schemas.load(name)
        rows.append((code(str(name)), str(schema.get("description", schema.get("title", "")))))
    return page("Formats", _ABOUT, table(("schema", "what it describes"), rows))
