"""Whether requests are what the SDKs of OpenAI, Together and Fireworks say; run with them.

Lines of JSON in, ``{"target": …, "text": …}``; for each a line out: null, or what is wrong.
"""

import json
import sys
import typing
from typing import Any

import pydantic
import typing_extensions


def strict(kind: Any) -> Any:
    """Return a typed dict, and those in it, as ones that refuse unknown keys."""
    for below in _inside(kind):
        below.__pydantic_config__ = pydantic.ConfigDict(extra="forbid", strict=True)
    return kind


def _inside(kind: Any, seen: list[Any] | None = None) -> list[Any]:
    seen = [] if seen is None else seen
    if typing_extensions.is_typeddict(kind) and kind not in seen:
        seen.append(kind)
        for hint in typing.get_type_hints(kind).values():
            _inside(hint, seen)
    for argument in typing.get_args(kind):
        _inside(argument, seen)
    return seen


def openai(request: dict[str, Any]) -> None:
    from openai.types.fine_tuning.job_create_params import JobCreateParams

    pydantic.TypeAdapter(strict(JobCreateParams)).validate_python(request)


def fireworks(request: dict[str, Any]) -> None:
    from fireworks.types import supervised_fine_tuning_job_create_params as module

    kind = module.SupervisedFineTuningJobCreateParams
    names = {}
    for name, hint in typing.get_type_hints(kind, include_extras=True).items():
        info = next((m for m in getattr(hint, "__metadata__", ()) if hasattr(m, "alias")), None)
        names[info.alias if info and info.alias else name] = name
    unknown = request.keys() - names.keys()
    if unknown:
        raise ValueError(f"unknown: {unknown}")
    renamed = {names[key]: value for key, value in request.items()}
    pydantic.TypeAdapter(strict(kind)).validate_python(renamed)


def together(request: dict[str, Any]) -> None:
    from together.lib.types import fine_tuning as module

    config = pydantic.ConfigDict(extra="forbid", strict=True)
    kind: Any = type("Request", (module.FinetuneRequest,), {"model_config": config})
    made = kind.model_validate(request)
    if type(made.training_type) is module.UnknownTrainingType:
        raise ValueError("unknown training type")
    if type(made.training_method) is not module.TrainingMethodSFT:
        raise ValueError("another training method")
    if made.training_type and made.training_type.model_extra:
        raise ValueError(f"unknown: {made.training_type.model_extra}")
    if type(made.lr_scheduler) is module.UnknownLRScheduler:
        raise ValueError("unknown schedule")


def main() -> None:
    for line in sys.stdin:
        given = json.loads(line)
        wrong = None
        try:
            {"openai": openai, "together": together, "fireworks": fireworks}[given["target"]](
                json.loads(given["text"])
            )
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises
            wrong = str(error)
        print(json.dumps(wrong), flush=True)


if __name__ == "__main__":
    main()
