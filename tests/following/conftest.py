"""What the tests of submitting share: a workspace, and a minimal backend."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from minimal_backend import Minimal, minimal
from submitting import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def backend(workspace: Workspace) -> Iterator[Minimal]:
    with minimal() as server:
        workspace.environment["BACKEND_BASE_URL"] = server.address
        yield server
