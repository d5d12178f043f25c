"""What an ESP says of itself when it asks for an update, and whether an image suits it.

Pure: from headers and artifacts to values; `httpupdate` answers by them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from portal.bench.devices.reasons import Reason
from portal.bench.port import Artifact
from portal.bench.protocols import images, saying
from portal.bench.protocols.images import ESP8266, Kind

_DIGEST: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")
_PREFIXES: Final = ("x-ESP8266-", "x-ESP32-")
# What is worth a line on the device's page.
_ATTRIBUTES: Final = ("sdk-version", "Chip-ID", "sketch-size", "AP-MAC", "mode")
_MINIMAL: Final = "-minimal"
_GZ: Final = ".gz"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for an update: `file` is the name it asked for, `family` "ESP8266" or "ESP32";
    `spiffs` where it wants a file system's image.
    """

    mac: str
    family: str
    file: str
    version: str = ""
    digest: str = ""
    free: int | None = None
    flash: int | None = None
    spiffs: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, header: Callable[[str], str], path: str) -> Self | None:
        """The request with these headers; None where it does not say who it is."""
        prefix = next((each for each in _PREFIXES if header(each + "STA-MAC")), "")
        mac = saying.mac(header(prefix + "STA-MAC")) if prefix else ""
        if not mac:
            return None
        return cls(
            mac,
            prefix[2:-1],
            path.rpartition("/")[2],
            saying.word(header(prefix + "version")),
            _digest(header(prefix + "sketch-md5"), header(prefix + "sketch-sha256")),
            saying.number(header(prefix + "free-space")),
            saying.number(header(prefix + "chip-size")),
            header(prefix + "mode") == "spiffs",
            {name: said for name in _ATTRIBUTES if (said := saying.word(header(prefix + name)))},
        )

    def fits(self, artifact: Artifact) -> bool:
        """Whether there is room for it, as far as is known."""
        return self.free is None or artifact.size <= self.free


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a device would refuse an image: the reason, and words for its log and ours."""

    reason: Reason
    words: str


def refusal(asked: Asked, artifact: Artifact) -> Refusal | None:
    """Why this device would refuse this artifact; None where nothing is known against it."""
    image = images.read(artifact.head)
    if image.kind not in {Kind.ESP, Kind.GZIP}:
        return Refusal(Reason.WRONG_IMAGE, f"{artifact.name} is no image of an {asked.family}.")
    if image.kind is Kind.GZIP and asked.family != ESP8266:
        return Refusal(
            Reason.WRONG_IMAGE, f"{artifact.name} is compressed; an ESP32 takes it plain."
        )
    if image.chip and (image.chip == ESP8266) != (asked.family == ESP8266):
        return Refusal(
            Reason.WRONG_PRODUCT, f"{artifact.name} is for an {image.chip}, not an {asked.family}."
        )
    if not asked.fits(artifact):
        return Refusal(
            Reason.NO_SPACE, f"{artifact.name} needs {artifact.size} bytes; {asked.free} are free."
        )
    if asked.family == ESP8266 and asked.flash and image.flash > asked.flash:
        return Refusal(
            Reason.WRONG_IMAGE,
            f"{artifact.name} is laid out for {image.flash} bytes of flash, not {asked.flash}.",
        )
    return None


def meant(file: str, stock: Sequence[Artifact]) -> Artifact | None:
    """The artifact that the name in a device's URL means, by which its product is known."""
    wanted = _stem(file)
    forms = [one for one in stock if wanted and _stem(one.name) == wanted]
    return next((one for one in forms if _MINIMAL not in one.name), forms[0] if forms else None)


def variant(asked: Asked, artifact: Artifact, stock: Sequence[Artifact]) -> Artifact:
    """The form of `artifact` that suits: by the name it is asked for, or compressed if it must be.

    A Tasmota short of space asks for NAME-minimal.bin, and in its last tries for .gz of either.
    """
    forms = _forms(artifact, stock)
    named = next((one for one in forms if one.name == asked.file), artifact)
    if asked.fits(named):
        return named
    packed = next((one for one in forms if one.name == named.name + _GZ), None)
    return packed if packed and asked.family == ESP8266 and asked.fits(packed) else named


def room(asked: Asked, meant: Artifact | None, stock: Sequence[Artifact]) -> int | None:
    """The room that counts for the bench: none where a smaller form of what is meant will do."""
    if meant is None or asked.fits(meant):
        return asked.free
    return None if asked.fits(variant(asked, meant, stock)) else asked.free


def is_step(artifact: Artifact, whole: Artifact) -> bool:
    """Whether this is only a step on the way: the device will ask again for the whole."""
    return _MINIMAL in artifact.name and _MINIMAL not in whole.name


def _forms(artifact: Artifact, stock: Sequence[Artifact]) -> list[Artifact]:
    """All forms of an artifact there are, itself first."""
    stem = _stem(artifact.name)
    same = [one for one in stock if _stem(one.name) == stem and one.product == artifact.product]
    return [artifact, *(one for one in same if one.sha256 != artifact.sha256)]


def _stem(name: str) -> str:
    return name.removesuffix(_GZ).removesuffix(".bin").removesuffix(_MINIMAL)


def _digest(*texts: str) -> str:
    """The first that is a digest; the cores write them in either case."""
    return next((text.lower() for text in texts if _DIGEST.fullmatch(text.lower())), "")
