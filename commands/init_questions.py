"""What ``sftc init`` asks at a terminal: as little as a config needs, each with a default."""

import sys
from collections.abc import Callable

import typer

from ..starter import DATA, GPU, MODEL
from .init_choices import Choices
from .init_gpus import gpu_of
from .streams import say, show


def answered(given: Choices) -> Choices:
    """Return choices with what people answer; as they are where nobody can be asked.

    Raises:
        typer.Abort: the input ended, which is how people say that they do not want to go on.

    """
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        return given
    missing = [name for name in ("model", "data", "gpu") if getattr(given, name) is None]
    if not missing:
        return given
    say("Enter accepts what is in brackets; Ctrl-C writes nothing.")
    if given.model is None:
        given = given._replace(model=_ask("Base model, by Hugging Face name or folder", MODEL))
    if given.data is None:
        given = given._replace(data=_ask("Training data, a JSONL file", DATA))
    if given.gpu is None:
        given = given._replace(gpu=_ask("GPU, such as RTX 4090 or H100x8", GPU, _wrong_gpu))
    return given


def _ask(question: str, default: str, wrong: Callable[[str], str] | None = None) -> str:
    """Return an answer, once it is not wrong."""
    while True:
        show(f"{question} [{default}]: ", sys.stderr)
        line = sys.stdin.readline()
        if not line:
            raise typer.Abort
        answer = line.strip() or default
        problem = wrong(answer) if wrong else ""
        if not problem:
            return answer
        say(problem)


def _wrong_gpu(answer: str) -> str:
    found = gpu_of(answer)
    return found if isinstance(found, str) else ""
