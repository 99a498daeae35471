"""What parallelogram and finelint say of files; run by the Python that has both installed.

Usage: python parity_peers_said.py FOLDER, which has the folders of ``tests/datasets/peers``.
Prints an object: ``said`` has for each file, by its path in FOLDER, what the checker after which
its folder is called finds in it, as sorted texts; ``kinds`` has what each can find at all.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

OF_EVERY_FILE = "Context-window counts are approximate"
"""What parallelogram notes where no tokenizer is given."""


def parallelogram(path: Path, length: int) -> list[str]:
    """Return the rules that a file breaks, each with its severity and message."""
    import parallelogram.cli  # noqa: F401 - it registers the rules
    from parallelogram.core.rules import registry
    from parallelogram.core.runner import Runner

    rules = [rule({"max_seq_len": length}) for rule in registry.all()]
    report, _ = Runner(rules).run(str(path))
    return sorted(
        f"{issue.rule_id}: {issue.severity.value}: {issue.message}"
        for issue in report.issues
        if issue.message != OF_EVERY_FILE
    )


def finelint(path: Path, _: int) -> list[str]:
    """Return the codes of what is wrong with a file, each with its severity."""
    from finelint.chat import adapt_chat, analyze_chat
    from finelint.models import ScanConfig
    from finelint.readers import read_dataset

    config: dict[str, Any] = {"fields": [], "id_field": None, "schema": "auto"}
    result = read_dataset(path, None)
    chat = adapt_chat(result, "auto", None)
    try:
        _, findings = analyze_chat(result, ScanConfig(**config), chat)
    except Exception as error:  # a file that it refuses as a whole
        if type(error).__name__ != "ConfigurationError":
            raise
        return sorted({f"{found.code}: {found.severity}" for found in result.findings})
    return sorted({f"{found.code}: {found.severity}" for found in findings})


def kinds() -> dict[str, list[str]]:
    """Return the rules of parallelogram, and the codes that stand in the source of finelint."""
    import finelint
    from parallelogram.core.rules import registry

    assert finelint.__file__
    sources = [path.read_text() for path in Path(finelint.__file__).parent.glob("*.py")]
    codes = {code for text in sources for code in re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', text)}
    rules = sorted(rule.id for rule in registry.all())
    return {"parallelogram": rules, "finelint": sorted(codes)}


def main() -> None:
    """Print what the checkers find."""
    folder = Path(sys.argv[1])
    said = {}
    for checker in (parallelogram, finelint):
        for path in sorted(folder.glob(f"{checker.__name__}/*.jsonl")):
            case = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
            found = checker(path, case.get("length", 4096))
            said[path.relative_to(folder).as_posix()] = found
    print(json.dumps({"said": said, "kinds": kinds()}))


if __name__ == "__main__":
    main()
