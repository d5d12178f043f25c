"""The front door: what happens by Host, before Flask."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from portal import probes
from portal.app import create_app
from portal.door.detect import FrontDoor, named, path
from tests.portal.fakes import URL, FakeOutbox, FakeReleases, fake_services

FOREIGN = [
    "captive.apple.com",
    "connectivitycheck.gstatic.com",
    "100.64.64.1:8080",
    "100.64.64.1.evil.example",
    "100.64.64.1,evil.example",
    "evil@100.64.64.1",
    "localhost",
    "",
]


def nobody(_address: str) -> bool:
    """Everybody is captive."""
    return False


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("path", ["/", "/hotspot-detect.html", "/setup", "/api/v1/status"])
def test_a_foreign_host_is_shown_the_way(
    client: FlaskClient, method: str, host: str, path: str
) -> None:
    """Any path, GET or HEAD: the one ready 302."""
    answer = client.open(path, method=method, headers={"Host": host})

    assert answer.status == "302 Found"
    assert answer.headers["Location"] == URL
    assert answer.headers["Content-Length"] == str(len(probes.captive(URL).body))
    assert answer.data == (b"" if method == "HEAD" else probes.captive(URL).body)


@pytest.mark.parametrize("agent", ["CaptiveNetworkSupport-514.160.1 wispr", "Mozilla/5.0", ""])
def test_prober_and_sheet_get_the_same(client: FlaskClient, agent: str) -> None:
    """The user agent makes no difference: Apple's sheet loads what its prober loaded."""
    answer = client.get(
        "/hotspot-detect.html", headers={"Host": "captive.apple.com", "User-Agent": agent}
    )

    assert (answer.status_code, answer.data) == (302, probes.captive(URL).body)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "X"])
@pytest.mark.parametrize("host", FOREIGN)
def test_nothing_else_is_done_under_a_foreign_name(
    client: FlaskClient, outbox: FakeOutbox, method: str, host: str
) -> None:
    """A form that was meant for another host is refused with 421 and not kept."""
    answer = client.open("/setup", method=method, headers={"Host": host}, data={"ssid": "x"})

    assert answer.status_code == 421
    assert URL in answer.text
    assert not outbox.records


@pytest.mark.parametrize("host", ["100.64.64.1", "100.64.64.1:80", "100.64.64.1."])
def test_our_own_host_is_let_in(client: FlaskClient, host: str) -> None:
    """With and without the default port."""
    assert client.get("/", headers={"Host": host}).status_code == 200


def test_a_port_belongs_to_the_name() -> None:
    """The demo's own host has a port; the same host without it is foreign."""
    demo = create_app(fake_services(url="http://127.0.0.1:8080/")).test_client()

    assert demo.get("/", headers={"Host": "127.0.0.1:8080"}).status_code == 200
    assert demo.get("/", headers={"Host": "127.0.0.1"}).status_code == 302


@given(
    host=st.text(st.characters(codec="latin-1", exclude_categories=["Cc"])),
    path=st.text(st.characters(codec="latin-1")),
    query=st.text(st.characters(codec="ascii", exclude_categories=["Cc"])),
)
def test_the_answer_is_one_constant(host: str, path: str, query: str) -> None:
    """Nothing that a prober sends comes back in its answer."""
    seen: list[object] = []
    door = FrontDoor(lambda *_: [b"inside"], URL, nobody)
    environ = {
        "HTTP_HOST": host,
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
    }

    body = b"".join(door(environ, lambda *start: seen.append(start)))  # type: ignore[arg-type] # records instead of writing

    ready = probes.captive(URL)
    if probes.authority(host) == "100.64.64.1":
        assert (seen, body) == ([], b"inside")
    else:
        assert (seen, body) == ([(ready.status_line, list(ready.fields))], ready.body)


@pytest.mark.parametrize(
    ("target", "host", "name"),
    [
        ("/x", "a.example", "a.example"),
        ("http://b.example/x", "a.example", "b.example"),
        ("HTTP://b.example", "a.example", "b.example"),
        ("//b.example/x", "a.example", "a.example"),
    ],
)
def test_an_absolute_target_names_the_host(target: str, host: str, name: str) -> None:
    """RFC 9112 3.2.2: then the Host header is not looked at."""
    assert named({"RAW_URI": target, "HTTP_HOST": host}) == name


@pytest.mark.parametrize(
    ("target", "decoded", "asked"),
    [
        ("/generate_204?x=/y", "/generate_204", "/generate_204"),
        ("/%67enerate_204", "/generate_204", "/%67enerate_204"),
        ("http://b.example/x?y", "/x", "/x"),
        ("http://b.example", "", "/"),
        ("", "/x", "/x"),
    ],
)
def test_the_path_is_the_one_that_was_sent(target: str, decoded: str, asked: str) -> None:
    """As the event loop reads it; under a server that does not tell, the decoded one."""
    assert path({"RAW_URI": target, "PATH_INFO": decoded}) == asked


def test_the_asking_client_counts(client: FlaskClient, releases: FakeReleases) -> None:
    """Released is who asks by its connection, whatever its headers say of others."""
    releases.released.add("100.64.64.20")
    apple = {"Host": "captive.apple.com", "X-Forwarded-For": "100.64.64.20"}
    answers = [
        client.get("/", headers=apple, environ_base={"REMOTE_ADDR": address})
        for address in ("100.64.64.20", "100.64.64.21")
    ]

    assert [each.status_code for each in answers] == [200, 302]
    assert b"<TITLE>Success</TITLE>" in answers[0].data
    other = client.get(
        "/", headers={"Host": "a.example"}, environ_base={"REMOTE_ADDR": "100.64.64.20"}
    )
    assert other.headers["Location"] == URL


def test_no_host_is_foreign() -> None:
    """HTTP/1.0 probers of old send none."""
    assert named({}) == ""


def test_the_door_counts() -> None:
    """What came is told in numbers, never as a path."""
    door = FrontDoor(lambda *_: [], URL, nobody)
    for method, host in [("GET", "a"), ("HEAD", "b"), ("POST", "c"), ("GET", "100.64.64.1")]:
        door({"REQUEST_METHOD": method, "HTTP_HOST": host}, lambda *_: lambda _: None)

    assert door.counts() == "2 probes, 1 served, 1 refused"
