"""Where the rows are: one file for us, a list of datasets or the name of one for others."""

from typing import TYPE_CHECKING, Any, Final

from ...diagnostics import KeyPath, dotted
from ..paths import ABSENT
from ..target import Route

if TYPE_CHECKING:
    from .. import reading, writing


_ROWS: Final = (".jsonl", ".json", ".jsonl.gz", ".jsonl.zst")
_ONE_FILE: Final = "an sftc job has one training file"
_OF_A_HUB: Final = "it may name a dataset on a hub, but an sftc job reads a JSONL file"


def write_dataset(draft: "writing.Draft", route: Route) -> None:
    """Write a file of rows as a list of one dataset, with what its rows are."""
    (path,), at = route.fields, route.at["value"]
    file = draft.value(path)
    if file is ABSENT:
        return
    for key, value in route.options["as"].items():
        draft.put(
            (*at, 0, key), file if value == "$" else value, *((path,) if value == "$" else ())
        )
        if value != "$":
            draft.sources[*at, 0, key] = route.options["why"]


def read_dataset(draft: "reading.Draft", route: Route) -> None:
    """Read the file of the only dataset; what its entry says besides is named."""
    (path,), at = route.fields, route.at["value"]
    given = draft.value(at)
    for name in route.options.get("names", ()):
        if given is ABSENT and draft.carry(path, (name,)):
            draft.changed((name,), path, _OF_A_HUB)
    if not isinstance(given, list) or not given:
        return
    if len(given) > 1:
        draft.leave(at, _ONE_FILE, "join them with `sftc data convert`")
    elif isinstance(given[0], dict):
        _read_entry(draft, route, (*at, 0))


def _read_entry(draft: "reading.Draft", route: Route, entry: KeyPath) -> None:
    """Read the only dataset of a list."""
    (path,), shape = route.fields, route.options["as"]
    for key, value in shape.items():
        here = (*entry, key)
        if value == "$":
            name = draft.value(here)
            if draft.carry(path, here) and not str(name).endswith(_ROWS):
                draft.changed(here, path, _OF_A_HUB)
        elif draft.value(here) == value:
            draft.imply(here)
    for key, usual in route.options.get("usual", {}).items():
        if draft.value((*entry, key)) in usual:
            draft.imply((*entry, key))
    for key, formats in route.options.get("formats", {}).items():
        name = draft.value((*entry, key))
        if isinstance(name, str) and name.partition(":")[0] in formats:
            ours = formats[name.partition(":")[0]]
            how = f"write one with `sftc data convert --from {ours}`"
            draft.leave((*entry, key), "an sftc job reads rows with `messages`", how)


def write_hub(draft: "writing.Draft", route: Route) -> None:
    """Write the path, where the name of a folder or of a dataset on a hub belongs."""
    (path,), at = route.fields, route.at["value"]
    file = draft.value(path)
    if file is not ABSENT:
        draft.put(at, file, path)
        name = dotted(at)
        draft.prepare(
            f"it loads a folder or a hub dataset: put the file in one of its own, and replace its "
            f"path in `{name}` with the name"
        )


def read_hub(draft: "reading.Draft", route: Route) -> None:
    """Read the path, or what may be the name of a folder, or of a dataset on a hub."""
    (path,), at = route.fields, route.at["value"]
    if draft.carry(path, at) and not str(draft.value(at)).endswith(_ROWS):
        draft.changed(at, path, _OF_A_HUB)


_ID: Final = ("file-", "file_", "accounts/")


def write_upload(draft: "writing.Draft", route: Route) -> None:
    """Write the path, which an id takes the place of once the file is uploaded."""
    (path,), at = route.fields, route.at["value"]
    if draft.value(path) is ABSENT:
        return
    draft.put(at, draft.value(path), path)
    draft.prepare(f"upload the file, and replace its path in `{at[-1]}` with its id")


def read_upload(draft: "reading.Draft", route: Route) -> None:
    """Read a path; an id names no file that is here."""
    (path,), at = route.fields, route.at["value"]
    value = draft.value(at)
    if isinstance(value, str) and value.startswith(_ID):
        draft.leave(at, "it is the id of an uploaded file, but an sftc job reads a local file")
    elif value != "":
        draft.carry(path, at)


_FOLDER: Final = "data"
_ENTRY: Final = (
    '{"file_name": "…", "formatting": "sharegpt", "columns": {"messages": "messages"}, '
    '"tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user", '
    '"assistant_tag": "assistant", "system_tag": "system"}}'
)


def write_named_datasets(draft: "writing.Draft", route: Route) -> None:
    """Write the folder and the names of the files in it."""
    training, validation = (draft.value(path) for path in route.fields)
    if training is ABSENT:
        return
    folder, name = _split(training)
    if "," in name:
        draft.undecided(route.fields[0], "a comma separates dataset names")
        return
    draft.put(route.at["folder"], folder, route.fields[0])
    draft.put(route.at["training"], name, route.fields[0])
    if validation is not ABSENT:
        other, eval_name = _split(validation)
        if other != folder or "," in eval_name:
            draft.lose(
                route.fields[1], "it expects all files in one folder, with no comma in their names"
            )
        else:
            draft.put(route.at["validation"], eval_name, route.fields[1])
    draft.prepare(f"list the files in the folder's dataset_info.json, each as {_ENTRY}")


def read_named_datasets(draft: "reading.Draft", route: Route) -> None:
    """Read the folder and the names as paths."""
    folder = draft.value(route.at["folder"])
    if folder is not ABSENT and not isinstance(folder, str):
        draft.leave(route.at["folder"], _ONE_FILE, "set the path of the file")
        folder = "."
    for role, path in zip(("training", "validation"), route.fields, strict=True):
        at = route.at[role]
        name = draft.value(at)
        if name is ABSENT or name == "":
            continue
        if not isinstance(name, str) or "," in name:
            draft.leave(at, _ONE_FILE, "join them with `sftc data convert`")
            continue
        draft.set(path, _joined(_FOLDER if folder is ABSENT else folder, name), at)
        if not name.endswith(_ROWS):
            draft.changed(at, path, "dataset_info.json names the file: replace this with its path")
        if folder is not ABSENT:
            draft.taken.add(route.at["folder"])


def _split(path: str) -> tuple[str, str]:
    folder, slash, name = path.rpartition("/")
    return ("." if not slash else folder if folder not in ("", ".") else f"{folder}/"), name


def _joined(folder: Any, name: str) -> str:
    if folder == ".":
        return name
    return f"{folder}{name}" if str(folder).endswith("/") else f"{folder}/{name}"
