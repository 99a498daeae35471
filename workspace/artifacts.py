"""Which artifact belongs to which config: by one rule, for every command.

``a/b.toml`` has its payload in ``a/b.job.json``, or in ``OUT_DIR/a/b.job.json``. The folders of
the config's path are kept, so no two configs share an artifact.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..disk.files import STDIN

CONFIG: Final = ".toml"
ARTIFACT: Final = ".job.json"


@dataclass(frozen=True, slots=True)
class Rule:
    """Where the artifacts of a repository are; paths are as seen from the current directory.

    Attributes:
        root: the folder whose configs these are.
        out_dir: the folder of the artifacts; None: beside their configs.

    """

    root: Path = Path()
    out_dir: Path | None = None

    def artifact(self, config: str) -> Path:
        """Return where the payload of a config goes.

        Raises:
            ValueError: the config is standard input, has no ``.toml`` at its end, or is not
                under the root; the message says which.

        """
        if config == STDIN:
            raise ValueError("standard input has no name to make a file name of; use -o")
        if Path(config).suffix != CONFIG:
            raise ValueError(f"{config}: --out-dir takes configs named *.toml; use -o")
        path = Path(config).with_suffix(ARTIFACT)
        if self.out_dir is None:
            return path
        # Lexically, so that an artifact is named as the config is, symlinks or not.
        inside = Path(os.path.relpath(path, self.root))
        if ".." in inside.parts or inside.is_absolute():
            where = "the current directory" if self.root == Path() else str(self.root)
            raise ValueError(f"{config} is outside {where}; use -o")
        return self.out_dir / inside

    def config(self, artifact: str) -> str | None:
        """Return the config of an artifact; None if the rule gives it none."""
        if not artifact.endswith(ARTIFACT):
            return None
        path = Path(artifact.removesuffix(ARTIFACT) + CONFIG)
        if self.out_dir is None:
            return str(path)
        inside = Path(os.path.relpath(path, self.out_dir))
        return None if ".." in inside.parts else str(self.root / inside)

    def artifacts(self, configs: Sequence[str]) -> list[Path]:
        """Return where the payloads of configs go, in their order.

        Raises:
            ValueError: one has no artifact, or two would share one; the message says why.

        """
        claimed: dict[str, str] = {}
        paths = []
        for config in configs:
            path = self.artifact(config)
            # Some file systems do not tell upper from lower case.
            other = claimed.setdefault(str(path).casefold(), config)
            if other is not config and Path(other).resolve() != Path(config).resolve():
                raise ValueError(f"{other} and {config} would both be written to {path}")
            paths.append(path)
        return paths


def targets(
    configs: Sequence[str], output: Path | None, rule: Rule | None
) -> Sequence[Path | None]:
    """Return the file that each payload goes to; None is standard output.

    Args:
        configs: the configs.
        output: the file that is asked for.
        rule: where artifacts go, if they are asked for.

    Raises:
        ValueError: the configs and the options do not go together; the message says how.

    """
    if output and rule:
        raise ValueError("-o and --out-dir exclude each other, and -o and --write")
    if rule:
        return rule.artifacts(configs)
    if len(configs) > 1:
        raise ValueError(
            "several configs need --out-dir DIR or --write: -o and standard output take one"
        )
    if output and configs[0] != STDIN and os.path.realpath(output) == os.path.realpath(configs[0]):
        raise ValueError(f"-o {output} would overwrite the config itself")
    return [output]


def walk(folder: str, suffix: str) -> Iterator[str]:
    """Yield the files below a folder whose names end so, sorted; hidden folders are left out."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(suffix):
                yield os.path.normpath(os.path.join(parent, name))  # noqa: PTH118 - thousands
