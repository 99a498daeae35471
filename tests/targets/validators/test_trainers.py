"""The trainers' own validators take what is written for them, and refuse what is spoiled."""

from random import Random

import other_systems
import pytest


@pytest.mark.parametrize("name", ["axolotl", "llamafactory", "skypilot", "trainjob", "trl"])
def test_the_trainer_takes_drawn_configs_and_refuses_spoiled_ones(name: str) -> None:
    texts = other_systems.written(name, 300)
    assert [wrong for wrong in other_systems.verdicts(name, texts) if wrong] == []
    random = Random(1)
    spoiled = [other_systems.spoiled_text(text, random) for text in texts[:60]]
    verdicts = other_systems.verdicts(name, spoiled)
    assert [text for text, wrong in zip(spoiled, verdicts, strict=True) if not wrong] == []
