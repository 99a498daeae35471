"""Results to fetch, and the job that they belong to."""

from typing import Any

from minimal_backend import Minimal

JOB = "GET /learning/jobs/job-0"
ARTIFACTS = f"{JOB}/artifacts"
RESULT = {
    "adapter_config.json": b'{"r": 8}\n',
    "adapter_model.safetensors": bytes(range(256)) * 4000,
    "checkpoints/best/weights.bin": b"\0" * 70_000,
    "empty": b"",
    "notes/größe 1.md": "größe".encode(),
}


def has_job(backend: Minimal, status: str = "succeeded", **facts: Any) -> None:
    """Let a backend have a job, in a state and with other facts."""
    backend.answers[JOB] = (200, {"id": "job-0", "status": status, "mode": "train", **facts}, {})


def has_result(backend: Minimal, result: dict[str, bytes] | None = None) -> None:
    """Let a backend have a job with a result."""
    has_job(backend)
    backend.results["job-0"] = RESULT if result is None else result


def listing(backend: Minimal, *artifacts: Any) -> None:
    """Let a backend list what its result is not."""
    backend.answers[ARTIFACTS] = (200, {"artifacts": [*artifacts]}, {})
