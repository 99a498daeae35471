"""How deep a TOML text may nest, for its values and for the places of them."""

from typing import Final

DEEPEST: Final = 64
"""Levels of tables and arrays that a config may nest: below what the readers and writers of
TOML and JSON allow (tomlkit 100, orjson 254), the payload's own levels included."""
