"""The configs and artifacts of a repository: what a command works on that names no files."""

import os
from collections.abc import Sequence
from typing import NamedTuple

from ..compiler import compile_config
from .artifacts import ARTIFACT, CONFIG, Rule, walk
from .settings import NAMES, Settings


def is_foreign(data: bytes) -> bool:
    """Whether a file is no fine-tuning config, though it is TOML."""
    return compile_config(data).foreign is not None


class Found(NamedTuple):
    """What there is.

    Attributes:
        configs: TOML files; of those that were found in folders, some may be no configs.
        artifacts: artifacts that were named, or found in folders.
        named: the files that were named, which had better be what they seem.

    """

    configs: list[str]
    artifacts: list[str]
    named: frozenset[str]


def find(paths: Sequence[str], settings: Settings, rule: Rule) -> Found:
    """Return the configs and artifacts at paths.

    Args:
        paths: files and folders; none: those of the settings.
        settings: the settings of the repository.
        rule: where artifacts are.

    """
    configs: dict[str, None] = {}
    artifacts: dict[str, None] = {}
    named = set()
    for path in paths or settings.places:
        if os.path.isdir(path):  # noqa: PTH112 - as they are
            configs.update(dict.fromkeys(_configs(path)))
            artifacts.update(dict.fromkeys(_artifacts(path, rule)))
        elif path.endswith(ARTIFACT):
            artifacts[path] = None
        else:
            configs[path] = None
            named.add(path)
    if not paths and rule.out_dir is not None:
        artifacts.update(dict.fromkeys(walk(str(rule.out_dir), ARTIFACT)))
    return Found(list(configs), list(artifacts), frozenset(named))


def _configs(folder: str) -> list[str]:
    return [path for path in walk(folder, CONFIG) if os.path.basename(path) not in NAMES]  # noqa: PTH119


def _artifacts(folder: str, rule: Rule) -> list[str]:
    """Return the artifacts of the configs in a folder."""
    if rule.out_dir is None:
        return list(walk(folder, ARTIFACT))
    inside = os.path.relpath(folder, rule.root)
    return list(walk(os.path.normpath(rule.out_dir / inside), ARTIFACT))
