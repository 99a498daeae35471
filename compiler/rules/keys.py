"""Keys under another name or another header than the one they are read from.

Each finding says where its keys belong, so that the rules after it can judge the config as
it was meant, and a fix can write it that way.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from ... import schemas
from ...diagnostics import Aim, Finding, KeyPath, Remedy, dotted, in_table, key_text, table_text

_VALIDATION: Final = ("training", "validation")
_LORA: Final = {
    "r": "lora_rank",
    "rank": "lora_rank",
    "alpha": "lora_alpha",
    "dropout": "lora_dropout",
    "target_modules": "lora_target_modules",
}
_LORA_TABLES: Final = (("lora",), ("training", "lora"))
_EFFECTIVE: Final = ("metadata", "effective_config")
_TOO_GENERAL: Final = frozenset({"data", "enabled", "mode", "model"})
"""Keys that mean too many things for their home to be told from their name."""


class _Stray(NamedTuple):
    """A key that its table does not know, and the keys that it does."""

    table: KeyPath
    key: str
    value: Any
    known: Mapping[str, Any]

    @property
    def path(self) -> KeyPath:
        return (*self.table, self.key)


class Placement:
    """One look at where the keys of a config stand."""

    def __init__(
        self,
        config: Mapping[str, Any],
        values: Mapping[KeyPath, Any],
        settled: Iterable[KeyPath],
    ) -> None:
        """Look at a config.

        Args:
            config: the config.
            values: what stands in its known tables, by path.
            settled: the paths of which something is said already.

        """
        self._config = config
        self._settled = set(settled)
        self._taken: set[KeyPath] = set()
        known = _known_paths()
        self._strays = [
            _Stray(path[:-1], str(path[-1]), value, _known_beside(path))
            for path, value in values.items()
            if path not in known
        ]

    def findings(self) -> Iterator[Finding]:
        """Yield what stands elsewhere than it is read from, each key once."""
        for rule in (_evaluation_knobs, _lora_table, _effective_config, _other_names, _old_names):
            yield from rule(self)

    def strays(self) -> Iterator[_Stray]:
        """Yield the keys that their tables do not know, and of which nothing is said yet."""
        return (stray for stray in self._strays if stray.path not in self._settled)

    def value(self, path: KeyPath) -> Any:
        """Return the value at a path, or None."""
        return schemas.value_at(self._config, path)

    def settle(self, *paths: KeyPath) -> None:
        """Have nothing more said of these keys."""
        self._settled.update(paths)

    def take(self, home: KeyPath) -> bool:
        """Whether a key can be moved to this path; then nothing else can."""
        above = [self.value(home[:n]) for n in range(1, len(home))]
        free = self.value(home) is None and home not in self._taken
        if not free or any(table is not None and not isinstance(table, dict) for table in above):
            return False
        self._taken.add(home)
        return True


@cache
def _known_paths() -> frozenset[KeyPath]:
    return frozenset((*t, key) for t, known in schemas.known_tables().items() for key in known)


def _known_beside(path: KeyPath) -> Mapping[str, Any]:
    known: Mapping[str, Any] = schemas.key_schema(path[:-1])["properties"]
    return known


@cache
def _homes() -> dict[str, KeyPath]:
    """Return where a key is read from, for the names that one table alone knows."""
    homes: dict[str, list[KeyPath]] = {}
    for table, known in schemas.known_tables().items():
        for key, schema in known.items():
            if not schemas.key_schema(table).get("x-sftc-client") and "x-sftc-client" not in schema:
                homes.setdefault(key, []).append((*table, key))
    return {
        key: paths[0] for key, paths in homes.items() if len(paths) == 1 and key not in _TOO_GENERAL
    }


def _listed(names: Iterable[str]) -> str:
    *first, last = [f"`{key_text(name)}`" for name in names]
    return f"{', '.join(first)} and {last}" if first else last


def _moving(
    placement: Placement, moves: Iterable[tuple[KeyPath, KeyPath]], title: str
) -> Remedy | None:
    """Return the remedy that makes those of the moves for which there is room."""
    possible = tuple((source, home) for source, home in moves if placement.take(home))
    return Remedy(title, moves=possible) if possible else None


def _evaluation_knobs(placement: Placement) -> Iterator[Finding]:
    """Find evaluation knobs outside [training.validation]: seen in real configs."""
    knobs = schemas.known_tables()[_VALIDATION]
    by_table: dict[KeyPath, list[str]] = {}
    for stray in placement.strays():
        # The key itself, or those of a table that nothing reads.
        inside = stray.value if isinstance(stray.value, dict) and not stray.table else ()
        paths = [stray.path, *((*stray.path, key) for key in inside)]
        for path in paths:
            if path[-1] in knobs and path[-1] != "enabled" and path[:-1] != _VALIDATION:
                by_table.setdefault(path[:-1], []).append(str(path[-1]))
    for table, names in by_table.items():
        sources = tuple((*table, name) for name in names)
        placement.settle(*sources)
        moves = [(source, (*_VALIDATION, source[-1])) for source in sources]
        remedy = _moving(placement, moves, "move to [training.validation]")
        words = {
            "names": _listed(names),
            "verb": "belong" if len(names) > 1 else "belongs",
            "found": in_table(table),
        }
        hint = "move to [training.validation]" if remedy else "set in [training.validation] already"
        yield Finding("SFT241", sources[0], words, Aim.KEY, hint, remedy, covers=sources)


def _lora_table(placement: Placement) -> Iterator[Finding]:
    """Find a [lora] table: PEFT's names, which nothing reads."""
    for table in _LORA_TABLES:
        values = placement.value(table)
        names = [name for name in _LORA if isinstance(values, dict) and name in values]
        if not names:
            continue
        sources = tuple((*table, name) for name in names)
        placement.settle(table, *sources)
        moves = [(source, ("hyperparameters", _LORA[str(source[-1])])) for source in sources]
        remedy = _moving(placement, moves, "move to [hyperparameters] as lora_*")
        homes = _listed(dict.fromkeys(_LORA[name] for name in names))
        hint = f"write {homes} in [hyperparameters]"
        words = {"table": table_text(table)}
        yield Finding("SFT242", table, words, Aim.TABLE, hint, remedy, covers=sources)


