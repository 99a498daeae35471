"""Check the types of the public API as programs see it, with a wheel that is installed.

Run it by the interpreter of an environment that has the wheel, mypy and basedpyright, from a folder
without the source: python PATH/public_api_types.py PATH/consumer.py. mypy and pyright check the
consumer strictly, and pyright checks that the type of each public name is complete.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import sftc

BIN = Path(sys.executable).parent


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    """Run a checker of this environment."""
    variables = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )


def incomplete() -> list[str]:
    """Return the public names, and their members, whose types pyright does not know in full."""
    done = run("basedpyright", "--verifytypes", "sftc", "--ignoreexternal", "--outputjson")
    report = json.loads(done.stdout)["typeCompleteness"]
    if report["pyTypedPath"] is None or not report["symbols"]:
        sys.exit(f"pyright does not see the wheel: {done.stdout[:500]}")
    things = (getattr(sftc, name) for name in sftc.__all__)
    names = [
        f"{one.__module__}.{one.__qualname__}" for one in things if hasattr(one, "__qualname__")
    ]
    print(f"{len(names)} public names; the whole package: {report['completenessScore']:.1%}")
    return [
        symbol["name"]
        for symbol in report["symbols"]
        if not symbol["isTypeKnown"]
        and any(symbol["name"] == name or symbol["name"].startswith(f"{name}.") for name in names)
    ]


def main(consumer: str) -> None:
    """Check, print what is wrong, and exit."""
    wrong = False
    for command in (("mypy", "--strict", consumer), ("basedpyright", "--level", "error", consumer)):
        done = run(*command)
        print(f"{command[0]}: {done.stdout.strip()}")
        wrong |= done.returncode != 0
    left = incomplete()
    print("\n".join(left) or "each type of the public API is complete")
    sys.exit(wrong or bool(left))


if __name__ == "__main__":
    main(sys.argv[1])
