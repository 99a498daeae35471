"""What may come next on a command line, for the completion of shells.

A shell's script calls ``sftc`` with the words before the cursor, the last of them unfinished,
and reads lines: `word`, a tab, the word, a tab, what it means; `file`, a tab and the end of the
names of files; or `folder`. The shell itself looks for files.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from .command_line import Summaries
from .streams import show, usage

Choice: TypeAlias = tuple[str, str]
"""A word and what it means."""

_DATASETS: Final = (".jsonl", ".jsonl.gz", ".jsonl.zst")
_FILES: Final[Mapping[str, Sequence[str]]] = {
    "CONFIG": (".toml",),
    "PAYLOAD": (".json",),
    "DATASET": _DATASETS,
    "FILE": ("",),
}
"""How the names of files end that a metavar stands for."""


def answer(shell: str, root: Any, summaries: Summaries) -> str:
    """Return the lines for the arguments of this process.

    Args:
        shell: ``bash`` cuts words at `=`, and takes what comes after it.
        root: the command that all others are in.
        summaries: its commands, none of which has to be imported to be listed.

    """
    words = _whole(sys.argv[1:]) if shell == "bash" else sys.argv[1:]
    *before, unfinished = words or [""]
    lines = _lines(root, summaries, before, unfinished)
    return "".join(f"{line}\n" for line in lines)


def set_up(install: str | None, printed: str | None) -> None:
    """Install or print the script of a shell, and exit; with 2 if there is none for it."""
    from .shells import SCRIPTS, installed

    shell = (printed if install is None else install) or ""
    if shell not in SCRIPTS:
        option = "--show-completion" if install is None else "--install-completion"
        usage(f"completion is for bash, zsh and fish: name one, as in `sftc {option} bash`")
    if install is None:
        show(SCRIPTS[shell], sys.stdout)
    else:
        installed(shell)


def _lines(
    command: Any, summaries: Summaries, before: Sequence[str], unfinished: str
) -> Iterator[str]:
    """Yield the lines for what is unfinished after other words."""
    awaited: Any = None  # an option that the next word is the value of
    arguments = 0
    for at, word in enumerate(before):
        if awaited is not None:
            awaited = None
        elif word.startswith("-") and len(word) > 1:
            option = _option(command, word.partition("=")[0])
            takes = option is not None and not option.is_flag
            awaited = option if takes and "=" not in word else None
        elif hasattr(command, "list_commands"):
            inner, rest = command.get_command(None, word), before[at + 1 :]
            if inner is None and command.default:  # `sftc data FILE` is `sftc data check FILE`
                inner, rest = command.get_command(None, command.default), before[at:]
            if inner is not None:
                yield from _lines(inner, getattr(inner, "summaries", {}), rest, unfinished)
            return
        else:
            arguments += 1
    yield from _next(command, summaries, awaited, arguments, unfinished)


def _next(
    command: Any, summaries: Summaries, awaited: Any, arguments: int, unfinished: str
) -> Iterator[str]:
    """Yield the lines for a word of one command."""
    name, sign, value = unfinished.partition("=")
    if awaited is not None:
        yield from _values(awaited, unfinished)
    elif sign and name.startswith("--"):
        if (option := _option(command, name)) is not None:
            for line in _values(option, value):
                yield line.replace("word\t", f"word\t{name}=", 1)
    elif unfinished.startswith("-"):
        yield from _words(_options(command), unfinished)
    elif hasattr(command, "list_commands"):
        yield from _words(
            ((name, line) for part in summaries.values() for name, line in part.items()),
            unfinished,
        )
        if command.default:
            yield from _next(command.get_command(None, command.default), {}, None, 0, unfinished)
    else:
        taken = [param for param in command.params if param.param_type_name == "argument"]
        many = [param for param in taken if param.nargs == -1]
        for param in taken[arguments : arguments + 1] or many:
            yield from _values(param, unfinished)


def _options(command: Any) -> Iterator[Choice]:
    for param in command.params:
        if param.param_type_name == "option" and not param.hidden:
            yield max(param.opts, key=len), param.help or ""
    yield "--help", "Show this message and exit."


def _option(command: Any, name: str) -> Any:
    return next((param for param in command.params if name in param.opts), None)


def _values(param: Any, unfinished: str) -> Iterator[str]:
    """Yield the lines for the value of an option or an argument."""
    if choices := getattr(param.type, "choices", None):
        yield from _words(((str(getattr(one, "value", one)), "") for one in choices), unfinished)
        return
    for name in (param.metavar or "").strip("[].").split("|"):
        if ends := _FILES.get(name):
            yield from (f"file\t{end}" for end in ends)
        elif name == "DIR":
            yield "folder"
        elif name in _NAMES:
            yield from _words(_NAMES[name](unfinished), unfinished)


def _words(choices: Iterable[Choice], unfinished: str) -> Iterator[str]:
    """Yield the words that begin as the unfinished one does, in any case."""
    for word, means in choices:
        if word.lower().startswith(unfinished.lower()):
            yield f"word\t{word}\t{' '.join(means.split())}"


def _codes(unfinished: str) -> Iterator[Choice]:
    """Yield codes, and their names where one is being written."""
    from ..diagnostics.catalogue import CODES

    for code in CODES.values():
        yield code.code, code.slug
        if unfinished:
            yield code.slug, code.code


def _systems(_unfinished: str) -> Iterator[Choice]:
    from .. import targets

    for name in targets.names():
        yield name, str(targets.described(targets.load(name))["about"])


def _gpus(_unfinished: str) -> Iterator[Choice]:
    from ..job.gpus import all_gpus

    for gpu in all_gpus():
        yield gpu.name, ""


def _shells(_unfinished: str) -> Iterator[Choice]:
    from .shells import SCRIPTS

    yield from ((name, "") for name in SCRIPTS)


_NAMES: Final[Mapping[str, Callable[[str], Iterator[Choice]]]] = {
    "CODE": _codes,
    "SYSTEM": _systems,
    "GPU": _gpus,
    "SHELL": _shells,
}
"""What completes the names that a metavar stands for."""


def _whole(words: Sequence[str]) -> list[str]:
    """Return words of bash without the signs that it cut them at: the option, then its value."""
    whole: list[str] = []
    for at, word in enumerate(words):
        if word == "=" and whole and whole[-1].startswith("--"):
            if at == len(words) - 1:
                whole.append("")
        else:
            whole.append(word)
    return whole
