"""The bytes that are uploaded: all of a dataset, or its first rows.

What ``measure`` pins is exactly what this yields.
"""

from collections.abc import Iterator

from .blocks import READ, Head
from .opening import opened


def upload_bytes(name: str, *, head: int | None = None) -> Iterator[bytes]:
    """Yield the bytes of a dataset piece by piece; of a compressed one, the decompressed ones.

    Args:
        name: the file.
        head: end after this many rows. The bytes are those from the start of the file to the
            end of that row's line, so blank lines between rows are among them.

    Raises:
        Unreadable: the file cannot be opened, is damaged, or changed while it was read.

    """
    with opened(name) as reader:
        source = reader if head is None else Head(reader, head)
        while piece := source.read(READ):
            yield piece
