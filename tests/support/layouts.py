"""Random configs, and random ways to write the same config down as TOML."""

import math
import re
from datetime import date, time
from random import Random
from typing import Any

from hypothesis import strategies as st

BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
OWN_LINE_COMMENT = "# note = 1 [x]"
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}

characters = st.characters(codec="utf-8")
texts = st.text(characters, max_size=12)
keys = st.one_of(st.from_regex(r"[a-z_][a-z0-9_-]{0,8}", fullmatch=True), texts)
floats = st.floats(allow_nan=False, allow_infinity=False)
integers = st.integers(-(2**63), 2**63 - 1)
scalars = st.one_of(st.booleans(), integers, floats, texts)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
tables = st.dictionaries(keys, values, max_size=5)
names = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=10)
counts = st.integers(1, 64)


def _table(known: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Return tables with some of the known keys and some of any other."""
    others = st.dictionaries(keys.filter(lambda key: key not in known), values, max_size=3)
    return st.builds(lambda a, b: {**b, **a}, st.fixed_dictionaries({}, optional=known), others)


parallelism = _table(
    {
        "bf16": st.booleans(),
        "deepspeed_stage": st.integers(0, 3),
        "activation_checkpointing": st.booleans(),
    }
)
hyperparameters = _table(
    {
        "n_epochs": counts,
        "learning_rate": st.floats(1e-9, 1e-2),
        "warmup_ratio": st.floats(0, 1),
        "lora_target_modules": st.lists(texts, max_size=3),
        "eval_steps": st.integers(0, 99),
        "parallelism": parallelism,
    }
)
validation = _table(
    {"enabled": st.booleans(), "eval_steps": st.integers(0, 99), "n_epochs": counts}
)
configs = st.fixed_dictionaries(
    {
        "job": st.fixed_dictionaries(
            {"model": names},
            optional={
                "data": names,
                "data_path": names,
                "poll_seconds": counts,
                "modalities": values,
            },
        ),
        "compute": st.builds(
            lambda a, b: {**b, **a},
            st.fixed_dictionaries({"gpu_type": names}, optional={"gpu_count": counts}),
            tables.map(lambda t: {k: v for k, v in t.items() if k not in ("gpu_count", "nodes")}),
        ),
    },
    optional={
        "algorithm": st.just({"type": "offline", "method": "sft", "variety": "qlora"}),
        "data": _table({"topology": _table({"container_count": counts}), "validation_path": names}),
        "training": _table({"mode": names, "use_qlora": st.booleans(), "validation": validation}),
        "hyperparameters": hyperparameters,
        "tags": tables,
        "lora": tables,
        "model_config": values,
    },
)
"""Configs without an error, known and unknown keys in every table."""


@st.composite
def layout(draw: st.DrawFn, config: dict[str, Any]) -> str:
    """Draw a text that reads as ``config``: order, spacing, comments, quotes and forms vary."""
    # One draw for all the choices: hundreds of them would take hypothesis very long.
    return _Writer(Random(draw(st.integers(0, 2**32)))).document(config)


def children(value: Any) -> list[tuple[str | int, Any]]:
    """Return what is directly inside a table or an array, by key or index."""
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []


class _Writer:
    def __init__(self, random: Random) -> None:
        self._random = random

    def _pick(self, *choices: str) -> str:
        return self._random.choice(choices)

    def _flip(self) -> bool:
        return self._random.random() < 0.5

    def document(self, config: dict[str, Any]) -> str:
        text = self._body(config, ())
        return text.replace("\n", "\r\n") if "\r" not in text and self._flip() else text

    def _body(self, table: dict[str, Any], path: tuple[str, ...]) -> str:
        """Write a table: what stands under its header, then the tables that get their own."""
        items = self._random.sample(list(table.items()), len(table))
        below = [(k, v) for k, v in items if _takes_header(v) and self._flip()]
        headed = {key for key, _ in below}
        lines = "".join(
            self._line(line)
            for key, value in items
            if key not in headed
            for line in self._assignments((key,), value)
        )
        return lines + "".join(self._section((*path, key), value) for key, value in below)

    def _section(self, path: tuple[str, ...], value: Any) -> str:
        name = self._dotted(path)
        if isinstance(value, dict):
            return self._line(f"[{name}]") + self._body(value, path)
        return "".join(self._line(f"[[{name}]]") + self._body(v, path) for v in value)

    def _assignments(self, path: tuple[str, ...], value: Any) -> list[str]:
        if isinstance(value, dict) and value and self._flip():
            return [
                line
                for key, child in value.items()
                for line in self._assignments((*path, key), child)
            ]
        space = self._pick("", " ", "\t ")
        return [f"{self._dotted(path)}{space}={space}{self._value(value)}"]

    def _line(self, line: str) -> str:
        before = self._pick("", "", "  ", "\n", f"{OWN_LINE_COMMENT}\n")
        after = self._pick("", "", " ", ' # a comment, [y] "z" 😀')
        return f"{before}{line}{after}\n"

    def _dotted(self, path: tuple[str, ...]) -> str:
        return self._pick(".", " . ").join(self._key(key) for key in path)

    def _key(self, key: str) -> str:
        forms = [_basic(key)]
        if BARE.match(key):
            forms.append(key)
        if _plain(key) and "'" not in key:
            forms.append(f"'{key}'")
        return self._pick(*forms)

    def _value(self, value: Any) -> str:
        match value:
            case bool():
                return "true" if value else "false"
            case int():
                return self._integer(value)
            case float():
                return repr(value) if math.isfinite(value) else str(value)
            case str():
                return self._string(value)
            case list():
                gap = self._pick("", " ", "\n  ", " # , ]\n")
                comma = self._pick("", ",") if value else ""
                return "[" + f",{gap}".join(gap + self._value(v) for v in value) + f"{comma}{gap}]"
            case date() | time():
                return value.isoformat()
            case _:
                pairs = [f"{self._key(k)} = {self._value(v)}" for k, v in value.items()]
                return "{" + self._pick(", ", ",\n ").join(pairs) + "}"

    def _integer(self, value: int) -> str:
        if value > 10**4000:
            return hex(value)
        forms = [str(value), f"{value:_}"]
        if value >= 0:
            forms += [hex(value), oct(value), bin(value), f"+{value}"]
        return self._pick(*forms)

    def _string(self, value: str) -> str:
        forms = [_basic(value), f'"""{_basic(value)[1:-1]}"""', f'"""\n{_basic(value)[1:-1]}"""']
        if _plain(value) and "'" not in value:
            forms += [f"'{value}'", f"'''{value}'''"]
        return self._pick(*forms)


def _takes_header(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)
    )


def _plain(text: str) -> bool:
    return all(c.isprintable() for c in text)


def _basic(text: str) -> str:
    escaped = (ESCAPES.get(c) or (c if c.isprintable() else f"\\U{ord(c):08X}") for c in text)
    return '"' + "".join(escaped) + '"'
