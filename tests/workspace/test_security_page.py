"""docs/security.md names a test for each claim: each of them is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
_CLAIM = re.compile(r"^\| [^|]+ \| (\[`.*\)) \|$", re.MULTILINE)
_NAMED = re.compile(r"\[([^\]]+)\]\(\.\./(tests/[^)]+)\)")


def test_each_claim_names_tests_that_exist() -> None:
    page = PAGE.read_text("utf-8")
    claims = _CLAIM.findall(page)
    assert len(claims) == page.count("](../tests/") - sum(
        c.count("](../tests/") - 1 for c in claims
    )
    for claim in claims:
        for names, path in _NAMED.findall(claim):
            assert (ROOT / path).exists(), path
            for name in re.findall(r"`(test_\w+)`", names):
                assert f"def {name}(" in (ROOT / path).read_text("utf-8"), name
