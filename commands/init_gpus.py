"""The GPUs that ``sftc init`` is asked for: which, and how many."""

import re
from typing import Final

from ..diagnostics import printable

_COUNT_FIRST: Final = re.compile(r"(\d+)\s*[x*×]\s*(?=[a-z])(.+)", re.IGNORECASE)
_COUNT_LAST: Final = re.compile(r"(.+?)[\s_-]*[:x*×]\s*(\d+)", re.IGNORECASE)
_MOST_GPUS: Final = 8
"""Of a machine; a config with more says how many machines they are on."""


def gpu_of(text: str) -> tuple[str, int] | str:
    """Return the GPU and the count that a text asks for, or what is wrong with it."""
    from ..diagnostics.suggest import closest
    from ..job.gpus import all_gpus, lookup

    name, counts = text.strip(), []
    while True:
        first, last = _COUNT_FIRST.fullmatch(name), _COUNT_LAST.fullmatch(name)
        if first:
            name, count = first[2], int(first[1])
        elif last and lookup(last[1]):  # `RTX 4090` is no 4,090 of anything
            name, count = last[1], int(last[2])
        else:
            break
        counts.append(count)
    if len(counts) > 1:
        return (
            f"{printable(text)!r} has more than one count of GPUs; write it as {name}x{counts[-1]}"
        )
    if lookup(name) is None:
        near = closest(name, [gpu.name for gpu in all_gpus()])
        advice = f"did you mean {near[0]}?" if near else "names are as H100, A100 80GB or RTX 4090"
        return f"no GPU called {printable(name)!r} is known; {advice}"
    count = counts[0] if counts else 1
    if not 1 <= count <= _MOST_GPUS:
        return f"a machine has 1 to {_MOST_GPUS} GPUs; for more, set `nodes` in the config"
    return name, count
