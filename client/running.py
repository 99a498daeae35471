"""Runs asynchronous steps for synchronous callers."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


def run(steps: Coroutine[Any, Any, T]) -> T:
    """Run steps to their end, also where an event loop is running, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(steps)
    from concurrent.futures import Future, ThreadPoolExecutor  # only notebooks need it

    begun: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any] | None]] = Future()

    async def within() -> T:
        begun.set_result((asyncio.get_running_loop(), asyncio.current_task()))
        return await steps

    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(asyncio.run, within())
        try:
            return ended.result()
        except BaseException:  # Ctrl-C: leaving the block would wait for the steps to end
            loop, task = begun.result()
            with suppress(RuntimeError):  # they have ended by themselves
                loop.call_soon_threadsafe(task.cancel if task else loop.stop)
            raise
