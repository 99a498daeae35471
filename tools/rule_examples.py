"""Write the words that the pages of findings show their messages with: `report/examples.json`.

The words come from the finding that a page's own bad example has. A code whose example cannot
be checked here keeps the words that the file has for it, which are written by hand.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any, Final

import sftc
from sftc.diagnostics import Finding, codes
from sftc.diagnostics.catalogue import CODES
from sftc.diagnostics.code import Code
from sftc.job.planned import fits_its_gpu
from sftc.report.pages import slots

FILE: Final = Path(__file__).parent.parent / "report" / "examples.json"
_TABLES: Final = {
    "job": '[job]\nmodel = "Qwen/Qwen3-4B"\n',
    "compute": '[compute]\ngpu_type = "H100"\n',
}


def examples(before: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Return the words of each code whose message has slots, by slot.

    Args:
        before: the words that are kept where no example can be checked.

    """
    found = {}
    for entry in CODES.values():
        if names := slots(entry):
            words = next(_words(entry), None) or before.get(entry.code, {})
            found[entry.code] = {name: str(words[name]) for name in names if name in words}
    return found


def _words(entry: Code) -> Iterator[dict[str, Any]]:
    """Yield the words of the findings of this code that its bad example has."""
    seen: list[Finding] = []

    def watch(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_name == "diagnose":
            seen.append(frame.f_locals["finding"])

    sys.setprofile(watch)  # a diagnostic no longer has the words of its finding
    try:
        _check(entry)
    finally:
        sys.setprofile(None)
    yield from (dict(one.words) for one in seen if one.code == entry.code)


def _check(entry: Code) -> None:
    if not entry.bad:
        return
    if entry.language == "toml":
        missing = [text for name, text in _TABLES.items() if f"[{name}]" not in entry.bad]
        more = [fits_its_gpu] if entry.code in codes.OPTIONAL else []
        sftc.lint_config("".join((entry.bad, *missing)), more=more)
    elif entry.code.startswith("SFT4"):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "train.jsonl"
            file.write_bytes(entry.bad.encode())
            sftc.check_dataset(file)


if __name__ == "__main__":
    kept = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    text = json.dumps(examples(kept), indent=2, ensure_ascii=False, sort_keys=True)
    FILE.write_text(f"{text}\n", "utf-8")
