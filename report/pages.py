"""The pages of the codes: what each means, and how to write it instead. Markdown, or a list.

A message is a template. Where no finding fills it, it is shown as it reads for the page's own
example, with the words of ``examples.json``, which ``tools/rule_examples.py`` writes.
"""

import json
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby
from string import Formatter
from textwrap import wrap
from typing import Final

from ..diagnostics.code import Code

_PREFACE: Final = """\
# Findings

Every finding that sftc reports has a code. `sftc rule CODE` prints the page of one, and
`sftc rule WORDS` searches them. A code never changes its meaning and is never reused. Assume
that any table an example leaves out is valid.
"""

_GROUPS: Final[Mapping[str, str]] = {
    "SFT0": "Reading files and settings",
    "SFT1": "Keys, types and values",
    "SFT2": "Settings that contradict each other",
    "SFT3": "What a payload carries",
    "SFT4": "Datasets",
    "SFT5": "Submitting and fetching",
    "SFT6": "Artifacts and review",
    "SFT7": "Training and planning",
    "SFT8": "Other systems",
}
"""What the codes of each range are about, by how they begin."""

_INDENT: Final = 4


class _Words(dict[str, str]):
    """The words for slots; a slot without one is an ellipsis."""

    def __missing__(self, slot: str) -> str:
        return "…"


def slots(code: Code) -> list[str]:
    """Return the names of the slots in the message of a code."""
    return [name for _, name, _, _ in Formatter().parse(code.message) if name]


def message(code: Code) -> str:
    """Return the message of a code as it reads for its example."""
    return code.message.format_map(_Words(_examples().get(code.code, {})))


def render(code: Code) -> str:
    """Return the page of a code."""
    return _page(code, "#")


def book(codes: Iterable[Code]) -> str:
    """Return the pages of codes, one after another, by group, under a preface."""
    parts = [_PREFACE]
    for start, group in _by_group(codes):
        parts += [f"## {start}xx {_GROUPS[start]}\n", *(_page(code, "###") for code in group)]
    return "\n".join(parts)


def listing(codes: Iterable[Code], width: int) -> str:
    """Return codes by group: each code, its severity and slug, and its message below.

    Args:
        codes: the codes, in order.
        width: columns to fit into.

    """
    return "\n".join(
        f"{start}xx {_GROUPS[start]}\n{''.join(_entry(code, width) for code in group)}"
        for start, group in _by_group(codes)
    )


def matching(codes: Iterable[Code], words: Iterable[str]) -> list[Code]:
    """Return the codes that have all words: in their names, messages, pages or examples.

    Args:
        codes: the codes to search.
        words: words or parts of them, in any case; `-` and `_` count as spaces.

    """
    wanted = [_plain(word) for word in words]
    codes = list(codes)
    for text_of in (_said, _shown):  # an example has keys that the finding is not about
        found = [code for code in codes if all(word in text_of(code) for word in wanted)]
        if found:
            return found
    return []


def _said(code: Code) -> str:
    """Return what is said of a code, as words are looked for in it."""
    return _plain(" ".join((code.code, code.slug, message(code), code.page, code.hint or "")))


def _shown(code: Code) -> str:
    """Return the same with the examples."""
    return f"{_said(code)} {_plain(f'{code.bad} {code.good}')}"


def _page(code: Code, heading: str) -> str:
    text = f"{heading} {code.code} {code.slug}\n\n*{code.severity}*: {message(code)}\n\n"
    text += f"{code.page}\n"
    if code.bad:
        text += f"\nInstead of\n\n```{code.language}\n{_visible(code.bad)}```\n"
    if code.good:
        text += f"\nwrite\n\n```{code.language}\n{_visible(code.good)}```\n"
    return text


def _by_group(codes: Iterable[Code]) -> Iterator[tuple[str, list[Code]]]:
    for start, group in groupby(codes, lambda code: code.code[:4]):
        yield start, list(group)


def _entry(code: Code, width: int) -> str:
    below = wrap(
        message(code),
        width,
        initial_indent=" " * _INDENT,
        subsequent_indent=" " * _INDENT,
        break_on_hyphens=False,
    )
    return "".join(f"{line}\n" for line in (f"{code.code} {code.slug} ({code.severity})", *below))


def _plain(text: str) -> str:
    """Return a text in lower case, with a space for what joins words."""
    return " ".join(text.lower().replace("-", " ").replace("_", " ").split())


@cache
def _examples() -> Mapping[str, Mapping[str, str]]:
    """Return the words for slots, by code and slot."""
    found: Mapping[str, Mapping[str, str]] = json.loads(
        pkgutil.get_data(__package__, "examples.json") or b"{}"
    )
    return found


def _visible(text: str) -> str:
    return text.replace("\ufeff", "\\ufeff")
