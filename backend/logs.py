"""The log on standard error, limited so that no client can fill a disk with it."""

import logging
import sys
import time
from typing import Final

_SECONDS: Final = 10.0
_LONGEST: Final = 2000
_MOST: Final = 256


def log_to_stderr() -> None:
    """Send warnings and errors to standard error, each kind once in ten seconds."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Sparing())
    logging.basicConfig(
        handlers=[handler], format="%(levelname)s: %(message)s", level=logging.WARNING
    )


class Sparing(logging.Filter):
    """Lets a message pass once in ten seconds, and says how many like it did not.

    Messages are alike that differ only in their arguments or in the lines after the first,
    where asyncio writes addresses.
    """

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[object, ...], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to write a message."""
        now = time.monotonic()
        raised = record.exc_info[0] if record.exc_info else None
        key = (record.name, record.levelno, str(record.msg).partition("\n")[0], raised)
        last, unwritten = self._seen.pop(key, (-_SECONDS, 0))
        if now - last < _SECONDS:
            self._seen[key] = (last, unwritten + 1)
            return False
        self._seen[key] = (now, 0)
        if len(self._seen) > _MOST:
            del self._seen[next(iter(self._seen))]
        text = record.getMessage()[:_LONGEST].rstrip("\n")
        more = f" ({unwritten:,} similar messages omitted)" if unwritten else ""
        record.msg, record.args = text + more, None
        return True
