"""Whether parallelogram and finelint still say what ``tests/datasets/peers`` has on record.

Run by ``make parity``.

Usage: python parity_peers.py PEERS_PYTHON [--record]. PEERS_PYTHON has both from PyPI; with
``--record`` what they say is written into the cases. Each kind of fault that they know has a case
there, or is named in ``ELSEWHERE``.
"""

import json
import subprocess
import sys
from pathlib import Path

CASES = Path(__file__).parents[1] / "datasets" / "peers"
ELSEWHERE = {
    "MALFORMED_CSV": "of CSV, which is no format of rows (SFT402)",
    "CSV_ROW_WIDTH_MISMATCH": "of CSV, which is no format of rows (SFT402)",
    "MISSING_REQUIRED_FIELD": "of fields that a user names; ours are in the schema of rows",
    "CROSS_SPLIT_CONFLICTING_TARGET": "of several files at once",
    "CROSS_SPLIT_EXACT_DUPLICATE": "of several files at once",
    "CROSS_SPLIT_NORMALIZED_DUPLICATE": "of several files at once",
    "CROSS_SPLIT_NEAR_DUPLICATE": "of several files at once",
}
"""Kinds without a case, and why."""


def main() -> None:
    """Compare, print, and fail where the record is not what is said."""
    python, *options = sys.argv[1:]
    script = Path(__file__).with_name("parity_peers_said.py")
    answer = json.loads(subprocess.check_output([python, str(script), str(CASES)], text=True))
    wrong = 0
    for name, said in answer["said"].items():
        path = (CASES / name).with_suffix(".json")
        case = json.loads(path.read_text(encoding="utf-8"))
        if options == ["--record"]:
            path.write_text(json.dumps(case | {"peer": said}, ensure_ascii=False, indent=2) + "\n")
        elif case.get("peer") != said:
            wrong += 1
            print(f"{name}: recorded {case.get('peer')}, said {said}")
    heard = {line.split(":")[0] for said in answer["said"].values() for line in said}
    for checker, kinds in answer["kinds"].items():
        for kind in sorted(set(kinds) - heard - set(ELSEWHERE)):
            wrong += 1
            print(f"{checker}: no case has {kind}")
    print(f"{len(answer['said'])} files of peers' kinds, {wrong} differences")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
