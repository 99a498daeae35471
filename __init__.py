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
    from .submitter import (
        BackendError,
        DatasetError,
        Outcome,
        PayloadError,
        RefusedError,
        StateError,
        Submission,
        SubmitError,
        Update,
        follow,
        submit,
    )

__version__ = "0.1.0"

__all__ = [
    "BackendError",
    "Compilation",
    "DatasetError",
    "Diagnostic",
    "Edit",
    "Fix",
    "FromConfig",
    "FromDefault",
    "FromOption",
    "Mended",
    "Origin",
    "Outcome",
    "PayloadError",
    "RefusedError",
    "Related",
    "Severity",
    "Span",
    "StateError",
    "Submission",
    "SubmitError",
    "Update",
    "__version__",
    "compile_config",
    "fix_config",
    "follow",
    "lint_config",
    "submit",
]


def __getattr__(name: str) -> Any:
    """Import what submits when it is asked for: compiling needs no network."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import submitter

    return getattr(submitter, name)
