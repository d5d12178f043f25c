"""The backend `mqtt`: one message per record, QoS 1, MQTT 5, to any broker.

Law: delivered means that the broker has acknowledged the message, or, with `answers`, that its
reader has said so. The record's id is the correlation data and a user property, so that a reader
takes a second message for the first.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any, Final

from portal.provisioning.backend import Outcome, Rejected, Retry
from portal.provisioning.backends import credentials, place, reasons, tls
from portal.provisioning.backends.line import Line
from portal.provisioning.backends.placeholders import Unfit, fill, quoted, settle
from portal.provisioning.backends.session import Broken, Place, Session
from portal.provisioning.record import Record, document, to_json

TOPIC: Final = "vestibule/{site}/{appliance}/records/{id}"
TIMEOUT: Final = 30
_PORT: Final = 1_883
_PORT_TLS: Final = 8_883
# What a PUBLISH has besides topic and payload: our own properties, generously.
_HEAD: Final = 1_024


class MqttBackend:
    """Publishes below the option `topic`; the others are in docs/backends.md."""

    def __init__(self, options: Mapping[str, Any], state: str) -> None:
        del state
        self._options = options
        self._names = place.names(options)
        self._context = tls.context(options)
        password = credentials.text(options["password"]) if "password" in options else None
        answers = options.get("answers")
        self._place = Place(
            host=options["host"],
            port=options.get("port") or (_PORT_TLS if self._context else _PORT),
            client=options.get("client") or f"vestibule-{self._names['appliance']}",
            username=options.get("username"),
            password=password,
            answers=answers and settle(answers, self._names, quoted),
        )
        self._timeout = float(options.get("timeout", TIMEOUT))
        self._line = Line(local=True)
        self._session: Session | None = None
        # Whether this record's message has left: what goes wrong before is not about the record.
        self._sent = False

    def apply(self, record: Record) -> Outcome:
        """Publish the record, and wait for what is said about it, in `timeout` seconds."""
        try:
            topic = fill(self._options.get("topic", TOPIC), record, self._names, quoted)
        except Unfit as error:
            return Rejected(str(error))
        try:
            self._sent = False
            with self._line.bounded(self._timeout):
                return self._deliver(topic, record)
        except TimeoutError:
            why = f"no answer within {self._timeout:.0f} s"
        except Broken as error:
            why = str(error)
        except ssl.SSLError as error:
            why = tls.trouble(error)
        except OSError as error:
            why = f"no connection: {error.strerror or type(error).__name__}"
        self.close()
        return Retry(None, why, whole=not self._sent)

    def _deliver(self, topic: str, record: Record) -> Outcome:
        session = self._open()
        self._sent = True
        if record.id in session.verdicts:
            # It came after the last attempt had given up.
            return reasons.verdict(session.verdicts.pop(record.id), record.redact)
        payload = to_json(record)
        if not session.fits(len(topic.encode()) + len(payload) + _HEAD):
            return Rejected(f"the broker takes no message of {len(payload)} bytes")
        code = session.publish(topic, payload, self._about(record))
        unheard = self._options.get("unheard", "retry")
        outcome = reasons.acknowledged(code.value, str(code), unheard=unheard)
        if isinstance(outcome, Retry | Rejected) or not self._place.answers:
            return outcome
        while record.id not in session.verdicts:
            session.listen()
        return reasons.verdict(session.verdicts.pop(record.id), record.redact)

    def _about(self, record: Record) -> dict[str, Any]:
        """The properties of the message (MQTT 5.0, 3.3.2.3)."""
        version = document(record)["v"]
        about: dict[str, Any] = {
            "PayloadFormatIndicator": 1,
            "ContentType": "application/json",
            "CorrelationData": record.id.encode(),
            "UserProperty": [
                ("id", record.id),
                ("schema", f"vestibule-record/{version}"),
                *sorted(self._names.items()),
            ],
        }
        if "expires" in self._options:
            about["MessageExpiryInterval"] = self._options["expires"]
        if self._place.answers:
            about["ResponseTopic"] = self._place.answers
        return about

    def _open(self) -> Session:
        """The session, connected; one that the broker has ended meanwhile is opened anew."""
        if self._session is not None:
            try:
                self._session.catch_up()
            except Broken:
                self.close()
        if self._session is None:
            self._session = Session(self._place, self._context, self._line)
            self._session.open()
        return self._session

    def close(self) -> None:
        """End the connection; the next record opens one."""
        if self._session is not None:
            self._session.close()
            self._session = None
