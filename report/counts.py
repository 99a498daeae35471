"""How often each code was found."""

from collections import Counter
from collections.abc import Iterable

from ..diagnostics import Diagnostic


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """Return a line for each code: how often, the code, and the code in words."""
    counts = Counter((diagnostic.code, diagnostic.slug) for diagnostic in diagnostics)
    width = max((len(str(count)) for count in counts.values()), default=0)
    return "".join(
        f"{count:>{width}} {code} {slug}\n"
        for (code, slug), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )
