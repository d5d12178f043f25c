"""A real Mosquitto for a test, and somebody who reads behind it."""

from __future__ import annotations

import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.certificates import Issued
from tests.hotspot.real import program

DEADLINE = 30.0
READER = "$share/sink/vestibule/+/+/records/+"


class Broker:
    """`mosquitto` on a port of loopback; what it holds survives a restart."""

    def __init__(self, folder: Path, port: int, *lines: str) -> None:
        self.port = port
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            "\n".join([
                f"listener {port} 127.0.0.1", "user root", "persistence true",
                f"persistence_location {folder}/", "max_queued_messages 0",
                "set_tcp_nodelay true", *lines, "",
            ])
        )  # fmt: skip
        self._log = folder / "mosquitto.log"
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with self._log.open("ab") as log:
            argv = [program("mosquitto"), "-c", str(self._config)]
            self.process = subprocess.Popen(argv, stderr=log, stdout=log)
        deadline = time.monotonic() + DEADLINE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except ConnectionRefusedError:
                assert self.process.poll() is None, self._log.read_text()
                assert time.monotonic() < deadline
                time.sleep(0.02)
            else:
                return

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it; by SIGTERM it keeps its sessions and messages."""
        self.process.send_signal(number)
        self.process.wait(DEADLINE)


@contextmanager
def broker(folder: Path, port: int, *lines: str) -> Iterator[Broker]:
    """A running broker; `lines` go into its configuration."""
    made = Broker(folder, port, *(lines or ("allow_anonymous true",)))
    try:
        yield made
    finally:
        made.stop()


def secured(site: Issued) -> tuple[str, ...]:
    """The lines for TLS."""
    return (f"certfile {site.certificate}", f"keyfile {site.key}", "allow_anonymous true")


class Reader:
    """A sink: `effects` by record id, `seen` counts each delivery, `messages` as they came.

    `judge` may answer on the message's response topic.
    """

    def __init__(
        self, port: int, judge: Callable[[MQTTMessage], bytes | None], ca: str | None
    ) -> None:
        self.effects: dict[str, bytes] = {}
        self.seen: Counter[str] = Counter()
        self.messages: list[MQTTMessage] = []
        self.news = threading.Condition()
        self.judge = judge
        self.subscribed = threading.Event()
        client = Client(
            CallbackAPIVersion.VERSION2, "sink", protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=True,
        )  # fmt: skip
        client.reconnect_delay_set(1, 1)
        client.on_connect = self._on_connect
        client.on_subscribe = lambda *_: self.subscribed.set()
        client.on_message = self._on_message
        wanted = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho's own lack
        wanted.SessionExpiryInterval = 600
        if ca:
            client.tls_set(ca)
        client.connect("127.0.0.1", port, clean_start=False, properties=wanted)
        self.client = client

    def _on_connect(self, client: Client, *_: Any) -> None:
        client.subscribe(READER, qos=1)

    def _on_message(self, client: Client, _: Any, message: MQTTMessage) -> None:
        id_ = dict(message.properties.UserProperty)["id"]  # type: ignore[union-attr] # ours has some
        with self.news:
            self.effects.setdefault(id_, bytes(message.payload))
            self.seen[id_] += 1
            self.messages.append(message)
            self.news.notify_all()
        said = self.judge(message)
        if said is not None:
            about = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call] # as above
            about.CorrelationData = message.properties.CorrelationData  # type: ignore[union-attr] # as above
            client.publish(message.properties.ResponseTopic, said, qos=1, properties=about)  # type: ignore[union-attr] # as above

    def wait(self, count: int) -> None:
        """Return when so many records have had an effect."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.effects) >= count, DEADLINE)


@contextmanager
def reader(
    port: int,
    judge: Callable[[MQTTMessage], bytes | None] = lambda _: None,
    *,
    ca: str | None = None,
) -> Iterator[Reader]:
    """A reader that has subscribed, under TLS where it is to trust `ca`."""
    made = Reader(port, judge, ca)
    made.client.loop_start()
    try:
        assert made.subscribed.wait(DEADLINE)
        yield made
    finally:
        made.client.disconnect()
        made.client.loop_stop()
        made.client.on_connect = made.client.on_subscribe = made.client.on_message = None
        del made.client  # no cycle is left: paho closes what it has open besides
