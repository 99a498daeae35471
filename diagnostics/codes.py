"""The codes that decide what happens next, by name; every other code only reports."""

from typing import Final

UNREADABLE: Final = frozenset(f"SFT00{number}" for number in range(1, 9))
"""Errors of reading: nothing else can be known of the file."""

NOT_A_CONFIG: Final = "SFT009"
"""The file is of another kind, and is skipped."""

INDISPENSABLE: Final = ("SFT0", "SFT1", "SFT3", "SFT4")
"""Ranges whose errors cannot be suppressed: nothing would be left to compile or to pin."""
