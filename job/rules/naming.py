"""Names of datasets and models that lead nowhere, or nowhere else than on one machine."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from ...diagnostics import Finding, KeyPath, codes, quoted
from ...payloads import fields
from ..values import Job

_DATASETS: Final = (("training", fields.TRAINING_PATH), ("validation", fields.VALIDATION_PATH))
_SCHEME: Final = r"([A-Za-z][A-Za-z0-9+.-]+):/{1,2}"
_VARIABLE: Final = r"\$\{[^}]{0,99}\}|\$[A-Za-z_]\w*|%[A-Za-z_]\w{0,99}%"
_ABSOLUTE: Final = r"[/~]|[A-Za-z]:[\\/]|\\\\"
_LOCAL: Final = (".", "/", "~", "\\")
_HUBS: Final = ("huggingface.co/", "hf.co/", "www.huggingface.co/")
_DATA: Final = (".jsonl", ".json", ".csv", ".parquet", ".jsonl.gz", ".jsonl.zst")


def dataset_is_a_file(job: Job) -> Iterator[Finding]:
    """The address of a dataset: datasets are read from files, by every command of sftc."""
    for use, path, name in _named(job, codes.DATASET_IS_AN_ADDRESS):
        words = {"use": use, "scheme": name.partition(":")[0]}
        yield Finding(codes.DATASET_IS_AN_ADDRESS, path, words)


def path_has_no_variables(job: Job) -> Iterator[Finding]:
    """A variable that no shell will expand: paths are taken as written."""
    for use, path, name in _named(job, codes.VARIABLE_IN_PATH):
        variable = re.search(_VARIABLE, name)
        yield Finding(
            codes.VARIABLE_IN_PATH, path, {"use": use, "variable": variable[0] if variable else ""}
        )


def path_is_clean(job: Job) -> Iterator[Finding]:
    r"""A control character or an outer space: ``"C:\tools\new"`` has a tab and a line end."""
    for use, path, name in _named(job, codes.ODD_CHARACTERS_IN_PATH):
        escaped = not name.strip().isprintable()
        what = "has a non-printing character" if escaped else "begins or ends with a space"
        hint = "write the path in single quotes, or with /" if escaped else "remove the space"
        words = {"use": use, "what": what, "path": quoted(name)}
        yield Finding(codes.ODD_CHARACTERS_IN_PATH, path, words, hint=hint)


def path_is_relative(job: Job) -> Iterator[Finding]:
    """A path of one machine: it is not there for a reviewer, nor in CI."""
    for _, path, _ in _named(job, codes.ABSOLUTE_PATH):
        yield Finding(codes.ABSOLUTE_PATH, path)


def _named(job: Job, code: str) -> Iterator[tuple[str, KeyPath, str]]:
    """Yield use, field and name of the datasets of whose name a code says what is wrong."""
    for use, path in _DATASETS:
        name = job.get(path)
        if name is not None and _odd(name) == code:
            yield use, path, name


@lru_cache(maxsize=256)
def _odd(name: str) -> str | None:
    """Return the one code that says best what is wrong with a dataset's name."""
    if name != name.strip() or not name.isprintable():
        return codes.ODD_CHARACTERS_IN_PATH
    if re.match(_SCHEME, name):
        return codes.DATASET_IS_AN_ADDRESS
    if re.search(_VARIABLE, name):
        return codes.VARIABLE_IN_PATH
    return codes.ABSOLUTE_PATH if re.match(_ABSOLUTE, name) else None


def model_is_a_name(job: Job) -> Iterator[Finding]:
    """A model by its address, or with spaces: transformers takes a name on the Hub, or a folder."""
    name = job.get(fields.MODEL)
    if name is None or name.startswith(_LOCAL) or re.match(_ABSOLUTE, name):
        return
    address = "://" in name or name.startswith(_HUBS)
    if address or any(char.isspace() for char in name):
        what = "is a URL" if address else "contains white space"
        hint = None
        on_the_hub = re.search(r"(?:^|[/.])(?:huggingface\.co|hf\.co)/([^/]+/[^/?#]+)", name)
        if address and on_the_hub:
            hint = f"write {quoted(on_the_hub[1])}"
        yield Finding(
            codes.MODEL_IS_NOT_A_NAME,
            fields.MODEL,
            {"model": quoted(name), "what": what},
            hint=hint,
        )


def model_is_a_model(job: Job) -> Iterator[Finding]:
    """A model that is another field's value: a dataset, or a GPU."""
    name = job.get(fields.MODEL)
    if name is None:
        return
    if name.lower().endswith(_DATA):
        words = {"model": quoted(name), "what": "a dataset"}
        yield Finding(codes.MODEL_OF_ANOTHER_FIELD, fields.MODEL, words)
    elif "/" not in name:  # a name on the Hub has an owner, a folder a way to it
        from ..gpus import lookup  # reads a table

        if lookup(name):
            yield Finding(
                codes.MODEL_OF_ANOTHER_FIELD, fields.MODEL, {"model": quoted(name), "what": "a GPU"}
            )


ALL: Final = (
    path_is_relative,
    dataset_is_a_file,
    path_has_no_variables,
    path_is_clean,
    model_is_a_name,
    model_is_a_model,
)
