"""ESP32's NVS partition: made by Espressif's generator, read back by the format's own rules."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from portal.bench.documents import nvs, rendering
from portal.bench.documents.templates import Faulty
from portal.bench.manifest.job import Paper

_PAGE, _ENTRY = 4096, 32
# Of an entry of ESP-IDF's nvs_flash (nvs_types.hpp, ItemType).
_U16, _STRING = 0x02, 0x21
VALUES = {"wifi/ssid": 'a "hall", 7', "wifi/key": "x" * 60, "device/unit:u16": "4711"}


def read(image: bytes) -> dict[str, str | int]:
    """The strings and numbers of an image, as `namespace/key` (ESP-IDF, NVS's "Internals")."""
    spaces: dict[int, str] = {}
    found: dict[str, str | int] = {}
    for page in (image[start : start + _PAGE] for start in range(0, len(image), _PAGE)):
        place = 2 * _ENTRY
        while place < _PAGE and page[place] != 0xFF:
            space, kind, span = page[place], page[place + 1], page[place + 2]
            key = page[place + 8 : place + 24].split(b"\0")[0].decode()
            data = page[place + 24 : place + 32]
            if space == 0:
                spaces[data[0]] = key
            elif kind == _STRING:
                size = struct.unpack_from("<H", data)[0]
                text = page[place + _ENTRY : place + _ENTRY + size].rstrip(b"\0")
                found[f"{spaces[space]}/{key}"] = text.decode()
            elif kind == _U16:
                found[f"{spaces[space]}/{key}"] = struct.unpack_from("<H", data)[0]
            place += span * _ENTRY
    return found


def test_read_back() -> None:
    """Every value is in the image, under its namespace and of its type; twice the same bytes."""
    image = nvs.image(VALUES)

    assert len(image) == nvs.SIZE
    assert read(image) == {"wifi/ssid": 'a "hall", 7', "wifi/key": "x" * 60, "device/unit": 4711}
    assert nvs.image(VALUES) == image


def test_nothing_is_left_on_the_way() -> None:
    """What goes through files goes through memory, and is gone."""
    before = set(Path("/dev/shm").iterdir())  # noqa: S108 - looked at only
    nvs.image({"a/secret": "kanarienvogel-4711"})

    assert set(Path("/dev/shm").iterdir()) <= before  # noqa: S108 - looked at only


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ssid": "x"}, "write namespace/key"),
        ({"w/" + "k" * 16: "x"}, "15 characters"),
        ({"w/k:f32": "1"}, "a type is one of"),
        ({"w/k:u8": "300"}, "a whole number from 0 to 255"),
        ({"w/k:i8": "x"}, "a whole number from -128 to 127"),
        ({"w/k:hex2bin": "abc"}, "hexadecimal"),
        ({"w/k:base64": "***"}, "base64"),
        ({"w/k": "x" * 4000}, "at most 3,999 bytes"),
    ],
)
def test_refused_before_any_device(values: dict[str, str], words: str) -> None:
    """What the generator would not take, or would take wrongly, is found without it."""
    with pytest.raises(Faulty) as refused:
        nvs.table(values)
    assert words in str(refused.value)


def test_as_a_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job's own; without the generator the job is refused with what to install."""
    paper = Paper("nvs", "nvs", values={"wifi/ssid": "{{ ssid }}"}, file="nvs.bin")
    found = rendering.rendered(paper, {"ssid": "hall"}, "SN1")

    assert (found.name, found.kind) == ("nvs.bin", "application/octet-stream")
    assert read(found.body) == {"wifi/ssid": "hall"}
    monkeypatch.setattr(nvs, "find_spec", lambda _: None)
    with pytest.raises(Faulty, match=r"pip install 'vestibule\[nvs\]'"):
        rendering.checked(paper, {"ssid": "hall"}, "SN1")
