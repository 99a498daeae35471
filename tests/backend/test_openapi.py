"""The OpenAPI document is true: schemathesis looks for a request to which it is not."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import served
from served import KEY, ROWS, payload

SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    with served.serving(tmp_path / "data") as server:
        job = server.started(payload(server.ready(ROWS)))
        server.over(job)
        # Half of the operations would say no more than that there is no such job.
        config = tmp_path / "schemathesis.toml"
        config.write_text(f'[parameters]\n"path.job_id" = "{job}"\n')
        found = subprocess.run(
            [
                *(SCHEMATHESIS, "--config-file", config, "run", f"{server.address}/openapi.json"),
                *("--header", f"Authorization: Bearer {KEY}", "--seed", "1"),
                *("--max-examples", "15", "--continue-on-failure", "--no-color"),
                # Of the right shape is not enough: the files that a payload names must be there.
                *("--exclude-checks", "positive_data_acceptance"),
            ],
            cwd=tmp_path,  # it keeps notes where it runs
            capture_output=True,
            text=True,
            check=False,
        )
        assert found.returncode == 0, found.stdout
        assert "generated" in found.stdout
        server.process.terminate()
        assert "Traceback" not in server.process.communicate()[1]


def test_the_document_needs_no_key(tmp_path: Path) -> None:
    with (
        served.serving(tmp_path) as server,
        urllib.request.urlopen(f"{server.address}/openapi.json") as answer,  # noqa: S310 - our own
    ):
        document = json.load(answer)
        headers = answer.headers
    assert document["paths"]["/api/learning/jobs"]["post"]["operationId"] == "create_job"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
