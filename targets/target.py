"""A target as data: its routes and what it cannot express, read from the JSON of its folder.

A target is a folder beside this file; the folder's name is the target's.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final, NamedTuple

from ..diagnostics import KeyPath
from ..diagnostics.pointers import pointer
from .paths import parsed

_FILE: Final = "target.json"


class Route(NamedTuple):
    """Where fields of the payload go in a target, and come from.

    Attributes:
        fields: the fields of the payload.
        at: where the target has them, by the role that the transform gives each place.
        transform: the name of one of the closed set in ``transforms``.
        options: what the transform needs besides, as the target's file has it.

    """

    fields: tuple[KeyPath, ...]
    at: Mapping[str, KeyPath]
    transform: str
    options: Mapping[str, Any]


class Remark(NamedTuple):
    """What the file of a target says of a field, or of a key of its own.

    Attributes:
        why: why it is not carried.
        nearest: the nearest thing that there is, or nothing.
        value: the one value that needs no words, because the target does nothing else.
        harmless: whether nothing that is trained depends on it.
        usual: the values of a key that each job of ours has anyway.
        decides: what the target does where we would say the field; None if nothing comes of it.

    """

    why: str
    nearest: str | None = None
    value: Any = None
    harmless: bool = False
    usual: tuple[Any, ...] = ()
    decides: str | None = None


class Target(NamedTuple):
    """Another system, and its format for a job.

    Attributes:
        name: what ``--target`` and ``--from`` call it.
        system: what people call it.
        about: what the format is for.
        form: ``yaml``, ``toml`` or ``json``.
        versions: the packages whose validators it was checked with, by name.
        routes: in the order in which their keys are written.
        fields: remarks about fields that no route expresses, by their path.
        keys: remarks about keys of the target that no field of ours has; patterns of ``fnmatch``.
        needs: the fields without which the target has no job, and why.
        launch: the command that starts it and its options, by quantity.
        refuses: keys that make it another kind of job, the values that do not, and the kind.
        telltales: keys that no other target has: a config that has one of them is its.
        documents: whether a text has several documents, which are known by their ``kind``.

    """

    name: str
    system: str
    about: str
    form: str
    versions: Mapping[str, str]
    routes: tuple[Route, ...]
    fields: Mapping[KeyPath, Remark]
    keys: Mapping[str, Remark]
    needs: tuple[Mapping[str, Any], ...]
    launch: Mapping[str, Any]
    refuses: Mapping[str, Mapping[str, Any]]
    telltales: tuple[KeyPath, ...]
    documents: bool = False

    @property
    def article(self) -> str:
        """The article before the system's name: an OpenAI config."""
        return "an" if self.system[0] in "AEIO" else "a"

    @property
    def reading_form(self) -> str:
        """How its texts are read: ``yaml``, ``json``, or ``documents``."""
        return "documents" if self.documents else self.form

    @property
    def is_manifest(self) -> bool:
        """Whether its texts have a whole payload in them."""
        return any(route.transform == "manifest" for route in self.routes)


def field_path(pointer: str) -> KeyPath:
    """Return the field of a payload that a JSON Pointer names; routes escape nothing."""
    return tuple(pointer.removeprefix("/").split("/"))


@cache
def names() -> tuple[str, ...]:
    """Return the names of the targets, sorted."""
    folders = resources.files(__package__).iterdir()
    return tuple(sorted(folder.name for folder in folders if (folder / _FILE).is_file()))


@cache
def load(name: str) -> Target:
    """Return a target by its name.

    Raises:
        KeyError: there is none of that name.

    """
    if name not in names():
        raise KeyError(name)
    return read_target(resources.files(__package__) / name)


def read_target(folder: Traversable) -> Target:
    """Return the target that a folder describes."""
    data = json.loads((folder / _FILE).read_bytes())
    return Target(
        name=folder.name,
        system=data["system"],
        about=data["about"],
        form=data["form"],
        versions=data["versions"],
        routes=tuple(_route(route, folder) for route in data["routes"]),
        fields={
            field_path(pointer): Remark(**{"harmless": group.get("harmless", False), **remark})
            for group in data.get("fields", ())
            for pointer, remark in _remarks(group)
        },
        keys={
            pattern: Remark(
                group["why"],
                group.get("nearest"),
                harmless=group.get("harmless", False),
                usual=tuple(group.get("usual", ())),
            )
            for group in data.get("keys", ())
            for pattern in group["names"]
        },
        needs=tuple(data.get("needs", ())),
        launch=data.get("launch", {}),
        refuses=data.get("refuses", {}),
        telltales=tuple(map(parsed, data.get("telltales", ()))),
        documents=data.get("documents", False),
    )


def _remarks(group: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    remark = {key: group[key] for key in ("why", "nearest", "value", "decides") if key in group}
    return [(pointer, remark) for pointer in group["names"]]


def _route(data: Mapping[str, Any], folder: Traversable) -> Route:
    named = data.get("field", [])
    fields = named if isinstance(named, list) else [named]
    at = data["at"] if isinstance(data["at"], Mapping) else {"value": data["at"]}
    return Route(
        tuple(map(field_path, fields)),
        {role: parsed(path) for role, path in at.items()},
        data.get("by", "same"),
        {
            key: _from_files(value, folder)
            for key, value in data.items()
            if key not in {"field", "at", "by"}
        },
    )


def _from_files(value: Any, folder: Traversable) -> Any:
    """Return an option; in the place of ``@FILE`` stands what a file of the folder holds."""
    match value:
        case {}:
            return {key: _from_files(below, folder) for key, below in value.items()}
        case list():
            return [_from_files(below, folder) for below in value]
        case str() if value.startswith("@"):
            text = (folder / value[1:]).read_text("utf-8")
            return _from_files(json.loads(text), folder) if value.endswith(".json") else text
    return value


def described(target: Target) -> dict[str, Any]:
    """Return a target as plain values, as ``targets.schema.json`` has them."""
    expressed = dict.fromkeys(pointer(path) for route in target.routes for path in route.fields)
    whole = {"": None} if target.is_manifest else {}
    return {
        "name": target.name,
        "system": target.system,
        "about": target.about,
        "form": target.form,
        "versions": dict(target.versions),
        "expresses": list(whole | expressed),
        "elsewhere": [pointer(path) for path, r in target.fields.items() if r.harmless],
        "cannot": [
            {"field": pointer(path), "why": remark.why, "nearest": remark.nearest}
            for path, remark in target.fields.items()
            if not remark.harmless and remark.value is None
        ],
    }
