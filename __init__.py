"""sftc compiles declarative TOML configs of fine-tuning jobs into canonical JSON payloads."""

from typing import TYPE_CHECKING, Any

from ._version import __version__
from .diagnostics import Diagnostic, Edit, Fix, InvalidInputError, Related, Severity, Span

if TYPE_CHECKING:
    from .client import (
        BackendError,
        DatasetError,
        FetchError,
        PayloadError,
        RefusedError,
        SubmitError,
    )
    from .compiler import (
        Compilation,
        FromConfig,
        FromDefault,
        FromOption,
        Mended,
        Origin,
        compile_config,
        fix_config,
        lint_config,
    )
    from .datasets import Pin
    from .following import (
        Artifact,
        Event,
        Fetched,
        Job,
        Outcome,
        Point,
        Throughput,
        Update,
        cancel,
        fetch,
        follow,
        follow_trainer_log,
        jobs,
        logs,
        status,
        trainer_log,
    )
    from .planning import Plan, Suggestion, plan
    from .review import Comparison, Lifted, SourceMap, diff, explain, lift
    from .submitter import Submission, submit
    from .workspace.notebook import (
        CheckedDataset,
        DatasetStatistics,
        check_dataset,
        dataset_statistics,
        pin,
    )

__all__ = [
    "Artifact",
    "BackendError",
    "CheckedDataset",
    "Comparison",
    "Compilation",
    "DatasetError",
    "DatasetStatistics",
    "Diagnostic",
    "Edit",
    "Event",
    "FetchError",
    "Fetched",
    "Fix",
    "FromConfig",
    "FromDefault",
    "FromOption",
    "InvalidInputError",
    "Job",
    "Lifted",
    "Mended",
    "Origin",
    "Outcome",
    "PayloadError",
    "Pin",
    "Plan",
    "Point",
    "RefusedError",
    "Related",
    "Severity",
    "SourceMap",
    "Span",
    "Submission",
    "SubmitError",
    "Suggestion",
    "Throughput",
    "Update",
    "__version__",
    "cancel",
    "check_dataset",
    "compile_config",
    "dataset_statistics",
    "diff",
    "explain",
    "fetch",
    "fix_config",
    "follow",
    "follow_trainer_log",
    "jobs",
    "lift",
    "lint_config",
    "logs",
    "pin",
    "plan",
    "status",
    "submit",
    "trainer_log",
]


_ROOMS = (
    "compiler",
    "review",
    "planning",
    "workspace.notebook",
    "datasets",
    "client",
    "following",
    "submitter",
)


def __getattr__(name: str) -> Any:
    """Import a room when one of its names is asked for: commands start without most of them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    rooms = (import_module(f".{room}", __name__) for room in _ROOMS)
    found = next(getattr(room, name) for room in rooms if name in room.__all__)
    globals()[name] = found  # it is asked for once
    return found


def __dir__() -> list[str]:
    """Name the public API, for those who complete names."""
    return __all__
