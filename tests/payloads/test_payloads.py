"""Payloads that are none: what is said of each, and where it points."""

import json
import os
from pathlib import Path

import pytest
from edited_payloads import edited
from hypothesis import given
from hypothesis import strategies as st

from sftc import payloads, report
from sftc.diagnostics.json_places import json_span, json_spans
from sftc.payloads import fields
from sftc.report import Format
from sftc.schemas import key_schema

VALUES = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda below: st.lists(below) | st.dictionaries(st.sampled_from("abc"), below),
    max_leaves=8,
)
CASES = sorted((Path(__file__).parent / "cases").iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_said_of_a_bad_payload(case: Path) -> None:
    data = (case / "job.json").read_bytes()
    found = payloads.read(data, name="job.json")
    assert isinstance(found, tuple)
    said = report.render(Format.TEXT, found, {"job.json": data.decode("utf-8", "replace")})
    golden = case / "said.txt"
    if os.environ.get("SFTC_REWRITE"):
        golden.write_text(said, "utf-8")
    assert said == golden.read_text("utf-8")


def test_no_case_is_left_over() -> None:
    assert len(CASES) >= 15
    for case in CASES:
        assert {path.name for path in case.iterdir()} == {"job.json", "said.txt"}


@given(st.binary() | st.text().map(str.encode))
def test_no_bytes_crash_it(data: bytes) -> None:
    found = payloads.read(data, name="job.json")
    assert isinstance(found, tuple)
    assert found


def said(payload: object) -> list[tuple[str, str]]:
    found = payloads.read(json.dumps(payload), name="job.json")
    assert isinstance(found, tuple)
    return [(each.code, each.message) for each in found]


def test_this_format_and_none_are_read() -> None:
    payload = edited({"metadata.sftc.files.training.path": "train.jsonl"})
    assert isinstance(payloads.read(payload, name="job.json"), payloads.Payload)
    payload["metadata"]["sftc"]["format"] = payloads.FORMAT_VERSION
    assert isinstance(payloads.read(payload, name="job.json"), payloads.Payload)


@pytest.mark.parametrize("version", [0, 2, 1.0, True, "1", None])
def test_another_format_is_named(version: object) -> None:
    edits = {"metadata.sftc.files.training.path": "t.jsonl", "metadata.sftc.format": version}
    shown = json.dumps(version)
    words = f"`metadata.sftc.format` is {shown}, but this version of sftc reads payload format 1"
    assert said(edited(edits)) == [("SFT503", words)]


def test_a_whole_number_with_a_point_is_no_integer() -> None:
    assert [code for code, _ in said(edited({"hyperparameters.n_epochs": 2.0}))] == ["SFT503"]
    assert [code for code, _ in said(edited({"hyperparameters.n_epochs": 1e300}))] == ["SFT503"]


def test_a_file_too_large_for_a_payload_is_not_parsed() -> None:
    for data in (b"[" * (payloads.LARGEST + 1), "[" * (payloads.LARGEST + 1)):
        found = payloads.read(data, name="job.json")
        assert isinstance(found, tuple)
        assert [(each.code, each.message) for each in found] == [
            ("SFT501", "cannot read the payload: it is larger than 4 MiB")
        ]


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    ("item", "code"), [("0", "SFT503"), ('""', None), ("[]", "SFT503"), ('{"a":1}', "SFT503")]
)
def test_of_many_wrong_items_some_are_named(item: str, code: str | None) -> None:
    text = json.dumps(edited({"hyperparameters.lora_target_modules": "ITEMS"}))
    text = text.replace('"ITEMS"', f"[{','.join([item] * 100_000)}]")
    found = payloads.read(text, name="job.json")
    if code is None:
        assert isinstance(found, payloads.Payload)
    else:
        assert isinstance(found, tuple)
        assert {each.code for each in found} == {code}
        assert len(found) <= 50
        assert len({each.span for each in found}) == len(found)


@given(VALUES)
def test_the_places_of_many_paths_are_those_of_each(value: object) -> None:
    text = json.dumps(value, indent=1)
    paths = [(), ("a",), ("a", 0), (0,), (1, "a"), ("b", "a"), (0, 0, "b")]
    assert json_spans(text, "job.json", paths) == [
        json_span(text, "job.json", path) for path in paths
    ]


def test_a_place_is_the_value_or_what_is_above_it() -> None:
    text = '{"a": [1, {"b": 22}], "c": "d"}'
    paths = [("a", 1, "b"), ("a", 0), ("a", 7), ("c",), ("x", "y"), ()]
    found = [
        text[span.column - 1 : span.end_column - 1] for span in json_spans(text, "job.json", paths)
    ]
    assert found == ["22", "1", "[", '"d"', "{", "{"]


@pytest.mark.parametrize(
    "text",
    [
        "[NaN]",
        "[-Infinity]",
        "[1e999]",
        "[18446744073709551616]",
        f"[{'9' * 5000}]",
        '{"a": 1, "b": {"a": 1, "a": 2}}',
        "[" * 201 + "]" * 201,
        "[" * 100_000 + "]" * 100_000,
        '["\\ud800"]',
    ],
)
def test_what_could_not_be_sent_on_is_refused(text: str) -> None:
    with pytest.raises(payloads.UnreadableError):
        payloads.parsed(text)


@pytest.mark.parametrize("text", ["[18446744073709551615, -9223372036854775808, 1e308, -0.0]", "3"])
def test_what_can_be_sent_on_is_read(text: str) -> None:
    assert json.dumps(payloads.parsed(text)) == json.dumps(json.loads(text))


def test_a_field_is_replaced_in_a_copy() -> None:
    payload = edited()
    changed = fields.replaced(payload, fields.GPU_TYPE, "H200")
    assert fields.value_at(changed, fields.GPU_TYPE) == "H200"
    assert fields.value_at(payload, fields.GPU_TYPE) == "H100"


def test_defaults_are_those_of_the_configs_keys() -> None:
    assert fields.default(fields.N_EPOCHS) == 1
    assert fields.default(fields.EVALUATION_STRATEGY) == "steps"
    assert fields.default(fields.VALIDATION_ENABLED) is True
    assert fields.default(fields.MODE) is None


def test_every_field_is_known_to_the_schema() -> None:
    names = [name for name in vars(fields) if name.isupper()]
    for name in names:
        path = getattr(fields, name)
        of_file = path[:3] == fields.FILES and len(path) > 3
        schema = key_schema(("metadata", "sftc", "files", path[3]), "payload") if of_file else None
        assert (schema or {}).get("properties") or key_schema(path, "payload"), name
