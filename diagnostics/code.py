"""What the catalogue says of one code."""

from dataclasses import dataclass

from .model import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of the catalogue.

    Attributes:
        code: ``SFT`` and three digits.
        slug: the code in words.
        severity: how much a finding of this code matters.
        message: the message, a template that the finding's words fill.
        why: why it matters, one line under the message; may be a template too.
        page: the explanation, Markdown.
        bad: TOML that has exactly this finding. Where [job] or [compute] is left out, a
            sound one is understood; empty where no text of a config can show it.
        good: the same, mended.
        hint: what to write instead, where that is always the same.
        language: what `bad` and `good` are written in.

    """

    code: str
    slug: str
    severity: Severity
    message: str
    page: str
    why: str | None = None
    bad: str = ""
    good: str = ""
    hint: str | None = None
    language: str = "toml"
