"""The schemas: sound themselves, agreeing with each other, and read alike by every tool."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st
from layouts import configs, keys, scalars

import sftc
from sftc import schemas
from sftc.compiler import shape
from sftc.compiler.lower.routes import Route, config_routes
from sftc.schemas.accepting import acceptor

HERE = Path(__file__).parents[1]
ROOT = HERE.parent
BIN = Path(sys.executable).parent
CASES = sorted((HERE / "cases").iterdir())
SHAPE = "SFT1"


READ = {"config", "forwarded", "payload", "row", "serve", "settings"}
"""Formats that are read; commands print the others."""


@pytest.mark.parametrize("name", list(schemas.Name))
def test_metaschema_and_id(name: schemas.Name) -> None:
    schema = schemas.load(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:sftc:schema:{name}:1"


def routes(route: Route) -> list[tuple[tuple[str, ...], Route]]:
    found: list[tuple[tuple[str, ...], Route]] = []
    for key, below in (route.keys or {}).items():
        found.append(((key,), below))
        found += [((key, *path), inner) for path, inner in routes(below)]
    return found


def facts(name: str, schema: Any) -> Any:
    """Return what a schema demands and describes, definitions put in."""
    words = ("title", "examples", "default", "deprecated", "$comment", "$ref")
    schema = schemas.resolved(name, schema)
    found = {k: v for k, v in schema.items() if k not in words and not k.startswith("x-sftc")}
    if "properties" in found:
        found["properties"] = {key: facts(name, v) for key, v in found["properties"].items()}
    return found


def test_the_payload_says_of_each_field_what_the_config_says_of_its_key() -> None:
    files = ("metadata", "sftc", "files")
    seen = 0
    for path, route in routes(config_routes()):
        if route.target and route.keys is None:
            said = facts("payload", schemas.key_schema(route.target, "payload"))
            wanted = facts("config", schemas.key_schema(path))
            if route.target[:3] == files:  # described as part of a pin
                del said["description"], wanted["description"]
            assert said == wanted, path
            seen += 1
    assert seen > 30


def test_the_payload_repeats_no_fact_of_the_config() -> None:
    """What a key's field says in the payload's file is what the config does not say."""
    own = json.loads(schemas.shipped("payload"))
    for path, route in routes(config_routes()):
        field, definitions = own, own["$defs"]
        for part in route.target or ():
            field = definitions.get(field.get("$ref", "").removeprefix("#/$defs/"), field)
            field = field.get("properties", {}).get(part, {})
        config = schemas.key_schema(path)
        if route.target and route.keys is None:
            same = {word for word in field if word in config and field[word] == config[word]}
            assert not same, path


def lost(before: Any, now: Any, at: tuple[str, ...] = ()) -> list[str]:
    """Return what a schema no longer says, or says otherwise; the wording of texts may change."""
    if at[-1:] == ("description",) and isinstance(before, str):
        return []
    if not isinstance(before, dict) or not isinstance(now, dict):
        return [] if before == now else ["/".join(at)]
    return [
        place
        for key, value in before.items()
        if key != "$comment"
        for place in (lost(value, now[key], (*at, key)) if key in now else ["/".join((*at, key))])
    ]


def test_the_payload_says_all_that_it_said_when_it_was_one_file() -> None:
    before = json.loads((HERE / "schemas" / "payload.json").read_bytes())
    assert lost(before, json.loads(schemas.text("payload"))) == []
    before["properties"]["hyperparameters"]["properties"]["n_epochs"]["maximum"] = 3
    before["properties"]["model"]["pattern"] = "Another."
    assert len(lost(before, json.loads(schemas.text("payload")))) == 2


@pytest.mark.parametrize("name", list(schemas.Name))
def test_what_is_printed_stands_alone(name: schemas.Name) -> None:
    printed = json.loads(schemas.text(name))
    jsonschema.Draft202012Validator.check_schema(printed)
    assert printed == schemas.load(name)
    assert set(references(printed)) == set(printed.get("$defs", {}))


def references(schema: Any) -> list[str]:
    children = schema.values() if isinstance(schema, dict) else schema
    if not isinstance(schema, dict | list):
        return []
    found = [name for child in children for name in references(child)]
    if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        found.append(schema["$ref"].removeprefix("#/$defs/"))
    return found


def test_no_definition_has_two_meanings() -> None:
    """A schema that borrows definitions has none of its own under the same name."""
    for name in schemas.Name:
        own = json.loads(schemas.shipped(name))
        if lender := own.get("x-sftc-borrows"):
            assert not own.get("$defs", {}).keys() & schemas.load(lender)["$defs"].keys()


def test_each_key_is_described_for_the_editor() -> None:
    def described(schema: Any, path: tuple[str, ...]) -> None:
        for key, below in schema.get("properties", {}).items():
            assert below["description"].endswith("."), (*path, key)
            if "properties" not in below:
                resolved = schemas.resolved("config", below)
                assert (
                    {"examples", "default", "enum"} & resolved.keys()
                    or path == ("tags",)
                    or key == "tags"
                ), (*path, key)
            described(below, (*path, key))

    described(schemas.load("config"), ())


@given(config=configs)
def test_the_fast_path_says_yes_to_what_the_careful_path_allows(config: dict[str, Any]) -> None:
    assert shape.accepts(config)
    assert shape.explain(config) == []


@st.composite
def dented(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a config with one value put somewhere, of any type."""
    config: dict[str, Any] = json.loads(json.dumps(draw(configs)))
    table: Any = config
    while True:
        below = [key for key, value in table.items() if isinstance(value, dict)]
        if not below or draw(st.integers(0, 2)) == 0:
            break
        table = table[draw(st.sampled_from(sorted(below)))]
    known = sorted(table) or ["x"]
    table[draw(st.one_of(st.sampled_from(known), keys))] = draw(
        st.one_of(scalars, st.just({}), st.just([]), st.integers(-1, 4).map(float))
    )
    return config


