"""What a phone's programs do, done inside its namespace: resolve a name, ask over HTTP.

Run as a process there; one JSON object per line in, one out. Names go through the C library's
resolver, so that what is proven is what a program on the phone would get.
"""

from __future__ import annotations

import base64
import http.client
import json
import socket
import sys
from typing import Any
from urllib.parse import urlsplit


def resolve(order: dict[str, Any]) -> dict[str, Any]:
    """Addresses of `name`, both families, as getaddrinfo gives them."""
    found = socket.getaddrinfo(order["name"], None, proto=socket.IPPROTO_TCP)
    return {"addresses": list(dict.fromkeys(entry[4][0] for entry in found))}


def ask(order: dict[str, Any]) -> dict[str, Any]:
    """One HTTP request on a connection of its own; redirects are reported, not followed."""
    url = urlsplit(order["url"])
    connection = http.client.HTTPConnection(url.netloc, timeout=order["seconds"])
    try:
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        body = base64.b64decode(order["body"]) or None
        connection.request(order["method"], target, body, order["headers"])
        answer = connection.getresponse()
        return {
            "status": answer.status,
            "headers": answer.getheaders(),
            "body": base64.b64encode(answer.read()).decode(),
        }
    finally:
        connection.close()


def main() -> None:
    """Serve orders until the input ends."""
    for line in sys.stdin:
        order = json.loads(line)
        try:
            done = {"resolve": resolve, "ask": ask}[order["verb"]](order)
        except (OSError, http.client.HTTPException) as error:
            done = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(done) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
