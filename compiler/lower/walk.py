"""One pass over a config: which of its values claim which field of the payload."""

from collections.abc import Collection, Mapping
from typing import Any, Final, TypeAlias

from ...diagnostics import Aim, Finding, KeyPath, codes, dotted, in_table, key_text, table_text
from ...diagnostics.pointers import pointer
from .lossless import flaws
from .provenance import FromConfig, FromDefault, FromOption, Origin, Target
from .routes import NO_DEFAULT, Route, containers

Claim: TypeAlias = tuple[Target, Any, Origin]
"""A field of the payload, the value for it, and where that comes from."""

_NAMED_KEYS: Final = 5


class Walk:
    """Sorts the values of a config by how firmly they claim their field.

    Attributes:
        known: the claims of keys that their table knows, and of options.
        unknown: those of keys that are passed on unread.
        defaults: those of keys that are left out.
        flaws: what JSON cannot carry.
        unread: what goes nowhere.

    """

    def __init__(
        self,
        document: str,
        reported: Collection[KeyPath],
        options: Mapping[str, str],
    ) -> None:
        self.known: list[Claim] = []
        self.unknown: list[Claim] = []
        self.defaults: list[Claim] = []
        self.flaws: list[Finding] = []
        self.unread: list[Finding] = []
        self._document = document
        self._reported = reported
        self._options = options

    def table(self, route: Route, table: Mapping[str, Any], path: KeyPath) -> None:
        """Sort the keys of an opened table."""
        known = route.keys or {}
        for key, below in known.items():
            if key in table:
                self._known(below, table[key], (*path, key))
            elif below.keys is not None and below.default is not NO_DEFAULT:
                self._default_table(below, below.default, below.origin)
            elif below.target and below.default is not NO_DEFAULT:
                self.defaults.append((below.target, below.default, below.origin))
            if self._options and below.option in self._options and below.target and below.option:
                value = self._options[below.option]
                self.known.append((below.target, value, FromOption(below.option)))
        for key, value in table.items():
            if key not in known:
                self._unknown(route, key, value, (*path, key))

    def _default_table(self, route: Route, table: Mapping[str, Any], origin: FromDefault) -> None:
        """Sort the keys of a table that nobody wrote: what its default holds, and theirs."""
        inside = Walk(self._document, (), {})
        inside.table(route, table, ())
        self.defaults += (
            (target, value, _below(origin, source))
            for target, value, source in (*inside.known, *inside.unknown, *inside.defaults)
        )

    def _known(self, route: Route, value: Any, path: KeyPath) -> None:
        if route.client:
            return
        if route.option in self._options:
            words = {"key": dotted(path), "option": str(route.option)}
            self.unread.append(Finding(codes.OVERRIDDEN, path, words, aim=Aim.KEY))
        elif route.keys is None:
            self._claim(self.known, route.target, value, path)
        elif isinstance(value, dict):
            self.table(route, value, path)
        elif path not in self._reported:  # a table that the schema lets be something else, too
            self._not_forwarded(value, path)

    def _unknown(self, route: Route, key: str, value: Any, path: KeyPath) -> None:
        if route.target is not None and (*route.target, key) not in containers():
            self._claim(self.unknown, (*route.target, key), value, path)
        elif path not in self._reported:
            self._not_forwarded(value, path)

    def _not_forwarded(self, value: Any, path: KeyPath) -> None:
        if not isinstance(value, dict) or not value:
            self.unread.append(_goes_nowhere(path))
        elif fresh := [key for key in value if (*path, key) not in self._reported]:
            self.unread.append(_go_nowhere(path, fresh))

    def _claim(
        self,
        claims: list[Claim],
        target: Target | None,
        value: Any,
        path: KeyPath,
    ) -> None:
        if target is None:  # a key that the schema knows but routes nowhere
            self._not_forwarded(value, path)
            return
        claims.append((target, value, FromConfig(path, self._document)))
        if type(value) is not str:  # as most are
            self.flaws += flaws(value, path)


def _below(origin: FromDefault, source: Origin) -> Origin:
    """Return where a value inside a table's default is given."""
    if not isinstance(source, FromConfig):
        return source
    return FromDefault(origin.schema, origin.pointer + pointer(source.path))


def _goes_nowhere(path: KeyPath) -> Finding:
    what = f"`{key_text(str(path[-1]))}` {in_table(path[:-1])}"
    return Finding(codes.NOT_FORWARDED, path, {"what": what, "rest": "it"}, aim=Aim.KEY)


def _go_nowhere(table: KeyPath, keys: list[str]) -> Finding:
    names = [f"`{key_text(key)}`" for key in sorted(keys)]
    if len(names) > _NAMED_KEYS:
        names[_NAMED_KEYS - 1 :] = [f"{len(names) - _NAMED_KEYS + 1} more keys"]
    rest = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    words = {"what": table_text(table), "rest": f"its {rest}"}
    return Finding(codes.NOT_FORWARDED, table, words, aim=Aim.TABLE)
