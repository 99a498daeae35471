"""Runs many commands as ``sftc`` would, each in a fork of one interpreter that has loaded it.

The streams and the locale are those that this script was started with. For each command, it
writes to a file what came out, and the exit code.
Usage: output_driver.py COMMANDS.json RESULTS.json CAPTURED.
"""

import gc
import json
import os
import pkgutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import sftc
from sftc import cli

_NOT_LOADED = (
    "sftc.training.program",
    "sftc.__main__",
    "sftc.benchmarks",
    "sftc.setup",
    "sftc.tests",
    "sftc.tools",
)


def main() -> None:
    """Run the commands one after the other."""
    closed = _occupied()
    _warm_up()
    commands = json.loads(Path(sys.argv[1]).read_text())
    captured = [int(number) for number in sys.argv[3]]
    results = []
    for command in commands:
        files = {number: tempfile.TemporaryFile() for number in captured}  # noqa: SIM115
        child = os.fork()
        if not child:
            for number in closed:
                os.close(number)
            for number, file in files.items():
                os.dup2(file.fileno(), number)
            _run(command)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        shown = {}
        for number, file in files.items():
            file.seek(0)
            shown[number] = file.read().hex()
            file.close()
        results.append([code, shown])
    Path(sys.argv[2]).write_text(json.dumps(results))


def _run(command: list[str]) -> NoReturn:
    """Run a command, and exit as the interpreter does, but at once."""
    sys.argv[:] = ["sftc", *(os.fsdecode(word.encode()) for word in command)]
    code = 1
    try:
        cli.main()
    except SystemExit as error:
        code = int(error.code or 0)
    except BaseException:  # noqa: BLE001 - as the interpreter shows it
        sys.excepthook(*sys.exc_info())
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream:
                stream.flush()
        except OSError:
            code = 120
    os._exit(code)


def _warm_up() -> None:
    """Load what commands load, and what they keep."""
    for module in pkgutil.walk_packages(sftc.__path__, "sftc."):
        if not module.name.startswith(_NOT_LOADED):
            import_module(module.name)
    sftc.lint_config("[compute]\ngpu_count = 'x'\n[lora]\nr = 2020-01-01\n")
    gc.freeze()


def _occupied() -> list[int]:
    """Keep the numbers of closed streams from the files of this script, and return them."""
    closed = []
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            closed.append(number)
            os.open(os.devnull, os.O_RDWR)  # the lowest number is taken
    return closed


if __name__ == "__main__":
    main()
