"""List the addresses of others that the documentation links to: ``make docs-links``.

Pipe them into a checker of your choice; no test reaches the network.
"""

import re
from collections import defaultdict
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
_LINK: Final = re.compile(r"\]\((https?://[^\s)]+)\)|<(https?://[^\s>]+)>")


def main() -> None:
    """Print each address once, and the pages that link to it."""
    pages = defaultdict(list)
    for path in (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))):
        for match in _LINK.finditer(path.read_text("utf-8")):
            pages[match[1] or match[2]].append(str(path.relative_to(ROOT)))
    for address in sorted(pages):
        print(address, *dict.fromkeys(pages[address]), sep="\t")


main()
