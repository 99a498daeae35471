"""A slip of the hand in a key is found and read as that key; another setting never is."""

import difflib
import json
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sftc
from sftc import diagnostics, schemas
from sftc.datasets.rows.roles import ROLES
from sftc.diagnostics import suggest

TABLES = schemas.known_tables()
NAMES = sorted({key for known in TABLES.values() for key in known})
FOREIGN = sorted(
    set().union(
        *json.loads(
            Path(diagnostics.__file__).with_name("trainer-settings.json").read_bytes()
        ).values()
    )
)
WORDS = {word for name in FOREIGN for word in name.split("_")}

SLIPS = {
    "gpu_typ": "gpu_type",
    "gup_type": "gpu_type",
    "pgu_type": "gpu_type",
    "ggpu_type": "gpu_type",
    "gpu_cuont": "gpu_count",
    "learning_rat": "learning_rate",
    "lerning_rate": "learning_rate",
    "learnig_rate": "learning_rate",
    "leanring_rate": "learning_rate",
    "learning_raet": "learning_rate",
    "learning_tate": "learning_rate",
    "lwarning_rate": "learning_rate",
    "n_epoch": "n_epochs",
    "n_epochss": "n_epochs",
    "nn_epochs": "n_epochs",
    "eval_step": "eval_steps",
    "eval_stesp": "eval_steps",
    "sequence_lenght": "sequence_length",
    "sequnce_length": "sequence_length",
    "sequnce_lenght": "sequence_length",
    "warmup_raito": "warmup_ratio",
    "gradient_acumulation_steps": "gradient_accumulation_steps",
    "gradient_acummulation_steps": "gradient_accumulation_steps",
    "gradient_acumulaton_steps": "gradient_accumulation_steps",
    "gradient_acumulation_step": "gradient_accumulation_steps",
    "gradientacumulation_steps": "gradient_accumulation_steps",
    "use_qlroa": "use_qlora",
    "bf61": "bf16",
    "bf16_": "bf16",
    "parallellism": "parallelism",
    "paralelism": "parallelism",
    "hyperparamters": "hyperparameters",
    "hyperparameter": "hyperparameters",
    "hyperparmeter": "hyperparameters",
    "validaton": "validation",
    "traning": "training",
    "compte": "compute",
    "jbo": "job",
    "Job": "job",
    "learningRate": "learning_rate",
    "learning-rate": "learning_rate",
    "learning rate": "learning_rate",
    "LearningRate": "learning_rate",
    "LEARNING_RATE": "learning_rate",
    "learningrate": "learning_rate",
    "learnigRate": "learning_rate",
    "learnigrate": "learning_rate",
    "perDeviceBatch": "per_device_batch",
    "pre_device_batch": "per_device_batch",
    "BF16": "bf16",
    "FSDP": "fsdp",
}
"""What is written, and what of all the keys that are known is meant."""

OTHERS = [
    *("min_learning_rate", "learning_rate_2", "base_learning_rate", "learning", "rate"),
    *("fsdp2", "fsdp1", "bf8", "bf1", "fp8", "fp32", "fp116", "tf32", "bf", "use_lora"),
    *("val_steps", "eval_batch_size", "evaluation", "steps_per_epoch"),
    *("cpu_count", "cpu_type", "tpu_type", "hpu_type", "vgpu_type", "xpu_count", "node_type"),
    *("context_parallel_size", "tensor_parallel", "sequence_parallel_size"),
    *("epochs", "m_epochs", "nb_epochs", "jb", "jobx", "kob", "code", "enable", "tag"),
    *("validation_data", "data_parts", "global_batch_size", "warmup_steps"),
    *("", "_", "-", "x", "é", "ключ", "lernin_rat", "a" * 100_000),
]
"""What is none of the keys, and stays as it is."""


@pytest.mark.parametrize(("word", "meant"), SLIPS.items())
def test_a_slip_is_the_key_that_is_meant(word: str, meant: str) -> None:
    assert suggest.slips(word, NAMES) == [meant]


@pytest.mark.parametrize("word", OTHERS, ids=lambda word: word[:20])
def test_another_name_is_no_slip(word: str) -> None:
    assert suggest.slips(word, NAMES) == []


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("f16", ["bf16", "fp16"], ["bf16", "fp16"]),
        ("lora_rnak", ["lora_rnk", "lora_rank"], ["lora_rnk", "lora_rank"]),
        ("learning_rte", ["learning_rate", "learning_rote"], ["learning_rate", "learning_rote"]),
        ("sequence_lenght", ["sequence_length", "sequence_lenghth"], None),
        ("bf16", ["bf16", "fp16"], []),
        ("anything", [], []),
    ],
)
def test_of_keys_that_are_equally_near_all_are_meant(
    word: str, known: list[str], meant: list[str] | None
) -> None:
    assert suggest.slips(word, known) == (known if meant is None else meant)


