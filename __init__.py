"""Compile declarative TOML configs of fine-tuning jobs into canonical JSON payloads.

Configs: ``compile_config``, ``lint_config`` and ``fix_config`` take the text of a config; nothing
is read from disk. Reviews: ``diff``, ``explain``, ``lift`` and ``plan`` take the text of a config
or of a payload, or a payload's values. Datasets: ``check_dataset``, ``dataset_statistics`` and
``pin`` take the path of a JSONL file. Jobs: ``submit``, ``jobs``, ``status``, ``follow``,
``logs``, ``cancel``, ``fetch``, ``trainer_log`` and ``follow_trainer_log`` talk to a backend.

    from pathlib import Path

    import sftc

    compiled = sftc.compile_config(Path("sft.toml").read_text(), filename="sft.toml")
    if compiled.ok:
        Path("sft.job.json").write_bytes(compiled.payload_bytes)
    for diagnostic in compiled.diagnostics:
        print(diagnostic.span.line, diagnostic.message)

Errors in a config are reported as ``Diagnostic`` values, never raised. The other functions raise
``InvalidInputError``, ``SubmitError`` or a subclass of it, which carry diagnostics, too.
"""

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


_PACKAGES = (
    "compiler",
    "review",
    "planning",
    "workspace.notebook",
    "datasets",
    "client",
    "following",
    "submitter",
)
"""Where the names are, in the order in which they are looked for."""


def __getattr__(name: str) -> Any:
    """Import a package when one of its names is asked for: commands start without most of them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    packages = (import_module(f".{package}", __name__) for package in _PACKAGES)
    found = next(getattr(package, name) for package in packages if name in package.__all__)
    globals()[name] = found  # it is asked for once
    return found


def __dir__() -> list[str]:
    """Name the public API, and what is imported already: what completion and ``help`` show."""
    return sorted({*__all__, *globals()})
