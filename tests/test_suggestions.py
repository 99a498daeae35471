"""Every slip of one letter in every key that is known is found, once, and read as that key."""

import json
from typing import Any

import pytest

import sftc
from sftc import schemas

SOUND: dict[str, Any] = {"job": {"model": "m"}, "compute": {"gpu_type": "x"}}
KEYS = [
    (table, key) for table, known in schemas.known_tables().items() for key in known if len(key) > 2
]


def slips(word: str) -> set[str]:
    """Return a word with each letter left out, written twice, wrong, or swapped with the next."""
    made = {word[:at] + word[at + 1 :] for at in range(len(word)) if len(word) > 3}
    made |= {word[:at] + word[at] + word[at:] for at in range(len(word))}
    made |= {f"{word[:at]}q{word[at + 1 :]}" for at in range(len(word))}
    made |= {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)}
    return made - {word}


def value_for(path: tuple[str, ...]) -> Any:
    """Return a value that the schema allows."""
    schema = schemas.key_schema(path)
    if schema.get("type") == "object":
        return {"x": "y"}
    return [*schema.get("examples", ()), *schema.get("enum", ()), schema.get("default")][0]


def written(config: dict[str, Any], path: tuple[str, ...], value: Any) -> str:
    """Return TOML of a config with one more value; JSON values are TOML values, too."""
    lines = [
        f"{table}.{key} = {json.dumps(v)}" for table, t in config.items() for key, v in t.items()
    ]
    body = '{x = "y"}' if isinstance(value, dict) else json.dumps(value)
    return "\n".join([*lines, f"{'.'.join(path)} = {body}"])


@pytest.mark.parametrize(("table", "key"), KEYS, ids=[".".join((*t, k)) for t, k in KEYS])
def test_a_slip_is_one_finding_with_the_right_word(table: tuple[str, ...], key: str) -> None:
    """What else is found is what is found of the config with the key written right."""
    known = schemas.known_tables()[table]
    also = {other for schema in known.values() for other in schema.get("x-sftc-also", ())}
    config = {name: dict(values) for name, values in SOUND.items()}
    if not table:
        config.pop(key, None)
    elif len(table) == 1:
        config.get(table[0], {}).pop(key, None)
    value = value_for((*table, key))
    meant = [d.code for d in sftc.lint_config(written(config, (*table, key), value))]
    for slip in sorted(slips(key) - known.keys() - also):
        found = sftc.lint_config(written(config, (*table, slip), value))
        spelling = [d for d in found if d.code in ("SFT112", "SFT244")]
        assert len(spelling) == 1, (slip, found)
        assert spelling[0].path == (*table, slip)
        suggested = spelling[0].message.split("did you mean ")[1]
        assert f"`{key}`" in suggested or f"`{'.'.join((*table, key))}`" in suggested, slip
        if spelling[0].fix and not isinstance(value, dict):  # the rules see the key that is meant
            rest = [d.code for d in found if d is not spelling[0] and d.code != "SFT306"]
            assert sorted(rest) == sorted(code for code in meant if code != "SFT247"), slip


def test_of_two_words_that_are_meant_none_is_written() -> None:
    found = sftc.lint_config(written(SOUND, ("hyperparameters", "parallelism", "f16"), value=True))
    assert [d.message for d in found] == [
        "unknown key `f16` in [hyperparameters.parallelism]; did you mean `bf16` or `fp16`?"
    ]
    assert found[0].fix is None


def test_a_slip_beside_the_right_word_is_found_and_left() -> None:
    config = {**SOUND, "hyperparameters": {"n_epochs": 1}}
    found = sftc.lint_config(written(config, ("hyperparameters", "n_epoch"), 3))
    assert [(d.code, d.hint, d.fix) for d in found] == [
        ("SFT244", "`n_epochs` is set too; keep that one", None)
    ]
