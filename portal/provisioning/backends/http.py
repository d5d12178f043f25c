"""The backend `http`: one request per record, and an answer that is believed only when whole.

Law: the record goes to the URL of the settings and nowhere else: no proxy, no redirect, no
unverified server. The record's id is the `Idempotency-Key`.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from portal.provisioning.backend import Outcome, Rejected, Retry
from portal.provisioning.backends import credentials, place, signing, tls
from portal.provisioning.backends.connection import Plain, Secure, connection
from portal.provisioning.backends.line import Line, Refused
from portal.provisioning.backends.placeholders import Unfit, fill, quoted, visible
from portal.provisioning.backends.statuses import Answer, verdict
from portal.provisioning.record import Record, to_json

TIMEOUT: Final = 30
_MARGIN: Final = 5
# Of a response's body; http.client bounds the head: 100 lines of 64 KiB.
_MOST_BYTES: Final = 65_536
_PORTS: Final = {"http": 80, "https": 443}


class HttpBackend:
    """Sends to the option `url`; the others are in docs/backends.md."""

    def __init__(self, options: Mapping[str, Any], state: str) -> None:
        del state
        self._options = options
        self._names = place.names(options)
        self._token = credentials.text(options["token"]) if "token" in options else None
        self._key = credentials.octets(options["hmac"]) if "hmac" in options else None
        self._timeout = float(options.get("timeout", TIMEOUT))
        self._method: str = options.get("method", "POST")
        self._context = tls.context(options)
        self._line = Line(local=options.get("local", False))
        self._connection: Plain | Secure | None = None
        # Whether this record's request has left: what goes wrong before is not about the record.
        self._sent = False

    def apply(self, record: Record) -> Outcome:
        """Send the record and read the answer, in `timeout` seconds."""
        try:
            url = _going_down(fill(self._options["url"], record, self._names, quoted))
            body = to_json(record)
            headers = self._headers(record, url, body)
        except Unfit as error:
            return Rejected(str(error))
        answer = self._answer(url, body, headers)
        if isinstance(answer, str):
            self.close()
            return Retry(None, answer, whole=not self._sent)

        def redact(text: str) -> str:
            return record.redact(text.replace(self._token or "\0", "(hidden)"))

        wants_json = self._options.get("answer", "json") == "json"
        return verdict(answer, wants_json=wants_json, now=datetime.now(UTC), redact=redact)

    def _answer(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer | str:
        """The server's answer, or why there is none."""
        self._sent = False
        try:
            with self._line.bounded(self._timeout):
                return self._ask(url, body, headers)
        except TimeoutError:
            return f"no whole answer within {self._timeout:.0f} s"
        except Refused as error:
            return f"{error}; say local = true if that is meant"
        except ssl.SSLError as error:
            return tls.trouble(error)
        except (HTTPError, HTTPException) as error:
            return f"the answer was cut short or is no HTTP ({type(error).__name__})"
        except OSError as error:
            return f"no connection: {error.strerror or type(error).__name__}"

    def _headers(self, record: Record, url: str, body: bytes) -> dict[str, str]:
        own = {
            name: self._filled(template, record)
            for name, template in self._options.get("headers", {}).items()
        }
        usual = {"Accept": "application/json", "User-Agent": "vestibule"}
        given = {name.lower() for name in own}
        headers = {
            **{name: text for name, text in usual.items() if name.lower() not in given},
            **own,
            "Content-Type": "application/json",
            "Idempotency-Key": record.id,
        }
        # A header of the settings that names the token stands in for the usual one.
        named = "{token}" in "".join(self._options.get("headers", {}).values())
        if self._token and not named:
            headers["Authorization"] = f"Bearer {self._token}"
        if self._key:
            headers |= signing.signed(
                self._method, url, headers, body,
                key=self._key, key_id=self._names["appliance"], created=int(time.time()),
            )  # fmt: skip
        return headers

    def _filled(self, template: str, record: Record) -> str:
        names = {**self._names, "token": str(self._token or "")}
        return fill(template, record, names, visible)

    def _ask(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        target = "/" + "".join(url.split("/", 3)[3:])
        kept = self._connection is not None and self._connection.is_connected
        if not kept:
            self.close()
        try:
            return self._exchange(target, body, headers)
        except ConnectionError:
            # The server had closed a kept connection at the same moment. The key makes a
            # second request one in effect.
            if not kept or self._line.cut:
                raise
            self.close()
            return self._exchange(target, body, headers)

    def _exchange(self, target: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        if self._connection is None:
            parts = urlsplit(self._options["url"])
            port = parts.port or _PORTS[parts.scheme]
            self._connection = connection(
                parts.hostname or "", port, context=self._context, line=self._line
            )
        link = self._connection
        link.timeout = self._timeout + _MARGIN  # the deadline comes first
        link.request(self._method, target, body, headers, preload_content=False)
        self._sent = True
        response = link.getresponse()
        answer = _whole(response)
        if response.headers.get("connection", "").lower() == "close" or response.version < 11:  # noqa: PLR2004 - HTTP/1.1
            self.close()
        return answer

    def close(self) -> None:
        """End the connection; the next record opens one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._line.release()


def _going_down(url: str) -> str:
    """`url`, unless a value has made a part of its path lead up again (RFC 3986 5.2.4).

    Encoding would not help: servers decode before they resolve. Raises `Unfit`.
    """
    if not {".", ".."}.isdisjoint(url.partition("?")[0].split("/")):
        raise Unfit("with a value of this record the URL would lead elsewhere")
    return url


def _whole(response: HTTPResponse) -> Answer:
    """The response with its body. Raises HTTPError where that is short or too long."""
    body: bytes | None = response.read(_MOST_BYTES + 1, decode_content=False)
    if len(body or b"") > _MOST_BYTES:
        raise HTTPError("too long")
    response.read(1, decode_content=False)  # finds out that it ends where it says
    headers = {name.lower(): value for name, value in response.headers.items()}
    framed = "content-length" in headers or "chunked" in headers.get("transfer-encoding", "")
    if not body and not framed and response.status != 204:  # noqa: PLR2004 - RFC 9110 15.3.5: no content
        body = None
    return Answer(response.status, headers, body)
