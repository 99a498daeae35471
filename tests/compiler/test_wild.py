"""What must hold of the compiler whatever stands where: the promises of the core.

Every name in every table with every value, several at once, in any order and layout.
"""

import re
from collections import Counter
from random import Random
from typing import Any

import tomli
import tomlkit
from exact_values import at_pointer, exact, leaves
from hypothesis import given, settings
from hypothesis import strategies as st
from layouts import layout
from wild import shuffled, wild

import sftc
from sftc import FromConfig, Severity
from sftc.compiler.edits import apply

MANY = settings(max_examples=2 * settings().max_examples)


def verdict(diagnostics: tuple[sftc.Diagnostic, ...]) -> Counter[Any]:
    """Return what is said, without the places."""
    return Counter((d.code, d.path, d.message, d.hint) for d in diagnostics)


def comments(text: str) -> Counter[str]:
    return Counter(re.findall(r"#~\d+~", text))


@st.composite
def written(draw: st.DrawFn) -> tuple[dict[str, Any], str]:
    """Draw a config and a text of it, in which each comment is one of its kind."""
    config = draw(wild())
    text = draw(layout(config))
    numbers = iter(range(10**6))
    # Where a text has no quote and no other comment, each line gets a comment.
    lines = [
        f"{line} #~{next(numbers)}~" if _takes_a_comment(line) else line
        for line in text.split("\n")
    ]
    above = [
        f"#~{next(numbers)}~\n{line}" if re.match(r"[\w.]+ = |\[\w", line) and number % 2 else line
        for number, line in enumerate(lines)
    ]
    return config, "\n".join(above if _reads_alike("\n".join(above), text) else [text])


def _takes_a_comment(line: str) -> bool:
    return bool(re.fullmatch(r"[\w.]+ = [\w.\-]+|\[[\w.]+\]", line))


def _reads_alike(one: str, other: str) -> bool:
    try:
        return repr(tomli.loads(one)) == repr(tomli.loads(other))
    except (tomli.TOMLDecodeError, ValueError):
        return False


@given(written())
@MANY
def test_nothing_raises_and_values_are_exact(drawn: tuple[dict[str, Any], str]) -> None:
    config, text = drawn
    compiled = sftc.compile_config(text)
    errors = [d for d in compiled.diagnostics if d.severity is Severity.ERROR]
    assert (compiled.payload_bytes is None) == bool(errors)
    if compiled.payload is None:
        return
    sent = tomli_like(compiled.payload_bytes)
    here = leaves(config)
    for pointer, origin in compiled.provenance.items():
        if isinstance(origin, FromConfig):
            assert exact(at_pointer(sent, pointer)) == exact(here[origin.path])


def tomli_like(data: bytes | None) -> Any:
    import json

    assert data is not None
    return json.loads(data)


@given(config=wild(), seed=st.integers(0, 2**32), data=st.data())
@MANY
def test_the_verdict_does_not_depend_on_the_layout(
    config: dict[str, Any], seed: int, data: st.DataObject
) -> None:
    """Whether a fix can be written does: no header goes into an inline table."""
    one = sftc.lint_config(data.draw(layout(config)))
    other = sftc.lint_config(data.draw(layout(shuffled(config, Random(seed)))))
    assert verdict(one) == verdict(other)


@given(config=wild(), seed=st.integers(0, 2**32))
@MANY
def test_verdict_and_fixes_do_not_depend_on_the_order(config: dict[str, Any], seed: int) -> None:
    texts = [tomlkit.dumps(config), tomlkit.dumps(shuffled(config, Random(seed)))]
    one, other = (sftc.compile_config(text).diagnostics for text in texts)
    assert verdict(one) == verdict(other)
    one, other = map(sftc.lint_config, texts)
    assert Counter((d.code, d.path, d.fix and d.fix.title) for d in one) == Counter(
        (d.code, d.path, d.fix and d.fix.title) for d in other
    )
    for unsafe in (False, True):
        fixed = [sftc.fix_config(text, unsafe=unsafe).text for text in texts]
        assert exact_any(tomli.loads(fixed[0])) == exact_any(tomli.loads(fixed[1]))


def exact_any(value: Any) -> Any:
    """Return a value so that ``==`` compares types, bits, nan and dates; order does not count.

    Nor does it count whether a table that nothing is in has a header of its own.
    """
    if isinstance(value, dict):
        return {key: exact_any(child) for key, child in value.items() if child != {}}
    if isinstance(value, list):
        return [exact_any(child) for child in value]
    return (type(value).__name__, value.hex() if isinstance(value, float) else value)


@given(drawn=written(), unsafe=st.booleans())
@MANY
def test_fixes_do_what_they_promise(drawn: tuple[dict[str, Any], str], *, unsafe: bool) -> None:
    _, text = drawn
    before = sftc.lint_config(text)
    mended = sftc.fix_config(text, unsafe=unsafe)
    promised = [d for d in before if d.fix and (d.fix.safe or unsafe)]
    applied = Counter((d.code, d.path) for d in mended.applied)
    assert not Counter((d.code, d.path) for d in promised) - applied
    assert len(mended.diagnostics) <= len(before) - len(mended.applied)
    assert comments(mended.text) == comments(text)
    if not any(d.severity is Severity.ERROR for d in before):
        assert not any(d.severity is Severity.ERROR for d in mended.diagnostics)
    again = sftc.fix_config(mended.text, unsafe=unsafe)
    assert (again.text, again.applied) == (mended.text, ())


REVEALED = {"SFT231", "SFT232", "SFT301", "SFT302", "SFT303", "SFT304"}
"""What nobody asked before of a table that is read now: whether it evaluates, and is JSON."""


@given(drawn=written())
@MANY
def test_each_fix_alone_keeps_the_data(drawn: tuple[dict[str, Any], str]) -> None:
    """What an editor or a code scanner offers one at a time is sound one at a time."""
    config, text = drawn
    values_before = kept(config)
    found = sftc.lint_config(text)
    revealed = REVEALED - {diagnostic.code for diagnostic in found}
    for diagnostic in found:
        if diagnostic.fix and diagnostic.code not in ("SFT246", "SFT301", "SFT106"):
            mended = apply(text, diagnostic.fix.edits)
            left = [one for one in sftc.lint_config(mended) if one.code not in revealed]
            assert len(left) < len(found)
            after = tomli.loads(mended.replace("\r\n", "\n"))
            assert kept(after) == values_before
            assert comments(mended) == comments(text)


def kept(config: dict[str, Any]) -> Counter[str]:
    """Return the values of a config; that a table of ours is empty now says nothing."""
    return Counter(repr(value) for value in leaves(config).values() if value != {})
