"""The backend `mqtt` against a real Mosquitto, its restarts, and those who read behind it."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.provisioning.backend import Delivered, Outcome, Rejected, Retry
from portal.provisioning.backends.mqtt import MqttBackend
from portal.provisioning.record import to_json
from tests.certificates import authority, issue
from tests.hotspot.real import program
from tests.portal.provisioning.backends.brokers import Broker, broker, reader, secured
from tests.portal.provisioning.fakes import a_record

ANSWERS = "vestibule/{site}/{appliance}/verdicts"


@pytest.fixture
def running(tmp_path: Path, free_port: int) -> Iterator[Broker]:
    """A broker that lets everybody in."""
    with broker(tmp_path, free_port) as made:
        yield made


@pytest.fixture
def make() -> Iterator[Callable[..., MqttBackend]]:
    """Makes a backend for a port of loopback; its connections are closed at the end."""
    made: list[MqttBackend] = []

    def make(port: int, **options: object) -> MqttBackend:
        given = {
            "host": "127.0.0.1", "port": port, "tls": False, "timeout": 20, "site": "north",
            "appliance": "a1", **options,
        }  # fmt: skip
        made.append(MqttBackend(given, "/nowhere"))
        return made[-1]

    yield make
    for each in made:
        each.close()


def why(outcome: Outcome) -> str:
    """The reason to try again."""
    assert isinstance(outcome, Retry), outcome
    return outcome.why


def test_a_record_arrives(running: Broker, make: Any) -> None:
    """The document, on its own topic, with all that a reader needs to take it once."""
    record = a_record(fields={"room": "cellar"})
    with reader(running.port) as sink:
        assert make(running.port, expires=3_600).apply(record) == Delivered()
        sink.wait(1)
    (message,) = sink.messages
    about: Any = message.properties

    assert message.topic == f"vestibule/north/a1/records/{record.id}"
    assert (message.payload, message.qos, message.retain) == (to_json(record), 1, False)
    assert about.CorrelationData == record.id.encode()
    assert about.ContentType == "application/json"
    assert about.PayloadFormatIndicator == 1
    assert 3_590 <= about.MessageExpiryInterval <= 3_600
    assert about.UserProperty == [
        ("id", record.id), ("schema", "vestibule-record/1"), ("appliance", "a1"), ("site", "north"),
    ]  # fmt: skip


def test_a_topic_of_ones_own(running: Broker, make: Any) -> None:
    """A record's values cannot reach above their own level."""
    record = a_record(fields={"room": "../+/#"})
    with reader(running.port) as sink:
        backend = make(running.port, topic="vestibule/{site}/{field.room}/records/x")
        assert backend.apply(record) == Delivered()
        sink.wait(1)

    assert sink.messages[0].topic == "vestibule/north/..%2F%2B%2F%23/records/x"


def test_nobody_reads(running: Broker, make: Any) -> None:
    """A message without a subscriber is dropped by the broker, so it is no delivery by default."""
    outcome = make(running.port).apply(a_record())

    assert why(outcome) == "the broker has it, but nobody has subscribed to its topic"
    assert make(running.port, unheard="delivered").apply(a_record()) == Delivered()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"verdict": "delivered"}, Delivered()),
        ({"verdict": "rejected", "why": "no such site"},
         Rejected("the reader rejects it: no such site")),
        ({"verdict": "retry", "after": 90, "why": "busy"}, Retry(90.0, "the reader says: busy")),
        ({"verdict": "retry"}, Retry(None, "the reader says: no reason given")),
        ("ok", Retry(None, "the reader's verdict cannot be read")),
    ],
)  # fmt: skip
def test_the_readers_verdict(running: Broker, make: Any, said: object, expected: Outcome) -> None:
    """With a response topic the reader has the last word, not the broker."""
    with reader(running.port, lambda _: json.dumps(said).encode()):
        assert make(running.port, answers=ANSWERS).apply(a_record()) == expected


