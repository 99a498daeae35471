"""A tokenizer by its name: from the Hugging Face hub once, and from the cache after that."""

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import forked
import pytest
import tiny_tokenizer

COMMIT = "0123456789abcdef0123456789abcdef01234567"
ROW = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """Serve a model as the hub does: its list of files, then each by its commit."""
    folder = tiny_tokenizer.save(tmp_path / "served")
    (folder / "model.safetensors").write_bytes(b"weights")
    asked: list[str] = []

    class Hub(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            asked.append(self.path)
            name = self.path.removeprefix(f"/test/tiny/resolve/{COMMIT}/")
            if self.path.startswith("/api/models/test/tiny/tree/"):
                files = [
                    {"type": "file", "path": path.name, "size": path.stat().st_size, "oid": "0"}
                    for path in sorted(folder.iterdir())
                ]
                self.answer(200, json.dumps(files).encode())
            elif self.path.startswith("/api/models/test/tiny/"):
                model = {"id": "test/tiny", "sha": COMMIT, "siblings": []}
                self.answer(200, json.dumps(model).encode())
            elif (folder / name).is_file():
                self.answer(200, (folder / name).read_bytes())
            else:
                self.answer(404, b"")

        def answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield SimpleNamespace(address=f"http://127.0.0.1:{server.server_port}", asked=asked)
    server.shutdown()
    thread.join()
    server.server_close()


def counted(folder: Path, name: str, hub: str) -> tuple[int, dict[str, object], str]:
    done = forked.run(
        *("data", "--format", "json", "--tokenizer", name, "rows.jsonl"),
        cwd=folder,
        encoding="utf-8",
        env={**os.environ, "HF_HOME": str(folder / "home"), "HF_ENDPOINT": hub},
    )
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


def test_a_name_is_downloaded_once(tmp_path: Path, hub: SimpleNamespace) -> None:
    (tmp_path / "rows.jsonl").write_text(json.dumps(ROW) + "\n")
    code, found, said = counted(tmp_path, "test/tiny", hub.address)
    assert (code, said) == (0, "")
    assert found["tokens"] == 25
    assert hub.asked
    assert not any("model.safetensors" in path for path in hub.asked)
    hub.asked.clear()
    assert counted(tmp_path, "test/tiny", hub.address)[:2] == (0, found)
    assert hub.asked == []


def test_a_name_that_the_hub_does_not_have(tmp_path: Path, hub: SimpleNamespace) -> None:
    (tmp_path / "rows.jsonl").write_text(json.dumps(ROW) + "\n")
    code, _, said = counted(tmp_path, "test/none", hub.address)
    assert code == 2
    assert said.startswith(
        "sftc: there is no folder test/none, the model is not in the Hugging Face cache"
    )
