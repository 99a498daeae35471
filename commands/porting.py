"""What ``sftc compile --target`` and ``sftc lift --from`` share, and ``sftc targets``."""

import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from .. import report, targets
from ..compiler import Compilation, compile_config
from ..diagnostics import Diagnostic
from ..disk import files
from ..payloads import pins
from ..report import Format, TextOrJson
from ..workspace.porting import GpuSaidError, Ported, compile_for, lift_from, losses_chosen
from ..workspace.scopes import Scope, Scopes
from .streams import colour, deliver, fails, put, show, usage
from .wrong_use import near

_ALONE: Final = (
    "--target takes one config, without --write, --out-dir, --pin, --examples, --tokenizer or "
    "--chat-template"
)
_EXTRA: Final = "reading YAML needs an extra: pip install 'sftc[targets]'"


def named(name: str) -> targets.Target:
    """Return the target of a name; exit with 2 if there is none."""
    try:
        return targets.load(name)
    except KeyError:
        known = list(targets.names())
        listed = near(name, known) or f": {', '.join(known)}"
        usage(f"there is no target `{name}`{listed}")


def write_for(
    name: str, configs: Sequence[str], output: Path | None, dataset: str | None, *, strict: bool
) -> NoReturn:
    """Compile the one config for a target, write it, and exit; with 2 without one."""
    if len(configs) != 1:
        usage(_ALONE)
    (config,) = configs
    target = named(name)
    data = files.read_config(config)
    if isinstance(data, Diagnostic):
        say_found((data,), {}, Format.TEXT)
        raise typer.Exit(2)
    shown = files.shown_name(config)
    scope = Scopes().of(config)
    settings = scope.settings
    if settings.problems:
        _end(Ported(None, settings.problems), {}, Format.TEXT, strict=strict)
    compiler = _pinning(config, scope) if settings.pin else compile_config
    ported = compile_for(target, data, filename=shown, compiler=compiler, dataset=dataset)
    ported = ported._replace(diagnostics=tuple(losses_chosen(ported.diagnostics, settings)))
    strict |= settings.strict
    if ported.text is not None and not fails(ported.diagnostics, strict=strict):
        deliver(ported.text.encode(), output)
    _end(ported, {shown: data.decode("utf-8", "replace")}, Format.TEXT, strict=strict)


def _pinning(config: str, scope: Scope) -> Callable[..., Compilation]:
    """Return what compiles a config to the payload that is its artifact, with the same pins."""
    from ..review import read_payload
    from ..workspace.pinning import compile_pinned  # it loads the datasets
    from ..workspace.reading import read_artifact

    place = scope.rule.claim(config)
    text = None if place is None else read_artifact(place, scope.gate)
    payload = read_payload(text, place or "") if isinstance(text, bytes) else None
    before = payload if isinstance(payload, dict) else {}
    head = pins(before).get("training", {}).get("head")
    return partial(compile_pinned, gate=scope.data, head=head, before=before)


def is_foreign(data: bytes, name: str) -> bool:
    """Whether a file is no payload: YAML, TOML, or JSON with the keys of another system."""
    if name.lower().endswith((".yaml", ".yml", ".toml")):
        return True
    begins = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if begins == b"{":
        return isinstance(targets.recognised(data, name=name), targets.Target)
    if not begins or name.lower().endswith(".json") or not _is_text(data):
        return False
    return begins != b"[" or not _is_json(data)  # else it is a table of TOML


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def _is_text(data: bytes) -> bool:
    """Whether bytes may be YAML."""
    try:
        return "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False


def lifted(
    data: bytes, source: str | None, *, name: str, gpu_type: str | None, described: bool
) -> Ported:
    """Return the config for another system's; exit with 2 if the extra is missing."""
    target = None if source is None else named(source)
    try:
        return lift_from(data, target, name=name, gpu_type=gpu_type, described=described)
    except GpuSaidError as error:
        usage(str(error))
    except ImportError:
        usage(_EXTRA)


def say_found(found: Sequence[Diagnostic], sources: dict[str, str], form: TextOrJson) -> None:
    """Write findings to standard error."""
    if form is Format.JSON:
        show(report.render(Format.JSON, found, sources), sys.stderr)
    else:
        show(report.render(Format.TEXT, found, sources, colour=colour(sys.stderr)), sys.stderr)


def _end(ported: Ported, sources: dict[str, str], form: TextOrJson, *, strict: bool) -> NoReturn:
    say_found(ported.diagnostics, sources, form)
    failed = ported.text is None or fails(ported.diagnostics, strict=strict)
    raise typer.Exit(1 if failed else 0)


def list_targets(
    form: Annotated[TextOrJson, typer.Option("--format", help="A table, or JSON.")] = Format.TEXT,
) -> None:
    """List the systems that jobs can be written for.

    `sftc compile --target SYSTEM` writes a job for one, and `sftc lift --from SYSTEM` reads one.
    """
    listed = [targets.described(targets.load(name)) for name in targets.names()]
    text = report.targets(form, listed)
    if form is Format.JSON:
        put(text)
    else:
        show(text, sys.stdout)
