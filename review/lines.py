"""Where a field stands in the text of a payload, for annotations beside its line.

Canonical JSON has a line for each field, indented by its depth; of any other text the answer
is the first line.
"""

import orjson

from ..diagnostics import KeyPath, Span


def field_span(text: str, document: str, path: KeyPath) -> Span:
    """Return the line of a field, or of the nearest table around it."""
    lines = text.split("\n")
    at, span = 0, Span(1, 1, 1, 1, document)
    for depth, part in enumerate(path, 1):
        indent = "  " * depth
        if isinstance(part, str):
            wanted, skip = f"{indent}{orjson.dumps(part).decode()}: ", 0
        else:
            wanted, skip = indent, part
        for number in range(at + 1, len(lines)):
            line = lines[number]
            if not line.startswith(indent):
                return span  # the end of the table
            if line.startswith(wanted) and line[len(indent)] not in " ]}":
                if skip == 0:
                    break
                skip -= 1
        else:
            return span
        at = number
        span = Span(at + 1, len(indent) + 1, at + 1, len(line.rstrip(",")) + 1, document)
    return span
