"""sftc compiles declarative TOML configs of fine-tuning jobs into canonical JSON payloads."""

from typing import TYPE_CHECKING, Any

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
from .diagnostics import Diagnostic, Edit, Fix, Related, Severity, Span

if TYPE_CHECKING:
    from .client import (
        BackendError,
        DatasetError,
        PayloadError,
        RefusedError,
        SubmitError,
    )
    from .following import Event, Job, Outcome, Point, Update, cancel, follow, jobs, logs, status
    from .submitter import Submission, submit

__version__ = "0.1.0"

__all__ = [
    "BackendError",
    "Compilation",
    "DatasetError",
    "Diagnostic",
    "Edit",
    "Event",
    "Fix",
    "FromConfig",
    "FromDefault",
    "FromOption",
    "Job",
    "Mended",
    "Origin",
    "Outcome",
    "PayloadError",
    "Point",
    "RefusedError",
    "Related",
    "Severity",
    "Span",
    "Submission",
    "SubmitError",
    "Update",
    "__version__",
    "cancel",
    "compile_config",
    "fix_config",
    "follow",
    "jobs",
    "lint_config",
    "logs",
    "status",
    "submit",
]


_ROOMS = ("client", "following", "submitter")


def __getattr__(name: str) -> Any:
    """Import what speaks to a backend when it is asked for: compiling needs no network."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    rooms = (import_module(f".{room}", __name__) for room in _ROOMS)
    return next(getattr(room, name) for room in rooms if name in room.__all__)
