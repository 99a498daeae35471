"""Runs many commands as ``sftc`` would, each in a fork of one interpreter that has loaded it.

The streams and the locale are those that this script was started with. For each command, it
writes to a file what came out, and the exit code.
Usage: output_driver.py COMMANDS.json RESULTS.json CAPTURED.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from fork_server import STREAMS, load, run


def main() -> None:
    """Run the commands one after the other."""
    closed = _occupied()
    load()
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
            run(command)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        shown = {}
        for number, file in files.items():
            file.seek(0)
            shown[number] = file.read().hex()
            file.close()
        results.append([code, shown])
    Path(sys.argv[2]).write_text(json.dumps(results))


def _occupied() -> list[int]:
    """Keep the numbers of closed streams from the files of this script, and return them."""
    closed = []
    for number in range(STREAMS):
        try:
            os.fstat(number)
        except OSError:
            closed.append(number)
            os.open(os.devnull, os.O_RDWR)  # the lowest number is taken
    return closed


if __name__ == "__main__":
    main()
