"""What may be asked of the radio agent: every line is a request or a refusal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.agent import protocol
from hotspot.agent.protocol import Cancel, Follow, Forget, Join, Keep, NotUnderstood, Scan, Status
from hotspot.config.values import Secret
from hotspot.uplink.wanted import Wanted

HOME = {"ssid": "486f6d65", "passphrase": "correct horse"}
WANTED = Wanted(ssid=b"Home", passphrase=Secret("correct horse"))

UNDERSTOOD: list[tuple[dict[str, Any], protocol.Request]] = [
    ({"verb": "scan"}, Scan()),
    ({"verb": "stations"}, protocol.Stations()),
    ({"verb": "forget"}, Forget()),
    ({"verb": "status"}, Status()),
    ({"verb": "dismiss", "address": "02:00:00:00:0a:ff", "seconds": 600},
     protocol.Dismiss("02:00:00:00:0a:ff", 600)),
    ({"verb": "follow", "key": "a-1"}, Follow("a-1")),
    ({"verb": "cancel", "key": "Z_9"}, Cancel("Z_9")),
    ({"verb": "join", "key": "k", "network": HOME}, Join("k", WANTED)),
    ({"verb": "keep", "key": "k", "network": HOME}, Keep("k", WANTED)),
    ({"verb": "keep", "key": "k", "network": HOME, "owner": "networkmanager"},
     Keep("k", WANTED, "networkmanager")),
]  # fmt: skip


@pytest.mark.parametrize(("words", "request_"), UNDERSTOOD)
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_requests(words: dict[str, Any], request_: protocol.Request, end: bytes) -> None:
    """Each verb with what belongs to it, whatever ends the line."""
    assert protocol.request(json.dumps(words).encode() + end) == request_


REFUSED: list[tuple[bytes, str]] = [
    (b"", ""),
    (b"\n", ""),
    (b"[]", ""),
    (b"{", ""),
    (b'{"verb": "scan"} {}', ""),
    (b'{"verb": "scan", "verb": "forget"}', ""),
    (b"\xff{}", ""),
    (b"[" * 60_000, ""),
    (b'{"verb": ' + b"9" * 5_000 + b"}", ""),
    (b" " * 65_537, ""),
    (b"{}", "verb"),
    (b'{"verb": 1}', "verb"),
    (b'{"verb": "reboot"}', "verb"),
    (b'{"verb": "scan", "argv": []}', "argv"),
    (b'{"verb": "scan", "\\u202e\\u0000": 1}', r"\u202e\x00"),
    (b'{"verb": "follow"}', "key"),
    (b'{"verb": "follow", "key": ""}', "key"),
    (b'{"verb": "follow", "key": "../x"}', "key"),
    (b'{"verb": "follow", "key": "a\\n"}', "key"),
    (b'{"verb": "cancel", "key": "' + b"a" * 65 + b'"}', "key"),
    (b'{"verb": "join", "key": "k"}', "network"),
    (b'{"verb": "join", "key": "k", "network": {}}', "network.ssid"),
    (b'{"verb": "join", "key": "k", "network": {"ssid": "zz"}}', "network.ssid"),
    (b'{"verb": "join", "key": "k", "network": {"ssid": "61", "psk": ""}}', "network.psk"),
    (b'{"verb": "join", "network": {"ssid": "61"}}', "key"),
    (b'{"verb": "dismiss"}', "address"),
    (b'{"verb": "dismiss", "address": "02:00:00:00:00:0A", "seconds": 1}', "address"),
    (b'{"verb": "dismiss", "address": "01:00:00:00:00:00", "seconds": 1}', "address"),
    (b'{"verb": "dismiss", "address": "02:00:00:00:00:00 x", "seconds": 1}', "address"),
    (b'{"verb": "dismiss", "address": "02:00:00:00:00:00"}', "seconds"),
    (b'{"verb": "dismiss", "address": "02:00:00:00:00:00", "seconds": 0}', "seconds"),
    (b'{"verb": "dismiss", "address": "02:00:00:00:00:00", "seconds": 3601}', "seconds"),
    (b'{"verb": "dismiss", "address": "02:00:00:00:00:00", "seconds": true}', "seconds"),
    (b'{"verb": "dismiss", "address": "02:00:00:00:00:00", "seconds": 1.5}', "seconds"),
    (b'{"verb": "keep", "key": "k"}', "network"),
    (b'{"verb": "keep", "key": "k", "network": {"ssid": "61"}, "owner": "systemd"}', "owner"),
    (b'{"verb": "keep", "key": "k", "network": {"ssid": "61"}, "owner": []}', "owner"),
    (b'{"verb": "join", "key": "k", "network": {"ssid": "61"}, "owner": ""}', "owner"),
]


@pytest.mark.parametrize(("line", "field"), REFUSED)
def test_refusals(line: bytes, field: str) -> None:
    """What is not as agreed is refused, with the field where it is not."""
    with pytest.raises(NotUnderstood) as refusal:
        protocol.request(line)
    assert refusal.value.field == field
    assert refusal.value.what


def test_no_secret_is_repeated() -> None:
    """A refusal names the field, never the value; nor does the request when it is printed."""
    words = {"verb": "join", "key": "k", "network": {"ssid": "61", "passphrase": "psst\n"}}
    with pytest.raises(NotUnderstood) as refusal:
        protocol.request(json.dumps(words).encode())
    assert "psst" not in str(refusal.value)
    assert "horse" not in repr(Join("k", WANTED))


def attempted(line: bytes) -> None:
    """A request, or a refusal that can be sent; anything else escapes."""
    try:
        protocol.request(line)
    except NotUnderstood as refusal:
        protocol.line(protocol.refused(refusal.what, refusal.field))


@given(st.binary(max_size=300))
def test_any_bytes(line: bytes) -> None:
    """Whatever comes is a request or refused."""
    attempted(line)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=9), inside),
    max_leaves=6,
)
names = st.sampled_from(
    ["verb", "key", "network", "ssid", "passphrase", "hidden", "address", "ca", "method"]
)
verbs = st.sampled_from(["scan", "join", "follow", "cancel", "status", "x"])


@given(
    verbs,
    values | st.just("k"),
    st.dictionaries(names, values | st.just("61")) | values,
    st.dictionaries(names | st.text(max_size=40), values, max_size=2),
)
def test_any_object(verb: str, key: object, network: object, more: dict[str, object]) -> None:
    """Any object near to a request is one, or is refused."""
    attempted(json.dumps({**more, "verb": verb, "key": key, "network": network}).encode())


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.integers())))
def test_an_event_is_one_line(words: dict[str, Any]) -> None:
    """Whatever stands in an event, it travels as one line of ASCII and comes back."""
    event = {**words, "event": "x"}
    line = protocol.line(event)
    assert line.count(b"\n") == 1
    assert protocol.event(line) == event


@pytest.mark.parametrize("line", [b"", b"[]", b"{}", b'{"event": 1}', b'{"event": "x"', b"\xff"])
def test_what_is_no_event(line: bytes) -> None:
    """An answer that was cut off, or is another program's, is not taken for one."""
    with pytest.raises(NotUnderstood):
        protocol.event(line)
