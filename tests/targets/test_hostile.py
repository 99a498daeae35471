"""Sources that a stranger wrote to do harm, or in haste: a diagnostic with a place."""

import json
from typing import Any

import pytest
import yaml

from sftc import targets
from sftc.diagnostics import codes, json_places
from sftc.targets import documents
from sftc.targets.documents import DEEPEST, LARGEST
from sftc.workspace.porting import lift_from

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
UNREADABLE = {
    "bomb": (BOMB, "more than", 5),
    "cycle": ("base_model: &a [*a]\n", "refers to itself", 1),
    "no anchor": ("base_model: *b\n", "no anchor &b", 1),
    "python tag": ("base_model: !!python/object/apply:os.system [ls]\n", "it has the tag", 1),
    "own tag": ("base_model: x\nseed: !env SEED\n", "it has the tag", 2),
    "binary": ("base_model: !!binary aGk=\n", "it has the tag", 1),
    "two documents": ("base_model: x\n---\nbase_model: y\n", "a second document", 2),
    "deep": ("a: " + "[" * 400 + "]" * 400, "nested too deep", 1),
    "deep map": ("".join(" " * n + "a:\n" for n in range(DEEPEST + 5)), "nested too deep", 52),
    "huge integer": ("base_model: x\nseed: " + "9" * 5000 + "\n", "too long", 2),
    "nan": ("base_model: x\nlearning_rate: .nan\n", "not a finite number", 2),
    "infinity": ("base_model: x\nlearning_rate: -.inf\n", "not a finite number", 2),
    "float that overflows": ("base_model: x\nlearning_rate: 1.0e+999\n", "not a finite number", 2),
    "tab": ("base_model: x\ndatasets:\n\t- path: y\n", "cannot start any token", 3),
    "list": ("- base_model\n", "not a mapping", 1),
    "nothing": ("", "not a mapping", 1),
    "comment alone": ("# base_model: x\n", "not a mapping", 1),
    "key that is a list": ("? [a]\n: b\n", "a key is not a string", 1),
    "merge of a list that disagrees": ("<<: [{seed: 1}, {seed: 2}]\n", "merges two values", 1),
    "merge of a text": ("<<: base_model\n", "<< merges mappings", 1),
    "odd character": ("base_model: x\nseed: \x07\n", "does not allow", 2),
    "cut off": ('base_model: "x\n', "found unexpected end of stream", 2),
    "escape beyond Unicode": ('seed: 1\nbase_model: "\\UFFFFFFFF"\n', "number that YAML", 2),
    "version that is too long": ("%YAML " + "9" * 5000 + ".1\n---\na: 1\n", "number that YAML", 1),
    "half of a character": ('base_model: x\nseed: "\\uD800"\n', "unpaired surrogate", 2),
    "half of a character in a key": ('base_model: x\n"\\uD800": 1\n', "unpaired surrogate", 2),
    "line that editors do not end": ("# a\u2028base_model: x\nseed: \x07\n", "does not allow", 2),
    "integer of an odd base": ("base_model: x\nseed: !!int zz\n", "it is not a valid int", 2),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_named_at_its_line(name: str) -> None:
    text, words, line = UNREADABLE[name]
    ported = lift_from(text.encode(), targets.load("axolotl"), name="x.yml")
    assert ported.text is None
    (found,) = ported.diagnostics
    assert found.code == codes.SOURCE_UNREADABLE
    assert words in found.message
    assert found.span.line == line


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{\n "model": "m",\n "learning_rate": 1e400}', (3, 19)),
        ('{\n "model": "m",\n "seed": NaN}', (3, 10)),
        ('{\n "model": "\\ud800"}', (2, 11)),
        ('{\n "x": [{"\\ud800": 1}]}', (2, 19)),
        ('{"a": {"b": "}", "c": [1, {"b": 2}]},\n "model": 1, "d": {}, "model": 2}', (2, 23)),
    ],
)
def test_json_that_no_config_has_is_named_at_its_place(text: str, place: tuple[int, int]) -> None:
    ported = lift_from(text.encode(), targets.load("openai"), name="x.json")
    assert ported.text is None
    (found,) = ported.diagnostics
    assert (found.code, found.span[:2]) == (codes.SOURCE_UNREADABLE, place)


def test_findings_of_many_keys_take_one_look_at_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    spans = json_places.json_spans

    def counting(*arguments: Any) -> Any:
        looks.append(1)
        return spans(*arguments)

    monkeypatch.setattr(documents, "json_spans", counting)
    text = json.dumps({"model": "m", **{f"key{n}": n for n in range(300)}})
    ported = lift_from(text.encode(), targets.load("openai"), name="x.json")
    assert len(ported.diagnostics) > 300
    assert len(looks) == 1


