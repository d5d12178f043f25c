"""HTTP connections of urllib3 over a `Line`, which looks at the address and keeps the time."""

from __future__ import annotations

import socket
import ssl

from urllib3.connection import HTTPConnection, HTTPSConnection

from portal.provisioning.backends.line import Line


class Plain(HTTPConnection):
    """HTTP to addresses that were looked at."""

    line: Line

    def _new_conn(self) -> socket.socket:
        return self.line.open(self.host, self.port)


class Secure(HTTPSConnection):
    """HTTPS to addresses that were looked at."""

    line: Line

    def _new_conn(self) -> socket.socket:
        return self.line.open(self.host, self.port)


def connection(
    host: str, port: int, *, context: ssl.SSLContext | None, line: Line
) -> Plain | Secure:
    """A connection, not open yet; without `context` it is without TLS."""
    made = Secure(host, port, ssl_context=context) if context else Plain(host, port)
    made.line = line
    return made
