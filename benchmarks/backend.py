"""How many requests the embedded backend answers, and how soon, beside a bare Starlette app.

Usage: python benchmarks/backend.py SFTC [JOBS], where SFTC is the command of an ordinary
installation with the extra ``backend``. It creates the jobs, runs one, and lets 100 followers poll
its events and metrics while more jobs are created. The bare app answers the same bytes from
memory, under the same uvicorn. Nothing may be lost on the way: each job that was created is there,
and each follower sees each event and each step once.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any, Final
from urllib.parse import urlsplit

from submit import KEY

JOBS: Final = 10_000
FOLLOWERS: Final = 100
CLIENTS: Final = 8
ROUNDS: Final = 200
PACE: Final = 20
"""Seconds for which the job that is followed runs."""
PAUSE: Final = 0.5
"""Seconds between two polls of a follower."""

ROW = b'{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}\n'
BARE = """
import sys, socket, uvicorn
from pathlib import Path
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from sftc.backend.serving import bound

def route(path, method, body):
    async def answer(request):
        await request.body()
        return Response(body, media_type="application/json")
    return Route(path, answer, methods=[method])

routes = [
    route(f"/{file.stem}", "POST" if file.stem == "create" else "GET", file.read_bytes())
    for file in Path(sys.argv[1]).iterdir()
]
listening = bound("127.0.0.1", 0)
listening.listen()
print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
uvicorn.Server(uvicorn.Config(
    Starlette(routes=routes), log_config=None, access_log=False, server_header=False,
    proxy_headers=False, ws="none", timeout_keep_alive=30, http="httptools", loop="asyncio",
)).run([listening])
"""


class Client:
    """One connection that is kept alive."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Ask over a connection."""
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, address: str) -> "Client":
        """Return a client of a server."""
        url = urlsplit(address)
        return cls(*await asyncio.open_connection(url.hostname, url.port))

    async def ask(self, method: str, path: str, body: bytes = b"") -> bytes:
        """Return the body of an answer, which has to be a good one."""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(answer.partition("content-length: ")[2].partition("\r")[0])
        content = await self._reader.readexactly(length)
        if not answer.startswith("http/1.1 20"):
            sys.exit(f"{method} {path}: {answer.splitlines()[0]} {content[:500]!r}")
        return content

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()


async def once(address: str, method: str, path: str, body: bytes = b"") -> bytes:
    """Return the body of an answer over a connection of its own."""
    client = await Client.connect(address)
    answer = await client.ask(method, path, body)
    client.close()
    return answer


@contextmanager
def running(command: Sequence[str]) -> Iterator[str]:
    """Run a server, and give its address."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            sys.exit("the server says nothing")
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def payload(file_id: str) -> bytes:
    """Return a payload as the compiler writes them."""
    effective = {
        "compute": {"gpu_type": "H100", "gpu_count": 1, "nodes": 1},
        "data": {"topology": {}},
        "training": {"mode": "lora", "use_qlora": True},
    }
    value = {
        "model": "Qwen/Qwen3-4B",
        "training_type": "sft_offline",
        "hyperparameters": {"n_epochs": 1, "learning_rate": 2e-4, "per_device_batch": 1},
        "metadata": {"effective_config": effective},
        "training_file_id": file_id,
    }
    return json.dumps(value, indent=2).encode()


async def uploaded(address: str) -> str:
    """Upload a dataset, and return its id when it has been checked."""
    parts = [
        b'--e\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n',
        b'--e\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n',
        *[ROW] * 300,
        b"\r\n--e--\r\n",
    ]
    body = b"".join(parts)
    head = "/api/learning/files HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=e\r\nX: "
    name = json.loads(await once(address, "POST", head, body))["id"]
    status = ""
    while status != "ready":
        await asyncio.sleep(0.1)
        status = json.loads(await once(address, "GET", f"/api/learning/files/{name}"))["status"]
    return str(name)


async def together(
    address: str, count: int, work: Callable[[Client, int], Awaitable[Any]]
) -> float:
    """Do work by its number over several connections at once; return how many a second."""
    numbers = iter(range(count))

    async def one() -> None:
        client = await Client.connect(address)
        for number in numbers:
            await work(client, number)
        client.close()

    start = perf_counter()
    await asyncio.gather(*[one() for _ in range(CLIENTS)])
    return count / (perf_counter() - start)


async def follow(address: str, job: str) -> tuple[list[int], list[int], int]:
    """Follow a job to its end; return the events, the steps of its curve, and the requests."""
    client = await Client.connect(address)
    seen: list[int] = []
    steps: list[int] = []
    requests = 0
    over = False
    while not over:
        await asyncio.sleep(PAUSE)
        path = f"/api/learning/jobs/{job}/events?since_seq={seen[-1] if seen else 0}"
        events = json.loads(await client.ask("GET", path))["events"]
        seen += [event["seq"] for event in events]
        over = any(event["type"] == "sft.job.completed" for event in events)
        path = f"/api/learning/jobs/{job}/metrics?after_step={steps[-1] if steps else -1}"
        points = json.loads(await client.ask("GET", path))["points"]
        steps += [point["step"] for point in points]
        requests += 2
    client.close()
    return seen, steps, requests


Calls = dict[str, tuple[str, str, bytes]]


async def latencies(address: str, calls: Calls, created: list[str]) -> dict[str, list[float]]:
    """Return the seconds of each kind of call, made in turn over one connection."""
    client = await Client.connect(address)
    found: dict[str, list[float]] = {kind: [] for kind in calls}
    for _ in range(ROUNDS):
        for kind, call in calls.items():
            start = perf_counter()
            answer = await client.ask(*call)
            found[kind].append(perf_counter() - start)
            if kind == "create":
                created.append(json.loads(answer)["id"])
    client.close()
    return found


def shown(seconds: Sequence[float], peer: Sequence[float]) -> str:
    """Return the median and the 99th percentile, and the ratio of the median to the peer's."""
    p50, p99 = median(seconds), quantiles(seconds, n=100)[98]
    ratio = p50 / median(peer)
    return f"p50 {p50 * 1000:>6.1f} ms   p99 {p99 * 1000:>6.1f} ms   × {ratio:.1f}"


