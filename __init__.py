"""sftc compiles declarative TOML configs of fine-tuning jobs into canonical JSON payloads."""

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
from .diagnostics import Diagnostic, Edit, Fix, Severity, Span

__version__ = "0.1.0"

__all__ = [
    "Compilation",
    "Diagnostic",
    "Edit",
    "Fix",
    "FromConfig",
    "FromDefault",
    "FromOption",
    "Mended",
    "Origin",
    "Severity",
    "Span",
    "__version__",
    "compile_config",
    "fix_config",
    "lint_config",
]
