"""The pure compiler: the text of a config in, a payload and diagnostics out.

Nothing under this package touches files, the clock, the environment, the network or a
stream. Data moves one way; every stage adds to one list of findings; bad input never raises.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from ..diagnostics import Diagnostic, Finding, Severity
from ..job import Rule
from .analysis import Analysis, analyse
from .compilation import Compilation, Mended
from .lower import FromConfig, FromDefault, FromOption, Origin, Pins

if TYPE_CHECKING:
    from .placing import Reported

__all__ = [
    "Compilation",
    "FromConfig",
    "FromDefault",
    "FromOption",
    "Mended",
    "Origin",
    "Pins",
    "compile_config",
    "fix_config",
    "lint_config",
]


def compile_config(
    text: str | bytes,
    *,
    filename: str = "config.toml",
    dataset: str | None = None,
    validation: str | None = None,
    pins: Pins | None = None,
    more: Sequence[Rule] = (),
) -> Compilation:
    """Compile a config.

    Args:
        text: the config, TOML 1.1; bytes are UTF-8.
        filename: the name that diagnostics give the config; nothing is read from it.
        dataset: the path of the training dataset, in place of the config's ``job.data``.
        validation: that of the validation dataset, in place of ``data.validation_path``.
        pins: what is known of the dataset files, by use: ``training`` or ``validation``. The
            facts of a file, such as ``sftc.pin`` gives them, go beside its path; a finding is
            reported where the path stands.
        more: what else is asked of the job; a finding is reported where the field's key stands.

    Raises:
        TypeError: ``text`` is neither text nor bytes, such as a path.
        ValueError: ``dataset`` or ``validation`` is blank, or a pin is none, or of a file that the
            config does not name.

    """
    given = {"dataset": dataset, "validation": validation}
    options = {option: path for option, path in given.items() if path is not None}
    for option, path in options.items():
        if not path.strip():
            raise ValueError(f"{option} must not be blank")
    analysis = analyse(text, filename, options, pins or {}, more)
    diagnostics = tuple(pair.diagnostic for pair in _reported(analysis))
    if _has_error(diagnostics):
        return Compilation(diagnostics, _foreign(analysis))
    return Compilation(diagnostics, _lowered=analysis.lowered)


def lint_config(
    text: str | bytes, *, filename: str = "config.toml", more: Sequence[Rule] = ()
) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a config; of a file that is no config, one note that says so.

    Args:
        text: the config, TOML 1.1; bytes are UTF-8.
        filename: the name that diagnostics give it.
        more: what else is asked of its job.

    Raises:
        TypeError: ``text`` is neither text nor bytes, such as a path.

    """
    return tuple(pair.diagnostic for pair in _linted(text, filename, more))


def fix_config(
    text: str,
    *,
    filename: str = "config.toml",
    unsafe: bool = False,
    chosen: Callable[[str], bool] = bool,
) -> Mended:
    """Apply the fixes of a config, all that work together at once.

    The text afterwards has at least one finding fewer for each fix that was applied, compiles if
    it did before, and is as it was to the letter wherever no fix touches it. To fix it again
    changes nothing.

    Args:
        text: the config.
        filename: the name that diagnostics give it.
        unsafe: whether to apply fixes that change what the config means, too.
        chosen: whether to apply the fixes of a code; by default those of all.

    Raises:
        TypeError: ``text`` is no text, such as a path.

    """
    from .fixing import fix  # few runs mend anything

    text, applied, remaining = fix(
        text,
        filename,
        lint=lambda source: _linted(source, filename),
        wanted=lambda d: bool(d.fix and (d.fix.safe or unsafe) and chosen(d.code)),
    )
    return Mended(text, applied, remaining)


def _linted(text: str | bytes, filename: str, more: Sequence[Rule] = ()) -> tuple["Reported", ...]:
    analysis = analyse(text, filename, {}, {}, more)
    reported = _reported(analysis)
    if _has_error(pair.diagnostic for pair in reported):
        finding = _foreign_finding(analysis)
        if finding:
            return _reported(analysis._replace(findings=[finding]))
    return reported


def _has_error(diagnostics: Iterable[Diagnostic]) -> bool:
    return any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)


def _foreign(analysis: Analysis) -> Diagnostic | None:
    finding = _foreign_finding(analysis)
    if finding is None:
        return None
    return _reported(analysis._replace(findings=[finding]))[0].diagnostic


def _foreign_finding(analysis: Analysis) -> Finding | None:
    """Return the finding that a text which does not compile is no config of ours."""
    if analysis.placed is None:
        return None
    from .recognition import foreign  # only a config that does not compile needs it

    return foreign(analysis.placed, analysis.text)


def _reported(analysis: Analysis) -> tuple["Reported", ...]:
    if not analysis.findings and "sftc:" not in analysis.text:  # and no comment that is for us
        return ()
    from . import placing  # and all that explains: a good config needs none of it

    def relint(text: str) -> int:
        after = analyse(text, analysis.document, {}, {})
        return len(placing.place(after.findings, after.text, after.document, None, relint))

    return placing.place(
        analysis.findings, analysis.text, analysis.document, analysis.config, relint
    )
