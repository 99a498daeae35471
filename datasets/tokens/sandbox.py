"""Jinja's sandbox with what templates find in it at transformers, and no way out of it."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NoReturn

import jinja2
import jinja2.ext
import jinja2.sandbox
import jinja2.utils

_OF_DICT: Final = frozenset(dir(dict))


def sandbox(extensions: Sequence[type[jinja2.ext.Extension]]) -> jinja2.Environment:
    """Return an environment of its own for a template, with extensions of its syntax."""
    environment = _Environment(trim_blocks=True, lstrip_blocks=True, extensions=extensions)
    environment.filters["tojson"] = _tojson
    environment.globals |= {
        "raise_exception": _raise,
        "strftime_now": _now,
        "dict": _Dict(),
        "namespace": _Namespace,
    }
    return environment


class _Environment(jinja2.sandbox.ImmutableSandboxedEnvironment):
    """The sandbox; what it does most, looking up a key of a message, it does first."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        # An attribute comes before a key; no other attribute of a dict can hide this key.
        if type(obj) is dict and attribute not in _OF_DICT and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if type(obj) is dict and type(argument) is str and argument in obj:
            return obj[argument]
        return super().getitem(obj, argument)


class _Dict:
    """``dict`` for templates, without what leads out of the sandbox."""

    def __call__(self, *args: Any, **named: Any) -> dict[Any, Any]:
        return dict(*args, **named)

    def fromkeys(self, *args: Any) -> dict[Any, Any]:
        return dict.fromkeys(*args)


class _Namespace(jinja2.utils.Namespace):
    """``namespace`` for templates, without names that lead out of the sandbox."""

    def __init__(*args: Any, **named: Any) -> None:
        self, *rest = args
        values = dict(*rest, **named)
        for name in values:
            _checked(name)
        jinja2.utils.Namespace.__init__(self, values)

    def __setitem__(self, name: str, value: Any) -> None:
        _checked(name)
        super().__setitem__(name, value)


def _checked(name: Any) -> None:
    if isinstance(name, str) and name.startswith("_"):
        raise jinja2.exceptions.SecurityError(f"a namespace cannot hold {name!r}")


def _tojson(  # its arguments may come by place
    value: Any,
    ensure_ascii: bool = False,  # noqa: FBT001
    indent: int | str | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,  # noqa: FBT001
) -> str:
    # Not jinja's own, which escapes what HTML needs escaped.
    return json.dumps(
        value,
        ensure_ascii=ensure_ascii,
        indent=indent,
        separators=separators,
        sort_keys=sort_keys,
    )


def _raise(message: str) -> NoReturn:
    raise jinja2.TemplateError(message)


def _now(shape: str) -> str:
    return datetime.now().strftime(shape)  # noqa: DTZ005 - templates mean the local day
