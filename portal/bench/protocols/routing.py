"""Which requests are a device's, whatever name they ask under, and so pass the captive checks.

The catch-all resolver makes any server a firmware has built in ours, so a device's request comes
under a foreign Host. One predicate for both readers of the table of probes: the event loop
(portal.door.ready) and the WSGI function around the app (portal.door.detect). Only paths that
change nothing for a person are here: the bench's own pages are under our own name alone, so that
a rebound DNS name reaches none of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

# hawkBit's DDI, NoCloud, our own protocol, ESPHome's manifest, and the bytes themselves.
_PATHS: Final = re.compile(
    r"/(?:[A-Za-z0-9_-]{1,32}/controller/v1/|ci/|bench/v1/|bench/esphome/"
    r"|bench/files/[0-9a-f]{64}/)"
)
# ESP8266HTTPUpdate and the ESP32's HTTPUpdate ask for any path at all, but say who they are.
ESP_AGENTS: Final = frozenset({"ESP8266-http-Update", "ESP32-http-Update"})
ESP_HEADERS: Final = ("x-ESP8266-STA-MAC", "x-ESP32-STA-MAC")


def is_device(path: str, header: Callable[[str], str]) -> bool:
    """Whether a request for `path` (without a query) is a device's.

    `header` gives a request's header by its name in any case, "" where there is none.
    """
    return has_route(path) or is_esp(header)


def has_route(path: str) -> bool:
    """Whether a path is one of those that devices ask for by protocol."""
    return _PATHS.match(path) is not None


def is_esp(header: Callable[[str], str]) -> bool:
    """Whether a request is that of an ESP's HTTPUpdate."""
    return header("User-Agent") in ESP_AGENTS or any(header(name) for name in ESP_HEADERS)
