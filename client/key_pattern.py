"""What finds a key in what a backend answers, so that it can be taken out."""

import re
from typing import Final
from urllib.parse import quote

_LONG_KEY: Final = 12
"""Characters from which on a key is no part of anything else by chance."""


def pattern_of(key: str) -> re.Pattern[str]:
    """Return what finds a key, also as a URL has it; a short one only where it is a whole word."""
    percent = quote(key, safe="")
    spelled = "|".join(map(re.escape, {key, quote(key), percent, percent.lower()}))
    part = "" if len(key) >= _LONG_KEY else r"[A-Za-z0-9._~+/=-]"
    return re.compile(f"(?<!{part})(?:{spelled})(?!{part})" if part else spelled)
