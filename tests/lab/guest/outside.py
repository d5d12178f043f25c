"""The Internet behind a home network, or its captive portal: HTTP on port 80 of one address.

`python -m tests.lab.guest.outside ADDRESS yes|portal`. The vendors' own answers to their checks,
as Android's and Firefox' servers give them; anything else is not there.
"""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import urlsplit

ANSWERS: Final = {
    ("connectivitycheck.gstatic.com", "/generate_204"): (204, b""),
    ("detectportal.firefox.com", "/success.txt"): (200, b"success\n"),
}


class Internet(BaseHTTPRequestHandler):
    """Whoever is asked for, by the name in the request."""

    def do_GET(self) -> None:
        """The vendor's answer, or none."""
        asked = self.headers.get("Host", ""), urlsplit(self.path).path
        status, body = ANSWERS.get(asked, (404, b"not here\n"))
        self.send_response(status)
        if body:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Portal(BaseHTTPRequestHandler):
    """A hotel's: everybody is sent to its own page."""

    def do_GET(self) -> None:
        """To the login."""
        self.send_response(302)
        self.send_header("Location", "http://login.hotel.example/welcome?room=7")
        self.send_header("Content-Length", "0")
        self.end_headers()


def main() -> None:
    """Serve until ended."""
    address, what = sys.argv[1:]
    server = ThreadingHTTPServer((address, 80), Portal if what == "portal" else Internet)
    print("listening", flush=True)  # noqa: T201 - what the story waits for
    server.serve_forever()


if __name__ == "__main__":
    main()
