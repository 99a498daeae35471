"""Reading and mending take work proportional to the config, however hostile it is.

Work is counted in lines that run, not in seconds: the count is the same on every machine. How
long it takes is measured by ``make bench``.
"""

import sys
from collections.abc import Callable
from typing import Any

import pytest

import sftc

HEAD = '[job]\nmodel = "m"\n[compute]\ngpu_type = "H100"\n[hyperparameters]\n'
FEW = 250

Text = Callable[[int], str]
TEXTS: dict[str, Text] = {
    "suppressions of a line": lambda n: "".join(
        f"x{i} = 1 # sftc: ignore[SFT211]\n" for i in range(n)
    ),
    "suppressions of tables": lambda n: "".join(
        f"# sftc: ignore[SFT211]\n[x{i}]\n" for i in range(n)
    ),
    "a block of suppressions": lambda n: "# sftc: ignore[SFT211]\n" * n + "[lora]\nr = 1\n",
    "codes in one suppression": lambda n: f"x = 1 # sftc: ignore[{'SFT211,' * n}]\n",
    "suppressions in an array": lambda n: "x = [\n" + "1, # sftc: ignore[SFT211]\n" * n + "]\n",
    "a key twice": lambda n: "".join(f"x{i} = 1\n" for i in range(n)) + "x0 = 2\n",
    "a table twice": lambda n: "".join(f"[x{i}]\n" for i in range(n)) + "[x0]\n",
    "a dotted key twice": lambda n: "".join(f"x{i}.y = 1\n" for i in range(n)) + "x0.y = 2\n",
    "quoted keys": lambda n: "".join(f'"x {i}" = 1\n' for i in range(n)) + "x = \n",
    "an open array": lambda n: "x = [" + "[1],\n" * n,
    "misspelt keys": lambda n: "".join(
        f"learning_rat{i} = 1\nlerning_rate{i}a = 1\n" for i in range(n)
    ),
    "unread tables": lambda n: "".join(f"[x{i}]\na = 1\n" for i in range(n)),
    "dates": lambda n: "".join(f"d{i} = 2026-11-26\n" for i in range(n)),
    "what is not finite": lambda n: "".join(f"d{i} = inf\n" for i in range(n)),
    "wrong items": lambda n: "lora_target_modules = [" + "1," * n + "]\n",
    "evaluation knobs": lambda n: "".join(f"[x{i}]\neval_steps = 1\n" for i in range(n)),
    "keys of an inline table": lambda n: (
        "lora = { r = 1, " + "".join(f"x{i} = 1, " for i in range(n)) + "}\n"
    ),
    "a table beside ours": lambda n: (
        "n_epochs = 1\n[hyperparams]\n" + "".join(f"x{i} = 1 # {i}\n" for i in range(n))
    ),
    "dates beside a misspelt table": lambda n: (
        "".join(f"d{i} = 2026-11-26\n" for i in range(n))
        + "[hyperparams]\n"
        + "".join(f"x{i} = 1\n" for i in range(n))
    ),
    "another table": lambda n: "[hyperparamters]\n" + "".join(f"x{i}.y = 1\n" for i in range(n)),
}


def work(function: Callable[[str], Any], text: str) -> int:
    """Return the lines of Python that a function runs."""
    count = 0

    def tally(_frame: Any, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return tally

    before = sys.gettrace()
    sys.settrace(tally)
    try:
        function(text)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.slow_but_first
@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("function", [sftc.lint_config, sftc.fix_config])
def test_work_is_proportional(function: Callable[[str], Any], name: str) -> None:
    small, large = HEAD + TEXTS[name](FEW), HEAD + TEXTS[name](2 * FEW)
    function(small)  # what is loaded once
    assert work(function, large) < 2.3 * work(function, small)


def test_squared_work_would_be_seen() -> None:
    def squared(text: str) -> None:
        for one in text:
            for other in text:
                assert one == other

    assert work(squared, "x" * 200) > 2.3 * work(squared, "x" * 100)
