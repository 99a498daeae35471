"""The snippets of docs/gitops.md, run; tests/docs plays its sessions."""

import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest
import yaml
from repositories import commit, repository, run

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "gitops.md"
_SNIPPET = re.compile(r"```yaml\n(.*?)```\n", re.DOTALL)


def test_the_page_names_hooks_that_exist() -> None:
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    pages = (PAGE, ROOT / "README.md")
    used = {name for page in pages for name in re.findall(r"- id: (\S+)", page.read_text("utf-8"))}
    assert used <= hooks
    assert {"sftc-compile", "sftc-check"} <= hooks


SNIPPETS = [yaml.safe_load(text) for text in _SNIPPET.findall(PAGE.read_text("utf-8"))]
JOB = next(snippet["payloads"] for snippet in SNIPPETS if "payloads" in snippet)
WORKFLOW = next(snippet for snippet in SNIPPETS if "jobs" in snippet)


@pytest.fixture
def merge_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the checkout of a merge request that edits a config."""
    path = repository(tmp_path / "repo")
    run("sftc", "init", "configs/a.toml", cwd=path)
    run("sftc", "compile", "--write", cwd=path)
    commit(path)
    config = path / "configs" / "a.toml"
    config.write_text(config.read_text().replace("n_epochs = 1", "n_epochs = 2"))
    run("sftc", "compile", "--write", cwd=path)
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", "HEAD")
    monkeypatch.setenv("FOLDER", JOB["variables"]["FOLDER"])
    return path


def gitlab(path: Path, *, expect: int = 0) -> dict[str, str]:
    """Run the job as GitLab does; return its reports."""
    install, *script = JOB["script"]
    assert install == 'pip install --quiet "$SFTC"'
    shell = ("bash", "-eo", "pipefail", "-c")
    run(*shell, "\n".join(script), cwd=path, expect=expect)
    run(*shell, "\n".join(JOB["after_script"]), cwd=path)
    reports = JOB["artifacts"]["reports"]
    return {kind: (path / name).read_text("utf-8") for kind, name in reports.items()}


@pytest.mark.slow
def test_the_gitlab_job_runs(merge_request: Path) -> None:
    reports = gitlab(merge_request)
    assert "### 1 payload changes\n" in (merge_request / "sftc-diff.md").read_text()
    assert json.loads(reports["codequality"]) == []
    (merge_request / "configs" / "a.job.json").unlink()
    assert "SFT611" in gitlab(merge_request, expect=1)["junit"]
    config = merge_request / "configs" / "a.toml"
    config.write_text(config.read_text().replace("gpu_type", "gpu_typ"))
    reports = gitlab(merge_request, expect=1)
    (issue,) = json.loads(reports["codequality"])
    assert issue["location"]["path"] == "configs/a.toml"
    assert "SFT112" in reports["junit"]  # the check runs though the lint has failed


@pytest.mark.slow
def test_the_gitlab_job_writes_one_note(
    merge_request: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = "<!-- sftc-diff -->"
    notes = [
        {"id": 1, "author": {"id": 5}, "body": f"{mark} of somebody else"},
        {"id": 2, "author": {"id": 9}, "body": "x" * 200_000},  # more than an argument holds
    ]

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            assert self.headers["PRIVATE-TOKEN"] == "a-token"
            path = self.path.removeprefix("/projects/3/merge_requests/7").partition("?")[0]
            answer: Any = notes
            if self.command == "GET" and path == "/user":
                answer = {"id": 9}
            elif self.command == "POST":
                assert path == "/notes"
                body = parse_qs(sent)["body"][0]
                notes.append({"id": len(notes) + 1, "author": {"id": 9}, "body": body})
            elif self.command == "PUT":
                notes[int(path.removeprefix("/notes/")) - 1]["body"] = parse_qs(sent)["body"][0]
            data = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = _answer  # noqa: N815 - the names http.server asks for

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("SFTC_TOKEN", "a-token")
    monkeypatch.setenv("CI_API_V4_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("CI_PROJECT_ID", "3")
    monkeypatch.setenv("CI_MERGE_REQUEST_IID", "7")
    try:
        gitlab(merge_request)
        assert str(notes[2]["body"]).startswith(f"{mark}\n### 1 payload changes\n")
        run("git", "checkout", "-q", "--", "configs", cwd=merge_request)
        gitlab(merge_request)
        assert [note["body"] for note in notes[2:]] == [f"{mark}\n### No payload changes\n"]
        notes.pop()
        gitlab(merge_request)
        assert len(notes) == 2
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("schema", "snippet"),
    [
        ("vendor.github-actions", yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))),
        ("vendor.github-workflows", WORKFLOW),
        ("vendor.gitlab-ci", {"payloads": JOB}),
    ],
    ids=["action.yml", "workflow", "gitlab"],
)
def test_ci_files_meet_their_schemas(schema: str, snippet: Any, tmp_path: Path) -> None:
    text = {("on" if key is True else key): value for key, value in snippet.items()}  # YAML 1.1
    file = tmp_path / "file.yml"
    file.write_text(yaml.safe_dump(text))
    run("check-jsonschema", "--builtin-schema", schema, str(file), cwd=tmp_path)


def test_the_workflow_uses_the_action_as_it_is() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    page = PAGE.read_text("utf-8")
    used = WORKFLOW["jobs"]["payloads"]["steps"][-1]["with"]
    assert used.keys() <= action["inputs"].keys()
    assert set(re.findall(r"^\| `([\w-]+)` \| .* \| .* \|$", page, re.MULTILINE)) == set(
        action["inputs"]
    )
