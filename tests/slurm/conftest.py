"""The cluster of all tests here."""

from collections.abc import Iterator

import pytest
import slurm_cluster
from slurm_cluster import Cluster
from tiny_models import models, shared

__all__ = ["models", "shared"]


@pytest.fixture(scope="session")
def shared_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with slurm_cluster.running(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture
def cluster(shared_cluster: Cluster) -> Iterator[Cluster]:
    """Return a cluster with three idle nodes, and leave it as one."""
    yield shared_cluster
    shared_cluster.settle()
