"""Contradictions as data: what triggers each code, and the near misses that do not.

In ``contradictions.json`` each case is what is written into a good payload, by dotted path.
"""

import json
import re
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from edited_payloads import GOOD, edited
from hypothesis import given
from hypothesis import strategies as st

from sftc import payloads
from sftc.diagnostics import Severity
from sftc.diagnostics import codes as names
from sftc.diagnostics.catalogue import CODES, diagnose
from sftc.job import Job, contradictions, errors, quantities
from sftc.payloads import fields

RULES = sys.modules["sftc.job.rules"]
CASES: dict[str, dict[str, list[dict[str, Any]]]] = json.loads(
    Path(__file__).with_name("contradictions.json").read_text("utf-8")
)
NAMES = [
    path
    for name, path in vars(fields).items()
    if name.isupper() and isinstance(path, tuple) and path
]


def codes(payload: dict[str, Any]) -> list[str]:
    assert payloads.misfits(payload) == ()
    return [finding.code for finding in contradictions(Job(payload))]


def of(kind: str) -> list[Any]:
    return [
        pytest.param(code, edit, id=f"{code}-{number}")
        for code, case in CASES.items()
        for number, edit in enumerate(case[kind])
    ]


def test_a_good_payload_has_none() -> None:
    assert codes(GOOD) == []


@pytest.mark.parametrize(("code", "edit"), of("triggers"))
def test_a_trigger(code: str, edit: dict[str, Any]) -> None:
    assert set(codes(edited(edit))) == {code}


@pytest.mark.parametrize(("code", "edit"), of("near_misses"))
def test_a_near_miss(code: str, edit: dict[str, Any]) -> None:
    assert code not in codes(edited(edit))


def test_every_code_has_cases() -> None:
    folder = Path(str(RULES.__file__)).parent
    raised = {
        code
        for path in folder.glob("*.py")
        for code in re.findall(r"Finding\(\s*codes\.(\w+)", path.read_text("utf-8"))
    }
    assert {getattr(names, name) for name in raised} == CASES.keys()
    assert all(case["triggers"] and case["near_misses"] for case in CASES.values())


@pytest.mark.parametrize("rule", RULES.ALL, ids=lambda rule: rule.__name__)
def test_a_contradiction_says_who_says_so(rule: Any) -> None:
    assert rule.__doc__
    assert sum(rule is other for other in RULES.ALL) == 1


@pytest.mark.parametrize(("code", "edit"), of("triggers"))
def test_its_words_fill_the_catalogue(code: str, edit: dict[str, Any]) -> None:
    for finding in contradictions(Job(edited(edit))):
        said = diagnose(finding, "job.json")
        assert "{" not in said.message.replace("{VAR}", "").replace("${DATA}", ""), code
        assert said.message.isprintable()
        assert finding.path not in finding.covers


def test_errors_are_what_the_catalogue_calls_errors() -> None:
    payload = edited(*(edit for case in CASES.values() for edit in case["triggers"][:1]))
    found = contradictions(Job(payload))
    assert [f.code for f in errors(Job(payload))] == [
        f.code for f in found if CODES[f.code].severity is Severity.ERROR
    ]


def test_who_wrote_the_epochs_decides_when_it_is_known() -> None:
    payload = edited({"hyperparameters.n_epochs": 1, "hyperparameters.total_steps": 10})
    assert [f.code for f in contradictions(Job(payload, unwritten=()))] == ["SFT213"]
    assert contradictions(Job(payload, unwritten={fields.N_EPOCHS})) == []
    assert contradictions(Job(payload)) == []


def test_a_field_that_does_not_fit_silences_its_rules_alone() -> None:
    payload = edited(
        {
            "metadata.effective_config.compute.gpu_count": 2.0,
            "hyperparameters.world_size": 3,
            "hyperparameters.learning_rate": 5e6,
        }
    )
    assert [finding.code for finding in contradictions(Job(payload))] == ["SFT214"]


def test_a_table_that_is_none_silences_what_would_be_in_it() -> None:
    payload = {**GOOD, "hyperparameters": 5, "model": "H100"}
    assert [finding.code for finding in contradictions(Job(payload))] == ["SFT256"]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([-1, 0, 1, 2, 3, 8, 2**64, 10**400])
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["no", "steps", "lora", "fft", "H100", "V100", "a\tb", "s3://x", "\ud800"]),
    lambda below: st.lists(below, max_size=2) | st.dictionaries(st.text(max_size=3), below),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=8), st.booleans())
def test_nothing_raises_for_wild_payloads(
    wild: dict[tuple[str, ...], Any],
    known: bool,  # noqa: FBT001 - drawn
) -> None:
    payload = deepcopy(GOOD)
    for path, value in sorted(wild.items()):
        table: Any = payload
        for part in path[:-1]:
            table = table.setdefault(part, {}) if isinstance(table, dict) else None
        if isinstance(table, dict):
            table[path[-1]] = value
    job = Job(payload, unwritten=set(NAMES) if known else None)
    for finding in contradictions(job):
        assert diagnose(finding, "job.json").message
    errors(job)
    quantities(job)


@pytest.mark.parametrize("payload", [{}, {"metadata": []}, {"metadata": {"sftc": None}}])
def test_nothing_raises_for_what_is_hardly_a_payload(payload: dict[str, Any]) -> None:
    assert isinstance(contradictions(Job(payload)), list)
    assert isinstance(quantities(Job(payload)), tuple)


@pytest.mark.parametrize("path", [path for path in NAMES if path[0] == "hyperparameters"], ids=str)
def test_an_integer_too_long_to_be_shown_raises_nothing(path: tuple[str, ...]) -> None:
    payload = edited(*(edit for case in CASES.values() for edit in case["triggers"][:1]))
    table = payload
    for part in path[:-1]:
        table = table[part]
    table[path[-1]] = 10**5000
    contradictions(Job(payload))
    quantities(Job(payload))
