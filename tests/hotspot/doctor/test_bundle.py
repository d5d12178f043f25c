"""The bundle for support holds no secret: canaries in every place they can stand, and a search."""

from __future__ import annotations

import base64
import gzip
import json
import os
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from click.testing import CliRunner, Result

from hotspot import hostapd, identity
from hotspot.__main__ import main
from hotspot.config.values import Secret
from hotspot.doctor import secrets
from hotspot.doctor.observing import Where
from portal.provisioning.access import Access, Enterprise
from portal.provisioning.keeping.store import Store
from portal.provisioning.record import Record

SETTINGS = """\
[radio]
country = "DE"
passphrase = "{passphrase}"
[provisioning.fields.pin]
kind = "secret"
[delivery.fleet]
backend = "http"
url = "https://fleet.example/in/{url}?k={query}"
headers = {{ "X-Tenant" = "{header}" }}
token = "{folder}/token"
hmac = "credential:hmac"
[delivery.line]
backend = "command"
argv = ["/usr/bin/true", "--key={argument}"]
[delivery.own]
backend = "plugin:ours"
api_key = "{plugin}"
"""


def canary() -> str:
    """A secret nobody else has, with characters that are written differently by everybody."""
    return f'cN "{os.urandom(9).hex()}+/ö&{os.urandom(3).hex()}'


class Machine:
    """A machine full of canaries, in `root`."""

    def __init__(self, root: Path) -> None:
        names = (
            *("passphrase", "kept", "record", "pin", "user", "token", "hmac", "url", "query"),
            *("header", "argument", "plugin"),
        )
        self.root = root
        self.canaries = {name: canary() for name in names}
        # What a settings file takes in these places.
        for name in ("passphrase", "url", "query", "header", "argument", "plugin", "kept"):
            self.canaries[name] = f"{name}-{os.urandom(12).hex()}"
        self.state, self.runtime = root / "state", root / "run"
        self.file = root / "config.toml"
        self._settle()
        self._accept()
        self._say()

    def _settle(self) -> None:
        told = self.canaries
        for folder in (self.state, self.runtime, self.root / "bin"):
            folder.mkdir(mode=0o700)
        self.file.write_text(SETTINGS.format(folder=self.root, **told))
        (self.root / "token").write_text(f"{told['token']}\n")
        (self.root / "hmac").write_text(told["hmac"])
        kept = identity.Kept("ABCD", Secret(told["kept"]))
        (self.state / identity.FILE).write_text(identity.encode(kept))
        key = hostapd.psk(told["kept"], b"Vestibule-ABCD").hex()
        self.canaries["key"] = key
        (self.runtime / hostapd.FILE).write_text(
            f"interface=wlan0\nssid2=00\nwpa_psk={key}\nsae_password={told['kept']}\nchannel=6\n"
        )
        (self.runtime / "dnsmasq.conf").write_text("interface=wlan0\n")

    def _accept(self) -> None:
        told = self.canaries
        record = Record.new(
            ssid=b"Home",
            passphrase=Secret(f"p{told['record']}".encode("ascii", "ignore").decode()[:60]),
            fields={"pin": Secret(told["pin"]), "room": "hall"},
            access=Access(user=Enterprise(identity="me", password=Secret(told["user"]))),
            now=datetime.now(UTC),
            random=os.urandom,
        )
        told["record"] = str(record.passphrase)
        with Store(self.state / "records.db") as store:
            store.accept(record, ["fleet"])

    def _say(self) -> None:
        """Logs of a program that has gone mad: every secret in every form, and a harmless line."""
        lines = ["vestibule: on the air", "station 02:00:00:aa:bb:cc joined"]
        for name, secret in self.canaries.items():
            lines += [f"{name} is {form} ." for form in forms(secret)]
        journal = self.root / "journal"
        journal.write_text("\n".join(lines))
        for name in ("journalctl", "nft"):
            program = self.root / "bin" / name
            program.write_text(f"#!/bin/sh\ncat {journal}\n")
            program.chmod(0o755)

    def doctor(self, *words: str) -> Result:
        """`vestibule doctor` on this machine."""
        places = ["--config", self.file, "--state", self.state, "--runtime", self.runtime]
        return CliRunner().invoke(main, ["doctor", *words, *map(str, places)])


