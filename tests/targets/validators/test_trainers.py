"""The trainers' own validators take what is written for them, and refuse what is spoiled."""

from random import Random

import other_systems
import pytest

from sftc import targets


@pytest.mark.parametrize("name", other_systems.TRAINERS)
def test_the_trainer_takes_drawn_configs_and_refuses_spoiled_ones(name: str) -> None:
    texts = other_systems.written(name, 300)
    assert [wrong for wrong in other_systems.verdicts(name, texts) if wrong] == []
    random, form = Random(1), targets.load(name).form
    trees = (other_systems.decoded(text, form) for text in texts[:60])
    spoiled = [other_systems.encoded(other_systems.spoiled(tree, random), form) for tree in trees]
    verdicts = other_systems.verdicts(name, spoiled)
    assert [text for text, wrong in zip(spoiled, verdicts, strict=True) if not wrong] == []
