"""The services' own SDKs take what is written for them, and refuse what is spoiled."""

import json
from random import Random

import other_systems
import pytest


@pytest.mark.parametrize("name", other_systems.SERVICES)
def test_the_sdk_takes_drawn_jobs_and_refuses_spoiled_ones(name: str) -> None:
    texts = other_systems.written(name, 300)
    assert [wrong for wrong in other_systems.verdicts(name, texts) if wrong] == []
    random = Random(1)
    spoiled = [json.dumps(other_systems.spoiled(json.loads(text), random)) for text in texts[:100]]
    assert [
        text
        for text, wrong in zip(spoiled, other_systems.verdicts(name, spoiled), strict=True)
        if not wrong
    ] == []
