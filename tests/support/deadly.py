"""Work on rows that ends its process, hangs, or panics: what a template or tokenizer might do."""

import os
import time

from sftc.datasets.tokens.row import RowReader


def work(reader: RowReader, text: bytes) -> list[bytes]:
    """Return the rows of lines, unless one of them is deadly."""
    del reader
    if b"exit" in text:
        os._exit(1)
    if b"raise" in text:
        raise RuntimeError
    if b"hang" in text:
        time.sleep(1000)
    return text.split()