def test_a_verdict_that_comes_late(running: Broker, make: Any) -> None:
    """What is said after we had given up counts at the next attempt, without another message."""
    backend = make(running.port, answers=ANSWERS, timeout=1)
    record = a_record()
    with reader(running.port) as sink:
        assert backend.apply(record) == Retry(None, "no answer within 1 s", whole=False)
        late: Any = sink.messages[0].properties
        sink.client.publish(
            "vestibule/north/a1/verdicts", b'{"verdict": "delivered"}', qos=1,
            properties=correlated(record.id),
        ).wait_for_publish(20)  # fmt: skip

        assert late.ResponseTopic == "vestibule/north/a1/verdicts"
        assert backend.apply(record) == Delivered()
        assert sink.seen[record.id] == 1


def correlated(id_: str) -> Any:
    """The properties of an answer about a record."""
    from paho.mqtt.packettypes import PacketTypes  # noqa: PLC0415 - only here
    from paho.mqtt.properties import Properties  # noqa: PLC0415 - only here

    about = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call] # paho's own lack
    about.CorrelationData = id_.encode()
    return about


def test_the_session_goes_on(running: Broker, make: Any) -> None:
    """After a restart of the broker the next record connects anew, and arrives."""
    backend = make(running.port)
    with reader(running.port) as sink:
        assert backend.apply(a_record()) == Delivered()
        sink.subscribed.clear()
        running.stop()
        assert why(backend.apply(a_record())) == "no connection: Connection refused"
        running.start()
        assert sink.subscribed.wait(20)
        assert backend.apply(a_record()) == Delivered()
        sink.wait(2)


def test_under_tls(tmp_path: Path, free_port: int, make: Any) -> None:
    """With our authority pinned it arrives; with any other nothing of it is sent."""
    root = authority(tmp_path, "root")
    site = issue(tmp_path, "site", "subjectAltName=IP:127.0.0.1", by=root)
    other = authority(tmp_path, "other")
    with broker(tmp_path, free_port, *secured(site)):
        given = {"tls": True, "unheard": "delivered"}
        assert make(free_port, ca=str(root.certificate), **given).apply(a_record()) == Delivered()
        outcome = make(free_port, ca=str(other.certificate), **given).apply(a_record())
        assert "its certificate is not accepted" in why(outcome)


def test_who_may_publish(tmp_path: Path, free_port: int, make: Any) -> None:
    """A wrong password and a forbidden topic are reasons to wait for the operator, and secret."""
    users, rules, word = tmp_path / "users", tmp_path / "rules", tmp_path / "word"
    made = [program("mosquitto_passwd"), "-b", "-c", str(users), "pump", "canary-5b21"]
    subprocess.run(made, check=True, capture_output=True, timeout=20)
    rules.write_text("user pump\ntopic write vestibule/north/#\n")
    word.touch(0o600)
    word.write_text("canary-5b21\n")
    lines = ("allow_anonymous false", f"password_file {users}", f"acl_file {rules}")
    with broker(tmp_path, free_port, *lines):
        who = {"username": "pump", "password": str(word), "unheard": "delivered"}
        assert make(free_port, **who).apply(a_record()) == Delivered()
        outcome = make(free_port, **who, site="south").apply(a_record())
        assert why(outcome) == "the broker refuses it: Not authorized"
        word.write_text("canary-0000\n")
        outcome = make(free_port, **who).apply(a_record())
        assert why(outcome) == "the broker refuses us: Not authorized"


def test_a_message_too_large(tmp_path: Path, free_port: int, make: Any) -> None:
    """What the broker never takes is set aside, not tried for ever."""
    with broker(tmp_path, free_port, "allow_anonymous true", "max_packet_size 4000"):
        large = a_record(fields={"f": "x" * 4_000})
        outcome = make(free_port, unheard="delivered").apply(large)

    assert isinstance(outcome, Rejected)
    assert "takes no message of" in outcome.why


def test_a_broker_that_says_nothing(make: Any) -> None:
    """Silence after the connection ends at the deadline."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        outcome = make(listener.getsockname()[1], timeout=1).apply(a_record())

    assert outcome == Retry(None, "no answer within 1 s", whole=True)
