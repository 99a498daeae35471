"""The deadline of a response as a whole, rather than between two bytes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


@asynccontextmanager
async def deadline(seconds: float, sent: asyncio.Event) -> AsyncIterator[Callable[[], None]]:
    """Raise TimeoutError in the block that many seconds after all has been sent.

    It is a limit for the whole answer: one that trickles in byte by byte meets it, too. Of an
    answer that may be of any size, each good part renews it: the block is given what does that.
    """
    async with asyncio.timeout(None) as limit:

        def renew() -> None:
            limit.reschedule(asyncio.get_running_loop().time() + seconds)

        async def arm() -> None:
            await sent.wait()
            renew()

        arming = asyncio.ensure_future(arm())
        try:
            yield renew
        finally:
            arming.cancel()
