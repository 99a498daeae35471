"""A required key or table that is not there: misspelt, somewhere else, or left out."""

from collections.abc import Iterator, Mapping
from typing import Any

from ... import schemas
from ...diagnostics import (
    Aim,
    Finding,
    KeyPath,
    Remedy,
    in_table,
    key_text,
    table_text,
    value_text,
)


def missing(config: Mapping[str, Any], path: KeyPath) -> Finding:
    """Return the one finding for a required key or table."""
    wanted = path
    while required := schemas.key_schema(wanted).get("required"):
        wanted = (*wanted, required[0])
    return (
        _misspelt(config, path, wanted)
        or _elsewhere(config, wanted)
        or (_no_key(path) if wanted == path else _no_table(path, wanted))
    )


def _description(wanted: KeyPath) -> str:
    description: str = schemas.key_schema(wanted)["description"]
    return description


def _assignment(wanted: KeyPath) -> str:
    """Return an example of a key with its value."""
    return f"{key_text(str(wanted[-1]))} = {value_text(_example(wanted))}"


def _example(wanted: KeyPath) -> str:
    example: str = schemas.key_schema(wanted)["examples"][0]
    return example


def _no_key(path: KeyPath) -> Finding:
    words = {
        "key": key_text(str(path[-1])),
        "table": table_text(path[:-1]),
        "description": _description(path),
    }
    return Finding("SFT101", path, words, Aim.TABLE, f"add `{_assignment(path)}`")


def _no_table(path: KeyPath, wanted: KeyPath) -> Finding:
    table, line = table_text(path), _assignment(wanted)
    return Finding(
        "SFT106",
        path,
        {"table": table, "description": _description(wanted)},
        Aim.TABLE,
        f"add {table} with `{line}`",
        Remedy(
            f"add {table}", safe=False, adds={str(path[-1]): {str(wanted[-1]): _example(wanted)}}
        ),
    )


def _misspelt(config: Mapping[str, Any], path: KeyPath, wanted: KeyPath) -> Finding | None:
    # Imported here because only a wrong config needs it.
    from ...diagnostics.suggest import nearest

    above, key = path[:-1], str(path[-1])
    siblings = schemas.value_at(config, above)
    known = schemas.key_schema(above)["properties"]
    unknown = [sibling for sibling in siblings if sibling not in known]
    also = schemas.key_schema(path).get("x-sftc-also", ())
    slip = next((name for name in unknown if name in also), None) or nearest(key, unknown)
    if slip is None:
        return None
    found = (*above, slip)
    is_table = isinstance(siblings[slip], dict)
    what = f"table {table_text(found)}" if is_table else f"key `{key_text(slip)}` {in_table(above)}"
    return Finding(
        "SFT112",
        found,
        {"what": what, "suggestion": key, "description": _description(wanted)},
        Aim.KEY,
        f"write `{key}`",
        Remedy(f"rename `{key_text(slip)}` to `{key}`", moves=((found, path),)),
    )


def _elsewhere(config: Mapping[str, Any], wanted: KeyPath) -> Finding | None:
    found = next(_strays(config, wanted), None)
    if found is None:
        return None
    home = table_text(wanted[:-1])
    words = {
        "key": key_text(str(wanted[-1])),
        "table": home,
        "found": in_table(found[:-1]),
        "description": _description(wanted),
    }
    remedy = Remedy(f"move it to {home}", moves=((found, wanted),))
    return Finding("SFT113", found, words, Aim.KEY, f"move it to {home}", remedy)


def _strays(config: Mapping[str, Any], wanted: KeyPath) -> Iterator[KeyPath]:
    """Yield where a key of that name stands that the format does not know there."""
    tables: list[tuple[KeyPath, Mapping[str, Any]]] = [((), config)]
    for path, table in tables:
        for key, value in table.items():
            if isinstance(value, dict):
                tables.append(((*path, key), value))
            elif key == wanted[-1] and not schemas.key_schema((*path, key)):
                yield (*path, key)
