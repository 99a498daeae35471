"""Each kind of fault that other checkers catch is caught, or it is written why it is none.

``peers/CHECKER/KIND.jsonl`` is a dataset; ``KIND.json`` beside it has what CHECKER says of it
(``peer``, kept true by ``make parity``), the codes of ours, and the reason if that is none of ours.
``SFTC_REWRITE=1 pytest`` writes the codes that are found.
"""

import json
import os
from pathlib import Path

import pytest
import tiny_tokenizer

from sftc.datasets import measure
from sftc.datasets.tokens import load, measure_tokens

PEERS = Path(__file__).with_name("peers")
CASES = sorted(PEERS.glob("*/*.jsonl"))
DOCS = Path(__file__).parent.parent.parent / "docs" / "datasets.md"


def codes(data: Path, length: int | None, folder: Path) -> list[str]:
    """Return the codes of what is found, cut after ``length`` bytes if that is not None."""
    if length is None:
        measured = measure(str(data), most=None)
    else:
        files = load(str(tiny_tokenizer.save(folder)))
        measured = measure_tokens(str(data), files, length=length)
    return sorted({diagnostic.code for diagnostic in measured.diagnostics})


@pytest.mark.parametrize("data", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_a_peer_catches_is_caught(data: Path, tmp_path: Path) -> None:
    recorded = data.with_suffix(".json")
    case = json.loads(recorded.read_text(encoding="utf-8"))
    found = codes(data, case.get("length"), tmp_path)
    if os.environ.get("SFTC_REWRITE"):
        text = json.dumps(case | {"ours": found}, ensure_ascii=False, indent=2) + "\n"
        recorded.write_text(text, encoding="utf-8")
        case["ours"] = found
    assert case["peer"]
    assert found == case["ours"]
    assert bool(found) != ("not_ours" in case)


def test_records_and_datasets_belong_together() -> None:
    assert [path.with_suffix(".json") for path in CASES] == sorted(PEERS.glob("*/*.json"))


def test_the_docs_say_what_is_none_of_ours() -> None:
    docs = DOCS.read_text(encoding="utf-8")
    for path in PEERS.glob("*/*.json"):
        case = json.loads(path.read_text(encoding="utf-8"))
        if "not_ours" in case:
            assert case["not_ours"] in docs, path
