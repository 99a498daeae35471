"""All pairs of a repository checked, and the pins in them held to the data.

Joins the pairs with the datasets. Each dataset is measured once, however many artifacts pin it;
where the data is not there, a pin is kept, and a note says so.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from functools import lru_cache, partial
from os.path import lexists
from pathlib import Path
from typing import Any, TypeAlias

from .. import datasets
from ..diagnostics import Diagnostic, Finding, codes
from ..diagnostics.lines import Lines
from ..disk import files
from ..payloads import dataset_files
from ..review import read_payload
from .artifacts import Rule
from .contents import Found
from .pairs import Checked, Pair, check_pair, judge
from .pinning import Measure, compile_pinned
from .workers import each

_Files: TypeAlias = Mapping[str, Mapping[str, Any]]


def check(found: Found, rule: Rule, *, pin: bool) -> list[Checked]:
    """Return what came of each pair, in the order of the configs; then the orphans.

    Args:
        found: the configs and artifacts.
        rule: which belong together.
        pin: whether each artifact has to have pins.

    Raises:
        ValueError: a config has no place for an artifact, or shares it; the message says why.

    """
    configs = dict.fromkeys(found.configs)
    orphans = []
    for artifact in found.artifacts:
        config = rule.config(artifact)
        if config is not None and lexists(config):
            configs[config] = None
        else:
            orphans.append(_orphan(artifact, config))
    artifacts = map(str, rule.artifacts(list(configs)))
    pairs = [Pair(*names) for names in zip(configs, artifacts, strict=True)]
    checked = each(partial(check_pair, pin=pin), pairs)
    return [*_against_the_data(checked), *orphans]


def _orphan(artifact: str, config: str | None) -> Checked:
    data = files.read_artifact(artifact)
    if isinstance(data, Diagnostic):
        return Checked(Pair(config or "", artifact), (data,))
    words = {"config": config or "config that could have it"}
    lift = f", or run: sftc lift {artifact} -o {config}" if config else ""
    finding = Finding(codes.ARTIFACT_ORPHANED, words=words, hint=f"delete it{lift}")
    return Checked(Pair(config or "", artifact), (_diagnose(finding, artifact),))


def _against_the_data(checked: Iterable[Checked]) -> Iterator[Checked]:
    """Hold the pins of each pair to the data, and pin what has to be pinned."""
    measure = lru_cache(maxsize=None)(datasets.measure)
    unseen: set[str] = set()
    for one in checked:
        if one.unmeasured:
            yield _pinned(one.pair, measure)
        elif one.pinned:
            yield _verified(one, measure, unseen)
        else:
            yield one


def _pinned(pair: Pair, measure: Measure) -> Checked:
    """Return what came of a pair whose pins had to be measured."""
    config = files.read_config(pair.config)
    artifact = files.read_artifact(pair.artifact) if lexists(pair.artifact) else None
    if isinstance(config, Diagnostic) or isinstance(artifact, Diagnostic):  # gone meanwhile
        return Checked(pair, tuple(d for d in (config, artifact) if isinstance(d, Diagnostic)))
    old = read_payload(artifact, pair.artifact) if artifact is not None else None
    head = _head(dataset_files(old)) if isinstance(old, dict) else None
    compiled = compile_pinned(config, filename=pair.config, head=head, measure=measure)
    return judge(pair, config, artifact, compiled)


def _head(named: _Files) -> int | None:
    head: int | None = named.get("training", {}).get("head")
    return head


def _verified(one: Checked, measure: Measure, unseen: set[str]) -> Checked:
    """Return a pair with what the data says of its pins."""
    found = list(one.diagnostics)
    differs = False
    for use, file in one.pinned.items():
        path = file["path"]
        # A device or a pipe that a stranger's artifact names has no end.
        if not Path(path).is_file() or datasets.unreadable(path):
            if path not in unseen:
                found.append(
                    _about_pin(codes.PIN_UNCHECKED, one.pair.artifact, file, {"path": path})
                )
            unseen.add(path)
            continue
        pin = measure(path, head=file.get("head") if use == "training" else None).pin
        facts = {k: v for k, v in asdict(pin).items() if v is not None} if pin else {}
        if {"path": path, **facts} != file:
            differs = True
            words = {"path": path, "facts": _facts(file, facts)}
            found.append(_about_pin(codes.PIN_MISMATCH, one.pair.artifact, file, words))
    if not differs:
        return replace(one, diagnostics=tuple(found))
    return replace(one, diagnostics=tuple(found), expected=_pinned(one.pair, measure).expected)


def _facts(pinned: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """Return what differs between a pin and the file that is there."""
    if not found:
        return "the file is no valid dataset now"
    if found["examples"] != pinned["examples"]:
        return f"it has {found['examples']:,} rows, and {pinned['examples']:,} are pinned"
    return f"its sha256 is {found['sha256'][:12]}…, and {pinned['sha256'][:12]}… is pinned"


def _about_pin(
    code: str, artifact: str, file: Mapping[str, Any], words: dict[str, str]
) -> Diagnostic:
    """Return a finding at the digest in an artifact."""
    data = files.read_artifact(artifact)
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else ""
    at = text.find(file["sha256"])
    span = Lines(text, artifact).span(at, at + len(file["sha256"])) if at >= 0 else None
    return _diagnose(Finding(code, words=words, span=span), artifact)


def _diagnose(finding: Finding, file: str) -> Diagnostic:
    from ..diagnostics.catalogue import diagnose  # a sound repository needs none of it

    return diagnose(finding, file)
