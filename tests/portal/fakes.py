"""The ports of the web side, implemented for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.app import create_app
from portal.form.networks import Network
from portal.form.tokens import FIELD
from portal.provisioning.life import DeliveryLife, Life, State
from portal.provisioning.record import Record
from portal.release.farewell import Farewell
from portal.services import KEY, Services

URL = "http://100.64.64.1/"
NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


class FakeOutbox:
    """An outbox in memory. `failure`, when set, is what `accept` and `state` raise."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.lives: dict[str, Life] = {}
        self.failure: Exception | None = None

    def accept(self, record: Record) -> None:
        if self.failure is not None:
            raise self.failure
        self.records.append(record)
        self.become(record.id, State.ACCEPTED)

    def state(self, id: str) -> Life | None:  # noqa: A002 - the port's own word
        if self.failure is not None:
            raise self.failure
        return self.lives.get(id)

    def record(self, id: str) -> Record | None:  # noqa: A002 - see above
        if self.failure is not None:
            raise self.failure
        return next((each for each in self.records if each.id == id), None)

    def become(self, id: str, state: State, reason: str | None = None) -> None:  # noqa: A002 - see above
        """Let the record's one delivery be in `state`."""
        delivery = DeliveryLife("keep", state, 1, reason, NOW if reason else None)
        self.lives[id] = Life(id, state, (delivery,))


class FakeReleases:
    """Who is released, in memory. `failure`, when set, is what `release` raises."""

    def __init__(self) -> None:
        self.released: set[str] = set()
        self.macs: dict[str, str] = {}
        self.failure: OSError | None = None

    def release(self, address: str) -> None:
        if self.failure is not None:
            raise self.failure
        self.released.add(address)

    def is_released(self, address: str) -> bool:
        return address in self.released

    def holder(self, address: str) -> str:
        return self.macs.get(address, "")


class FakeScan:
    """What the radio hears: a list that tests change."""

    def __init__(self, networks: tuple[Network, ...] = ()) -> None:
        self.networks = networks

    def __call__(self) -> tuple[Network, ...]:
        return self.networks


def network(name: str | bytes, signal: int = -50, security: str = "wpa2") -> Network:
    """A network on channel 6."""
    ssid = name if isinstance(name, bytes) else name.encode()
    return Network(ssid, signal, 2437, 6, security)


def neighbourhood() -> tuple[Network, ...]:
    """Eight networks as a street has them: long names, accents, one open, one with user names."""
    return (
        Network(b"Haus am See", -44, 2437, 6, "wpa2"),
        Network("Café Noisette".encode(), -52, 5180, 36, "wpa2-wpa3"),
        Network(b"FRITZ!Box 7590 KL", -58, 2412, 1, "wpa2"),
        Network(b"Guests", -63, 2437, 6, "open"),
        Network("Familie Şahin".encode(), -66, 5500, 100, "wpa3"),
        Network(b"eduroam", -70, 2462, 11, "enterprise"),
        Network(b"A name as long as they may be 32", -76, 2437, 6, "wpa2"),
        Network(b"WLAN-271F83", -84, 2412, 1, "wpa2"),
    )


def fake_services(
    outbox: FakeOutbox | None = None,
    scan: FakeScan | None = None,
    releases: FakeReleases | None = None,
    *,
    url: str = URL,
    demo: bool = False,
    **more: Any,
) -> Services:
    """Services over fakes, at `NOW`, with repeatable randomness, and `more` of them."""
    outbox = FakeOutbox() if outbox is None else outbox
    releases = FakeReleases() if releases is None else releases
    return Services(
        url=url,
        outbox=outbox,
        releases=releases,
        farewell=Farewell(outbox.state, releases, lambda: 0.0),
        networks=FakeScan(neighbourhood()) if scan is None else scan,
        now=lambda: NOW,
        random=Random(7).randbytes,
        demo=demo,
        **more,
    )


class OwnClient(FlaskClient):
    """A client that asks under the portal's own name, and posts the forms it was given, unless
    told otherwise.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if kwargs.get("method") == "POST" and isinstance(kwargs.get("data", {}), dict):
            kwargs["data"] = self._signed(args, kwargs)
        return super().open(*args, **{"base_url": URL, **kwargs})

    def _signed(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The form with a fresh token; what the API is posted as it is."""
        if "json" in kwargs or str(args[0]).startswith("/api/"):
            return kwargs.get("data")
        services: Services = self.application.extensions[KEY]
        address = kwargs.get("environ_base", {}).get("REMOTE_ADDR", "127.0.0.1")
        token = services.tokens.make(address, services.monotonic())
        return {FIELD: token, **(kwargs.get("data") or {})}


def client_of(services: Services) -> OwnClient:
    """A client of the app over `services`."""
    app = create_app(services)
    app.test_client_class = OwnClient
    client = app.test_client()
    assert isinstance(client, OwnClient)
    return client
