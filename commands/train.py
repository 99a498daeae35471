"""``sftc train``: a config compiled, pinned and submitted in one go."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ..diagnostics import Aim, Diagnostic, KeyPath, Span, dotted, encodable, printable
from ..disk import files
from ..report import Format
from .connection import Backend, Follow, ResultAs, Retries, failing, note, tell
from .kinds import Kind, refuse_others
from .streams import deliver, fails, usage
from .submit import Name, Resubmit, Validation, send

if TYPE_CHECKING:
    from ..compiler import Compilation
    from ..submitter import Prepared


_LONGEST_SETTING: Final = 1000
_DEEPEST_SETTING: Final = 10


class TrainingType(StrEnum):
    """What `train` can train."""

    SFT = "sft"


def train(
    config: Annotated[
        str | None,
        typer.Argument(metavar="CONFIG", help="A TOML config; `-` reads standard input."),
    ] = None,
    option: Annotated[
        str | None, typer.Option("--config", metavar="CONFIG", help="Another way to name CONFIG.")
    ] = None,
    type_: Annotated[
        TrainingType, typer.Option("--type", help="Type of training.")
    ] = TrainingType.SFT,
    dataset: Annotated[
        str | None,
        typer.Option(
            metavar="DATASET", help="Path of the training dataset, overriding [job].data."
        ),
    ] = None,
    validation: Validation = None,
    examples: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Train on the first N rows only, as a smoke test."),
    ] = None,
    settings: Annotated[
        list[str],
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Override a key for this run, as in hyperparameters.n_epochs=1; repeatable.",
        ),
    ] = [],  # noqa: B006 - typer copies it
    name: Name = None,
    backend: Backend = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the payload; send nothing.")
    ] = False,
    follow: Follow = False,
    resubmit: Resubmit = False,
    retries: Retries = 5,
    form: ResultAs = Format.TEXT,
) -> None:
    """Compile, pin and submit a config in one go.

    The same as `sftc compile --pin` followed by `sftc submit`, without a payload to review in
    between.

    Exit codes: 0 success; 1 the config or a dataset is invalid; 2 wrong usage or unreadable
    input; 3 the backend, the network or the job failed.
    """
    from .. import submitter
    from ..client import LEARNING, address, secret
    from ..workspace.pinning import compile_pinned

    del type_  # there is one
    if (config is None) == (option is None):
        usage("name one config, as in `sftc train sft.toml`")
    config = config or option or ""
    refuse_others([config], Kind.CONFIG, folders=False)
    if any(path is not None and not path.strip() for path in (dataset, validation)):
        usage("--dataset and --validation need a path")
    if not dry_run:
        with failing({}, form):
            address(backend, LEARNING.api), secret(None)  # before a dataset is read
    shown, data = files.shown_name(config), files.read_config(config)
    if isinstance(data, Diagnostic):
        tell([data], {})
        raise typer.Exit(2)
    with failing({}, form):
        submitter.check_name(name)
    if settings:
        data = _with_settings(data, settings)
        shown = f"{shown} with --set"  # of which the lines may be others
    sources = {shown: data.decode("utf-8", "replace")}
    compiled = compile_pinned(
        data, filename=shown, dataset=dataset, validation=validation, head=examples
    )
    found = compiled.diagnostics
    # With settings, no file holds that text, so none can be fixed.
    tell([replace(each, fix=None) for each in found] if settings else found, sources)
    if compiled.payload_bytes is None or fails(compiled.diagnostics, strict=False):
        raise typer.Exit(1)
    _refuse_unread(settings, compiled)
    with failing(sources, form):
        prepared = submitter.pinned(compiled.payload or {}, _places(compiled, data, shown))
    called = _name(name, data, config)
    if dry_run:
        _preview(prepared, called)
        deliver(compiled.payload_bytes, None)
        return
    send(
        prepared,
        called,
        backend,
        sources,
        follow=follow,
        resubmit=resubmit,
        retries=retries,
        form=form,
    )


def _places(compiled: "Compilation", data: bytes, name: str) -> Any:
    """Return what gives the place of a payload's value in the config that it comes from."""

    def place(path: KeyPath) -> Span | str:
        from ..compiler import FromConfig
        from ..compiler.inspection import places  # only what is refused has to be located

        try:
            origin = compiled.origin(path)
        except ValueError:
            return name
        return (
            places(data, name).span(origin.path, Aim.VALUE)
            if isinstance(origin, FromConfig)
            else name
        )

    return place


