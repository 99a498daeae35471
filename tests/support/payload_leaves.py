"""The fields of payloads, as their schema has them: all leaves, and values that they may hold."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from sftc import schemas
from sftc.diagnostics import KeyPath
from sftc.payloads import fields

DIGEST = "0" * 64


def known(schema: Mapping[str, Any], above: KeyPath = ()) -> Iterator[KeyPath]:
    for key, below in schema["properties"].items():
        path = (*above, key)
        inner = schemas.resolved("payload", below)
        if "properties" in inner:
            yield from known(inner, path)
        else:
            yield path


LEAVES = list(known(schemas.load("payload")))


def with_values(payload: dict[str, Any], values: Mapping[KeyPath, Any]) -> dict[str, Any]:
    payload = deepcopy(payload)
    for path, value in values.items():
        table = payload
        for key in path[:-1]:
            table = table.setdefault(str(key), {})
        table[str(path[-1])] = value
    return payload


SPECIAL: dict[KeyPath, list[Any]] = {
    fields.TRAIN_KIND: ["fft", "peft"],
    fields.MODE: ["full_finetune", "lora", "sft_offline"],
    fields.EVALUATION_STRATEGY: ["no", "steps", "epoch"],
    fields.METRIC_FOR_BEST_MODEL: ["val.loss", "val.entropy"],
    fields.GPU_TYPE: ["H100", "A100"],
    fields.TRAINING_FILE_ID: [None, "file-1"],
    **{
        (*path[:-1], "sha256"): [DIGEST, "1" * 64]
        for path in (fields.TRAINING_PATH, fields.VALIDATION_PATH)
    },
}
"""Values of those fields whose schema says less than their meaning."""


def values(path: KeyPath) -> list[Any]:
    """Return several values that the schema allows."""
    if path in SPECIAL:
        return SPECIAL[path]
    schema = schemas.key_schema(path, "payload")
    if "enum" in schema or "const" in schema:
        return list(schema.get("enum", [schema.get("const")]))
    match schema["type"]:
        case "boolean":
            return [False, True]
        case "integer":
            least = schema.get("minimum", 0)
            return [least, min(least + 2, schema.get("maximum", least + 2))]
        case "number":
            return [0.125, 0.5]
        case "string":
            return ["one", "two"]
        case "array":
            return [["one"], ["two", "three"]]
    raise AssertionError(schema)
