"""The pure compiler: the text of a config in, a payload and diagnostics out.

Nothing under this package touches files, the clock, the environment, the network or a
stream. Data moves one way; every stage adds to one list of findings; bad input never raises.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from ..diagnostics import Diagnostic, Finding, KeyPath, RelatedKey, Severity, dotted
from ..job import Rule
from . import lower, placement, shape, source
from .contradictions import contradictions
from .lower import FromConfig, FromDefault, FromOption, Lowered, Origin, Pins
from .placement import Placement

if TYPE_CHECKING:
    from .lower.fate import Destination
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


@dataclass(frozen=True)
class Compilation:
    """What a config compiles to.

    Attributes:
        diagnostics: every finding, sorted by place.
        foreign: the note that the file is no fine-tuning config, if it looks like none; one that
            compiles never does.

    """

    diagnostics: tuple[Diagnostic, ...]
    foreign: Diagnostic | None = None
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
            ValueError: there is no payload, or no value at that path of it.

        """
        if self._lowered is None:
            raise ValueError("a config with errors has no payload")
        return lower.origin_of(path, self._lowered.origins)

    def key_for(self, path: KeyPath) -> KeyPath:
        """Return the key path that a field of the payload is read from, set or not.

        Raises:
            ValueError: there is no payload.

        """
        if self._lowered is None:
            raise ValueError("a config with errors has no payload")
        return self._lowered.key_for(path)

    @cached_property
    def destinations(self) -> dict[KeyPath, "Destination"]:
        """Where each leaf of the config went, by its key path; empty if there is no payload."""
        return self._lowered.destinations if self._lowered else {}


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
    analysis = _analyse(text, filename, options, pins or {}, more)
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


class Mended(NamedTuple):
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


class _Analysis(NamedTuple):
    """What is known of a text."""

    text: str
    document: str
    findings: list[Finding]
    config: dict[str, Any] | None = None
    placed: Placement | None = None
    lowered: Lowered | None = None


def _analyse(
    text: str | bytes,
    document: str,
    options: Mapping[str, str],
    pins: Pins,
    more: Sequence[Rule] = (),
) -> _Analysis:
    """Take a text through the stages.

    The payload is what the config says; what it is checked for is also what the config means.
    """
    text, findings = source.decode(text, document)
    config, findings = (None, findings) if findings else source.parse(text, document)
    if config is None or findings:
        return _Analysis(text, document, findings)
    placed = placement.place(config)
    reported = {path for finding in placed.findings for path in finding.settles}

    def lowered_from(values: Mapping[str, Any]) -> tuple[Lowered, list[Finding]]:
        return lower.lower(values, document, reported=reported, options=options).pinned(pins)

    lowered, unpinned = lowered_from(config)
    meant = lowered if placed.meant is config else lowered_from(placed.meant)[0]
    wrong = _wrong(lowered, meant, placed)
    unread = (*lowered.unread, *(f for f in _stood(meant.unread, placed) if f.path not in reported))
    findings = [
        *_together(wrong, unread),
        *placed.findings,
        *contradictions(
            lowered, meant, placed, fits=not wrong and not meant.sets_known_fields, more=more
        ),
        *unpinned,
    ]
    return _Analysis(text, document, findings, config, placed, lowered)


def _wrong(lowered: Lowered, meant: Lowered, placed: Placement) -> list[Finding]:
    """Return what no payload can be made of: as the config says it, and as it means it."""
    findings = _stood(shape.check(placed.meant, placed.claimed), placed)
    for job in (lowered, meant) if meant is not lowered else (lowered,):
        found: list[Finding] = []
        if job.sets_known_fields:
            found += shape.check_payload(job.payload, job.key_of)
        for more in (found, job.flaws):
            findings = _together(findings, more if job is lowered else _stood(more, placed))
    return findings


def _stood(findings: Iterable[Finding], placed: Placement) -> list[Finding]:
    """Return findings about the meant config as findings about the written one."""
    return [_moved(finding, placed) for finding in findings] if placed.sources else list(findings)


def _moved(finding: Finding, placed: Placement) -> Finding:
    path, words = placed.source(finding.path), finding.words
    if words.get("key") == dotted(finding.path):
        words = {**words, "key": dotted(path)}
    related = tuple(
        other._replace(path=placed.source(other.path)) if isinstance(other, RelatedKey) else other
        for other in finding.related
    )
    return replace(finding, path=path, words=words, related=related)


def _together(known: Iterable[Finding], more: Iterable[Finding]) -> list[Finding]:
    """Return findings with those that are about values of which nothing is said yet."""
    findings = list(known)
    said = {finding.path for finding in findings}
    for finding in more:
        if not any(finding.path[:length] in said for length in range(len(finding.path) + 1)):
            findings.append(finding)
            said.add(finding.path)
    return findings


def _linted(text: str | bytes, filename: str, more: Sequence[Rule] = ()) -> tuple["Reported", ...]:
    analysis = _analyse(text, filename, {}, {}, more)
    reported = _reported(analysis)
    if _has_error(pair.diagnostic for pair in reported):
        finding = _foreign_finding(analysis)
        if finding:
            return _reported(analysis._replace(findings=[finding]))
    return reported


def _has_error(diagnostics: Iterable[Diagnostic]) -> bool:
    return any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)


def _foreign(analysis: _Analysis) -> Diagnostic | None:
    finding = _foreign_finding(analysis)
    if finding is None:
        return None
    return _reported(analysis._replace(findings=[finding]))[0].diagnostic


def _foreign_finding(analysis: _Analysis) -> Finding | None:
    """Return the finding that a text which does not compile is no config of ours."""
    if analysis.placed is None:
        return None
    from .recognition import foreign  # only a config that does not compile needs it

    return foreign(analysis.placed, analysis.text)


def _reported(analysis: _Analysis) -> tuple["Reported", ...]:
    if not analysis.findings and "sftc:" not in analysis.text:  # and no comment that is for us
        return ()
    from . import placing  # and all that explains: a good config needs none of it

    def relint(text: str) -> int:
        after = _analyse(text, analysis.document, {}, {})
        return len(placing.place(after.findings, after.text, after.document, None, relint))

    return placing.place(
        analysis.findings, analysis.text, analysis.document, analysis.config, relint
    )