def one_slip(key: str) -> set[str]:
    """Return a key with each letter left out, doubled, wrong, or swapped with the next.

    Left alone are whole words, digits but for swaps, and the first letters of short words; what
    makes another word that settings are made of is left out.
    """
    made: set[str] = set()
    parts = key.split("_")
    for nth, part in enumerate(parts):
        wrong: set[str] = set()
        for at, letter in enumerate(part):
            before, after = part[:at], part[at + 1 :]
            if after:
                wrong.add(before + after[0] + letter + after[1:])
            if letter.isdigit() or len(key.replace("_", "")) < 4:
                continue
            wrong |= {before + after, before + letter + part[at:]} - {""}
            if at or len(part) > (3 if nth else 4):
                wrong |= {before + other + after for other in string.ascii_lowercase}
        for word in wrong - {part}:
            other = word in WORDS and word not in (part + "s", part.removesuffix("s"))
            if not other or len(word) < 3 or sorted(word) == sorted(part):
                made.add("_".join([*parts[:nth], word, *parts[nth + 1 :]]))
    return made - set(FOREIGN) - set(NAMES)


@pytest.mark.slow_but_first
@pytest.mark.parametrize("table", TABLES, ids=".".join)
def test_every_slip_in_every_key_is_found(table: tuple[str, ...]) -> None:
    known = list(TABLES[table])
    for key in known:
        for word in one_slip(key):
            meant = suggest.slips(word, known)
            assert key in meant, (word, meant)
            assert all(word in one_slip(other) for other in meant), (word, meant)


@given(st.sampled_from(NAMES).filter(lambda key: len(key) >= 10), st.data())
def test_a_slip_of_a_key_that_is_joined_otherwise_is_found(key: str, data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(sorted(one_slip(key))))
    first, *rest = word.split("_")
    joined = data.draw(
        st.sampled_from(
            [word.upper(), word.replace("_", "-"), "".join([first, *map(str.title, rest)])]
        )
    )
    assert suggest.slips(joined, NAMES) == suggest.slips(word, NAMES) == [key]


def test_no_setting_of_a_trainer_is_a_slip() -> None:
    assert len(FOREIGN) > 2_000
    for name in FOREIGN:
        if name not in NAMES:
            same = [key for key in NAMES if key.replace("_", "") == name.replace("_", "")]
            assert suggest.slips(name, NAMES) == same, name


@given(st.sampled_from(NAMES), st.sampled_from(sorted(WORDS)), st.integers(0, 9), st.data())
def test_a_word_or_a_digit_more_or_less_is_no_slip(
    key: str, word: str, digit: int, data: st.DataObject
) -> None:
    parts = key.split("_")
    at = data.draw(st.integers(0, len(parts)))
    place = data.draw(st.integers(0, len(key)))
    for other in (
        "_".join([*parts[:at], word, *parts[at:]]),
        "_".join([*parts[:at], *parts[at + 1 :]]),
        f"{key[:place]}{digit}{key[place:]}",
    ):
        if other not in NAMES and other != key:
            assert suggest.slips(other, [key]) == [], other


SOUND: dict[str, Any] = {"job": {"model": "m"}, "compute": {"gpu_type": "x"}}
KEYS = [
    (table, key) for table, known in schemas.known_tables().items() for key in known if len(key) > 2
]


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


@pytest.mark.parametrize(("table", "key"), KEYS, ids=[".".join(map(str, (*t, k))) for t, k in KEYS])
def test_a_slip_is_one_finding_with_the_right_word(table: tuple[str, ...], key: str) -> None:
    """What else is found is what is found of the config with the key written right."""
    also = {
        other
        for known in TABLES.values()
        for schema in known.values()
        for other in schema.get("x-sftc-also", ())
    }
    config = {name: dict(values) for name, values in SOUND.items()}
    if not table:
        config.pop(key, None)
    elif len(table) == 1:
        config.get(table[0], {}).pop(key, None)
    value = value_for((*table, key))
    meant = [d.code for d in sftc.lint_config(written(config, (*table, key), value))]
    for slip in sorted(one_slip(key) - also)[::11]:
        found = sftc.lint_config(written(config, (*table, slip), value))
        spelling = [d for d in found if d.code in ("SFT112", "SFT114", "SFT244")]
        assert len(spelling) == 1, (slip, found)
        assert spelling[0].path == (*table, slip)
        suggested = spelling[0].message.split("did you mean ")[1]
        name = {"data_path": "data"}.get(key, key)  # an older name is told as the one of today
        assert f"`{name}`" in suggested or f"`{'.'.join((*table, name))}`" in suggested, slip
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
        ("SFT244", "`n_epochs` is also set in [hyperparameters]; keep that one", None)
    ]


@given(
    word=st.sampled_from((*ROLES, "learning_rate", "checkpointing")),
    others=st.text("aeinorst", max_size=4),
    data=st.data(),
)
def test_words_that_are_left_out_early_are_not_near(
    word: str, others: str, data: st.DataObject
) -> None:
    letters = list(word)
    for letter in others:
        letters[data.draw(st.integers(0, len(letters) - 1))] = letter
    if difflib.get_close_matches("".join(letters), [word], cutoff=0.78):
        assert suggest.closest("".join(letters), [word]) or "".join(letters) == word
