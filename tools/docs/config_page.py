"""The reference of the config: each key, where it goes, and what is said of it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sftc import schemas
from sftc.diagnostics import KeyPath
from sftc.diagnostics.catalogue import CODES
from sftc.diagnostics.pointers import pointer
from sftc.schemas.deriving import target as routed
from sftc.training.recipe.forwarded import expected, takes
from sftc.training.recipe.keys import KEYS

from .markdown import anchor, code, codes, fenced, page, table, toml_value
from .schema_words import default_of, type_of
from .target_words import expressed

_ABOUT: Final = """\
Every key that a config may have. Each entry gives the key's type and default, the other names \
that `sftc lint --fix` turns into it, the payload field that it sets, and what each \
[other system](../targets.md) calls it. The same facts are in the JSON Schema that editors read: \
`sftc schema config`. SkyPilot and Kubeflow Trainer are not listed, because a job written for them \
has the whole payload in it.

A key that is not listed here is forwarded verbatim if its table has a place in the payload, as \
`[hyperparameters]` and `[compute]` do, and `sftc lint` reports it if it looks like a misspelling. \
In any other table `sftc lint` warns that nothing reads it."""
_FORWARDED: Final = """\
`[hyperparameters]` forwards keys that the schema does not list. The trainer of \
[`sftc backend serve --runner train`](../training.md) takes these, and refuses any other one."""
_NOWHERE: Final = "stays with the client"


def config() -> str:
    """Return the page."""
    schema = schemas.load("config")
    lines = [*_contents(schema), *_tables((), schema, None), *_others()]
    return page("Config keys", _ABOUT, lines)


def _contents(schema: Mapping[str, Any]) -> Iterator[str]:
    rows = []
    for path, below in _all_tables((), schema):
        name = f"[{'.'.join(path)}]"
        link = f"[`{name}`](#{anchor(name)})"
        keys = [key for key, each in below["properties"].items() if "properties" not in each]
        listed = ", ".join(f"[`{key}`](#{anchor('.'.join((*path, key)))})" for key in keys)
        rows.append((link, listed))
    yield from table(("table", "keys"), rows)


def _all_tables(
    path: KeyPath, schema: Mapping[str, Any]
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    for key, below in schema.get("properties", {}).items():
        if "properties" in below:
            yield (*map(str, path), key), below
            yield from _all_tables((*path, key), below)


def _tables(
    path: tuple[str, ...], schema: Mapping[str, Any], above: tuple[str, ...] | None
) -> Iterator[str]:
    for key, part in schema["properties"].items():
        below = schemas.resolved("config", part)
        here, field = (*path, key), routed(key, below, above)
        if below.get("type") == "object":
            yield f"## [{'.'.join(here)}]"
            yield ""
            yield str(below["description"])
            yield ""
            yield from table(("", ""), _facts_of_table(here, below, field))
            plain = {k: v for k, v in below.get("properties", {}).items() if "properties" not in v}
            tables = {k: v for k, v in below.get("properties", {}).items() if "properties" in v}
            for name, leaf in plain.items():
                yield from _key((*here, name), leaf, below, field)
            yield from _tables(here, {"properties": tables}, field)


def _facts_of_table(
    path: KeyPath, schema: Mapping[str, Any], field: KeyPath | None
) -> Iterator[tuple[str, str]]:
    if schema.get("required"):
        yield "Required keys", codes(schema["required"])
    if schema.get("x-sftc-also"):
        yield "Other names", codes(f"[{name}]" for name in schema["x-sftc-also"])
    if schema.get("x-sftc-client"):
        yield "In the payload", _NOWHERE
    elif field is not None:
        verbatim = ", verbatim: unknown keys too" if schema.get("x-sftc-verbatim") else ""
        yield "In the payload", code(pointer(field)) + verbatim
    del path


def _key(
    path: tuple[str, ...],
    part: Mapping[str, Any],
    table_schema: Mapping[str, Any],
    above: tuple[str, ...] | None,
) -> Iterator[str]:
    schema = schemas.resolved("config", part)
    client = table_schema.get("x-sftc-client", False)
    field = None if client else routed(path[-1], schema, above)
    yield f"### {'.'.join(path)}"
    yield ""
    yield str(schema["description"])
    yield ""
    yield from table(("", ""), _facts(path, schema, table_schema, field))
    yield from fenced("toml", _example(path, schema))
    if field is not None:
        yield from table(("other system", "what it has"), expressed(field))


def _facts(
    path: tuple[str, ...],
    schema: Mapping[str, Any],
    table_schema: Mapping[str, Any],
    field: tuple[str, ...] | None,
) -> Iterator[tuple[str, str]]:
    yield "Type", type_of(schema, "config")
    if path[-1] in table_schema.get("required", ()):
        yield "Required", "yes"
    elif "default" in schema:
        yield "Default", default_of(schema)
    if schema.get("deprecated"):
        yield "Deprecated", "yes"
    if names := list(_other_names(schema)):
        yield "Other names", "; ".join(names)
    if "x-sftc-option" in schema:
        yield "Option", code(f"--{schema['x-sftc-option']}")
    yield "In the payload", code(pointer(field)) if field is not None else _NOWHERE
    key = KEYS.get(field) if field is not None else None
    if key is not None:
        yield "The trainer", f"sets {codes(key.becomes)}: {key.words}" if key.becomes else key.words
    if found := list(_findings(path)):
        yield "Findings", ", ".join(found)


def _other_names(schema: Mapping[str, Any]) -> Iterator[str]:
    if schema.get("x-sftc-also"):
        yield codes(schema["x-sftc-also"])
    for group, names in schema.get("x-sftc-in", {}).items():
        yield f"{codes(names)} in `[{group}]`"


def _findings(path: tuple[str, ...]) -> Iterator[str]:
    """Yield links to the codes whose pages name a key."""
    name = re.escape(path[-1])
    table_name = re.escape(path[-2])
    named = re.compile(rf"`(?:\[?{table_name}\]?\.)?{name}(?: = [^`]*)?`")
    for found in CODES.values():
        text = " ".join(filter(None, (found.message, found.page, found.why, found.hint)))
        if named.search(text):
            heading = f"{found.code} {found.slug}"
            yield f"[{found.code}](../rules.md#{anchor(heading)})"


def _example(path: tuple[str, ...], schema: Mapping[str, Any]) -> str:
    """Return a config's lines that set a key: to an example, its default, or what it may be."""
    values = schema.get("examples") or [schema[key] for key in ("default",) if key in schema]
    value = values[0] if values else schema["enum"][0]
    return f"[{'.'.join(path[:-1])}]\n{path[-1]} = {toml_value(value)}\n"


def _others() -> Iterator[str]:
    yield "## Other hyperparameters"
    yield ""
    yield _FORWARDED
    yield ""
    rows = []
    for name, said in takes().items():
        default = code(toml_value(said["default"])) if "default" in said else "–"
        systems = [
            f"{system}: {words}"
            for system, words in expressed(("hyperparameters", name))
            if words.startswith("`") and words != f"`{name}`"
        ]
        rows.append((code(name), expected(said), default, said["description"], "; ".join(systems)))
    head = ("key", "takes", "default", "meaning", "called otherwise by")
    yield from table(head, rows)
