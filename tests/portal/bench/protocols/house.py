"""The protocols over a bench in memory, and the bytes they send, without a portal around them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Flask, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from portal.bench.port import Artifact, Ticket
from portal.bench.protocols import speaking
from portal.bench.protocols.hatch import Hatch
from tests.portal.bench.fakes import FakeBench, artifact

ADDRESS = "100.64.64.20"
MAC = "02:00:00:00:00:01"
# An ESP32-C3's image, laid out for 4 MB, with its digest appended.
ESP32_C3 = bytes.fromhex("e9 02 02 2f 00 00 38 40 ee 00 00 00 05 00 00 00") + b"C3" * 500
# An ESP8266's, laid out for 4 MB, loaded to 0x4010f000.
ESP8266 = bytes.fromhex("e9 01 02 40 34 f5 10 40 00 f0 10 40 e8 03 00 00") + b"66" * 500


@dataclass
class House:
    """A bench, who has which lease, and what stands on the shelf, by digest."""

    bench: FakeBench = field(default_factory=FakeBench)
    leases: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)
    shelf: list[Artifact] = field(default_factory=list)
    sent: list[Ticket] = field(default_factory=list)
    gateway: str = ""

    def stock(self, body: bytes, name: str = "app.bin", product: str = "lamp") -> Artifact:
        """Put an image on the shelf; the first of its product is what its devices get."""
        made = artifact(body, name, product)
        self.bodies[made.sha256] = body
        self.shelf.append(made)
        self.bench.artifacts.setdefault(product, made)
        return made

    def send(self, ticket: Ticket) -> Response:
        """Its bytes, as werkzeug sends them."""
        self.sent.append(ticket)
        answer = Response(self.bodies[ticket.artifact.sha256], content_type="application/x-bin")
        return answer.make_conditional(
            request.environ, accept_ranges=True, complete_length=ticket.artifact.size
        )

    def client(self) -> Client:
        """Who asks from `ADDRESS`, under a name of the device's own."""
        app = Flask(__name__)
        hatch = Hatch(
            self.bench,
            lambda address: self.leases.get(address, ""),
            self.send,
            lambda: tuple(self.shelf),
            self.gateway,
        )
        for blueprint in speaking.blueprints(hatch, Blueprint("files", __name__)):
            app.register_blueprint(blueprint)
        app.test_client_class = Client
        client = app.test_client()
        assert isinstance(client, Client)
        return client


class Client(FlaskClient):
    """A device: every request comes from `ADDRESS` to a name that its firmware has built in."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        given = {
            "base_url": "http://updates.acme.example",
            "environ_base": {"REMOTE_ADDR": ADDRESS},
            **kwargs,
        }
        return super().open(*args, **given)
