"""How the time of a lint and of a fix grows with the findings of one config.

Twice the findings may take about twice the time: a ratio near 2 is proportional, near 4 is
quadratic. Each measurement is a process of its own, stopped after a limit.
Usage: python benchmarks/growth.py [SECONDS]
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from time import perf_counter
from typing import Final

SMALL: Final = 2_000
HEAD: Final = '[job]\nmodel = "m/x"\n[compute]\ngpu_type = "H100"\n'
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


def _lines(table: str, line: str, count: int) -> str:
    return f"[{table}]\n" + "".join(f"{line.format(number)}\n" for number in range(count))


def _slips() -> Iterator[str]:
    """Yield known keys with one letter replaced by another."""
    from sftc import schemas

    known = schemas.known_tables()[("hyperparameters",)]
    for place in range(40):
        for letter in LETTERS:
            for key in known:
                slip = key[:place] + letter + key[place + 1 :]
                if place < len(key) and slip not in known and len(key) > 4:  # noqa: PLR2004
                    yield slip


def _misspelt(count: int) -> str:
    return "[hyperparameters]\n" + "".join(f"{key} = 1\n" for key in islice(_slips(), count))


def _duplicate(count: int) -> str:
    return _lines("hyperparameters", "key_{} = 1", count) + "key_0 = 2\n"


KINDS: Final[dict[str, Callable[[int], str]]] = {
    "names of another tool": lambda n: "".join(f"[hf_{i}]\nlr = 1\n" for i in range(n)),
    "misspelt keys": _misspelt,
    "unread keys": lambda n: _lines("training", "knob_{} = 1", n),
    "dates": lambda n: _lines("hyperparameters", "day_{} = 2026-01-01", n),
    "wrong types": lambda n: (
        "[hyperparameters]\nlora_target_modules = [\n"
        + "".join(f"{i},\n" for i in range(n))
        + "]\n"
    ),
    "suppressions": lambda n: _lines("hyperparameters", "x_{} = 1 # sftc: ignore[SFT211]", n),
    "a duplicate key": _duplicate,
    "keys of another table": lambda n: "".join(f"[x_{i}]\neval_steps = 1\n" for i in range(n)),
}


def _measure(verb: str, kind: str, count: int) -> None:
    """Print the findings that one run reports, and its seconds."""
    import sftc
    from sftc import report

    text = HEAD + KINDS[kind](count)
    sftc.lint_config(HEAD + "[trainer]\nlr = 1\n")  # what is imported once is not counted
    start = perf_counter()
    if verb == "lint":
        found = sftc.lint_config(text)
        report.render(report.Format.TEXT, found, {"config.toml": text})
    else:
        found = sftc.fix_config(text).applied
    print(len(found), perf_counter() - start)


def _measured(verb: str, kind: str, count: int, limit: float) -> tuple[int, float] | None:
    command = [sys.executable, __file__, verb, kind, str(count)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return None
    found, seconds = done.stdout.split()
    return int(found), float(seconds)


def _row(verb: str, kind: str, limit: float) -> str:
    small = _measured(verb, kind, SMALL, limit)
    large = _measured(verb, kind, 2 * SMALL, limit) if small else None
    if small is None or large is None:
        first = f"{small[1]:>9.2f}" if small else f"{'':>9}"
        return f"{verb:<5} {kind:<24} {'':>7} {first} {f'> {limit:g}':>9}"
    ratio = large[1] / small[1]
    return f"{verb:<5} {kind:<24} {large[0]:>7,} {small[1]:>9.2f} {large[1]:>9.2f} {ratio:>6.2f}"


def main() -> None:
    """Print a row for each kind of finding, for lint and for fix."""
    limit = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    print(f"{'':<5} {'':<24} {'counted':>7} {f's, {SMALL:,}':>9} {f's, {2 * SMALL:,}':>9}  ratio")
    for verb in ("lint", "fix"):
        for kind in KINDS:
            print(_row(verb, kind, limit), flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 2:  # noqa: PLR2004 - one measurement: VERB KIND COUNT
        _measure(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    else:
        main()
