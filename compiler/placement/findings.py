"""What is said of a key that stands elsewhere or under another name, and the fix for it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ... import schemas
from ...diagnostics import (
    Aim,
    Finding,
    KeyPath,
    Remedy,
    codes,
    dotted,
    in_table,
    key_text,
    table_text,
)
from ..expected import expected
from .lexicon import known_keys, lexicon, other_names, required_homes, turns_on
from .strays import Claim, Reason


class Verdict(NamedTuple):
    """A claim, and what becomes of it.

    Attributes:
        claim: the claim.
        moves: whether the key moves home.
        written: whether the home has a value of its own.
        fits: whether the home takes its value.

    """

    claim: Claim
    moves: bool
    written: bool
    fits: bool


def single(verdict: Verdict, config: Mapping[str, Any]) -> Finding:
    """Return the finding about one key, or one table."""
    claim = verdict.claim
    if claim.reason is Reason.OLD_NAME:
        return _old_name(verdict, config)
    if claim.homes[0] in required_homes() and not verdict.written:
        return _required(verdict, config)
    if claim.table is not None and claim.homes[0][:-1] == claim.table:
        return _renamed(verdict, config)
    return _elsewhere(verdict, config)


def _old_name(verdict: Verdict, config: Mapping[str, Any]) -> Finding:
    claim = verdict.claim
    name = str(claim.homes[0][-1])
    words = {"key": dotted(claim.source), "name": name}
    remedy = _moving([verdict], config, f"rename `{claim.key}` to `{name}`")
    return Finding(codes.OLD_NAME, claim.source, words, Aim.KEY, f"write `{name}`", remedy)


def _what(claim: Claim) -> str:
    if isinstance(claim.value, dict):
        return f"table {table_text(claim.source)}"
    return f"key `{key_text(claim.key)}` {in_table(claim.source[:-1])}"


def _required(verdict: Verdict, config: Mapping[str, Any]) -> Finding:
    """Return the error that a key without which there is no job is not where it is read."""
    claim, home = verdict.claim, verdict.claim.homes[0]
    wanted = home
    while below := schemas.key_schema(wanted).get("required"):
        wanted = (*wanted, below[0])
    words = {
        "description": schemas.key_schema(wanted).get("description", ""),
        "what": _what(claim),
        "suggestion": str(home[-1]),
        "key": key_text(str(home[-1])),
        "table": table_text(home[:-1]),
        "found": in_table(claim.source[:-1]),
    }
    if claim.table == home[:-1]:
        title = f"rename `{key_text(claim.key)}` to `{home[-1]}`"
        remedy = _moving([verdict], config, title)
        hint = _unless(remedy, f"write `{home[-1]}`", config, verdict)
        return Finding(codes.MISSPELT_REQUIRED_KEY, claim.source, words, Aim.KEY, hint, remedy)
    title = f"move it to {table_text(home[:-1])}"
    remedy = _moving([verdict], config, title)
    return Finding(
        codes.REQUIRED_KEY_ELSEWHERE,
        claim.source,
        words,
        Aim.KEY,
        _unless(remedy, title, config, verdict),
        remedy,
    )


def _renamed(verdict: Verdict, config: Mapping[str, Any]) -> Finding:
    """Return the finding that a key of a table has another name there."""
    claim = verdict.claim
    is_table = isinstance(claim.value, dict)
    names = [str(home[-1]) for home in claim.homes]
    shown = [dotted(home) for home in claim.homes] if is_table else names
    words = {
        "what": _what(claim),
        "key": key_text(claim.key),
        "table": in_table(claim.source[:-1]),
        "name": "` or `".join(shown),
    }
    title = f"rename `{key_text(claim.key)}` to `{names[0]}`"
    remedy = _moving([verdict], config, title)
    hint = _unless(remedy, f"write `{'` or `'.join(names)}`", config, verdict)
    return Finding(_code_of_a_name(claim), claim.source, words, Aim.KEY, hint, remedy)


def _code_of_a_name(claim: Claim) -> str:
    if isinstance(claim.value, dict) and _loses_keys(claim):
        return codes.TABLE_UNDER_ANOTHER_NAME
    return codes.MISSPELT_KEY if claim.slip else codes.NAME_OF_ANOTHER_TOOL


def _loses_keys(claim: Claim) -> bool:
    """Whether keys that a table under its own name would have go nowhere under this one."""
    forwarded = any(
        "x-sftc-to" in schemas.key_schema(claim.homes[0][:length])
        for length in range(len(claim.homes[0]))
    )
    home = claim.homes[0]
    read = {*known_keys(home), *other_names(home)}
    takes_all = "x-sftc-to" in schemas.key_schema(home)
    return not forwarded and bool(claim.value) and (takes_all or not read.isdisjoint(claim.value))


def _elsewhere(verdict: Verdict, config: Mapping[str, Any]) -> Finding:
    """Return the finding that a key is read in another table."""
    claim, home = verdict.claim, verdict.claim.homes[0]
    is_table = isinstance(claim.value, dict)
    table = table_text(home if is_table else home[:-1])
    renames = claim.key != home[-1]
    title = f"move to {table}" + (f" as `{home[-1]}`" if renames and not is_table else "")
    remedy = _moving([verdict], config, title)
    name = f"as `{home[-1]}` " if renames and not is_table else ""
    words = {
        "what": table_text(claim.source) if is_table else f"`{key_text(claim.key)}`",
        "home": f"at {table}" if is_table else f"{name}{in_table(home[:-1])}",
        "found": in_table(claim.source[:-1]),
    }
    return Finding(
        codes.KEY_OF_ANOTHER_TABLE,
        claim.source,
        words,
        Aim.KEY,
        _unless(remedy, title, config, verdict),
        remedy,
    )


def gathered(group: Sequence[Verdict], config: Mapping[str, Any]) -> Finding:
    """Return the one finding about keys of one table that all move, or all do not."""
    first = group[0].claim
    table = first.source[:-1]
    sources = tuple(verdict.claim.source for verdict in group)
    homes = dict.fromkeys(verdict.claim.homes[0] for verdict in group)
    above = table_text(next(iter(homes))[:-1])
    if first.reason is Reason.GROUP:
        names = _listed(str(home[-1]) for home in homes)
        title = f"move to {above} as {names}"
        remedy = _moving(group, config, title)
        hint = _unless(remedy, f"write {names} in {above}", config, *group)
        words = {"table": table_text(table), "homes": f"{names} in {above}"}
        kind = lexicon().groups[str(table[-1])].kind
        code = codes.LORA_TABLE if kind == "lora" else codes.TABLE_OF_ANOTHER_TOOL
        return Finding(code, table, words, Aim.TABLE, hint, remedy, covers=sources)
    remedy = _moving(group, config, f"move to {above}")
    words = {
        "names": _listed(str(source[-1]) for source in sources),
        "verb": "belong" if len(sources) > 1 else "belongs",
        "found": in_table(table),
    }
    hint = _unless(remedy, f"move to {above}", config, *group)
    return Finding(
        codes.MISPLACED_EVALUATION_KNOBS, sources[0], words, Aim.KEY, hint, remedy, covers=sources
    )


def _moving(group: Iterable[Verdict], config: Mapping[str, Any], title: str) -> Remedy | None:
    """Return the remedy that moves keys home, if they move."""
    group = list(group)
    if not all(verdict.moves for verdict in group):
        return None
    moves = tuple((verdict.claim.source, verdict.claim.homes[0]) for verdict in group)
    values = (verdict.claim.value for verdict in group)
    on = sorted(
        table
        for (_, home), value in zip(moves, values, strict=True)
        if (table := turns_on(home, value, config))
    )
    if on:
        title += f", which enables {on[0][-1]}"
    return Remedy(title, safe=not on, moves=moves)


def _unless(remedy: Remedy | None, hint: str, config: Mapping[str, Any], *group: Verdict) -> str:
    """Return the hint, or where there is no remedy why there is none."""
    verdict = group[0]
    if remedy or len(verdict.claim.homes) > 1:
        return hint
    if verdict.claim.reason is Reason.REQUIRED:
        above = table_text(verdict.claim.source[:-1])
        return f"{hint}, and the other keys of {above} that belong there"
    if not verdict.fits:
        return f"{hint}, {_which(verdict.claim.homes[0], alone=len(group) == 1)}"
    return _in_the_way(verdict, config)


def _which(home: KeyPath, *, alone: bool) -> str:
    """Return what a value must be to fit."""
    schema = schemas.key_schema(home)
    if not alone:
        return "each with a valid value"
    return f"which must be {'a string' if 'pattern' in schema else expected(schema)}"


def _in_the_way(verdict: Verdict, config: Mapping[str, Any]) -> str:
    """Return what keeps a value that fits from its home."""
    home = verdict.claim.homes[0]
    for length in range(1, len(home)):
        around = schemas.value_at(config, home[:length])
        if around is not None and not isinstance(around, dict):
            return f"`{dotted(home[:length])}` is not a table here; make it one first"
    if isinstance(verdict.claim.value, dict):
        if verdict.written:
            return f"{table_text(home)} already has some of its keys; merge the two by hand"
        return f"another table also belongs at {table_text(home)}; merge the two by hand"
    if verdict.written:
        here = f"`{home[-1]}` is" if verdict.claim.table == home[:-1] else "this is"
        return f"{here} also set in {table_text(home[:-1])}; keep that one"
    return f"another key also sets `{dotted(home)}`; keep one of them"


def _listed(names: Iterable[str]) -> str:
    *first, last = [f"`{key_text(name)}`" for name in names]
    return f"{', '.join(first)} and {last}" if first else last
