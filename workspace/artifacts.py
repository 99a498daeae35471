"""Which artifact belongs to which config: by one rule, for every command.

``a/b.toml`` has its payload in ``a/b.job.json``, or in ``OUT_DIR/a/b.job.json``. The folders of
the config's path are kept, so no two configs share an artifact. Its text for a target that the
settings name is beside the payload: ``a/b.job.axolotl.yaml``.
"""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

from ..disk.files import STDIN

CONFIG: Final = ".toml"
ARTIFACT: Final = ".job.json"
PATTERNS: Final = (f"*{CONFIG}", "*.job.*")
"""Globs that all configs and artifacts match, and little else."""
_ENDING: Final = re.compile(r"\.job(?:\.json|\.([a-z0-9-]+)\.(json|toml|yaml))\Z")
_HERE: Final = Path()


def ending(path: str) -> str:
    """Return how the name of an artifact ends; empty if it is the name of none."""
    match = _ENDING.search(path)
    if match is None or (match[1] and not _is_of_target(match[1], match[2])):
        return ""
    return match[0]


@cache
def _is_of_target(name: str, form: str) -> bool:
    """Whether the texts of a target end so; any other name is somebody's own."""
    from ..targets import load, names  # few repositories have texts for targets

    return name in names() and load(name).form == form


def is_config(path: str) -> bool:
    """Whether a name is one of a config: TOML, and no artifact in TOML."""
    return path.endswith(CONFIG) and not ending(path)


def text_ending(artifact: str, target: str, form: str) -> str:
    """Return the path of the text for a target beside a payload."""
    return f"{artifact.removesuffix(ARTIFACT)}.job.{target}.{form}"


@dataclass(frozen=True, slots=True)
class Rule:
    """Where the artifacts of a repository are; paths are as seen from the current directory.

    Attributes:
        root: the folder whose configs these are.
        out_dir: the folder of the artifacts; None: beside their configs.

    """

    root: Path = Path()
    out_dir: Path | None = None

    def artifact(self, config: str) -> str:
        """Return where the payload of a config goes.

        Raises:
            ValueError: the config is standard input, has no ``.toml`` at its end, or is not
                under the root; the message says which.

        """
        if config == STDIN:
            raise ValueError("standard input has no artifact; write its payload with compile -o")
        if not config.endswith(CONFIG):
            raise ValueError(f"{config} does not end in {CONFIG}, so it has no artifact")
        path = spelled(config.removesuffix(CONFIG) + ARTIFACT)
        if self.out_dir is None:
            return path
        # Lexically, so that an artifact is named as the config is, symlinks or not.
        inside = (
            path if self.root == _HERE and _is_plain(path) else os.path.relpath(path, self.root)
        )
        if not _is_plain(inside):
            where = "the current directory" if self.root == _HERE else str(self.root)
            raise ValueError(
                f"{config} is outside {where}, so it has no artifact in {self.out_dir}"
            )
        return spelled(os.path.join(self.out_dir, inside))

    def claim(self, config: str) -> str | None:
        """Return where the payload of a config goes; None if it has no place."""
        try:
            return self.artifact(config)
        except ValueError:
            return None

    def config(self, artifact: str) -> str | None:
        """Return the config of an artifact; None if the rule gives it none."""
        if not (end := ending(artifact)):
            return None
        path = spelled(artifact.removesuffix(end) + CONFIG)
        if self.out_dir is None:
            return path
        inside = os.path.relpath(path, self.out_dir)
        return spelled(os.path.join(self.root, inside)) if _is_plain(inside) else None


def spelled(path: str) -> str:
    """Return the one spelling of a path: as seen from here, so that texts can be compared."""
    path = os.path.normpath(path)
    return path if _is_plain(path) else os.path.relpath(path)


def _is_plain(path: str) -> bool:
    """Whether a path stays in the folder that it starts from."""
    return not path.startswith(os.sep) and path.split(os.sep, 1)[0] != os.pardir


RuleOf: TypeAlias = Callable[[str], Rule]
"""Gives the rule for a config or an artifact."""


def artifacts(
    configs: Iterable[str], rule_of: RuleOf, is_foreign: Callable[[str], bool]
) -> list[str]:
    """Return where the payloads of configs go, in their order.

    Args:
        configs: the configs.
        rule_of: where artifacts go.
        is_foreign: whether a file is no config after all; asked of those that would share one.

    Raises:
        ValueError: one has no artifact, or two would share one; the message says why.

    """
    claimed: dict[str, str] = {}
    paths = []
    for config in configs:
        path = rule_of(config).artifact(config)
        # Some file systems do not tell upper from lower case.
        other = claimed.setdefault(path.casefold(), config)
        same = other is config or Path(other).resolve() == Path(config).resolve()
        if not same and not is_foreign(other) and not is_foreign(config):
            raise ValueError(f"{other} and {config} would both be written to {path}")
        paths.append(path)
    return paths


def targets(
    configs: Sequence[str],
    output: Path | None,
    rule_of: RuleOf | None,
    is_foreign: Callable[[str], bool],
) -> Sequence[Path | None]:
    """Return the file that each payload goes to; None is standard output.

    Args:
        configs: the configs, at least one.
        output: the file that is asked for.
        rule_of: where artifacts go, if they are asked for.
        is_foreign: whether a file is no config after all.

    Raises:
        ValueError: the configs and the options do not go together; the message says how.

    """
    if output and rule_of:
        raise ValueError("-o cannot be combined with --out-dir or --write")
    if rule_of:
        return list(map(Path, artifacts(configs, rule_of, is_foreign)))
    if len(configs) > 1:
        raise ValueError(
            "several configs need --out-dir DIR or --write: -o and standard output take one"
        )
    if output and configs[0] != STDIN and os.path.realpath(output) == os.path.realpath(configs[0]):
        raise ValueError(f"-o {output} would overwrite the config itself")
    return [output]
