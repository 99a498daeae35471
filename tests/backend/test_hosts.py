"""Which hosts a request may name, so that no other site's page reaches a server on this machine."""

import http.client
import json
from collections.abc import Iterator

import pytest
import served
from served import KEY, Server

from sftc.backend.errors import Refused
from sftc.backend.hosts import Hosts, is_loopback

LOCAL = ["127.0.0.1", "127.0.0.2", "127.255.255.254", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"]
OURS = [
    "localhost", "LOCALHOST:8000", "localhost.", "app.localhost:1", "127.0.0.1", "127.0.0.1:8000",
    "127.1.2.3:8000", "[::1]", "[::1]:8000", "[::ffff:127.0.0.1]:8000", "127.0.0.1:",
]  # fmt: skip
OTHERS = [
    "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evillocalhost", "0.0.0.0",  # noqa: S104
    "127.1", "2130706433", "0x7f.0.0.1", "10.0.0.1", "[::2]", "[::ffff:10.0.0.1]:8000", "::1",
]  # fmt: skip
MALFORMED = [
    "", " ", "localhost:port", "localhost:999999", "user@localhost", "localhost/", "loc alhost",
    "[::1", "[localhost]", "::1]", "localhost:8000:8000", "löcalhost", "localhost\0", "\xa0",
    "127.0.0.1,evil.example", "a" * 300,
]  # fmt: skip


def accepted(hosts: Hosts, *given: str) -> bool:
    try:
        hosts.check(given)
    except Refused as refused:
        return (refused.problems[0].code, len(str(refused)) < 300) != ("invalid_host", True)
    return True


@pytest.mark.parametrize("address", LOCAL)
def test_a_loopback_address_answers_to_loopback_names_only(address: str) -> None:
    hosts = Hosts("devbox", address)
    assert all(accepted(hosts, name) for name in [*OURS, "devbox", "DevBox:8000"])
    assert not [name for name in (*OTHERS, *MALFORMED) if accepted(hosts, name)]
    assert not accepted(hosts)
    assert not accepted(hosts, "localhost", "localhost")


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "10.0.0.1", "2001:db8::1"])  # noqa: S104
def test_another_address_answers_to_every_name(address: str) -> None:
    hosts = Hosts(address, address)
    assert all(accepted(hosts, name) for name in [*OURS, "sftc.example.com", "10.0.0.1:8000", ""])
    assert accepted(hosts)
    assert not [name for name in MALFORMED[1:] if accepted(hosts, name)]
    assert not accepted(hosts, "sftc.example.com", "sftc.example.com")


def test_what_is_loopback() -> None:
    assert all(map(is_loopback, LOCAL))
    assert not any(map(is_loopback, ["0.0.0.0", "::", "10.0.0.1", "localhost", ""]))  # noqa: S104


@pytest.fixture(scope="module", params=["127.0.0.2", "localhost"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    with served.serving(tmp_path_factory.mktemp("data"), "--host", request.param) as started:
        yield started


@pytest.mark.slow_but_first
@pytest.mark.parametrize("path", ["/", "/openapi.json", "/api/learning/jobs", "/nothing"])
def test_every_path_is_protected(server: Server, path: str) -> None:
    host = server.address.removeprefix("http://")
    for name, status in ((host, None), ("evil.example", 400)):
        connection = http.client.HTTPConnection(host, timeout=60)
        connection.request("GET", path, headers={"Host": name, "Authorization": f"Bearer {KEY}"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        if status:
            assert answer.status == status
            assert json.loads(body)["error"]["code"] == "invalid_host"
        else:
            assert answer.status == (404 if path == "/nothing" else 200)
