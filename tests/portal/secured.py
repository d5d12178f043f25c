"""The portal and the process that ends TLS before it, as the two processes they are."""

from __future__ import annotations

import http.client
import json
import select
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.certificates import NAME, Shop
from tests.portal.fakes import neighbourhood
from tests.portal.serving import write_scan

API = "/captive-portal/api"
WAITS = (ssl.SSLWantReadError, ssl.SSLWantWriteError)

# sd_listen_fds(3): from descriptor 3 on, in the order given.
_HAND_ON = """
import fcntl, os, sys
numbers = [int(word) for word in sys.argv[1].split(",")]
aside = [fcntl.fcntl(number, fcntl.F_DUPFD, 64) for number in numbers]
for place, number in enumerate(aside, 3):
    os.dup2(number, place)
os.environ.update(LISTEN_FDS=str(len(numbers)), LISTEN_PID=str(os.getpid()))
os.closerange(3 + len(numbers), 128)
os.execv(sys.argv[2], sys.argv[2:])
"""


@dataclass(frozen=True)
class Secured:
    """A running portal with TLS, and how to ask it."""

    portal: subprocess.Popen[bytes]
    tls: subprocess.Popen[bytes]
    plain_address: tuple[str, int]
    address: tuple[str, int]
    context: ssl.SSLContext
    folder: Path

    @property
    def url(self) -> str:
        """The portal's URL without TLS."""
        return f"http://127.0.0.1:{self.plain_address[1]}/"

    def connect(self, name: str | None = NAME) -> ssl.SSLSocket:
        """A new connection, the certificate verified for `name`. Raises ssl.SSLError."""
        raw = socket.create_connection(self.address, timeout=10)
        try:
            return self.context.wrap_socket(raw, server_hostname=name)
        except OSError:
            raw.close()
            raise

    def exchange(self, request: bytes) -> bytes:
        """All that is answered to `request` under TLS until the end of it."""
        with self.connect() as connection:
            connection.sendall(request)
            return to_the_end(connection)

    def api(self) -> dict[str, object]:
        """What the captive portal API says."""
        answer = self.exchange(request("GET", API, "Connection: close"))
        found: dict[str, object] = json.loads(answer.partition(b"\r\n\r\n")[2])
        return found

    def ask_plain(self, host: str, path: str, method: str = "GET") -> tuple[int, str]:
        """Status and body of an answer without TLS."""
        connection = http.client.HTTPConnection(*self.plain_address, timeout=10)
        try:
            connection.request(method, path, headers={"Host": host})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def said(self) -> str:
        """What both have logged so far."""
        return (self.folder / "stderr").read_text()


def request(method: str, path: str, *fields: str, host: str = NAME, body: str = "") -> bytes:
    """A request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *fields]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join([*lines, "", ""]) + body).encode()


def to_the_end(connection: ssl.SSLSocket) -> bytes:
    """All that comes until close_notify; a torn end is an error."""
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def converse(connection: ssl.SSLSocket, data: bytes) -> bytes:
    """Send and receive at once, in one thread as OpenSSL asks, until the end of what comes."""
    connection.setblocking(False)
    parts: list[bytes] = []
    while True:
        with suppress(*WAITS):
            data = data[connection.send(data) :] if data else data
        try:
            parts.append(connection.recv(65536))
        except WAITS:
            ready = select.select([connection], [connection] if data else [], [], 10)
            assert any(ready), "nothing moves"
            continue
        if not parts[-1]:
            return b"".join(parts)


@contextmanager
def secured(folder: Path, shop: Shop) -> Iterator[Secured]:
    """Both processes on inherited sockets, stopped at the end if they still run."""
    write_scan(folder / "networks.json", neighbourhood())
    config = folder / "config.toml"
    site = shop.site
    config.write_text(
        f'[radio]\ncountry = "DE"\n[provisioning]\njoins = false\n[portal]\nname = "{NAME}"\n'
        f'certificate = "{site.certificate}"\nkey = "{site.key}"\n'
    )
    files = [f"--certificate={site.certificate}", f"--key={site.key}"]
    with ExitStack() as stack:
        plain = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        https = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        giving, taking = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        stack.enter_context(giving)
        stack.enter_context(taking)
        log = stack.enter_context((folder / "stderr").open("ab"))
        url = f"http://127.0.0.1:{plain.getsockname()[1]}/"
        places = [f"--config={config}", f"--state={folder}", f"--runtime={folder}", f"--url={url}"]
        portal = _start(log.fileno(), (plain, taking), "portal", *places)
        stack.callback(_end, portal)
        tls = _start(log.fileno(), (https, giving), "portal.tls", f"--name={NAME}", *files)
        stack.callback(_end, tls)
        context = ssl.create_default_context(cafile=str(shop.root.certificate))
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        yield Secured(portal, tls, plain.getsockname(), https.getsockname(), context, folder)


def _start(
    log: int, sockets: tuple[socket.socket, ...], module: str, *words: str
) -> subprocess.Popen[bytes]:
    numbers = [each.fileno() for each in sockets]
    argv = [sys.executable, "-m", module, *words]
    return subprocess.Popen(
        [sys.executable, "-c", _HAND_ON, ",".join(map(str, numbers)), *argv],
        stderr=log,
        pass_fds=numbers,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    process.wait(timeout=20)