def _name(given: str | None, data: bytes, config: str) -> str | None:
    """Return the job's name: the one that was given, the config's own, or that of its file."""
    from ..compiler.inspection import values
    from ..submitter import LONGEST_NAME, job_name

    table = (values(data, config)[0] or {}).get("job")
    own = table.get("name") if isinstance(table, dict) else None
    if given is not None:
        return given
    if isinstance(own, str) and own.strip():
        return printable(own.strip())[:LONGEST_NAME]
    return None if config == files.STDIN else job_name(Path(config))


def _refuse_unread(settings: list[str], compiled: "Compilation") -> None:
    """Refuse settings that change nothing: the job would run with what they were to replace."""
    from ..compiler.inspection import Fate

    for setting in settings:
        path, _ = _setting(setting)
        under = [d for key, d in compiled.destinations.items() if key[: len(path)] == path]
        is_unread = under and all(d.fate in {Fate.UNREAD, Fate.SHADOWED} for d in under)
        # What is forwarded under a name that the linter would mend is not read either.
        if is_unread or any(d.path == path and d.fix for d in compiled.diagnostics):
            usage(f"--set {setting}: nothing reads `{dotted(path)}`; see the warning above")


def _preview(prepared: "Prepared", name: str | None) -> None:
    for source in prepared.sources.values():
        size = f"{source.pin.examples:,} rows, {source.pin.bytes:,} bytes"
        note(f"would upload {source.shown}: {size}")
    what = "a job" if name is None else f"the job `{name}`"
    note(f"would create and start {what}; nothing was sent")


def _with_settings(data: bytes, settings: list[str]) -> bytes:
    """Return a config with keys set as the user wants them for this run."""
    from ..compiler.inspection import values
    from ..writer import with_value

    for setting in settings:
        path, value = _setting(setting)
        before = values(data, "")[0]
        if before is None:
            return data  # what is wrong with it is told when it is compiled
        try:
            after = with_value(data.decode(), path, value).encode()
        except ValueError as error:
            usage(f"--set {setting}: {error}")
        if not _same(values(after, "")[0], _replaced(before, path, value)):
            usage(f"--set {setting}: write it into the config instead; it cannot be set there")
        data = after
    return data


def _setting(text: str) -> tuple[KeyPath, Any]:
    """Return the path and the value of ``KEY=VALUE``; a value that is a bare word is a string."""
    from tomli import TOMLDecodeError, loads

    wanted = "--set takes KEY=VALUE, such as hyperparameters.n_epochs=1"
    key, sign, written = text.partition("=")
    if not sign or "\n" in text or len(text) > _LONGEST_SETTING:
        usage(f"{wanted}, not `{text[:_LONGEST_SETTING]}`")
    try:
        table: Any = loads(f"{key} = 0")
        path: list[str] = []
        while isinstance(table, dict):
            ((part, table),) = table.items()
            path.append(part)
        if len(path) > _DEEPEST_SETTING:
            usage(f"{wanted}; `{key}` is deeper than any key")
    except ValueError:
        usage(f"{wanted}; `{key}` is no key")
    try:
        return tuple(path), loads(f"value = {written}")["value"]
    except (ValueError, RecursionError) as error:
        is_word = isinstance(error, TOMLDecodeError) and written.strip()[:1] not in set("[{\"'")
        if is_word and encodable(written) == written:
            return tuple(path), written.strip()
        usage(f"--set {key}: `{written}` is no value in TOML")


def _same(one: Any, other: Any) -> bool:
    """Whether two values are equal, in type, too; the order of keys says nothing."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return repr(one) == repr(other)  # which NaN is, and 1 and 1.0 are not


def _replaced(values: Any, path: KeyPath, value: Any) -> Any:
    """Return plain values with another value at a path."""
    if not path:
        return value
    table = values if isinstance(values, dict) else {}
    return {**table, path[0]: _replaced(table.get(path[0]), path[1:], value)}
