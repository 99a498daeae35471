"""The app: the operations on their routes, the page, and what becomes of errors."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from .api import Api, Call
from .bodies import drain
from .directory import Directory
from .door import Door, owner
from .errors import CODES, Problem, Refused, error_body, out_of_space, refuse
from .openapi import document
from .operations import OPERATIONS, Operation, parameters
from .runner import Runner
from .store import Database, Files, Jobs, Keys, Traces
from .submission import Submissions
from .workshop import Checker, Foreman

_PAGE: Final = Path(__file__).with_name("page")
_FILES: Final = sorted(path.name for path in _PAGE.iterdir())
_CLIENT_GONE: Final = 499

Handler = Callable[[Call], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def application(
    directory: Directory,
    database: Database,
    runner: Runner,
    *,
    host: str,
    own_keys: Sequence[str],
    largest_upload: int,
    version: str,
) -> Starlette:
    """Return the app over a data directory that this process holds.

    Args:
        directory: the data directory.
        database: its state; the app closes it.
        runner: what runs the jobs.
        host: where the server listens.
        own_keys: digests of keys that are accepted besides those in the state.
        largest_upload: bytes of a file.
        version: of this package.

    """
    files, jobs, traces = Files(database), Jobs(database), Traces(database)
    stored = Keys(database)
    checker = Checker(directory, files)
    foreman = Foreman(directory, files, jobs, traces, runner)
    submissions = Submissions(files, jobs, runner)
    api = Api(files, jobs, traces, submissions, checker, foreman, largest_upload)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        checker.bench.start()
        foreman.bench.start()
        yield
        foreman.stop()
        checker.stop()
        database.close()

    def known() -> Sequence[str]:
        return (*own_keys, *stored.digests())

    routes = [
        Route(
            f"/api{path}",
            _endpoint(operation, getattr(api, operation.name), known),
            methods=[operation.method],
        )
        for operation in OPERATIONS
        for path in operation.paths
    ]
    described = document(version)
    routes.append(Route("/openapi.json", lambda _request: JSONResponse(described)))
    routes += [Route(f"/{file.removesuffix('index.html')}", _page(file)) for file in _FILES]
    return Starlette(
        routes=_merged(routes),
        middleware=[Middleware(Door, host=host)],
        exception_handlers={HTTPException: _http_error, Exception: _bug},
        lifespan=lifespan,
    )


def _merged(routes: Sequence[Route]) -> list[Route]:
    """Return the routes, those of one path as one, so that a wrong method names all of them."""
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
    operation: Operation, handler: Handler, known: Callable[[], Sequence[str]]
) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            caller = await asyncio.to_thread(owner, request, known)  # it asks the state
            return await handler(Call(request, caller, parameters(operation, request.query_params)))
        except Refused as refused:
            await drain(request)
            headers = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else None  # noqa: PLR2004 - as in RFC 6750
            return JSONResponse(refused.body(), refused.status, headers)
        except ClientDisconnect:
            return Response(status_code=_CLIENT_GONE)  # nobody reads it
        except Exception as error:
            if not out_of_space(error):
                raise
            await drain(request)
            full = refuse("insufficient_storage", "the disk of the server is full")
            return JSONResponse(full.body(), full.status)

    return endpoint


def _page(name: str) -> Endpoint:
    async def endpoint(_request: Request) -> Response:
        return FileResponse(_PAGE / name)

    return endpoint


async def _http_error(request: Request, error: Exception) -> Response:
    """Answer what Starlette refuses: no such route, no such method."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    code = next((code for code, facts in CODES.items() if facts.status == status), "not_found")
    words = {
        "not_found": f"there is no {request.url.path}",
        "method_not_allowed": f"{request.url.path} does not answer to {request.method}",
    }
    await drain(request)
    message = words.get(code, CODES[code].meaning)
    return JSONResponse(error_body([Problem(code, message)]), status, headers)


async def _bug(_request: Request, _error: Exception) -> Response:
    """Answer for a bug; the server logs it."""
    message = "the backend met a bug; its standard error says more"
    return JSONResponse(error_body([Problem("internal_error", message)]), 500)