def same(found: object, expected: object, what: str) -> None:
    """End with a failure if something was lost."""
    if found != expected:
        sys.exit(f"lost: {what}")


async def measure(address: str, jobs: int, folder: Path, python: str) -> None:
    """Print what was measured, each line when it is known."""
    body = payload(await uploaded(address))
    created: list[str] = []

    async def create(client: Client, _number: int) -> None:
        created.append(json.loads(await client.ask("POST", "/api/learning/jobs", body))["id"])

    async def get(client: Client, number: int) -> None:
        job = json.loads(await client.ask("GET", f"/api/learning/jobs/{created[number]}"))
        same(job["payload"], json.loads(body), f"job {created[number]}")

    print(f"{jobs:,} jobs over {CLIENTS} connections")
    print(f"  create   {await together(address, jobs, create):>6,.0f} a second", flush=True)
    print(f"  get      {await together(address, jobs, get):>6,.0f} a second", flush=True)

    followed = created[0]
    calls: Calls = {
        "create": ("POST", "/api/learning/jobs", body),
        "get": ("GET", f"/api/learning/jobs/{followed}", b""),
        "list": ("GET", "/api/learning/jobs?limit=50", b""),
        "events": ("GET", f"/api/learning/jobs/{followed}/events", b""),
    }
    for kind, call in calls.items():
        answer = await once(address, *call)
        (folder / kind).write_bytes(answer)
        if kind == "create":
            created.append(json.loads(answer)["id"])
    with running([python, "-c", BARE, str(folder)]) as bare:
        same_bytes: Calls = {kind: (calls[kind][0], f"/{kind}", calls[kind][2]) for kind in calls}
        peer = await latencies(bare, same_bytes, [])
    alone = await latencies(address, calls, created)
    print(f"one connection, {jobs:,} jobs; × the bare app's median")
    for kind in calls:
        print(f"  {kind:<8} {shown(alone[kind], peer[kind])}", flush=True)

    await once(address, "POST", f"/api/learning/jobs/{followed}/start", b"{}")
    start = perf_counter()
    following = asyncio.gather(*[follow(address, followed) for _ in range(FOLLOWERS)])
    busy = await latencies(address, calls, created)
    sights = await following
    rate = sum(requests for _, _, requests in sights) / (perf_counter() - start)
    print(f"the same while {FOLLOWERS} followers make {rate:,.0f} requests a second")
    for kind in calls:
        print(f"  {kind:<8} {shown(busy[kind], peer[kind])}", flush=True)

    events = json.loads(await once(address, "GET", f"/api/learning/jobs/{followed}/events"))[
        "events"
    ]
    steps = list(range(5, 301, 5))  # 60 points, spread evenly over 300 steps
    for seen, reached, _ in sights:
        same(seen, list(range(1, len(events) + 1)), "an event of a follower")
        same(reached, steps, "a step of a follower")
    ask = "/api/learning/jobs?limit=1000"
    listed = [job["id"] for job in json.loads(await once(address, "GET", ask))["jobs"]]
    same(listed[:ROUNDS], created[: -ROUNDS - 1 : -1], "a job that was created meanwhile")
    same(set(listed) - {*created}, set(), "nothing: a job that nobody created")
    await together(address, len(created), get)


def main() -> None:
    """Run the backend, and the bare app beside it."""
    sftc, *rest = sys.argv[1:]
    os.environ["SYNTH_API_KEY"] = KEY
    python = str(Path(sftc).absolute().with_name("python"))
    with tempfile.TemporaryDirectory() as folder:
        answers = Path(folder) / "answers"
        answers.mkdir()
        data = ["--port", "0", "--data-dir", f"{folder}/data", "--pace", str(PACE)]
        with running([sftc, "backend", "serve", *data]) as address:
            asyncio.run(measure(address, int(rest[0] if rest else JOBS), answers, python))


if __name__ == "__main__":
    main()
