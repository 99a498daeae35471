"""Whether manifests are what Kubeflow's models say, with no key that they do not have.

Lines of JSON in, ``{"target": …, "text": …}``; for each a line out: null, or what is wrong.
"""

import json
import sys
import typing
from typing import Any

import pydantic
import yaml
from kubeflow_trainer_api import models

KINDS = {
    "ConfigMap": models.IoK8sApiCoreV1ConfigMap,
    "TrainJob": models.TrainerV1alpha1TrainJob,
}
LARGEST = 1024 * 1024


def is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, pydantic.BaseModel)


def require_known(kind: Any, value: Any, at: str) -> None:
    """Refuse keys that a model does not have, which it would pass over."""
    if is_model(kind):
        if "actual_instance" in kind.model_fields or not isinstance(value, dict):
            return
        hints = typing.get_type_hints(kind)
        known = {field.alias or name: hints[name] for name, field in kind.model_fields.items()}
        for key, below in value.items():
            if key not in known:
                raise ValueError(f"unknown: {at}.{key}")
            require_known(known[key], below, f"{at}.{key}")
        return
    inside = typing.get_args(kind)
    values = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    for argument in inside:
        plain = is_model(argument)
        if plain and typing.get_origin(kind) is typing.Union:
            require_known(argument, value, at)
        elif plain:
            for below in values:
                require_known(argument, below, f"{at}[]")
        else:
            require_known(argument, value, at)


def check(text: str) -> None:
    found = {}
    for document in yaml.load_all(text, Loader=yaml.CSafeLoader):
        kind = KINDS[document["kind"]]
        require_known(kind, document, document["kind"])
        assert kind.from_dict(document) is not None
        found[document["kind"]] = document
    assert found.keys() == KINDS.keys(), found.keys()
    data = found["ConfigMap"]["data"]
    assert sum(len(key) + len(value.encode()) for key, value in data.items()) <= LARGEST


def main() -> None:
    for line in sys.stdin:
        wrong = None
        try:
            check(json.loads(line)["text"])
        except Exception as error:  # noqa: BLE001 - whatever the models raise
            wrong = str(error) or repr(error)
        print(json.dumps(wrong), flush=True)


if __name__ == "__main__":
    main()