@pytest.mark.parametrize(
    "text",
    [
        b"\xff\xfe",
        b"x" * (LARGEST + 1),
        b"{" * 100_000,
        b'{"model": ' + b"9" * 5000 + b"}",
        b'{"model": NaN}',
        b'{"model": 1, "model": 2}',
        b"[]",
        b'"x"',
        b"{",
        b'{"a": ' + b"[" * 60 + b"]" * 60 + b"}",
    ],
)
def test_json_that_cannot_be_read_is_named(text: bytes) -> None:
    ported = lift_from(text, targets.load("openai"), name="x.json")
    assert ported.text is None
    assert [found.code for found in ported.diagnostics] == [codes.SOURCE_UNREADABLE]


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("kind: [a]\n", "no kind", 1),
        ("kind: A\n---\n- x\n", "no kind", 2),
        ("kind: A\n---\n---\nkind: A\n", "a second A", 3),
        (f"kind: A\n---\nkind: B\n{BOMB}", "more than", 8),
    ],
)
def test_documents_that_cannot_be_told_apart_are_named(text: str, words: str, line: int) -> None:
    ported = lift_from(text.encode(), targets.load("trainjob"), name="x.yml")
    (found,) = ported.diagnostics
    assert (found.code, found.span.line) == (codes.SOURCE_UNREADABLE, line)
    assert words in found.message
    lift_from(text.encode(), None, name="x.yml")


def lifted(text: str) -> tuple[str, dict[str, str]]:
    ported = lift_from(text.encode(), targets.load("axolotl"), name="x.yml", gpu_type="H100")
    assert ported.text is not None, ported.diagnostics
    return ported.text, {d.message: d.code for d in ported.diagnostics}


def test_yaml_is_read_as_the_system_reads_it() -> None:
    """YAML 1.1: 2e-5 is a text, which Axolotl takes for a number; no is false; 1_000 is 1000."""
    text, _ = lifted(
        "base_model: x\nlearning_rate: 2e-5\nsample_packing: no\nsequence_len: 1_000\nbf16: yes\n"
    )
    assert "learning_rate = 2e-05" in text
    assert "packing = false" in text
    assert "sequence_length = 1000" in text
    assert "bf16 = true" in text


def test_anchors_and_merges_are_followed() -> None:
    text, _ = lifted(
        "base: &b {lora_r: 8, lora_alpha: 16}\nadapter: lora\nlora_r: 4\n<<: *b\nbase_model: &m m\n"
        "weight_decay: &w 0.1\nlora_dropout: *w\n"
    )
    assert "lora_rank = 4" in text  # its own key wins over a merged one
    assert "lora_alpha = 16" in text
    assert "lora_dropout = 0.1" in text


def test_of_several_merges_the_last_counts() -> None:
    """As PyYAML has it."""
    source = (
        "base_model: m\na: &a {lora_r: 1, seed: 1}\nb: &b {lora_r: 2, seed: 2}\nadapter: lora\n{}\n"
    )
    for merges in ("<<: *a\n<<: *b", "<<: [*a, {max_steps: 3}]\n<<: {seed: 3}"):
        text = source.replace("{}", merges)
        wanted = yaml.safe_load(text)
        lifted_text, _ = lifted(text)
        assert f"lora_rank = {wanted['lora_r']}\n" in lifted_text
        assert f"seed = {wanted['seed']}\n" in lifted_text


def test_a_line_ends_where_editors_end_it() -> None:
    ported = lift_from(
        "# a\u2028seed: 1\nbase_model: x\nno_key: 1\n".encode(), targets.load("axolotl"), name="x"
    )
    assert [d.span.line for d in ported.diagnostics if "no_key" in d.message] == [3]


def test_a_key_that_stands_twice_is_named_where_it_stands_again() -> None:
    ported = lift_from(
        b"base_model: a\nseed: 1\nbase_model: b\n", targets.load("axolotl"), name="x.yml"
    )
    twice = next(d for d in ported.diagnostics if d.code == codes.SOURCE_KEY_TWICE)
    assert twice.span[:2] == (3, 1)
    assert twice.related[0].span[:2] == (1, 1)
    assert 'model = "b"' in str(ported.text)


def test_a_date_is_a_text_and_is_named() -> None:
    _, found = lifted("base_model: x\nseed: 2001-01-01\n")
    assert any("seed" in message and code == codes.NOT_CARRIED for message, code in found.items())


def test_what_steers_a_terminal_is_written_as_an_escape() -> None:
    text, found = lifted('base_model: "a\\e[31mb"\n"evil\\e]0;x\\a": 1\n')
    assert "\x1b" not in text + "".join(found)


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    "value", ["{}", "[]", "null", "''", "[[[]]]", "{a: {b: []}}", "true", "-1"]
)
def test_any_value_in_any_place_is_carried_or_named(value: str) -> None:
    """No route meets a value that it falls over."""
    for name in targets.names():
        target = targets.load(name)
        places = {
            path[:length] for r in target.routes for path in r.at.values() for length in (1, 2)
        }
        for at in places:
            tree: object = json.loads(json.dumps(value)) if target.form == "yaml" else 1
            keys = [str(part) for part in at if isinstance(part, str)]
            text = (
                "".join(f"{'  ' * n}{key}:\n" for n, key in enumerate(keys))[:-1] + f" {tree}\n"
                if target.form == "yaml"
                else json.dumps({keys[0]: {"x": [tree]}})
            )
            lift_from(text.encode(), target, name="source")
