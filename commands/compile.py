"""``sftc compile``."""

import sys
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import report
from ..compiler import Compilation, compile_config
from ..diagnostics import Diagnostic
from ..disk import files
from ..report import Format
from ..workspace import artifacts
from ..workspace.contents import is_foreign_file
from ..workspace.reading import read_config
from ..workspace.scopes import Scopes
from .kinds import Kind, refuse_others
from .options import ChatTemplate, Configs, DataRoot, OutDir, Strict, TargetName
from .streams import (
    Written,
    colour,
    configs_at,
    deliver,
    exit_code,
    fails,
    say_artifacts,
    say_skipped,
    say_written,
    show,
    usage,
)

if TYPE_CHECKING:
    from ..datasets import Measured
    from ..workspace.porting import Ported


def compile_(
    configs: Configs = [],  # noqa: B006 - typer copies it
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the payload to FILE. Default: standard output.",
        ),
    ] = None,
    out_dir: OutDir = None,
    write: Annotated[
        bool,
        typer.Option("--write", help="Write each payload to its artifact, a.toml to a.job.json."),
    ] = False,
    dataset: Annotated[
        str | None,
        typer.Option(
            metavar="DATASET", help="Path of the training dataset, overriding [job].data."
        ),
    ] = None,
    pin: Annotated[
        bool, typer.Option("--pin", help="Record the SHA-256, size and row count of the datasets.")
    ] = False,
    examples: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Pin the first N rows of the training dataset only."),
    ] = None,
    tokenizer: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Also pin token counts, by this tokenizer: a folder, or a model on the Hugging "
            "Face Hub.",
        ),
    ] = None,
    chat_template: ChatTemplate = None,
    data_root: DataRoot = None,
    target: TargetName = None,
    strict: Strict = False,
) -> None:
    """Compile configs into JSON payloads.

    The payload of one config goes to standard output or to -o FILE. With --write or --out-dir
    DIR, each config is compiled to its artifact. Nothing is written for a config with errors.

    With --target, the job is written in the format of another system, and a finding names each
    value that the system cannot express. `sftc targets` lists the systems.

    Exit codes: 0 all compiled; 1 errors, or warnings with --strict; 2 wrong usage or unreadable
    input.
    """
    refuse_others(configs, Kind.CONFIG)
    if target is not None:
        from .porting import write_for  # few runs need the targets

        alone = not (write or out_dir or pin or examples or tokenizer or chat_template)
        write_for(target, configs if alone else [], output, dataset, strict=strict)
    by_rule = write or out_dir is not None
    if not configs and not by_rule:
        usage("name a config, or add --write to compile all in the repository")
    _check(dataset, tokenizer, chat_template)
    scopes = Scopes(out_dir, data_root)
    at = configs_at(configs, scopes)
    chosen = [config for config in at.configs if not scopes.of(config).settings.problems]
    count = _counting(tokenizer, chat_template)
    artifacts_of = _targets(chosen, output, scopes, by_rule=by_rule) if chosen else []
    found = [*scopes.problems, *at.problems]
    failed = bool(found)
    sources: dict[str, str] = {}
    written = Written(scopes)
    skipped: list[str] = []
    for config, artifact in zip(chosen, artifacts_of, strict=True):
        scope = scopes.of(config)
        # To say what to pin is to ask for it; the settings are about artifacts.
        pinned = pin or examples is not None or count or (by_rule and scope.settings.pin)
        compiler: Callable[..., Compilation] = compile_config
        if pinned:
            gate = scope.data if by_rule else scope.data.from_here()
            before = _payload_at(artifact, scopes) if artifact else None
            compiler = _pinning(head=examples, gate=gate, count=count, before=before)
        named = config in at.named
        data = read_config(config, None if named else scope.gate)
        result = _compile(config, data, partial(compiler, dataset=dataset), sources)
        if result.foreign and not named:  # a folder may hold other TOML files, too
            skipped.append(config)
            continue
        texts = _texts(config, data, result, scopes) if by_rule else {}
        said = [*result.diagnostics, *(one for text in texts.values() for one in text.diagnostics)]
        found += said
        if result.payload_bytes is None or fails(said, strict=strict or scope.settings.strict):
            failed = True
        else:
            _put(result.payload_bytes, artifact, texts, written if by_rule else None)
    found += written.problems
    failed |= bool(written.problems)
    found = list(dict.fromkeys(found))  # several configs may name one dataset
    show(report.render(Format.TEXT, found, sources, colour=colour(sys.stderr)), sys.stderr)
    say_artifacts(at)
    say_skipped(skipped)
    say_written(written.names)
    raise typer.Exit(exit_code(found, at.named, failed=failed))