def _effective_config(placement: Placement) -> Iterator[Finding]:
    """Find [metadata].effective_config: written by hand in real configs, and never read."""
    values = placement.value(_EFFECTIVE)
    if not isinstance(values, dict):
        return
    placement.settle(_EFFECTIVE)
    leaves = list(_leaves(values, ()))
    known = all(schemas.key_schema(path) for path, _ in leaves)
    agrees = known and all(placement.value(path) in (None, value) for path, value in leaves)
    remedy = None
    if agrees:
        absent = [
            path for path, _ in leaves if placement.value(path) is None and placement.take(path)
        ]
        moves = tuple(((*_EFFECTIVE, *path), path) for path in absent)
        remedy = Remedy("move to the tables that are read", moves=moves, removes=(_EFFECTIVE,))
    hint = "remove it" if agrees else "write these keys in the tables of their names"
    yield Finding("SFT246", _EFFECTIVE, aim=Aim.KEY, hint=hint, remedy=remedy)


def _leaves(table: Mapping[str, Any], path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value


def _other_names(placement: Placement) -> Iterator[Finding]:
    """Find names of other tools, keys of other tables, and slips of the keyboard."""
    # Imported here because only a config with unknown keys needs it.
    from ...diagnostics.suggest import closest

    for stray in placement.strays():
        known = stray.known
        home = _homes().get(stray.key)
        also = next((k for k in known if stray.key in known[k].get("x-sftc-also", ())), None)
        if also:
            yield _renamed(placement, stray, [also], "SFT243")
        elif home and stray.table != ("data", "topology") and _fits(stray.value, home):
            yield _elsewhere(placement, stray, home)
        else:
            fitting = [key for key in known if _fits(stray.value, (*stray.table, key))]
            near = closest(stray.key, fitting)
            free = [key for key in near if placement.value((*stray.table, key)) is None]
            if near:
                yield _renamed(placement, stray, free or near, "SFT244")


def _fits(value: Any, home: KeyPath) -> bool:
    """Whether both are tables, or neither is."""
    return isinstance(value, dict) == (schemas.key_schema(home).get("type") == "object")


def _renamed(placement: Placement, stray: _Stray, names: list[str], code: str) -> Finding:
    """Return the finding that a key has another name; of two that it may be, none is written."""
    name, *others = names
    title = f"rename `{key_text(stray.key)}` to `{name}`"
    moves = [] if others else [(stray.path, (*stray.table, name))]
    remedy = _moving(placement, moves, title)
    is_table = isinstance(stray.value, dict)
    words = {
        "what": f"table {table_text(stray.path)}"
        if is_table
        else f"key `{key_text(stray.key)}` {in_table(stray.table)}",
        "key": key_text(stray.key),
        "table": in_table(stray.table),
        "name": "` or `".join(dotted((*stray.table, n)) if is_table else n for n in names),
    }
    hint = f"`{name}` is set too; keep that one"
    if remedy or others:
        hint = f"write `{'` or `'.join(names)}`"
    placement.settle(stray.path)
    return Finding(code, stray.path, words, Aim.KEY, hint, remedy)


def _elsewhere(placement: Placement, stray: _Stray, home: KeyPath) -> Finding:
    is_table = isinstance(stray.value, dict)
    table = table_text(home if is_table else home[:-1])
    title = f"move to {table}"
    remedy = _moving(placement, [(stray.path, home)], title)
    words = {
        "what": table_text(stray.path) if is_table else f"`{key_text(stray.key)}`",
        "home": f"at {table_text(home)}" if is_table else in_table(home[:-1]),
        "found": in_table(stray.table),
    }
    placement.settle(stray.path)
    hint = title if remedy else f"set in {table} already; keep that one"
    return Finding("SFT245", stray.path, words, Aim.KEY, hint, remedy)


@cache
def _renamed_by_the_schema() -> list[tuple[KeyPath, str]]:
    """Return the keys that have a newer name in their table, and that name."""
    return [
        ((*table, key), next(k for k in known if key in known[k].get("x-sftc-also", ())))
        for table, known in schemas.known_tables().items()
        for key, schema in known.items()
        if schema.get("deprecated")
    ]


def _old_names(placement: Placement) -> Iterator[Finding]:
    """Find keys that have a newer name, by the schema's word."""
    for path, name in _renamed_by_the_schema():
        home = (*path[:-1], name)
        if placement.value(path) is None or placement.value(home) is not None:
            continue
        remedy = _moving(placement, [(path, home)], f"rename `{path[-1]}` to `{name}`")
        words = {"key": dotted(path), "name": name}
        yield Finding("SFT247", path, words, Aim.KEY, f"write `{name}`", remedy)