@given(config=dented())
def test_both_paths_agree(config: dict[str, Any]) -> None:
    assert shape.accepts(config) == (shape.explain(config) == [])


def test_both_paths_agree_on_dates_and_on_what_is_not_finite() -> None:
    for value in ("2026-11-24", "07:32", "nan", "-inf", "2.0", "[]", "{}"):
        config = tomli.loads(
            f'[job]\nmodel = {value}\n[compute]\ngpu_type = "x"\ngpu_count = {value}\n'
            f"[hyperparameters]\nlearning_rate = {value}\nwarmup_ratio = {value}\n"
        )
        assert shape.accepts(config) == (shape.explain(config) == [])


@pytest.mark.slow
def test_both_paths_agree_on_payloads() -> None:
    careful = jsonschema.Draft202012Validator(schemas.load("payload"))
    fast = acceptor("payload")
    file = {"path": "a", "sha256": "0" * 64, "bytes": 1, "examples": 1}
    pins: Any = (file, {**file, "head": 2}, {**file, "more": 1}, {"path": "a", "head": 1}, {}, None)
    values: Any = (None, "", "x", 1, {}, [], {"effective_config": {}})
    verdicts = set()
    for golden in (case / "job.json" for case in CASES if (case / "job.json").exists()):
        payload = json.loads(golden.read_bytes())
        dented = [{**payload, field: value} for field in ("x", *payload) for value in values]
        dented += [{k: v for k, v in payload.items() if k != field} for field in payload]
        dented += [
            {**payload, "metadata": {**payload["metadata"], "sftc": {"files": {"training": pin}}}}
            for pin in pins
        ]
        for changed in dented:
            assert fast(changed) == careful.is_valid(changed), changed
            verdicts.add(fast(changed))
    assert verdicts == {True, False}


