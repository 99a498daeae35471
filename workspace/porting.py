"""One config compiled for another system, and a config of another system lifted to one of ours.

Joins the compiler, which knows the lines of the config, with the targets, which know no config.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final, NamedTuple

from ..compiler import Compilation, FromConfig, FromDefault, Origin, compile_config
from ..compiler.inspection import Places, lift, places
from ..diagnostics import Aim, Diagnostic, Finding, KeyPath, codes, dotted, printable
from ..diagnostics.catalogue import diagnose
from ..payloads import fields
from ..targets import Target, emit, recognised, understand
from ..targets.values import shown
from ..targets.writing import Loss
from ..writer import config_text

_START: Final[KeyPath] = ()


class Ported(NamedTuple):
    """A job in another format, ours or another system's.

    Attributes:
        text: the text; None if there is none.
        diagnostics: what is wrong with the source, and what of it is not in the text.

    """

    text: str | None
    diagnostics: tuple[Diagnostic, ...]


def compile_for(
    target: Target, text: str | bytes, *, filename: str, dataset: str | None = None
) -> Ported:
    """Compile a config, and write the payload as a target has it.

    Args:
        target: the target.
        text: the config, TOML 1.1.
        filename: its name in diagnostics, and in a comment of the text.
        dataset: the path of the training dataset, in place of the config's.

    """
    compiled = compile_config(text, filename=filename, dataset=dataset)
    if compiled.payload is None:
        return Ported(None, compiled.diagnostics)
    emitted = emit(
        compiled.payload,
        target,
        document=filename,
        named=lambda field: _named(_origin(compiled, field), field),
    )
    where = places(text, filename)
    found = [_diagnosed(loss, compiled, target, where) for loss in emitted.losses]
    found.sort(key=lambda diagnostic: diagnostic.span[:2])
    return Ported(emitted.text, (*compiled.diagnostics, *found))


def _diagnosed(loss: Loss, compiled: Compilation, target: Target, where: Places) -> Diagnostic:
    """Return a loss as a finding at its line of the config."""
    origin, code = _origin(compiled, loss.field), loss.code
    if isinstance(origin, FromDefault) and code == codes.NOT_IN_TARGET:
        code = codes.DEFAULT_NOT_IN_TARGET
    path = _key_path(origin)
    words = {
        "target": target.system,
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

    """
    whose = recognised(text, name=name) if target is None else target
    if isinstance(whose, Finding):
        return Ported(None, (diagnose(whose, name),))
    understood = understand(text, whose, name=name)
    payload, findings = understood.payload, understood.findings
    if payload is not None and gpu_type is not None:
        payload.setdefault("metadata", {}).setdefault("effective_config", {})
        payload["metadata"]["effective_config"].setdefault("compute", {})["gpu_type"] = gpu_type
        findings = tuple(f for f in findings if not _is_missing(f, "gpu_type"))
    diagnostics = tuple(diagnose(finding, name) for finding in findings)
    if payload is None:
        return Ported(None, diagnostics)
    missing = [f.hint for f in findings if f.code == codes.NOT_IN_SOURCE and f.hint]
    return Ported(_config(payload, whose, name, missing, described=described), diagnostics)


def _is_missing(finding: Finding, key: str) -> bool:
    return finding.code == codes.NOT_IN_SOURCE and finding.words["key"] == key


def _config(
    payload: Mapping[str, Any], whose: Target, name: str, missing: list[str], *, described: bool
) -> str:
    heading = [f"Lifted by sftc from {printable(name)}, a config of {whose.system}."]
    heading += [f"The source leaves this open: {hint}." for hint in missing]
    return config_text(lift(payload), heading=heading, described=described)
