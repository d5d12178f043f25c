"""The real hostapd reads our files as we meant them."""

from __future__ import annotations

import socket
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hotspot import hostapd
from hotspot.config.values import Secret, Security
from hotspot.hostapd import AccessPoint
from tests.hotspot.real import program
from tests.hotspot.test_hostapd import EVERY

if TYPE_CHECKING:
    from collections.abc import Iterator

SSIDS = [
    b"LRA-AN00%6149%HonorConnect",
    "Küche 📶 im Hof".encode(),
    b" leading and trailing ",
    b'"quotes" and \\back\\slash',
    b"#comment=1",
    b"a\nssid=b\rc",
    bytes(32),
    bytes(range(224, 256)),
    b"x" * 32,
]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name: a Unix socket's may have 107 bytes, pytest's own are longer."""
    with tempfile.TemporaryDirectory(prefix="vt") as name:
        yield Path(name)


@contextmanager
def running(files: list[Path]) -> Iterator[subprocess.Popen[str]]:
    """One real hostapd for all of these files; its driver `none` needs no radio and no root."""
    process = subprocess.Popen(
        [program("hostapd"), *map(str, files)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=10)


def ask(folder: Path, interface: str, question: bytes) -> dict[str, str]:
    """hostapd's answer on its control socket, as keys and values."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asking:
        asking.settimeout(10)
        asking.bind(str(folder / "asking"))
        try:
            asking.sendto(question, str(folder / "control" / interface))
            answer = asking.recv(4096).decode("ascii")
        finally:
            (folder / "asking").unlink()
    return dict(line.split("=", 1) for line in answer.splitlines() if "=" in line)


def unescaped(text: str) -> bytes:
    """The bytes of an SSID that hostapd printed (printf_encode in its utils/common.c)."""
    return text.replace("\\e", "\\x1b").encode("latin-1").decode("unicode_escape").encode("latin-1")


def test_real_hostapd_reads_the_same(folder: Path) -> None:
    """hostapd takes 36 of our files and, asked back, has each SSID byte for byte."""
    points = [
        AccessPoint(
            interface=f"none{number}",
            country="DE",
            ssid=ssid,
            passphrase=None if security is Security.OPEN else Secret("# \\\"'=%s{}[]*?~`^"),
            channel=1 + number % 13,
            security=security,
            control_directory=str(folder / "control"),
            driver="none",
        )
        for number, (ssid, security) in enumerate((s, m) for s in SSIDS for m in Security)
    ]
    files = [folder / f"{point.interface}.conf" for point in points]
    for point, file in zip(points, files, strict=True):
        file.write_text(hostapd.render(point))
    with running(files) as process:
        assert process.stdout is not None
        for point in points:
            assert "interface state UNINITIALIZED->" in process.stdout.readline()
            found = ask(folder, point.interface, b"GET_CONFIG")
            assert unescaped(found["ssid"]) == point.ssid
            assert (
                found.get("key_mgmt")
                == {
                    Security.OPEN: None,
                    Security.WPA2: "WPA-PSK",
                    Security.WPA2_WPA3: "WPA-PSK SAE",
                    Security.WPA3: "SAE",
                }[point.security]
            )


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (("wpa_psk=", "wpa_psk=zz"), "Invalid PSK"),
        (("ssid2=", f"ssid2={'41' * 20}"), "invalid SSID"),
        (("country_code=DE", "country_code=de"), "Invalid country_code"),
        (("ap_isolate=1", "bogus_key=1"), "unknown configuration item 'bogus_key'"),
        (("wpa_psk=", "#"), "PSK or passphrase is not configured"),
    ],
)
def test_real_hostapd_refuses_a_spoilt_one(
    folder: Path, spoil: tuple[str, str], complaint: str
) -> None:
    """The same hostapd stops at a file with one thing wrong: the test before this can fail."""
    control = str(folder / "control")
    text = hostapd.render(replace(EVERY, control_directory=control, driver="none"))
    (folder / "spoilt.conf").write_text(text.replace(*spoil))
    with running([folder / "spoilt.conf"]) as process:
        output, _ = process.communicate(timeout=10)
    assert process.returncode == 1
    assert complaint in output
