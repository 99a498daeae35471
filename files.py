"""Configs from disk and artifacts to disk: what the command line reads and writes.

A file that cannot be read is a diagnostic; a file that is written appears whole or not at all.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from .diagnostics import Diagnostic, Finding, Span

STDIN: Final = "-"
"""The name of a config that stands for standard input."""

_START: Final = Span(1, 1, 1, 1)
_MOST: Final = 8 * 1024 * 1024
"""Bytes that are read of a file; the compiler refuses files that are smaller."""


def shown_name(config: str) -> str:
    """Return the name that diagnostics give a config."""
    return "<stdin>" if config == STDIN else config


def read_config(name: str) -> bytes | Diagnostic:
    """Return the bytes of a config, or the finding that says why there are none."""
    try:
        if name == STDIN:
            if sys.stdin is None:  # closed, as `<&-` does
                return _unreadable(shown_name(name), "standard input is closed")
            return sys.stdin.buffer.read(_MOST)
        with open(name, "rb", buffering=0) as file:  # noqa: PTH123 - a lint opens thousands
            size = os.fstat(file.fileno()).st_size
            return file.read(min(size, _MOST)) if size else file.read(_MOST)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        return _unreadable(name, reason[0].lower() + reason[1:])


def _unreadable(name: str, reason: str) -> Diagnostic:
    from .diagnostics.catalogue import diagnostic  # only a file that cannot be read needs it

    finding = Finding("SFT001", words={"reason": reason}, hint=_neighbour(Path(name)))
    return diagnostic(finding, file=name, span=_START)


def _neighbour(path: Path) -> str | None:
    """Say which file was meant, if its name was misspelt."""
    from .diagnostics.suggest import nearest  # only a wrong name needs it

    try:
        if path.exists():
            return None
        names = [entry.name for entry in path.parent.iterdir() if entry.is_file()]
    except (OSError, ValueError):
        return None
    meant = nearest(path.name, names)
    return f"did you mean `{path.with_name(meant)}`?" if meant else None


def write(path: Path, data: bytes) -> None:
    """Put bytes into a file, which afterwards holds all of them, or what it held before.

    The folders above it are made. A file that is there keeps its mode.

    Raises:
        OSError: it cannot be written.

    """
    path = path.resolve()  # the file that a symlink names, not the link
    import tempfile  # a lint writes nothing

    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(_mode(path))
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode & 0o7777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def targets(
    configs: Sequence[str], output: Path | None, out_dir: Path | None
) -> Sequence[Path | None]:
    """Return the file that each payload goes to; None is standard output.

    Raises:
        ValueError: the configs and the options do not go together; the message says how.

    """
    if output and out_dir:
        raise ValueError("-o and --out-dir exclude each other")
    if out_dir:
        return _artifacts(configs, out_dir)
    if len(configs) > 1:
        raise ValueError("several configs need --out-dir DIR: -o and standard output take one")
    if output and configs[0] != STDIN and output.resolve() == Path(configs[0]).resolve():
        raise ValueError(f"-o {output} would overwrite the config itself")
    return [output]


def _artifacts(configs: Sequence[str], out_dir: Path) -> list[Path]:
    claimed: dict[str, str] = {}
    paths = []
    for config in configs:
        path = artifact_path(config, out_dir)
        # Some file systems do not tell upper from lower case.
        other = claimed.setdefault(str(path).casefold(), config)
        if Path(other).resolve() != Path(config).resolve():
            raise ValueError(f"{other} and {config} would both be written to {path}")
        paths.append(path)
    return paths


def artifact_path(config: str, out_dir: Path) -> Path:
    """Return where the payload of a config goes: ``a/b.toml`` to ``OUT_DIR/a/b.job.json``.

    The folders of the config's path are kept, so no two configs share an artifact.

    Raises:
        ValueError: the config is standard input, has no ``.toml`` at its end, or is not
            under the current directory; the message says which.

    """
    path = Path(config)
    if config == STDIN:
        raise ValueError("standard input has no name to make a file name of; use -o")
    if path.suffix != ".toml":
        raise ValueError(f"{config}: --out-dir takes configs named *.toml; use -o")
    # Lexically, so that an artifact is named as the config is, symlinks or not.
    inside = Path(os.path.relpath(path))
    if ".." in inside.parts or inside.is_absolute():
        raise ValueError(f"{config} is outside the current directory; use -o")
    return out_dir / inside.with_suffix(".job.json")
