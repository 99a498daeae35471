"""A stand-in for GitHub's API: the comments of one pull request, over real HTTP."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

BOTS = {
    "workflow": "github-actions[bot]",
    "app": "our-app[bot]",
    "fork": "github-actions[bot]",
}
"""Who the tokens belong to; another token is that of a person of this name."""

FORKS = {"fork"}
"""Tokens that may only read."""

NAMELESS = {"nameless"}
"""Tokens of a workflow of which GitHub does not say whose they are."""

_LIST = "/repos/o/r/issues/7/comments"
_ONE = "/repos/o/r/issues/comments/"


class Hub:
    """The state of the pull request."""

    def __init__(self) -> None:
        """Start without comments."""
        self.address = ""
        self.comments: list[dict[str, Any]] = []
        self.writes = 0
        self.is_down = False

    def add(self, login: str, body: str) -> None:
        """Add a comment as its author would."""
        kind = "Bot" if login.endswith("[bot]") else "User"
        author = {"login": login, "type": kind}
        self.comments.append({"id": len(self.comments) + 1, "user": author, "body": body})

    @property
    def bodies(self) -> list[str]:
        """The texts of the comments."""
        return [comment["body"] for comment in self.comments]

    def answer(self, method: str, address: str, token: str, sent: Any) -> tuple[int, Any]:
        """Answer as GitHub does."""
        url = urlsplit(address)
        login = "github-actions[bot]" if token in NAMELESS else BOTS.get(token, token)
        if self.is_down:
            return 502, {}
        if url.path == "/graphql":
            assert sent == {"query": "{viewer{login}}"}
            known = None if token in NAMELESS else {"viewer": {"login": login}}
            return 200, {"data": known}
        if method == "GET":
            assert url.path == _LIST
            page = int(parse_qs(url.query).get("page", ["1"])[0])
            size = int(parse_qs(url.query)["per_page"][0])
            return 200, self.comments[(page - 1) * size : page * size]
        if token in FORKS:
            return 403, {"message": "Resource not accessible by integration"}
        assert len(sent["body"]) <= 65_536
        self.writes += 1
        if method == "POST":
            assert url.path == _LIST
            self.add(login, sent["body"])
            return 201, self.comments[-1]
        assert method == "PATCH"
        number = int(url.path.removeprefix(_ONE))
        self.comments[number - 1]["body"] = sent["body"]
        return 200, self.comments[number - 1]

    def next_page(self, address: str) -> str:
        """Return the address of the page after this one; nothing if it is the last one."""
        query = parse_qs(urlsplit(address).query)
        page, size = int(query.get("page", ["1"])[0]), int(query.get("per_page", ["30"])[0])
        more = len(self.comments) > page * size
        return f"{self.address}{_LIST}?per_page={size}&page={page + 1}" if more else ""


@contextmanager
def serving() -> Iterator[Hub]:
    """Serve a pull request without comments."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            token = self.headers["Authorization"].removeprefix("Bearer ")
            status, body = hub.answer(
                self.command, self.path, token, json.loads(sent) if sent else None
            )
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            if self.command == "GET" and (after := hub.next_page(self.path)):
                self.send_header("Link", f'<{after}>; rel="next", <{after}>; rel="last"')
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - the names http.server asks for

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
