"""Lift all configs of another system under a folder, and count what becomes of each leaf.

A leaf is named if a finding is about it, or about what it is in. It is carried if another value
in its place gives another config. One that is neither was lost in silence: there must be none.

Run by hand: ``python tools/targets_corpus.py axolotl PATH/examples``; docs/targets.md has counts.
"""

import argparse
import copy
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import sftc
from sftc import targets
from sftc.compiler.inspection import lift
from sftc.diagnostics import KeyPath, Severity, dotted
from sftc.targets.documents import Document, UnreadableError, parse
from sftc.targets.paths import leaves
from sftc.targets.reading import Read, read
from sftc.workspace.porting import lift_from
from sftc.writer import config_text

_PROBES: Final[tuple[Any, ...]] = ("probe-7f3a", 7919, 0.7919, True, False, ["probe-7f3a"], [])
_ENDINGS: Final = {"yaml": (".yml", ".yaml"), "toml": (".toml",), "json": (".json",)}


def main() -> None:
    """Count, and exit with 1 if a leaf was lost."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("target", choices=targets.names())
    arguments.add_argument("folder", type=Path)
    given = arguments.parse_args()
    target = targets.load(given.target)
    counts: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    unnamed: Counter[str] = Counter()
    for path in sorted(given.folder.rglob("*")):
        if path.suffix in _ENDINGS[target.form] and path.is_file():
            count(path, target, counts, codes, unnamed)
    for name, number in counts.items():
        print(f"{number:7,} {name}")
    print("lint:", ", ".join(f"{code} {n}" for code, n in codes.most_common()))
    print("no words of their own:", ", ".join(f"{k} {n}" for k, n in unnamed.most_common(40)))
    sys.exit(1 if counts["leaves lost in silence"] else 0)


def count(
    path: Path,
    target: targets.Target,
    counts: Counter[str],
    codes: Counter[str],
    unnamed: Counter[str],
) -> None:
    """Count what becomes of the leaves of one file."""
    text = path.read_bytes()
    counts["files"] += 1
    try:
        source = parse(text, target.form, str(path))
    except UnreadableError as error:
        counts["files that cannot be read"] += 1
        print(f"{path}: {error}")
        return
    result = read(source, target)
    counts["files that are another kind of job"] += result.refused
    for at, fate in fates(source, target, result):
        counts[f"leaves {fate}"] += 1
        if fate == "lost in silence":
            print(f"{path}: {dotted(at)}")
    for finding in result.findings:
        if finding.words.get("why") == "no key of ours says it":
            unnamed[finding.words["key"]] += 1
    if not result.refused:
        lint(text, target, path, counts, codes)


def lint(
    text: bytes, target: targets.Target, path: Path, counts: Counter[str], codes: Counter[str]
) -> None:
    """Count what the linter says of a lifted config."""
    lifted = lift_from(text, target, name=path.name, gpu_type="H100")
    found = sftc.lint_config(lifted.text or "")
    counts["configs that lint clean"] += not found
    counts["configs with warnings alone"] += bool(found) and all(
        one.severity is not Severity.ERROR for one in found
    )
    codes.update(f"{one.code} ({one.severity})" for one in found)


def fates(source: Document, target: targets.Target, result: Read) -> Iterator[tuple[KeyPath, str]]:
    """Yield each leaf of a source with what became of it."""
    named = {finding.words.get("key") for finding in result.findings}
    config = written(result)
    for at, value in leaves(source.tree):
        if any(dotted(at[:length]) in named for length in range(1, len(at) + 1)):
            yield at, "named"
        elif any(written(read(other, target)) != config for other in probed(source, at, value)):
            yield at, "carried"
        else:
            yield at, "lost in silence"


def written(result: Read) -> str:
    """Return the config that is written: it may lack what TOML has no value for."""
    return config_text(lift(result.payload))


def probed(source: Document, at: KeyPath, value: Any) -> Iterator[Document]:
    """Yield the source with other values at a path."""
    for probe in _PROBES:
        if probe != value:
            tree = copy.deepcopy(source.tree)
            here: Any = tree
            for part in at[:-1]:
                here = here[part]
            here[at[-1]] = probe
            yield Document(source.name, tree, source.places)


if __name__ == "__main__":
    main()
