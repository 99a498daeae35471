"""The systems' own validators take what is written for them, and refuse what is spoiled."""

import other_systems
import pytest


@pytest.mark.parametrize(
    "name", ["axolotl", "llamafactory", "skypilot", "trainjob", "trl", *other_systems.SERVICES]
)
def test_the_system_takes_drawn_configs_and_refuses_spoiled_ones(name: str) -> None:
    assert other_systems.judged(name, 300, 60) == ([], [])


@pytest.mark.skipif(
    not other_systems.python("prime-rl").exists(),
    reason="its package of configs is on no registry; run: make targets-prime-rl CHECKOUT=PATH",
)
def test_prime_rl_takes_drawn_configs_and_refuses_spoiled_ones() -> None:
    assert other_systems.judged("prime-rl", 300, 60) == ([], [])
