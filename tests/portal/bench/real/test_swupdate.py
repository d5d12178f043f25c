"""Debian's own swupdate before the real appliance: signed, cut, resumed, confirmed."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.protocols import images
from portal.bench.protocols.images import Kind
from tests.hotspot.real import program
from tests.portal.bench.real.cutting import cutting
from tests.portal.bench.shop import Shop, shop, wait_until

TOKEN = "a" * 32
_DESCRIPTION = """software =
{{
  version = "2.0";
  hardware-compatibility: [ "1.0" ];
  files: ( {{ filename = "payload.bin"; path = "{folder}/there.bin"; sha256 = "{sha256}"; }} );
}}
"""


def signed(folder: Path, size: int = 400_000) -> bytes:
    """An .swu, signed with a certificate made for it (CMS, as Debian's swupdate wants it)."""
    program("cpio")
    payload = random.Random(7).randbytes(size)
    (folder / "payload.bin").write_bytes(payload)
    sha256 = hashlib.sha256(payload).hexdigest()
    (folder / "sw-description").write_text(_DESCRIPTION.format(folder=folder, sha256=sha256))
    certificate = ["-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=bench test"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", *certificate,
         "-addext", "extendedKeyUsage=emailProtection"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    subprocess.run(
        ["openssl", "cms", "-sign", "-in", "sw-description", "-out", "sw-description.sig",
         "-signer", "cert.pem", "-inkey", "key.pem", "-outform", "DER", "-nosmimecap", "-binary"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    names = b"sw-description\nsw-description.sig\npayload.bin\n"
    made = subprocess.run(
        ["cpio", "-o", "-H", "crc"], cwd=folder, input=names, check=True, capture_output=True
    )
    return made.stdout


@contextmanager
def swupdate(folder: Path, url: str, *more: str, token: str = TOKEN) -> Iterator[None]:
    """swupdate's daemon, which only looks as if it installed (-n); ended with the block."""
    name = program("swupdate")
    config = folder / "swupdate.cfg"
    config.write_text(
        "globals : { verbose = true; };\n"
        f'suricatta : {{ targettoken = "{token}"; }};\n'
        'identify : ( { name = "board"; value = "lamp"; } );\n'
    )
    words = ["-t", "DEFAULT", "-i", "SN-1", "-u", url, "-p", "1", "-r", "20", "-w", "1", *more]
    argv = [
        name,
        "-f",
        str(config),
        "-n",
        "-k",
        str(folder / "cert.pem"),
        "-H",
        "lamp:1.0",
        "-l",
        "5",
    ]
    with (folder / "swupdate.log").open("ab") as log:
        running = subprocess.Popen(
            [*argv, "-u", " ".join(words)], stdout=log, stderr=log, cwd=folder,
            # Its sockets: another swupdate of this machine has its own.
            env={**os.environ, "TMPDIR": str(folder)},
        )  # fmt: skip
        try:
            yield
        finally:
            running.terminate()
            running.wait(timeout=20)


def state(here: Shop) -> State:
    """Where the device is."""
    return here.devices()["SN-1"].state


@contextmanager
def furnished(folder: Path, **settings: object) -> Iterator[Shop]:
    """A shop that expects one device, by its token, with the image of `signed`."""
    program("swupdate")
    with shop(folder, **settings) as here:
        image = here.stock(signed(folder), "lamp.swu")
        assert images.read(image.head).kind is Kind.SWU
        here.furnish([{"id": "SN-1", "serial": "SN-1", "token": TOKEN, "product": "lamp"}])
        here.start()
        yield here


def test_cut_resumed_installed_and_confirmed(tmp_path: Path) -> None:
    """The line breaks twice; it is installed once, waits for its restart, and is done on `-c 2`."""
    with furnished(tmp_path) as here, cutting(here.place, 150_000, 2) as line:
        with swupdate(tmp_path, line.url):
            wait_until(lambda: here.devices()["SN-1"].reported == "installed")
            # It is offered with "skip" from now on: closing that is no proof.
            wait_until(lambda: "Skipped Update." in log(tmp_path))
        assert state(here) in {State.REBOOTING, State.VERIFYING}
        with swupdate(tmp_path, line.url, "-c", "2"):
            wait_until(lambda: state(here) is State.PROVISIONED)
        device = here.devices()["SN-1"]

    assert line.broken == 2
    assert log(tmp_path).count("Installed Chunk.") < 3
    assert (device.attempt, device.evidence) == (1, "it reported success by ddi")
    assert device.attributes["board"] == "lamp"


def log(folder: Path) -> str:
    """What swupdate has said."""
    return (folder / "swupdate.log").read_text(errors="replace")


@pytest.mark.long
def test_what_it_refuses_is_told_with_its_own_words(tmp_path: Path) -> None:
    """An image whose signature is another's: failed, with the reason and swupdate's log."""
    with furnished(tmp_path) as here:
        (tmp_path / "other").mkdir()
        signed(tmp_path / "other", 1000)
        (tmp_path / "other" / "cert.pem").replace(tmp_path / "cert.pem")
        with swupdate(tmp_path, here.url):
            wait_until(lambda: state(here) is State.FAILED)
        device = here.devices()["SN-1"]

    assert device.reason is Reason.DEVICE_REFUSED
    assert "ERROR" in device.detail


def test_a_wrong_token_gets_nothing(tmp_path: Path) -> None:
    """401, which swupdate logs; the row is nobody's, and no byte is sent."""
    with furnished(tmp_path) as here:
        with swupdate(tmp_path, here.url, token="b" * 32):
            wait_until(lambda: "401" in log(tmp_path))
        device = here.devices()["SN-1"]

    assert (device.state, device.attempt) == (State.EXPECTED, 0)
    assert "payload" not in log(tmp_path)
