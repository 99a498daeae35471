"""How a trainer ends."""

import os
from enum import IntEnum


class Exit(IntEnum):
    """The exit code of a trainer; killed by a signal, it has none of these."""

    DONE = 0
    """The result is there."""
    REFUSED = 1
    """The payload or its data cannot be trained; starting again changes nothing."""
    USAGE = 2
    """The arguments are wrong, the folder holds no job, or the extra is not installed."""
    FAILED = 3
    """The training failed, and the journal says why."""
    CRASHED = os.EX_SOFTWARE
    """A defect of the trainer; the log has the traceback."""
    INTERRUPTED = os.EX_TEMPFAIL
    """SIGTERM, SIGINT or a full disk; started again, it goes on from the checkpoint."""
