"""The examples compile for every system; of one that cannot have them, this says why not."""

from pathlib import Path

import pytest

from sftc import targets
from sftc.diagnostics import Severity
from sftc.workspace.porting import compile_for

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
NO_STEPS = "prime-rl needs `total_steps`"
NO_QLORA = "does not support this training method"
WHY_NOT = {
    **{(example, "fireworks"): [NO_QLORA] for example in ("qlora.toml", "smollm2.toml")},
    ("full.toml", "prime-rl"): [NO_STEPS],
    ("lora.toml", "prime-rl"): [NO_STEPS],
    ("qlora.toml", "prime-rl"): [NO_STEPS, NO_QLORA],
    ("qlora.toml", "together"): [NO_QLORA],
    ("smollm2.toml", "prime-rl"): ["no renderer of prime-rl lists", NO_QLORA],
    ("smollm2.toml", "together"): [NO_QLORA],
}


@pytest.mark.parametrize("name", targets.names())
@pytest.mark.parametrize("example", ["full.toml", "lora.toml", "qlora.toml", "smollm2.toml"])
def test_an_example_compiles_for_a_system_or_says_why_not(example: str, name: str) -> None:
    ported = compile_for(
        targets.load(name), (EXAMPLES / example).read_bytes(), filename=f"examples/{example}"
    )
    errors = [d.message for d in ported.diagnostics if d.severity is Severity.ERROR]
    expected = WHY_NOT.get((example, name), [])
    assert len(errors) == len(expected), errors
    assert all(why in message for why, message in zip(expected, errors, strict=True))
    assert (ported.text is None) == bool(expected)
