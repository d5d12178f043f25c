"""A client's session with an MQTT 5 broker, driven by its caller: no thread, no queue.

Law: at most one message is under way, and it is the caller's; after any trouble the connection
is dropped with all it knew. The session itself, with its subscription, stays with the broker.
"""

from __future__ import annotations

import select
import socket
import ssl
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from portal.provisioning.backend import Misconfigured
from portal.provisioning.backends.line import Line

try:
    from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
    from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode
except ModuleNotFoundError:
    raise Misconfigured(
        "the backend mqtt needs the package paho-mqtt: pip install 'vestibule[mqtt]'"
    ) from None

# How long a broker keeps what we have subscribed to, and verdicts for us, while we are away.
SESSION: Final = 7 * 86_400
_KEEP_ALIVE: Final = 60
_LATE_KEPT: Final = 1_000


class Broken(Exception):  # noqa: N818 - named for what the connection is
    """The connection did not come about, or ended; the text says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a broker is, and who we are there. `answers`: the topic to be subscribed to."""

    host: str
    port: int
    client: str
    username: str | None = None
    password: str | None = None
    answers: str | None = None


class _Client(Client):
    """paho's, with sockets from a `Line`, and TLS around them within its deadline."""

    line: Line
    context: ssl.SSLContext | None

    def _create_socket_connection(self) -> socket.socket:
        link = self.line.open(self.host, self.port)
        return self.context.wrap_socket(link, server_hostname=self.host) if self.context else link


class Session:
    """One connection to the broker at `place`; `verdicts` by correlation data."""

    def __init__(self, place: Place, context: ssl.SSLContext | None, line: Line) -> None:
        self._place = place
        self._line = line
        self._acknowledged: dict[int, ReasonCode] = {}
        self._connected: ReasonCode | None = None
        self._subscribed: ReasonCode | None = None
        self._most_bytes: int | None = None
        self.verdicts: OrderedDict[str, bytes] = OrderedDict()
        client = _Client(
            CallbackAPIVersion.VERSION2, place.client, protocol=MQTTProtocolVersion.MQTTv5
        )
        client.line, client.context = line, context
        if place.username:
            client.username_pw_set(place.username, place.password)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        self._client = client

    def open(self) -> None:
        """Connect and, where there are answers, subscribe. Raises `Broken`, OSError."""
        wanted = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho's own lack
        wanted.SessionExpiryInterval = SESSION
        self._client.connect(
            self._place.host, self._place.port, _KEEP_ALIVE, clean_start=False, properties=wanted
        )
        while self._connected is None:
            self.listen()
        if self._connected.is_failure:
            raise Broken(f"the broker refuses us: {self._connected}")
        if self._place.answers:
            self._client.subscribe(self._place.answers, qos=1)
            while self._subscribed is None:
                self.listen()
            if self._subscribed.is_failure:
                raise Broken(f"the broker refuses the subscription: {self._subscribed}")

    def catch_up(self) -> None:
        """Take what has come while nobody listened. Raises `Broken` where that is the end."""
        while self._is_readable():
            self.listen()
        if self._client.socket() is None:
            raise Broken("the broker has ended the connection")

    def _is_readable(self) -> bool:
        link = self._client.socket()
        return link is not None and bool(select.select([link], [], [], 0)[0])

    def listen(self) -> None:
        """Let the network do one thing, for at most a second. Raises `Broken`, TimeoutError."""
        code = self._client.loop(1.0)
        if self._line.cut:
            raise TimeoutError
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS and not self._refused():
            raise Broken(f"the connection to the broker ended: {code.name}")

    def _refused(self) -> bool:
        return self._connected is not None and self._connected.is_failure

    def fits(self, size: int) -> bool:
        """Whether the broker takes a message of so many bytes, as far as it has said."""
        return self._most_bytes is None or size <= self._most_bytes

    def publish(self, topic: str, payload: bytes, about: Mapping[str, Any]) -> ReasonCode:
        """Publish with QoS 1; the broker's reason code. `about`: properties by name.

        Raises `Broken`.
        """
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call] # as above
        for name, value in about.items():
            setattr(properties, name, value)
        sent = self._client.publish(topic, payload, qos=1, properties=properties)
        while sent.mid not in self._acknowledged:
            self.listen()
        return self._acknowledged.pop(sent.mid)

    def close(self) -> None:
        """Say good-bye if there is still somebody to hear it."""
        client = self._client
        client.disconnect()
        self._line.shut()
        self._line.release()
        # The two hold each other; apart, paho closes at once what it has open besides.
        client.on_connect = client.on_subscribe = client.on_publish = client.on_message = None
        del self._client

    def _on_connect(
        self,
        client: Client,
        userdata: object,
        flags: ConnectFlags,
        code: ReasonCode,
        properties: Properties | None,
    ) -> None:
        del client, userdata, flags
        self._most_bytes = getattr(properties, "MaximumPacketSize", None)
        self._connected = code

    def _on_subscribe(
        self,
        client: Client,
        userdata: object,
        mid: int,
        codes: list[ReasonCode],
        properties: Properties | None,
    ) -> None:
        del client, userdata, mid, properties
        self._subscribed = codes[0]

    def _on_publish(
        self,
        client: Client,
        userdata: object,
        mid: int,
        code: ReasonCode,
        properties: Properties | None,
    ) -> None:
        del client, userdata, properties
        self._acknowledged[mid] = code

    def _on_message(self, client: Client, userdata: object, message: MQTTMessage) -> None:
        del client, userdata
        about = getattr(message.properties, "CorrelationData", b"")
        self.verdicts[about.decode("ascii", "replace")] = bytes(message.payload)
        while len(self.verdicts) > _LATE_KEPT:
            self.verdicts.popitem(last=False)
