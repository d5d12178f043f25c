"""What multicast DNS says of the portal: names and texts, as values.

An SSID is any bytes; a service instance name is text in one DNS label (RFC 6763 4.1.1). Nothing
here does input or output, and nothing that comes in can make a name that a peer would misread.
"""

from __future__ import annotations

import re
from typing import Final

SERVICE: Final = "_vestibule._tcp.local."

# RFC 1035 2.3.4: 63 bytes in a label. Four are kept free for the ending of a second of the same
# name, such as "-2".
INSTANCE_BYTES: Final = 63 - 4

_HTTP: Final = 80

# Control characters are forbidden (RFC 6763 4.1.1). A dot is allowed there, but zeroconf takes a
# name apart at its dots, and others would read two labels.
_UNFIT: Final = re.compile("[\x00-\x1f\x7f-\x9f]")
_LABEL: Final = re.compile("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def instance(ssid: bytes) -> str:
    """The name a person knows the access point by, as an instance name: its SSID, where it fits."""
    text = _UNFIT.sub("\N{REPLACEMENT CHARACTER}", ssid.decode("utf-8", "replace"))
    text = text.replace(".", "-").strip()
    return _cut(text) or "Vestibule"


def _cut(text: str) -> str:
    """At most `INSTANCE_BYTES` of UTF-8, whole characters only."""
    return text.encode()[:INSTANCE_BYTES].decode("utf-8", "ignore").strip()


def is_label(name: str) -> bool:
    """Whether this is a host name of one label (RFC 1123 2.1), in small letters."""
    return _LABEL.fullmatch(name) is not None


def texts(address: str, port: int, version: str | None) -> dict[str, str]:
    """The TXT record (RFC 6763 6): where to begin, by which host, and in which dialect.

    The portal answers under its own address alone; asked under the host name, as some libraries
    would, it only shows the way to its page. So the address is given too.
    """
    host = address if port == _HTTP else f"{address}:{port}"
    found = {"path": "/api/v1/status", "host": host, "api": "v1"}
    return {**found, "version": version} if version else found
