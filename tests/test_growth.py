"""Reading takes time proportional to the config, however hostile it is.

The bounds are ten times what a slow machine needs, and a tenth of what quadratic work takes.
"""

from time import perf_counter

import pytest

import sftc

HEAD = '[job]\nmodel = "m"\n[compute]\ngpu_type = "H100"\n[hyperparameters]\n'
MANY = 8_000

TEXTS = {
    "suppressions of a line": "".join(f"x{i} = 1 # sftc: ignore[SFT211]\n" for i in range(MANY)),
    "suppressions of tables": "".join(f"# sftc: ignore[SFT211]\n[x{i}]\n" for i in range(MANY)),
    "a block of suppressions": "# sftc: ignore[SFT211]\n" * MANY + "[lora]\nr = 1\n",
    "codes in one suppression": f"x = 1 # sftc: ignore[{'SFT211,' * MANY}]\n",
    "suppressions in an array": "x = [\n" + "1, # sftc: ignore[SFT211]\n" * MANY + "]\n",
    "a key twice": "".join(f"x{i} = 1\n" for i in range(MANY)) + "x0 = 2\n",
    "a table twice": "".join(f"[x{i}]\n" for i in range(MANY)) + "[x0]\n",
    "a dotted key twice": "".join(f"x{i}.y = 1\n" for i in range(MANY)) + "x0.y = 2\n",
    "quoted keys": "".join(f'"x {i}" = 1\n' for i in range(MANY)) + "x = \n",
    "an open array": "x = [" + "[1],\n" * MANY,
}


@pytest.mark.parametrize("name", TEXTS)
def test_time_is_proportional(name: str) -> None:
    start = perf_counter()
    assert sftc.lint_config(HEAD + TEXTS[name])
    assert perf_counter() - start < 8
