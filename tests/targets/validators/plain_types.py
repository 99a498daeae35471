"""What the parser of transformers does not look at: whether a plain value is one."""

import typing
from collections.abc import Mapping


def check_types(config: Mapping[str, object], parsed: tuple[object, ...]) -> None:
    """Refuse containers where plain values belong: the parser takes a config as it is."""
    for part in parsed:
        for name, hint in typing.get_type_hints(type(part)).items():
            plain = [
                kind for kind in (*typing.get_args(hint), hint) if kind in (int, float, bool, str)
            ]
            if plain and isinstance(config.get(name), (dict, list)) and not _takes_containers(hint):
                raise TypeError(f"{name} is a {type(config[name]).__name__}")


def _takes_containers(hint: object) -> bool:
    text = str(hint).lower()
    return "list" in text or "dict" in text
