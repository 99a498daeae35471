"""What a file really is when it is no JSONL, by its first bytes.

It only ever names what is surely something else; everything doubtful is left to the rows.
"""

import codecs
import json
import re
from typing import Final

from .blocks import BLANK

_FIX: Final = "run `sftc data fix FILE -o OUT`"
_MAGIC: Final = (
    (b"\x1f\x8b", "gzip-compressed", "name it `*.jsonl.gz`, or decompress it"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed", "name it `*.jsonl.zst`, or decompress it"),
    (b"BZh", "bzip2-compressed", "decompress it"),
    (b"\xfd7zXZ\x00", "xz-compressed", "decompress it"),
    (b"PK\x03\x04", "a ZIP archive", "unpack it"),
    (b"PAR1", "Parquet", "write its rows as JSONL, for example with pandas' `to_json`"),
    (b"ARROW1", "an Arrow file", "write its rows as JSONL"),
    (b"\xff\xff\xff\xff", "an Arrow stream", "write its rows as JSONL"),
    (b"SQLite format 3\x00", "an SQLite database", "write its rows as JSONL"),
    (b"%PDF-", "a PDF document", None),
    (b"version https://git-lfs.github.com/", "a Git LFS pointer", "run `git lfs pull`"),
    (codecs.BOM_UTF32_LE, "UTF-32 text", "write it as UTF-8"),
    (codecs.BOM_UTF16_LE, "UTF-16 text", _FIX),
    (codecs.BOM_UTF16_BE, "UTF-16 text", _FIX),
    (b"{\x00", "UTF-16 text", "write it as UTF-8"),
    (b"\x00{", "UTF-16 text", "write it as UTF-8"),
)
_MARKUP: Final = (b"<!doctype", b"<html", b"<?xml")
_FEWEST_COLUMNS: Final = 2
_TABLE_HEADER: Final = re.compile(rb"\[\[?[\w.\"' -]+\]\]?\s*(?:#.*)?")
_ASSIGNMENT: Final = re.compile(rb"[\w.\"'-]+\s*=\s*\S.*")
_LOG: Final = re.compile(
    rb"\[?(?:"
    rb"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d|\d\d:\d\d:\d\d\b"  # ISO and the like, or a time alone
    rb"|(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\b"
    rb"|[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d "  # syslog
    rb"|[IWEF]\d{4} \d\d:\d\d:\d\d"  # glog
    rb"|[\da-f.:]+ \S+ \S+ \[\d"  # web servers
    rb")"
)
_YAML_KEY: Final = re.compile(rb"(?:- )?[\w-]+:")
_YAML_BELOW: Final = re.compile(rb"\s+\S|- ")


def sniff(start: bytes) -> tuple[str, str | None] | None:
    """Return what a file is instead of JSONL and what to do about it, or None.

    Args:
        start: its first bytes; some tens of thousands are enough.

    """
    for magic, what, hint in _MAGIC:
        if start.startswith(magic):
            return what, hint
    text = start.removeprefix(codecs.BOM_UTF8).lstrip(BLANK)
    if text[:9].lower().startswith(_MARKUP):
        return "an HTML or XML document", "download the file itself, not its web page"
    if known := _plain_text(text):
        return known
    if text.startswith(b"["):
        return _array(text)
    if text.startswith(b"{"):
        return _document(text)
    return _table(text)


def is_array(start: bytes) -> bool:
    """Whether a file is one JSON array."""
    text = start.removeprefix(codecs.BOM_UTF8).lstrip(BLANK)
    return text.startswith(b"[") and sniff(start) == _array(text) is not None


def _plain_text(text: bytes) -> tuple[str, str] | None:
    """Tell configuration and logs by their first lines, which are no JSON."""
    lines = [line.rstrip() for line in text.split(b"\n")[:50]]
    first, second = (*(line for line in lines if line and not line.startswith(b"#")), b"", b"")[:2]
    pair = [line for line in (first, second) if line]
    if _LOG.match(first) and not _is_json(first):
        return "a log file", "name the dataset, not the log of a run"
    assigned = any(map(_ASSIGNMENT.fullmatch, pair))
    if assigned and all(_ASSIGNMENT.fullmatch(one) or _TABLE_HEADER.fullmatch(one) for one in pair):
        return "TOML or another configuration", "name the dataset, not the config that names it"
    begun = first == b"---" or (_YAML_KEY.fullmatch(first) and _YAML_BELOW.match(second))
    if begun or (first.startswith(b"- ") and _YAML_KEY.match(first)):
        return "YAML", "write each row as a JSON object on a line of its own"
    return None


def _array(text: bytes) -> tuple[str, str] | None:
    first, _, after = text.partition(b"\n")
    if _is_json(first) and after.strip(BLANK):
        return None  # one array a line: a mistake of each row
    return "a JSON array", _FIX


def _document(text: bytes) -> tuple[str, str] | None:
    """Tell JSON that is spread over lines: the first of them opens what it does not close."""
    first, _, after = text.partition(b"\n")
    if first.rstrip(BLANK).endswith((b"[", b"{")) and after.strip(BLANK):
        return "JSON spread over several lines", "write each row on one line, without indentation"
    return None


def _table(text: bytes) -> tuple[str, str] | None:
    lines = [line.rstrip(b"\r") for line in text.split(b"\n")[:2]]
    for separator, name in ((b",", "CSV"), (b"\t", "TSV")):
        columns = lines[0].split(separator)
        names = [column.strip(b' "') for column in columns]
        header = all(name and name.replace(b"_", b"a").isalnum() for name in names)
        if len(columns) >= _FEWEST_COLUMNS and header and lines[1:]:
            return name, "write each row as a JSON object with `messages`"
    return None


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
