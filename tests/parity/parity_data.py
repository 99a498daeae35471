"""Our verdicts on rows, as ``--like reference`` gives them, beside the reference client's.

Run by ``make parity``.

Usage: python parity_data.py REFERENCE_PYTHON, a Python with ``synth-ai`` from PyPI. Over
all rows of ``tests/datasets/rows``, as they are and with bytes changed, and all files of
``tests/datasets/files``: both accept it, or both refuse it, or it stands in ``ON_PURPOSE`` with
the reason.
"""

import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sftc.datasets import ALLOWED_BY_REFERENCE, Measured, measure

CHANGED = 12
"""Rows that are made of each row of the corpus."""
PIECES = (b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"null", b"1", b" ", b'""', b"\xff")
RANDOM = random.Random(11)
DATASETS = Path(__file__).parents[1] / "datasets"

ON_PURPOSE = {
    "NaN": "`NaN`, `Infinity` and `-Infinity` are no JSON; it reads them as Python does",
    "surrogate": "half a character is no text and cannot be written as UTF-8; it takes it",
    "nested tool": "OpenAI's tool, an object around the function, is taken; it misses the name",
    "compressed": "`*.gz` and `*.zst` are read as what they hold; it reads text only",
    "carriage return": "a lone carriage return ends no line of JSONL; for it, it does",
    "text for tools": "tools are a list; it takes an empty text for an empty list",
    "white space": "a line of white space that JSON does not know is no blank line; for it, it is",
}
"""Where the verdicts differ, and why ours is right."""

REFERENCE = """
import json, logging, sys, warnings
from pathlib import Path
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
from synth_ai.learning.sft.data import collect_sft_jsonl_errors
verdicts = {}
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        verdicts[path.name] = not collect_sft_jsonl_errors(path, min_messages=1)
    except Exception:  # it crashes on bytes that are not UTF-8, among others
        verdicts[path.name] = False
print(json.dumps(verdicts))
"""


def reason(measured: Measured, data: bytes) -> str | None:
    """Return why a verdict may differ from the reference client's."""
    codes = {diagnostic.code for diagnostic in measured.diagnostics}
    if "SFT410" in codes:
        return "NaN"
    if "SFT411" in codes:
        return "surrogate"
    if measured.valid and b'"function"' in data and b'"tools"' in data:
        return "nested tool"
    if measured.file.endswith((".gz", ".zst")):
        return "compressed"
    if b"\r" in data and b"\n" not in data:
        return "carriage return"
    if not data.strip(b" \t\r\n").decode("utf-8", "replace").strip():
        return "white space"
    if re.search(rb'"tools"\s*:\s*""', data):
        return "text for tools"
    return None


def changed(row: bytes) -> bytes:
    """Return a row with some bytes taken out, put in, or moved."""
    for _ in range(RANDOM.randint(1, 3)):
        at, length = RANDOM.randrange(len(row) + 1), RANDOM.choice([0, 1, 1, 2, 8])
        put = RANDOM.choice([b"", *PIECES, row[at : at + length] * 2])
        row = row[:at] + put + row[at + length :]
    return row.replace(b"\n", b" ")


def files() -> Iterator[tuple[str, bytes]]:
    """Yield each file with the name that it gets."""
    for topic in sorted(DATASETS.glob("rows/*.jsonl")):
        for number, row in enumerate(topic.read_bytes().split(b"\n")[:-1], start=1):
            yield f"{topic.stem}-{number}.jsonl", row + b"\n"
            for change in range(CHANGED):
                yield f"{topic.stem}-{number}-{change}.jsonl", changed(row) + b"\n"
    for path in sorted(DATASETS.glob("files/*/data.*")):
        yield f"{path.parent.name}.{path.name.removeprefix('data.')}", path.read_bytes()


def main() -> None:
    """Compare, print, and fail when a difference is not on purpose."""
    written = dict(files())
    with tempfile.TemporaryDirectory() as folder:
        for name, data in written.items():
            Path(folder, name).write_bytes(data)
        ours = {
            name: measure(str(Path(folder, name)), allowed=ALLOWED_BY_REFERENCE) for name in written
        }
        theirs = json.loads(subprocess.check_output([sys.argv[1], "-c", REFERENCE, folder]))
    differences = [name for name in written if ours[name].valid != theirs[name]]
    unexplained = 0
    for name in differences:
        why = reason(ours[name], written[name])
        unexplained += why is None
        verdict = "accepted by us alone" if ours[name].valid else "refused by us alone"
        print(f"{name}: {verdict}: {ON_PURPOSE[why] if why else 'UNEXPLAINED'}")
    same = len(written) - len(differences)
    print(f"{len(written)} files: {same} with the same verdict, {unexplained} unexplained")
    sys.exit(1 if unexplained else 0)


if __name__ == "__main__":
    main()
