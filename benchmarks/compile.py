"""How long compiling and linting take, beside the peers, in one run on this machine.

Each pair of commands runs in turn, A B A B …, so that a machine that slows down slows both;
what counts is the median of the ratios. Usage: python benchmarks/compile.py SFTC REFERENCE
where SFTC is the command of an ordinary installation (an editable one starts later), and
REFERENCE a Python that has the reference client ``synth-ai`` installed.
"""

import statistics
import subprocess
import sys
import tempfile
import timeit
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import tomli

import sftc

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
FOUNDING = (ROOT / "tests/cases/founding/config.toml").read_text()
CLEAN = (ROOT / "tests/cases/qlora/config.toml").read_text()
WITH_A_FINDING = CLEAN.replace("eval_steps", "eval_step")
PAIRS = 9

REFERENCE = """
import contextlib, io, sys, timeit, logging
from pathlib import Path
logging.disable(logging.CRITICAL)
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    from synth_ai.api.train.builders import build_sft_payload
    def build():
        build_sft_payload(config_path=Path(sys.argv[1]), dataset_override=Path(sys.argv[2]),
                          allow_experimental=True)
    seconds = min(timeit.repeat(build, number=20, repeat=7)) / 20
print(seconds)
"""


def run(*command: str) -> float:
    """Return the seconds that a command takes, its exit code ignored."""
    start = perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return perf_counter() - start


def pairs(ours: Callable[[], float], theirs: Callable[[], float]) -> tuple[float, float, float]:
    """Return our median seconds, theirs, and the median ratio of the pairs."""
    measured = [(ours(), theirs()) for _ in range(PAIRS + 1)][1:]
    ratios = [a / b for a, b in measured]
    return (
        statistics.median(a for a, _ in measured),
        statistics.median(b for _, b in measured),
        statistics.median(ratios),
    )


def row(what: str, ours: float, peer: str, theirs: float, ratio: float) -> None:
    """Print one comparison."""
    print(f"{what:<44} {ours * 1e3:>9.2f} ms   {peer:<34} {theirs * 1e3:>9.2f} ms   × {ratio:.2f}")


def in_process(text: str) -> float:
    """Return the seconds of one compilation."""
    return min(timeit.repeat(lambda: sftc.compile_config(text), number=200, repeat=9)) / 200


def main() -> None:
    """Print every comparison."""
    print(f"{'ours':<57}   {'peer':<47}   ours ÷ peer (median of {PAIRS} pairs)")
    parse = min(timeit.repeat(lambda: tomli.loads(FOUNDING), number=200, repeat=9)) / 200
    ours = in_process(FOUNDING)
    row(
        "compile_config, founding config (1 warning)",
        ours,
        "tomli.loads alone",
        parse,
        ours / parse,
    )
    ours = in_process(CLEAN)
    parse = min(timeit.repeat(lambda: tomli.loads(CLEAN), number=200, repeat=9)) / 200
    row("compile_config, clean config", ours, "tomli.loads alone", parse, ours / parse)

    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.toml"
        data = Path(folder) / "train.jsonl"
        data.write_text('{"messages": [{"role": "user", "content": "a"}]}\n')
        config.write_text(
            '[algorithm]\ntype = "offline"\nmethod = "sft"\nvariety = "lora"\n' + FOUNDING
        )
        sftc_command, reference = sys.argv[1:]
        command = [reference, "-c", REFERENCE, str(config), str(data)]
        theirs = float(subprocess.check_output(command, text=True).split()[-1])
        ours = in_process(config.read_text())
        peer = "build_sft_payload (reference)"
        row("compile_config, founding config", ours, peer, theirs, ours / theirs)

        compile_command = (sftc_command, "compile", str(config))
        row(
            "sftc compile, whole process",
            *between(
                compile_command, "python -c 'import typer'", (sys.executable, "-c", "import typer")
            ),
        )
        schema = (ROOT / "schemas/config.schema.json").as_uri()
        for what, text in (("clean", CLEAN), ("with a finding each", WITH_A_FINDING)):
            names = []
            for number in range(1000):
                path = Path(folder) / f"{what[:5]}{number}.toml"
                path.write_text(text)
                names.append(str(path))
            lint = (sftc_command, "lint", *names)
            taplo = (str(BIN / "taplo"), "lint", "--no-auto-config", "--schema", schema, *names)
            row(
                f"sftc lint, 1,000 configs, {what}",
                *between(lint, "taplo lint, the same schema", taplo),
            )


def between(
    ours: tuple[str, ...], peer: str, theirs: tuple[str, ...]
) -> tuple[float, str, float, float]:
    """Return the figures of one row for two commands."""
    a, b, ratio = pairs(lambda: run(*ours), lambda: run(*theirs))
    return a, peer, b, ratio


if __name__ == "__main__":
    main()