def verdicts_by_ours() -> dict[str, bool]:
    """Return which cases have no finding about shape, of those that can be read."""
    codes_by_case = {
        case.name: {
            diagnostic.code
            for diagnostic in sftc.compile_config((case / "config.toml").read_bytes()).diagnostics
        }
        for case in CASES
    }
    return {
        name: not any(code.startswith(SHAPE) for code in codes)
        for name, codes in codes_by_case.items()
        if name not in ENDLESS and not any(code < "SFT009" for code in codes)
    }


ENDLESS = {"json-endless-integer", "json-endless-hexadecimal"}
"""Numbers that the other readers cannot show."""
TOML_1_1 = {"toml-1-1", "json-dates", "report-a-time-under-another-name"}
"""TOML 1.1, which check-jsonschema (with Python 3.11's tomllib) and taplo do not read."""
AN_INTEGER_TO_JSON_SCHEMA = {"type-integer-as-float", "type-stage-as-float"}
"""JSON Schema counts 2.0 as an integer; TOML does not, and neither does sftc."""
SEEN_IN_THE_PAYLOAD = {"type-unknown-key-on-a-known-field"}
"""The config's schema does not know the key; the payload's schema knows the field it sets."""
KEYS_LOST = {
    "a-misspelt-table",
    "a-table-in-the-way",
    "misspelt-keys",
    "report-hyperparams-beside-parallelism",
    "report-hyperparams-with-names-of-other-tools",
}
"""To a schema an unknown table is nobody's business; to sftc its known keys would be lost."""
NO_JSON = {"json-not-finite"}
"""taplo shows the schema a null for inf; to sftc the finding is that JSON has none."""


def test_check_jsonschema_agrees() -> None:
    ours = verdicts_by_ours()
    files = [str(HERE / "cases" / name / "config.toml") for name in ours]
    schema = str(ROOT / "schemas" / "config.schema.json")
    command = [str(BIN / "check-jsonschema"), "--schemafile", schema, "-o", "json", *files]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    answer = json.loads(run.stdout)
    bad = {Path(error["filename"]).parent.name for error in answer["errors"]}
    unread = {Path(error["filename"]).parent.name for error in answer["parse_errors"]}
    assert unread == TOML_1_1
    differing = {name for name, fine in ours.items() if fine == (name in bad)} - unread
    assert differing == AN_INTEGER_TO_JSON_SCHEMA | SEEN_IN_THE_PAYLOAD | KEYS_LOST
    assert len(bad) > 35


@pytest.mark.slow
def test_taplo_agrees() -> None:
    ours = verdicts_by_ours()
    schema = (ROOT / "schemas" / "config.schema.json").as_uri()
    differing, bad = set(), 0
    for name, fine in ours.items():
        file = str(HERE / "cases" / name / "config.toml")
        command = [str(BIN / "taplo"), "lint", "--no-auto-config", "--schema", schema, file]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        bad += run.returncode != 0
        if fine != (run.returncode == 0):
            differing.add(name)
    assert differing == (
        TOML_1_1 | AN_INTEGER_TO_JSON_SCHEMA | SEEN_IN_THE_PAYLOAD | KEYS_LOST | NO_JSON
    )
    assert bad > 35


def test_the_schema_says_where_dataset_files_are() -> None:
    files = ("metadata", "sftc", "files")
    assert schemas.dataset_files() == {
        "training": (*files, "training"),
        "validation": (*files, "validation"),
    }
    paths = {(*file, "path") for file in schemas.dataset_files().values()}
    assert {route.target for _, route in routes(config_routes())} >= paths


@pytest.mark.parametrize("name", sorted(set(schemas.Name) - READ))
def test_what_commands_print_has_the_version_of_its_schema(name: schemas.Name) -> None:
    schema = schemas.load(name)
    assert schema["required"][0] == "format"
    assert schema["$id"].endswith(f":{schema['properties']['format']['const']}")
    assert schema["additionalProperties"] is False
