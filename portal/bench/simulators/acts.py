"""What a simulated device does, as values: it asks, it waits; and how it gets its answers.

A device's life is a generator of these: whoever runs it (`crowd`) does what is yielded and sends
back the answer. So a life is read from top to bottom, and two hundred of them need no thread.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Fault(StrEnum):
    """What goes wrong with a device."""

    NONE = "none"
    POWER_CUT = "power cut"  # in the middle of its download; it comes back and tries again
    WRONG_PRODUCT = "wrong product"  # it is not what its row says
    NO_SPACE = "no space"
    OLD_VERSION = "old version"  # it has restarted, and runs what it ran before
    NEVER_BACK = "never back"  # it has every byte, and is not heard of again
    TWICE = "twice"  # it says everything twice
    NEW_MAC = "new mac"  # it comes back under another MAC


@dataclass(slots=True)
class Unit:
    """One device: what it is, and what goes wrong with it.

    `free` is the room for an image and `rate` how much of one it takes a second, in bytes
    (0: as fast as it comes); `chance()` is a number from 0 to 1.
    """

    mac: str
    serial: str
    product: str
    chance: Callable[[], float]
    version: str = "1.0"
    digest: str = ""
    fault: Fault = Fault.NONE
    free: int = 1_966_080
    rate: int = 100_000

    def seconds(self, least: float, most: float) -> Wait:
        """A wait of its own between the two."""
        return Wait(least + (most - least) * self.chance())


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing for so many (simulated) seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. The body of its answer is taken at `rate` bytes a second, and the line is cut
    after `cut` bytes of it.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    rate: int = 0
    cut: int | None = None

    @property
    def wire(self) -> bytes:
        """The request as it is sent, but for its Host."""
        lines = [f"{self.method} {self.path} HTTP/1.1", "Connection: close"]
        if self.body or self.method in {"POST", "PUT"}:
            lines.append(f"Content-Length: {len(self.body)}")
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join(lines).encode("latin-1")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `status` 0 for nothing at all. `length` bytes of body, `whole` where all
    that was announced has come; `body` is its beginning, the digests are of what there was.
    """

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    length: int = 0
    whole: bool = False
    md5: str = ""
    sha256: str = ""

    def json(self) -> dict[str, Any]:
        """The object that the body is; empty where it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


Life = Generator[Ask | Wait, Answer, None]


def path_of(url: str) -> str:
    """The path of an absolute URL: a simulated device knows one server only."""
    return "/" + url.partition("://")[2].partition("/")[2] if "://" in url else url
