"""One config compiled for another system, and a config of another system lifted to one of ours.

Joins the compiler, which knows the lines of the config, with the targets, which know no config.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final, NamedTuple

from ..compiler import Compilation, FromConfig, FromDefault, Origin, compile_config
from ..compiler.inspection import Places, lift, places
from ..compiler.suppression import suppress
from ..diagnostics import Aim, Diagnostic, Finding, KeyPath, Severity, codes, dotted, printable
from ..diagnostics.catalogue import diagnose
from ..payloads import fields
from ..review.lifting import lift_payload
from ..targets import Emitted, Target, emit, recognised, understand
from ..targets.target import field_path
from ..targets.values import shown
from ..targets.writing import Loss
from ..writer import config_text
from .linting import is_chosen
from .settings import Settings

_START: Final[KeyPath] = ()


class GpuSaidError(Exception):
    """A GPU was named for a text that has a payload, which is not changed in silence."""


class Ported(NamedTuple):
    """A job in another format, ours or another system's.

    Attributes:
        text: the text; None if there is none.
        diagnostics: what is wrong with the source, and what of it is not in the text.

    """

    text: str | None
    diagnostics: tuple[Diagnostic, ...]


def compile_for(
    target: Target,
    text: str | bytes,
    *,
    filename: str,
    compiler: Callable[..., Compilation] = compile_config,
    dataset: str | None = None,
) -> Ported:
    """Compile a config, and write the payload as a target has it.

    Args:
        target: the target.
        text: the config, TOML 1.1.
        filename: its name in diagnostics, and in a comment of the text.
        compiler: what compiles it: as it is, or with pins.
        dataset: the path of the training dataset, in place of the config's.

    """
    compiled = compiler(text, filename=filename, dataset=dataset)
    if compiled.payload is None:
        return Ported(None, compiled.diagnostics)
    ported = port(target, compiled, text, filename=filename)
    return Ported(ported.text, (*compiled.diagnostics, *ported.diagnostics))


def port(target: Target, compiled: Compilation, text: str | bytes, *, filename: str) -> Ported:
    """Write the payload of a compiled config as a target has it.

    Args:
        target: the target.
        compiled: what the config compiled to: a payload.
        text: the config.
        filename: its name in diagnostics; the last part of it, in a comment of the text.

    """
    emitted = _emitted(target, compiled, os.path.basename(filename))
    where = places(text, filename)
    found = [_diagnosed(loss, compiled, target, where) for loss in emitted.losses]
    kept, _ = suppress(found, where)  # what is wrong with the comments, the compiler has said
    kept.sort(key=lambda diagnostic: diagnostic.span[:2])
    return Ported(emitted.text, tuple(kept))


def losses_chosen(found: Iterable[Diagnostic], settings: Settings) -> Iterator[Diagnostic]:
    """Yield findings without those losses, no errors, that the settings do not want reported."""
    for one in found:
        is_loss = one.code.startswith(codes.OF_TARGETS) and one.severity is not Severity.ERROR
        if not is_loss or is_chosen(one.code, select=settings.select, ignore=settings.ignore):
            yield one


def _emitted(target: Target, compiled: Compilation, document: str) -> Emitted:
    emitted = emit(
        compiled.payload or {},
        target,
        document=document,
        named=lambda field: _named(_origin(compiled, field), field),
    )
    refused = _refused(compiled.payload or {}) if target.is_manifest else ()
    return Emitted(None, (*emitted.losses, *refused)) if refused else emitted


def _refused(payload: Mapping[str, Any]) -> list[Loss]:
    """Return what our trainer, which a manifest runs, refuses of a payload."""
    from ..training.recipe import World, recipe_for  # few targets run it

    return [
        Loss(
            codes.UNDECIDED_FOR_TARGET,
            field_path(refused.pointer),
            {"why": f"the trainer rejects it: {refused.reason} ({refused.code})"},
        )
        for refused in recipe_for(payload, World()).refused
    ]


def _diagnosed(loss: Loss, compiled: Compilation, target: Target, where: Places) -> Diagnostic:
    """Return a loss as a finding at its line of the config."""
    origin, code = _origin(compiled, loss.field), loss.code
    if isinstance(origin, FromDefault) and code == codes.NOT_IN_TARGET:
        code = codes.DEFAULT_NOT_IN_TARGET
    path = _key_path(origin)
    words = {
        "target": target.system,
        "article": target.article,
        "key": _named(origin, loss.field),
        "value": shown(fields.value_at(compiled.payload or {}, loss.field)),
        **loss.words,
    }
    aim = Aim.VALUE if isinstance(origin, FromConfig) else Aim.KEY
    span = where.span(path, aim) if path else where.document
    return diagnose(Finding(code, path, words, hint=loss.hint), span)


def _origin(compiled: Compilation, field: KeyPath) -> Origin | None:
    try:
        return compiled.origin(field) if field else None
    except ValueError:  # a table of others
        return None


def _key_path(origin: Origin | None) -> KeyPath:
    """Return the key of the config that a value came from, or would have come from."""
    match origin:
        case FromConfig(path=path):
            return path
        case FromDefault(schema="config", pointer=pointer):
            parts = pointer.split("/")
            return tuple(b for a, b in pairwise(parts) if a == "properties")
        case _:
            return _START


def _named(origin: Origin | None, field: KeyPath) -> str:
    """Return what a value is called where it came from."""
    if origin is not None and not isinstance(origin, (FromConfig, FromDefault)):
        return f"--{origin.option}"
    return dotted(_key_path(origin)) or dotted(field)


def lift_from(
    text: bytes,
    target: Target | None,
    *,
    name: str,
    gpu_type: str | None = None,
    described: bool = False,
) -> Ported:
    """Return the config for a job that another system's config describes.

    Args:
        text: that config.
        target: whose it is; None: that is to be recognised.
        name: its name in diagnostics, and in a comment of the config.
        gpu_type: the GPU, where the source does not say one.
        described: whether each key of the config has its description above it.

    Raises:
        ImportError: it is YAML, and the library for that is not installed.
        GpuSaidError: a GPU is named, and it has a payload, which says one.

    """
    whose = recognised(text, name=name) if target is None else target
    if isinstance(whose, Finding):
        if compile_config(text, filename=name).payload is not None:
            words = {"why": "it compiles as it is, as one of sftc's own"}
            hint = "there is nothing to lift: sftc compile"
            whose = Finding(whose.code, words=words, hint=hint, span=whose.span)
        return Ported(None, (diagnose(whose, name),))
    if whose.is_manifest and gpu_type is not None:
        raise GpuSaidError(f"--gpu-type: the payload in {printable(name)} already has a GPU type")
    understood = understand(text, whose, name=name)
    payload, findings = understood.payload, understood.findings
    if payload is not None and gpu_type is not None:
        payload.setdefault("metadata", {}).setdefault("effective_config", {})
        payload["metadata"]["effective_config"].setdefault("compute", {})["gpu_type"] = gpu_type
        findings = tuple(f for f in findings if not _is_missing(f, "gpu_type"))
    diagnostics = tuple(diagnose(finding, name) for finding in findings)
    if payload is None:
        return Ported(None, diagnostics)
    if whose.is_manifest:  # a payload of ours, which anybody may have written
        lifted = lift_payload(payload, name)
        return Ported(lifted.text, (*diagnostics, *lifted.diagnostics))
    missing = [f.hint for f in findings if f.code == codes.NOT_IN_SOURCE and f.hint]
    return Ported(_config(payload, whose, name, missing, described=described), diagnostics)


def _is_missing(finding: Finding, key: str) -> bool:
    return finding.code == codes.NOT_IN_SOURCE and finding.words["key"] == key


def _config(
    payload: Mapping[str, Any], whose: Target, name: str, missing: list[str], *, described: bool
) -> str:
    heading = [f"Lifted by sftc from {printable(name)}, {whose.article} {whose.system} config."]
    heading += [f"Not set by the source: {hint}." for hint in missing]
    return config_text(lift(payload), heading=heading, described=described)
