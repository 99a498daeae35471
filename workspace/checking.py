"""All pairs of a workspace checked, and the pins in them held to the data.

Each file is read once and each config compiled once, on all cores; each dataset is measured
once, however many artifacts pin it. Where the data is not there, a pin is kept, and a note
says so.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from errno import ENOENT
from functools import lru_cache, partial
from typing import Any, Final

from .. import datasets
from ..compiler import compile_config
from ..diagnostics import Diagnostic, Finding, codes
from ..diagnostics.lines import Lines
from ..disk.files import STDIN
from ..disk.gate import RefusedError
from ..payloads import dataset_files
from ..payloads.pins import of_bytes, of_tokens
from ..review import read_payload
from .artifacts import ARTIFACT, Rule, artifacts, ending, spelled
from .blame import blamed
from .contents import Found, is_foreign_file
from .pairs import Checked, Pair, check_pair, judge, orphan
from .pinning import Measure, compile_pinned, elsewhere
from .ported import check_target, is_refused, places, target_pairs
from .problems import unreadable
from .reading import read_artifact
from .scopes import Scopes
from .workers import each

_COUNT_AGAIN: Final = (
    "restore the file, or pin the new one and count its tokens with `sftc compile --write "
    "--tokenizer DIR_OR_NAME`"
)


def check(found: Found, scopes: Scopes) -> list[Checked]:
    """Return what came of each artifact, in the order of the configs; then the orphans.

    Configs whose settings cannot be used are left out.

    Args:
        found: the configs and artifacts.
        scopes: what holds where.

    Raises:
        ValueError: a config has no place for an artifact, or shares it; the message says why.

    """
    configs = dict.fromkeys(name for name in found.configs if not _broken(name, scopes))
    claimed = {scopes.rule_of(name).claim(name) for name in configs}
    claimed |= {place for name in configs for place in places(name, scopes).values()}
    absent = [name for name in configs if name != STDIN and not os.path.lexists(name)]
    for name in absent:
        del configs[name]
    orphans = []
    for artifact in found.artifacts:
        if artifact in claimed:
            continue
        rule = scopes.rule_of(artifact)
        config = rule.config(artifact)
        reason = _lost(config, artifact, scopes)
        if reason is None and config is not None:
            configs[config] = None
        elif not _broken(config or artifact, scopes):
            orphans.append((artifact, reason or ""))
    pairs = list(_pairs(configs, found, scopes))
    checked = blamed(list(each(check_pair, pairs)), scopes)
    lost = [_orphan(*one, scopes) for one in orphans]
    if any(one.orphan or one.is_missing or one.is_unreadable for one in (*lost, *checked)):
        from .absent import kept_by_sparse_checkout, renamed, unreadable_with_pins  # most are sound

        lost, checked = kept_by_sparse_checkout(lost, checked, scopes)
        checked = unreadable_with_pins(renamed(lost, checked), scopes)
    payloads = list(_against_the_data(zip(pairs, checked, strict=True)))
    return [
        *(Checked(name, "", (_absent(name),)) for name in absent),
        *_with_texts(payloads, found, scopes),
        *lost,
    ]


def _with_texts(payloads: list[Checked], found: Found, scopes: Scopes) -> list[Checked]:
    """Return what came of payloads, and of the texts for targets that belong to these."""
    texts = list(each(check_target, list(target_pairs(payloads, found.named, scopes))))
    refused = {one.config for one in texts if is_refused(one)}
    everything = [*payloads, *blamed(texts, scopes)]
    if any(one.is_missing for one in texts):
        from .absent import kept_by_sparse_checkout

        _, everything = kept_by_sparse_checkout((), everything, scopes)
    # Nothing of a config is written that a target refuses: its error is why artifacts are missing.
    return [one for one in everything if not (one.is_missing and one.config in refused)]


def _broken(name: str, scopes: Scopes) -> bool:
    return bool(scopes.of(name).settings.problems)


def _lost(config: str | None, artifact: str, scopes: Scopes) -> str | None:
    """Return why an artifact has no config; None if it has one."""
    if config is None:
        return "no config compiles to this file"
    if not os.path.lexists(config) or os.path.isdir(config):
        return f"there is no `{config}`"
    if ending(artifact) != ARTIFACT:
        if artifact in places(config, scopes).values():
            return None
        return f"the settings do not name its target for `{config}`"
    home = scopes.of(config).rule.artifact(config)
    if home == spelled(artifact) or not os.path.lexists(artifact):
        return None
    return f"`{config}` has its payload in `{home}`"


def _pairs(configs: Iterable[str], found: Found, scopes: Scopes) -> Iterator[Pair]:
    names = list(configs)
    places = artifacts(names, scopes.rule_of, partial(is_foreign_file, scopes=scopes))
    for config, artifact in zip(names, places, strict=True):
        scope = scopes.of(config)
        yield Pair(
            config,
            artifact,
            None if config in found.named else scope.gate,
            scopes.of(artifact).gate,
            scope.data,
            scope.settings.pin,
        )


def _orphan(artifact: str, reason: str, scopes: Scopes) -> Checked:
    rule: Rule = scopes.of(artifact).rule
    config = rule.config(artifact) or ""
    text = read_artifact(artifact, scopes.of(artifact).gate)
    if text is None:  # it was named
        text = _absent(artifact)
    if isinstance(text, Diagnostic):
        return Checked(config, artifact, (text,))
    found = orphan(artifact, text, reason)
    return Checked(config, artifact, found, text=text, orphan=bool(found))


def _absent(name: str) -> Diagnostic:
    return unreadable(name, FileNotFoundError(ENOENT, os.strerror(ENOENT)))


def _against_the_data(checked: Iterable[tuple[Pair, Checked]]) -> Iterator[Checked]:
    """Hold the pins of each pair to the data, and pin what has to be pinned."""
    measure = lru_cache(maxsize=None)(datasets.measure)
    unseen: set[str] = set()
    for pair, one in checked:
        if one.unmeasured:
            yield _pinned(pair, one, measure)
        elif one.pinned:
            yield _verified(pair, one, measure, unseen)
        else:
            yield one


def _pinned(pair: Pair, one: Checked, measure: Measure) -> Checked:
    """Return what came of a pair whose pins had to be measured."""
    old = read_payload(one.text, pair.artifact) if one.text is not None else None
    named = dataset_files(old) if isinstance(old, dict) else {}
    compiled = compile_pinned(
        one.source,
        filename=pair.config,
        head=named.get("training", {}).get("head"),
        gate=pair.data,
        measure=measure,
        before=old if isinstance(old, dict) else None,
    )
    return judge(pair, one.source, one.text, old, compiled)


def _verified(pair: Pair, one: Checked, measure: Measure, unseen: set[str]) -> Checked:
    """Return a pair with what the data says of its pins."""
    found = list(one.diagnostics)
    facts: dict[str, Mapping[str, str | int]] = {}
    for use, file in one.pinned.items():
        path = file["path"]
        real, unchecked = _located(path, pair)
        if unchecked:
            if path not in unseen:
                found.append(_about_pin(unchecked, one, file))
            unseen.add(path)
            continue
        pin = measure(real, head=file.get("head") if use == "training" else None).pin
        now = pin.facts() if pin else {}
        if now != of_bytes(file):
            facts[use] = now
            words = {"path": path, "facts": _facts(file, now)}
            hint = _COUNT_AGAIN if of_tokens(file) else None
            found.append(_about_pin(Finding(codes.PIN_MISMATCH, words=words, hint=hint), one, file))
    if not facts:
        return replace(one, diagnostics=tuple(found))
    expected = None
    if all(facts.values()):
        expected = _with_pins(one, facts)
    return replace(one, diagnostics=tuple(found), expected=expected)


def _with_pins(one: Checked, facts: Mapping[str, Mapping[str, str | int]]) -> bytes | None:
    """Return what an artifact should hold, with the pins of the data that is there."""
    kept = {use: {k: v for k, v in file.items() if k != "path"} for use, file in one.pinned.items()}
    return compile_config(one.source, filename=one.config, pins={**kept, **facts}).payload_bytes


def _located(path: str, pair: Pair) -> tuple[str, Finding | None]:
    """Return where a dataset is, or why its pin is not checked."""
    reason, hint = "the file is not here", None
    try:
        real = pair.data.resolve(path)
        if not datasets.unreadable(real):
            return real, None
        reason = "the file cannot be read"
    except RefusedError as refused:
        reason, hint = f"the path {refused}", elsewhere(pair.data.path(path), refused)
    except OSError:
        pass
    words = {"path": path, "reason": reason}
    return "", Finding(codes.PIN_UNCHECKED, words=words, hint=hint)


def _facts(pinned: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """Return what differs between a pin and the file that is there."""
    if not found:
        return "the file is no longer a valid dataset"
    if found["examples"] != pinned["examples"]:
        return f"it has {found['examples']:,} rows; the pin has {pinned['examples']:,}"
    return f"its sha256 is {found['sha256'][:12]}…; the pin has {pinned['sha256'][:12]}…"


def _about_pin(finding: Finding, one: Checked, file: Mapping[str, Any]) -> Diagnostic:
    """Return a finding at the digest in an artifact."""
    from ..diagnostics.catalogue import diagnose  # a sound repository needs none of it

    text = (one.text or b"").decode("utf-8", "replace")
    at = text.find(file["sha256"])
    span = Lines(text, one.artifact).span(at, at + len(file["sha256"])) if at >= 0 else None
    return diagnose(replace(finding, span=span), one.artifact)