def forms(secret: str) -> Iterator[str]:
    """As they would be found in raw, base64, hex and URL-encoded text."""
    raw = secret.encode()
    yield secret
    yield json.dumps(secret)[1:-1]
    yield raw.hex()
    yield raw.hex().upper()
    yield quote(secret)
    yield quote(secret, safe="")
    yield quote_plus(secret)
    for before in (b"", b"u", b"us"):
        first, last = -(-8 * len(before) // 6), (len(before) + len(raw)) * 8 // 6
        yield base64.b64encode(before + raw).decode()[first:last]
        yield base64.urlsafe_b64encode(before + raw).decode()[first:last]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine whose log programs say everything."""
    found = Machine(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    return found


def test_no_canary_sings(machine: Machine) -> None:
    """Not in the archive's bytes, not in any member, not in what the command prints."""
    target = machine.root / "support.tar.gz"
    told = machine.doctor("--bundle", str(target))
    assert told.exception is None or isinstance(told.exception, SystemExit), told.output
    texts = members(target)
    everything = gzip.decompress(target.read_bytes()).decode("utf-8", "replace") + told.output
    for name, secret in machine.canaries.items():
        for form in forms(secret):
            assert form not in everything, (name, form)
    assert target.stat().st_mode & 0o777 == 0o600
    # And there is something left to read.
    assert "vestibule: on the air" in texts["journal.txt"]
    assert "02:00:00:xx:xx:xx" in texts["journal.txt"]
    assert "channel=6" in texts["hostapd.txt"]
    assert 'backend = "http"' in texts["settings.toml"]
    assert "https://fleet.example/•••" in texts["settings.toml"]
    assert json.loads(texts["records.json"])["states"] == {"accepted": 1}
    assert {"README", "doctor.txt", "doctor.json", "versions.txt", "radios.json"} <= texts.keys()


def members(target: Path) -> dict[str, str]:
    """The texts of a bundle by name, which all stand in one folder."""
    with tarfile.open(target) as archive:
        found = archive.getmembers()
        assert all(one.isfile() and one.name.startswith("vestibule-support/") for one in found)
        files = {one.name.partition("/")[2]: archive.extractfile(one) for one in found}
        return {name: file.read().decode() for name, file in files.items() if file}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("etc/wpa_supplicant/wpa_supplicant-wlan0.conf", 'network={{\n  psk="{}"\n}}\n'),
        ("etc/NetworkManager/system-connections/home.nmconnection", "[wifi-security]\npsk={}\n"),
        ("etc/netplan/90-home.yaml", '    password: "{}"\n'),
    ],
)
def test_the_home_network_s_password_is_known(tmp_path: Path, file: str, text: str) -> None:
    """Wherever whoever looks after the network keeps it."""
    secret = f"home-{os.urandom(8).hex()}"
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(text.format(secret))
    where = Where(tmp_path / "none", tmp_path / "state", tmp_path / "run")
    assert secret in secrets.known(where, None, tmp_path)


def test_a_secret_over_two_lines_takes_its_file_along(machine: Machine) -> None:
    """What the scrub cannot see by the line is seen at the end."""
    secret = machine.canaries["kept"]
    (machine.runtime / "dnsmasq.conf").write_text(f"# {secret[:9]}\n{secret[9:]}\n")
    target = machine.root / "support.tar.gz"
    told = machine.doctor("--bundle", str(target))
    assert "left out, as a secret stood in it: dnsmasq.txt" in told.stderr
    assert "dnsmasq.txt" not in members(target)


def test_a_bundle_that_cannot_be_written(machine: Machine) -> None:
    """Said with its reason, and with a remedy."""
    told = machine.doctor("--bundle", str(machine.root / "nowhere" / "support.tar.gz"))
    assert told.exit_code == 1
    assert "cannot be written (No such file or directory)" in told.stderr
