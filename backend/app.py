"""The app: the operations on their routes, the page, and the answers to errors."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from .api import Api, Call
from .auth import Auth
from .directory import Directory
from .errors import CODES, Problem, Refused, error_body, out_of_space, refuse
from .guard import Guard
from .hosts import Hosts
from .openapi import document
from .operations import OPERATIONS, Operation
from .parameters import parameters
from .runner import Runner
from .running import JobWorker
from .store import Database, Files, Jobs, Keys, Runs, Traces
from .submission import Submissions
from .worker import FileWorker

_PAGE: Final = Path(__file__).with_name("page")
_FILES: Final = sorted(path.name for path in _PAGE.iterdir())
_CLIENT_CLOSED: Final = 499
_LONGEST_PATH: Final = 200
_LOG: Final = logging.getLogger(__name__)

Handler = Callable[[Call], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


class Application(NamedTuple):
    """The app, and what interrupts its work: to be called before the app shuts down."""

    app: ASGIApp
    interrupt: Callable[[], None]


def application(
    directory: Directory,
    database: Database,
    runners: Sequence[Runner],
    *,
    hosts: Hosts,
    own_keys: Sequence[str],
    largest_upload: int,
    version: str,
) -> Application:
    """Return the app over a data directory whose lock this process holds.

    Args:
        directory: the data directory.
        database: its state; the caller closes it.
        runners: what runs the jobs; the first one gets the new ones.
        hosts: the host names that the server answers to.
        own_keys: digests of keys that are accepted besides those in the state.
        largest_upload: the most bytes of a file.
        version: of this package.

    """
    files, jobs, traces, runs = Files(database), Jobs(database), Traces(database), Runs(database)
    file_worker = FileWorker(directory, files)
    job_worker = JobWorker(directory, files, jobs, traces, runs, runners)
    submissions = Submissions(files, jobs, runners[0])
    api = Api(files, jobs, traces, runs, submissions, file_worker, job_worker, largest_upload)
    directory.check()

    def interrupt() -> None:
        job_worker.stop()
        file_worker.stop()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        file_worker.start()
        job_worker.start()
        yield
        interrupt()
        await asyncio.to_thread(job_worker.join)
        await asyncio.to_thread(file_worker.join)

    auth = Auth(own_keys, Keys(database).digests)

    async def owner(request: Request) -> str:
        found = await auth.owner(request)
        directory.check()
        return found

    routes = [
        Route(
            f"/api{path}",
            _endpoint(operation, getattr(api, operation.name), owner),
            methods=[operation.method],
        )
        for operation in OPERATIONS
        for path in operation.paths
    ]
    described = document(version)
    routes.append(Route("/openapi.json", lambda _request: JSONResponse(described)))
    routes += [Route(f"/{file.removesuffix('index.html')}", _page(file)) for file in _FILES]
    app = Starlette(
        routes=_merged(routes),
        exception_handlers={HTTPException: _http_error, Exception: _bug},
        lifespan=lifespan,
    )
    return Application(Guard(app, hosts), interrupt)


def _merged(routes: Sequence[Route]) -> list[Route]:
    """Return the routes with those of one path merged, so that `Allow` lists all methods."""
    by_path: dict[str, dict[str, Any]] = {}
    for route in routes:
        for method in route.methods or ():
            by_path.setdefault(route.path, {})[method] = route.endpoint
    return [
        Route(path, _by_method(endpoints), methods=[*endpoints])
        if len(set(endpoints.values())) > 1
        else Route(path, next(iter(endpoints.values())), methods=[*endpoints])
        for path, endpoints in by_path.items()
    ]


def _by_method(endpoints: dict[str, Endpoint]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return await endpoints[request.method](request)

    return endpoint


def _endpoint(
    operation: Operation, handler: Handler, owner: Callable[[Request], Awaitable[str]]
) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            caller = await owner(request)
            return await handler(Call(request, caller, parameters(operation, request.query_params)))
        except Refused as refused:
            headers = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else refused.headers  # noqa: PLR2004 - as in RFC 6750
            return JSONResponse(refused.body(), refused.status, headers)
        except ClientDisconnect:
            return Response(status_code=_CLIENT_CLOSED)  # nobody reads it
        except (sqlite3.Error, OSError) as error:
            failed = _storage_failed(error)
            return JSONResponse(failed.body(), failed.status)

    return endpoint


def _storage_failed(error: Exception) -> Refused:
    if out_of_space(error):
        return refuse("insufficient_storage", "the server's disk is full")
    _LOG.error("the data directory cannot be used: %s", error)
    return refuse("storage_unavailable", "the server cannot use its data directory")


def _page(name: str) -> Endpoint:
    async def endpoint(_request: Request) -> Response:
        return FileResponse(_PAGE / name)

    return endpoint


async def _http_error(request: Request, error: Exception) -> Response:
    """Answer what Starlette refuses: an unknown route or method."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    code = next((code for code, facts in CODES.items() if facts.status == status), "not_found")
    words = {
        "not_found": f"there is no {request.url.path[:_LONGEST_PATH]}",
        "method_not_allowed": f"{request.url.path} does not support {request.method}",
    }
    message = words.get(code, CODES[code].meaning)
    return JSONResponse(error_body([Problem(code, message)]), status, headers)


async def _bug(_request: Request, _error: Exception) -> Response:
    """Answer in case of a bug; uvicorn logs it."""
    message = "a bug in the backend; its log says more"
    return JSONResponse(error_body([Problem("internal_error", message)]), 500)
