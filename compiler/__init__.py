"""The pure compiler: the text of a config in, a payload and diagnostics out.

Nothing under this package touches files, the clock, the environment, the network or a
stream. Data moves one way; every stage adds to one list of findings; bad input never raises.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..diagnostics import Diagnostic, Finding, KeyPath, Severity
from . import lower, rules, shape, source
from .lower import FromConfig, FromDefault, FromOption, Origin, Pins

if TYPE_CHECKING:
    from .lower.fate import Destination

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


@dataclass(frozen=True)
class Compilation:
    """What a config compiles to.

    Attributes:
        diagnostics: every finding, sorted by place.

    """

    diagnostics: tuple[Diagnostic, ...]
    _lowered: lower.Lowered | None = field(default=None, repr=False)

    @property
    def ok(self) -> bool:
        """Whether there is a payload: no diagnostic is an error."""
        return self._lowered is not None

    @cached_property
    def payload(self) -> dict[str, Any] | None:
        """The payload as plain values, or None if any diagnostic is an error."""
        if self._lowered is None:
            return None
        shape.require_payload(self._lowered.payload)
        return self._lowered.payload

    @cached_property
    def payload_bytes(self) -> bytes | None:
        """The payload as canonical JSON, or None."""
        from ..payloads import canonical  # a lint does without

        return None if self.payload is None else canonical.encode(self.payload)

    @cached_property
    def provenance(self) -> dict[str, Origin]:
        """Where each leaf of the payload came from, by its JSON Pointer; empty if none."""
        return self._lowered.provenance if self._lowered else {}

    def origin(self, path: KeyPath) -> Origin:
        """Return where the value at a path of the payload came from; it may be a whole array.

        Raises:
            ValueError: there is no payload.

        """
        if self._lowered is None:
            raise ValueError("a config with errors has no payload")
        return lower.origin_of(path, self._lowered.origins)

    @cached_property
    def destinations(self) -> dict[KeyPath, "Destination"]:
        """Where each leaf of the config went, by its key path; empty if there is no payload."""
        return self._lowered.destinations if self._lowered else {}


def lint_config(text: str | bytes, *, filename: str = "config.toml") -> tuple[Diagnostic, ...]:
    """Return what is wrong with a config; of a file that is no config, one note that says so.

    Args:
        text: the config, TOML 1.1; bytes are UTF-8.
        filename: the name that diagnostics give it.

    """
    compiled = compile_config(text, filename=filename)
    if not compiled.ok:
        text, findings = source.decode(text)
        config = None if findings else source.parse(text)[0]
        from .shape.foreign import foreign  # only a config that does not compile needs it

        finding = foreign(config) if config else None
        if finding:
            return _placed([finding], text, filename)
    return compiled.diagnostics


@dataclass(frozen=True, slots=True)
class Mended:
    """What the fixes of a config came to.

    Attributes:
        text: the config after them.
        applied: the diagnostics that they took away.
        diagnostics: those that remain.

    """

    text: str
    applied: tuple[Diagnostic, ...]
    diagnostics: tuple[Diagnostic, ...]


def fix_config(
    text: str,
    *,
    filename: str = "config.toml",
    unsafe: bool = False,
    chosen: Callable[[str], bool] = bool,
) -> Mended:
    """Apply the fixes of a config, one after another, as long as each takes a finding away.

    The text afterwards has strictly fewer findings for each fix that was applied, and what no
    fix touches is as it was to the letter. To fix it again changes nothing.

    Args:
        text: the config.
        filename: the name that diagnostics give it.
        unsafe: whether to apply fixes that change what the config means, too.
        chosen: whether to apply the fixes of a code; by default those of all.

    """
    from . import mending  # few runs mend anything

    applied: list[Diagnostic] = []
    found = lint_config(text, filename=filename)
    untried = list(found)
    while untried:
        diagnostic = untried.pop(0)
        fix = diagnostic.fix
        if fix is None or not (fix.safe or unsafe) or not chosen(diagnostic.code):
            continue
        mended = mending.apply(text, fix.edits)
        after = lint_config(mended, filename=filename)
        if len(after) < len(found) and _reads(after):
            text, found, untried = mended, after, list(after)
            applied.append(diagnostic)
    return Mended(text, tuple(applied), found)


def _placed(findings: Sequence[Finding], text: str, filename: str) -> tuple[Diagnostic, ...]:
    if not findings and "sftc:" not in text:  # nothing to say, and no comment that is for us
        return ()
    from . import placing  # and all that explains: a good config needs none of it

    return placing.place(findings, text, filename)


def _reads(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether the text was read: a text that stops the reader has one finding, too."""
    return not any(diagnostic.code < "SFT009" for diagnostic in diagnostics)


def compile_config(
    text: str | bytes,
    *,
    filename: str = "config.toml",
    dataset: str | None = None,
    pins: Pins | None = None,
) -> Compilation:
    """Compile a config.

    Args:
        text: the config, TOML 1.1; bytes are UTF-8.
        filename: the name that diagnostics give the config; nothing is read from it.
        dataset: the path of the training dataset, in place of the config's ``job.data``.
        pins: what is known of the dataset files, by use: ``training`` or ``validation``. The
            facts of a file go beside its path; a finding is reported where the path stands.

    Raises:
        ValueError: ``dataset`` is blank.

    """
    if dataset is not None and not dataset.strip():
        message = "dataset must not be blank"
        raise ValueError(message)
    text, findings = source.decode(text)
    config: dict[str, Any] | None = None
    if not findings:
        config, findings = source.parse(text)
    if config is None or findings:
        return Compilation(_placed(findings, text, filename))

    shaped = shape.check(config)
    findings = [*shaped.findings, *rules.check(config, shaped.findings, shaped.unsound)]
    settled = frozenset(p for f in findings for p in f.settles) | shaped.unsound
    options = {"dataset": dataset} if dataset is not None else {}
    lowered = lower.lower(config, settled=settled, options=options)
    findings += lowered.findings
    findings += lowered.pin(pins or {})

    if lowered.trespasses and not shaped.findings:
        findings += shape.check_payload(lowered.payload, lowered.key_of)
    diagnostics = _placed(findings, text, filename)
    if any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics):
        return Compilation(diagnostics)
    return Compilation(diagnostics, lowered)
