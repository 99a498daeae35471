"""A key that is added to the config's schema, and to nothing else, works everywhere."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import jsonschema
import pytest
import tomli
from schema_caches import caches, forget

import sftc
from sftc import FromConfig, FromDefault, schemas
from sftc.compiler import shape
from sftc.review import read_side
from sftc.review.lifting import lift_payload
from sftc.review.source_map import as_text, source_map
from sftc.writer import config_text

CONFIG = {"job": {"model": "m"}, "compute": {"gpu_type": "H100"}}
METADATA = "/metadata/effective_config"

Grow = Callable[..., None]


@pytest.fixture
def grow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Grow]:
    """Return what adds a key to the config's schema: in a table, under a name, a schema."""
    file = schemas.shipped
    config = json.loads(file("config"))

    def add(table: tuple[str, ...], key: str, schema: dict[str, Any]) -> None:
        part = config
        for name in table:
            part = part["properties"][name]
        part["properties"][key] = schema
        forget()

    def shipped(name: str) -> bytes:
        return json.dumps(config).encode() if name == "config" else file(name)

    monkeypatch.setattr(schemas, "shipped", shipped)
    yield add
    monkeypatch.undo()
    forget()


def config_with(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    config: dict[str, Any] = deepcopy(CONFIG)
    table = config
    for name in path[:-1]:
        table = table.setdefault(name, {})
    table[path[-1]] = value
    return config


def compiled(config: dict[str, Any]) -> sftc.Compilation:
    return sftc.compile_config(config_text(config))


def at(document: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        document = document[part]
    return document


def findings(config: dict[str, Any]) -> list[tuple[str, str]]:
    return [(d.code, d.message) for d in compiled(config).diagnostics]


KINDS: dict[str, tuple[tuple[str, ...], dict[str, Any], str, Any, Any, tuple[str, str]]] = {
    "a leaf of a routed table": (
        ("hyperparameters", "momentum"),
        {"description": "Momentum of SGD.", "type": "number"},
        "/hyperparameters/momentum",
        0.9,
        "high",
        ("SFT102", '`hyperparameters.momentum` must be a number, not a string ("high")'),
    ),
    "a number in a range": (
        ("compute", "memory"),
        {"description": "GiB.", "type": "integer", "minimum": 8, "maximum": 80},
        f"{METADATA}/compute/memory",
        80,
        81,
        ("SFT103", "`compute.memory` must be an integer from 8 to 80, not 81"),
    ),
    "a choice": (
        ("hyperparameters", "optimizer"),
        {"description": "The optimizer.", "enum": ["adamw", "sgd"]},
        "/hyperparameters/optimizer",
        "sgd",
        "adam",
        ("SFT104", '`hyperparameters.optimizer` must be "adamw" or "sgd", not "adam"'),
    ),
    "a choice of several types": (
        ("hyperparameters", "clip"),
        {"description": "Where gradients are clipped.", "enum": ["off", 1, 2.5]},
        "/hyperparameters/clip",
        1,
        1.0,
        ("SFT104", '`hyperparameters.clip` must be "off", 1 or 2.5, not 1.0'),
    ),
    "a constant": (
        ("hyperparameters", "seeded"),
        {"description": "Only true, for now.", "const": True},
        "/hyperparameters/seeded",
        True,
        1,
        ("SFT104", "`hyperparameters.seeded` must be true, not 1"),
    ),
    "a union of types": (
        ("hyperparameters", "save_steps"),
        {"description": "Steps, or `epoch`.", "type": ["integer", "string"], "minimum": 1},
        "/hyperparameters/save_steps",
        "epoch",
        2.0,
        (
            "SFT102",
            (
                "`hyperparameters.save_steps` must be an integer of at least 1 or a string, "
                "not a float (2.0)"
            ),
        ),
    ),
    "a pattern": (
        ("training", "revision"),
        {
            "description": "A revision.",
            "type": "string",
            "pattern": "^[0-9a-f]+$",
            "x-sftc-to": f"{METADATA}/training/revision",
        },
        f"{METADATA}/training/revision",
        "0af",
        "main",
        ("SFT103", '`training.revision` must be a string that matches `^[0-9a-f]+$`, not "main"'),
    ),
    "a scalar at the top, with a route of its own": (
        ("name",),
        {"description": "What people call the job.", "type": "string", "x-sftc-to": "/name"},
        "/name",
        "mine",
        3,
        ("SFT102", "`name` must be a string, not an integer (3)"),
    ),
    "a key of a verbatim table": (
        ("hyperparameters", "parallelism", "sequence_parallel"),
        {"description": "Split sequences.", "type": "boolean"},
        "/hyperparameters/parallelism/sequence_parallel",
        True,
        "true",
        (
            "SFT102",
            (
                "`hyperparameters.parallelism.sequence_parallel` must be a boolean, "
                'not a string ("true")'
            ),
        ),
    ),
    "an array": (
        ("hyperparameters", "stop"),
        {"description": "Stop words.", "type": "array", "items": {"type": "string"}},
        "/hyperparameters/stop",
        ["a"],
        [1],
        ("SFT102", "`hyperparameters.stop[0]` must be a string, not an integer (1)"),
    ),
    "a key without a description": (
        ("hyperparameters", "bare"),
        {},
        "/hyperparameters/bare",
        1,
        None,
        ("", ""),
    ),
}

each_kind = pytest.mark.parametrize(
    ("path", "schema", "target", "good", "bad", "finding"), KINDS.values(), ids=KINDS
)


@pytest.mark.slow_but_first
@each_kind
def test_a_new_key(
    grow: Grow,
    path: tuple[str, ...],
    schema: dict[str, Any],
    target: str,
    good: Any,
    bad: Any,
    finding: tuple[str, str],
) -> None:
    grow(path[:-1], path[-1], schema)
    config = config_with(path, good)
    done = compiled(config)

    # Lowered, with the place that it came from, and nothing to report.
    assert done.diagnostics == ()
    assert at(done.payload, target) == good
    assert type(at(done.payload, target)) is type(good)
    origins = {p: o for p, o in done.provenance.items() if p.startswith(target)}
    assert {o.path[: len(path)] for o in origins.values() if isinstance(o, FromConfig)} == {path}

    # No payload has it whose config does not.
    with pytest.raises(KeyError):
        at(compiled(CONFIG).payload, target)

    # Checked alike in the config and in the payload.
    assert done.payload is not None
    if bad is not None:
        assert findings(config_with(path, bad)) == [finding]
        wrong = deepcopy(done.payload)
        at(wrong, target.rpartition("/")[0])[path[-1]] = bad
        with pytest.raises(AssertionError):
            shape.require_payload(wrong)

    # Explained both ways, and lifted to a config with the same bytes.
    side = read_side(config_text(config).encode(), "job.toml")
    assert isinstance(side, sftc.review.Side)
    shown = as_text(source_map(side))
    assert target in shown
    lifted = lift_payload(done.payload, "job.json", described=True)
    assert lifted.exact
    assert sftc.compile_config(lifted.text).payload_bytes == done.payload_bytes
    assert at(tomli.loads(lifted.text), "/" + "/".join(path)) == good

    # Described for people, in the config, the editor's schema and the payload's.
    words = schema.get("description", "")
    assert words in lifted.text.replace("\n# ", " ")
    for name, where in (("config", "/" + "/".join(path)), ("payload", target)):
        printed = json.loads(schemas.text(name))
        jsonschema.Draft202012Validator.check_schema(printed)
        assert at(printed, where.replace("/", "/properties/")).get("description", "") == words


LOGGING = {
    "description": "Where losses are logged.",
    "type": "object",
    "properties": {
        "every": {"description": "Steps between.", "type": "integer", "minimum": 1, "default": 10},
        "to": {"description": "Its address.", "type": "string"},
    },
    "x-sftc-to": f"{METADATA}/logging",
}


def test_a_table_that_has_a_default_brings_its_defaults_always(grow: Grow) -> None:
    grow((), "logging", {**LOGGING, "default": {}})
    done = compiled(CONFIG)
    pointer = f"{METADATA}/logging/every"
    assert at(done.payload, pointer) == 10
    place = "/properties/logging/properties/every/default"
    assert done.provenance[pointer] == FromDefault("config", place)
    assert compiled(config_with(("logging", "every"), 3)).provenance[pointer] == FromConfig(
        ("logging", "every"), "config.toml"
    )
    assert_lifts(done)


def test_a_table_without_a_default_brings_its_defaults_when_it_is_there(grow: Grow) -> None:
    grow((), "logging", LOGGING)
    without, opened = compiled(CONFIG), compiled({**CONFIG, "logging": {}})
    assert without.payload is not None
    assert "logging" not in at(without.payload, METADATA)
    assert at(opened.payload, f"{METADATA}/logging") == {"every": 10}
    assert_lifts(without)
    assert_lifts(opened)
    unknown = compiled(config_with(("logging", "more"), [1]))
    assert at(unknown.payload, f"{METADATA}/logging") == {"every": 10, "more": [1]}
    assert_lifts(unknown)
    assert findings(config_with(("logging", "every"), 0)) == [
        ("SFT103", "`logging.every` must be an integer of at least 1, not 0")
    ]
    container = at(schemas.load("payload"), f"{METADATA}/logging".replace("/", "/properties/"))
    assert container["description"] == LOGGING["description"]
    assert container["type"] == "object"
    assert "default" not in container["properties"]["every"]


def assert_lifts(done: sftc.Compilation) -> None:
    assert done.payload is not None
    lifted = lift_payload(done.payload, "job.json")
    assert lifted.exact, lifted
    assert tomli.loads(lifted.text).get("top", {}).keys() <= {"suffix", "more"}
    assert sftc.compile_config(lifted.text).payload_bytes == done.payload_bytes


def test_a_scalar_at_the_top_may_have_a_default(grow: Grow) -> None:
    schema = {"type": "string", "default": "unnamed", "x-sftc-to": "/name"}
    grow((), "name", schema)
    done = compiled(CONFIG)
    assert at(done.payload, "/name") == "unnamed"
    assert done.provenance["/name"] == FromDefault("config", "/properties/name/default")
    assert_lifts(done)


def test_a_table_may_be_routed_to_the_root(grow: Grow) -> None:
    known = {"suffix": {"description": "Of its name.", "type": "string"}}
    grow((), "top", {"type": "object", "properties": known, "x-sftc-to": ""})
    done = compiled({**CONFIG, "top": {"suffix": "a", "more": {"x": 1}}})
    assert done.diagnostics == ()
    assert at(done.payload, "/suffix") == "a"
    assert at(done.payload, "/more/x") == 1
    assert_lifts(done)
    assert findings(config_with(("top", "suffix"), 1)) == [
        ("SFT102", "`top.suffix` must be a string, not an integer (1)")
    ]


@pytest.mark.parametrize("key", ["training_type", "metadata", "hyperparameters"])
@pytest.mark.parametrize("value", [1, {"x": 1}])
def test_no_unknown_key_takes_the_place_of_what_holds_others(
    grow: Grow, key: str, value: Any
) -> None:
    grow((), "top", {"type": "object", "properties": {}, "x-sftc-to": ""})
    done = compiled({**CONFIG, "top": {key: value, "fine": 1}})
    assert done.payload is not None
    assert done.payload == {**deepcopy(compiled(CONFIG).payload or {}), "fine": 1}
    assert any(f"`{key}`" in d.message or f"[top.{key}]" in d.message for d in done.diagnostics)


def test_one_value_cannot_be_the_whole_payload(grow: Grow) -> None:
    grow((), "all", {"type": "string", "x-sftc-to": ""})
    with pytest.raises(ValueError, match="`all` cannot be the whole payload"):
        compiled(CONFIG)


def test_a_table_that_may_be_something_else_drops_nothing_in_silence(grow: Grow) -> None:
    grow((), "logging", {**LOGGING, "type": ["object", "boolean"]})
    assert findings({**CONFIG, "logging": False}) == [
        ("SFT305", "`logging` at the top level is not forwarded: nothing reads it")
    ]
    assert findings({**CONFIG, "logging": 3}) == [
        ("SFT102", "`logging` must be a table or a boolean, not an integer (3)")
    ]
    assert at(compiled({**CONFIG, "logging": {"every": 2}}).payload, f"{METADATA}/logging/every")
    side = read_side(config_text({**CONFIG, "logging": False}).encode(), "job.toml")
    assert isinstance(side, sftc.review.Side)
    assert "logging goes nowhere" in as_text(source_map(side))


def test_a_client_key_of_a_routed_table_stays_with_the_client(grow: Grow) -> None:
    grow(("compute",), "queue", {"type": "string", "x-sftc-client": True})
    config = config_with(("compute", "queue"), "night")
    config["compute"]["gpu_type"] = "H100"
    done = compiled(config)
    assert done.diagnostics == ()
    assert "queue" not in at(done.payload, f"{METADATA}/compute")
    assert "queue" not in str(schemas.load("payload"))
    payload = deepcopy(done.payload or {})
    at(payload, f"{METADATA}/compute")["queue"] = "day"
    assert not lift_payload(payload, "job.json").exact


def test_a_keyword_that_the_fast_path_does_not_know_is_refused_at_once(grow: Grow) -> None:
    grow(("hyperparameters",), "either", {"anyOf": [{"type": "string"}, {"type": "boolean"}]})
    with pytest.raises(ValueError, match="schemas may not use `anyOf`"):
        compiled(CONFIG)


def test_of_two_keys_with_one_field_the_first_is_believed(grow: Grow) -> None:
    grow(("job",), "call", {"description": "First.", "type": "string", "x-sftc-to": "/name"})
    grow(("job",), "title", {"description": "Second.", "maximum": 3, "x-sftc-to": "/name"})
    name = schemas.load("payload")["properties"]["name"]
    assert name == {"description": "First.", "type": "string"}


def test_forgetting_reaches_all_that_is_made_of_a_schema(grow: Grow) -> None:
    """A stage that remembers a schema elsewhere than in a cache would miss the new key."""
    compiled(CONFIG)
    names = {f"{cached.__module__}.{cached.__qualname__}" for cached in caches()}
    assert {
        "sftc.schemas.load",
        "sftc.schemas.text",
        "sftc.schemas.known_tables",
        "sftc.schemas.accepting.acceptor",
        "sftc.compiler.lower.routes.config_routes",
        "sftc.compiler.lower.routes.skeleton",
    } <= names
    before = schemas.text("payload")
    grow(("compute",), "memory", {"type": "integer"})
    assert schemas.text("payload") != before