def _check(dataset: str | None, tokenizer: str | None, chat_template: Path | None) -> None:
    """Exit with 2 if options make no sense, alone or together."""
    if dataset is not None and not dataset.strip():
        usage("--dataset needs a path")
    if chat_template is not None and tokenizer is None:
        usage("--chat-template needs --tokenizer")


def _texts(
    config: str, data: bytes | Diagnostic, compiled: Compilation, scopes: Scopes
) -> dict[str, "Ported"]:
    """Return the texts of a config for the targets that its settings name, by artifact."""
    settings = scopes.of(config).settings
    if not settings.targets or compiled.payload is None or isinstance(data, Diagnostic):
        return {}
    from ..workspace.ported import port_all  # few settings name targets

    return port_all(config, data, compiled, scopes)


def _put(
    payload: bytes, artifact: Path | None, texts: dict[str, "Ported"], written: Written | None
) -> None:
    """Write a payload and the texts for its targets; without a place by rule, the payload alone."""
    if artifact is None or written is None:
        deliver(payload, artifact)
        return
    others = {name: (ported.text or "").encode() for name, ported in texts.items()}
    written.put({str(artifact): payload, **others})


def _pinning(**how: Any) -> Callable[..., Compilation]:
    from ..workspace.pinning import compile_pinned  # it loads the datasets

    return partial(compile_pinned, **how)


def _counting(tokenizer: str | None, template: Path | None) -> Callable[..., "Measured"] | None:
    """Return what measures a dataset with its tokens, each only once for all configs."""
    if tokenizer is None:
        return None
    from .tokenizers import loaded  # an extra

    files = loaded(tokenizer, template)
    from ..datasets.tokens import measure_tokens

    def measure(name: str, *, head: int | None, length: int | None) -> "Measured":
        return measure_tokens(name, files, head=head, length=length)

    return cache(measure)


def _payload_at(target: Path, scopes: Scopes) -> dict[str, Any] | None:
    """Return the payload that is going to be replaced, if there is one that can be read."""
    from ..review import read_payload
    from ..workspace.reading import read_artifact

    text = read_artifact(str(target), scopes.of(str(target)).gate)
    payload = read_payload(text, str(target)) if isinstance(text, bytes) else None
    return payload if isinstance(payload, dict) else None


def _compile(
    config: str,
    data: bytes | Diagnostic,
    compiler: Callable[..., Compilation],
    sources: dict[str, str],
) -> Compilation:
    """Return what a config compiles to; its text is added to the sources."""
    if isinstance(data, Diagnostic):
        return Compilation((data,))
    name = files.shown_name(config)
    sources[name] = data.decode("utf-8", "replace")
    return compiler(data, filename=name)


def _targets(
    configs: Sequence[str], output: Path | None, scopes: Scopes, *, by_rule: bool
) -> Sequence[Path | None]:
    """Return the file that each payload goes to; None is standard output."""
    try:
        return artifacts.targets(
            configs,
            output,
            scopes.rule_of if by_rule else None,
            partial(is_foreign_file, scopes=scopes),
        )
    except ValueError as error:
        usage(str(error))
