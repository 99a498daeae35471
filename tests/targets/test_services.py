"""The services' own SDKs take what is written for them, and refuse what is spoiled.

`make targets` asks them about 300 drawn configs each.
"""

import other_systems
import pytest


@pytest.mark.parametrize("name", other_systems.SERVICES)
def test_the_sdk_takes_drawn_jobs_and_refuses_spoiled_ones(name: str) -> None:
    assert other_systems.judged(name, 50, 25) == ([], [])
