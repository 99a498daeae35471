"""For CI servers that show tests: JUnit XML, as Jenkins and GitLab read it.

Each file is a test case, so its history survives any change of its findings. It fails if its
findings fail the command; other findings are its output.
"""

from collections.abc import Collection, Container, Iterable, Sequence
from typing import Final
from xml.etree import ElementTree as ET

from ..diagnostics import Diagnostic, Severity, printable
from .concise import render as concise
from .prose import how_often, place
from .text import summary

_NAME: Final = "sftc"


def render(
    diagnostics: Iterable[Diagnostic], files: Collection[str], *, strict: Container[str] = ()
) -> str:
    """Return a test suite.

    Args:
        diagnostics: what was found.
        files: the files that were looked at; those without findings pass.
        strict: the files that a warning fails, as an error does.

    """
    found: dict[str, list[Diagnostic]] = {file: [] for file in files}
    for diagnostic in diagnostics:
        found.setdefault(diagnostic.file, []).append(diagnostic)
    suite = ET.Element("testsuite")
    cases = [_case(file, about, strict=file in strict) for file, about in found.items()]
    # To CI servers, a report without a test is a broken one.
    suite.extend(cases or [_case("no findings", [], strict=False)])
    failures = sum(case.find("failure") is not None for case in cases)
    suite.attrib = {
        "name": _NAME,
        "tests": str(len(suite)),
        "failures": str(failures),
        "errors": "0",
    }
    ET.indent(suite)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suite, "unicode")}\n'


def _case(name: str, found: Sequence[Diagnostic], *, strict: bool) -> ET.Element:
    case = ET.Element("testcase", classname=_NAME, name=printable(name))
    severities = {diagnostic.severity for diagnostic in found}
    failing = [Severity.ERROR, Severity.WARNING] if strict else [Severity.ERROR]
    worst = next((severity for severity in failing if severity in severities), None)
    if worst:
        # GitLab shows the text of a failure alone, Jenkins its message above it.
        failure = ET.SubElement(case, "failure", type=worst, message=summary(found))
        failure.text = _lines(found)
    elif found:
        ET.SubElement(case, "system-out").text = _lines(found)
    return case


def _lines(found: Iterable[Diagnostic]) -> str:
    """Return the findings, each with what helps and the other places below it."""
    text = "\n"
    for diagnostic in found:
        text += concise([diagnostic])
        notes = [*filter(None, (how_often(diagnostic), diagnostic.hint, diagnostic.why))]
        notes += [f"{place(other.span)}: {other.message}" for other in diagnostic.related]
        text += "".join(f"  {printable(note)}\n" for note in notes)
    return text
