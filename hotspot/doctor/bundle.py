"""A bundle for support: what helps to understand a machine from afar, and no secret.

Three walls: only what stands in the list below goes in, settings and hostapd's file by the names
of their keys; every line passes a scrub that knows this machine's secrets (`secrets`, `scrub`);
and at the end each file is searched once more, whole, before the archive is written.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import platform
import sqlite3
import tarfile
import time
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hotspot import files, hostapd, nftables
from hotspot.config import showing
from hotspot.doctor import asking, diagnosis, secrets
from hotspot.doctor.scrub import Scrub
from hotspot.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hotspot.doctor.facts import Facts
    from hotspot.doctor.finding import Finding
    from hotspot.doctor.observing import Where

_FOLDER: Final = "vestibule-support"
_WIDTH: Final = 100
_LINES: Final = "3000"
# Keys of hostapd's file that are neither a secret nor derived from one.
_HOSTAPD: Final = frozenset({
    "interface", "driver", "ctrl_interface", "ssid2", "country_code", "ieee80211d", "ieee80211h",
    "hw_mode", "channel", "beacon_int", "dtim_period", "ieee80211n", "wmm_enabled", "ap_isolate",
    "auth_algs", "wpa", "wpa_key_mgmt", "rsn_pairwise", "ieee80211w", "sae_pwe", "sae_require_mfp",
})  # fmt: skip
_KERNEL: Final = ("80211", "wlan", "brcm", "rfkill", "regulatory", "firmware", "mmc", "voltage")
_PROGRAMS: Final = (
    ("hostapd", "-v"),
    ("dnsmasq", "--version"),
    ("wpa_supplicant", "-v"),
    ("nft", "--version"),
    ("iw", "--version"),
)
_PACKAGES: Final = ("vestibule", "flask", "gunicorn", "pyroute2", "click", "urllib3", "paho-mqtt")
_README: Final = """\
What `vestibule doctor --bundle` has gathered on this machine, for whoever helps you.

Not in it: passwords, keys, tokens, the visitors' answers, the databases. Hardware addresses are cut
to their first half. Lines of logs that held a secret are left out.
In it: the findings, the settings (secrets masked), how the radio and the units are, versions, the
numbers of records by state, and the last lines of the logs, where names of networks may stand.
"""


def write(target: Path, where: Where, facts: Facts, found: tuple[Finding, ...]) -> Iterator[str]:
    """Write the bundle, 0600, and say what is in it. Raises `Refused`."""
    scrub = Scrub(secrets.known(where, facts.settings))
    whole = {name: scrub.clean(text) for name, text in _gathered(where, facts, found) if text}
    # A secret may stand across two lines, or in what the scrub itself has put together.
    safe = {name: text for name, text in whole.items() if not scrub.holds(text.replace("\n", ""))}
    try:
        files.replace(target.absolute(), _archive({"README": _README, **safe}), mode=0o600)
    except OSError as error:
        why = error.strerror or str(error)
        raise Refused(f"{target} cannot be written ({why})", "name another file") from None
    yield f"{target}: {', '.join(safe)}"
    for name in whole.keys() - safe.keys():
        yield f"left out, as a secret stood in it: {name}"
    yield "look through it before you hand it on: names of networks may stand in the logs"


def _gathered(where: Where, facts: Facts, found: tuple[Finding, ...]) -> Iterator[tuple[str, str]]:
    yield "doctor.txt", "\n".join(diagnosis.lines(found, _WIDTH))
    yield "doctor.json", json.dumps(diagnosis.document(found), indent=1)
    if facts.settings:
        yield "settings.toml", showing.render(secrets.masked(facts.settings))
    yield "radios.json", json.dumps([_radio(one) for one in facts.radios or ()], indent=1)
    yield "records.json", json.dumps(facts.records, indent=1)
    yield "units.json", json.dumps([asdict(unit) for unit in facts.units], indent=1)
    yield "hostapd.txt", _hostapd(where.runtime / hostapd.FILE)
    yield "dnsmasq.txt", _text(where.runtime / "dnsmasq.conf")
    yield "nftables.txt", asking.said(["nft", "list", "table", "inet", nftables.TABLE])
    yield "place.txt", _text(where.runtime / "house")
    yield "versions.txt", "\n".join(_versions())
    journal = ["journalctl", "--boot", "--no-pager", "--output=short-iso", f"--lines={_LINES}"]
    yield "journal.txt", asking.said([*journal, "--unit=vestibule*"])
    yield "kernel.txt", _kernel(asking.said([*journal, "--dmesg"]))


def _radio(one: Any) -> Mapping[str, Any]:  # noqa: ANN401 - a dataclass with sets in it
    return {
        "interface": one.name,
        "driver": one.driver,
        "types": sorted(one.adapter.types),
        "channels_beside": one.adapter.channels_beside,
        "announces": one.adapter.announces,
        "frequencies": [asdict(each) for each in one.adapter.frequencies],
        "blocked": one.blocked,
        "saves_power": one.saves_power,
        "held_by": sorted(one.held_by),
    }


def _hostapd(file: Path) -> str:
    lines = (line.partition("=") for line in _text(file).splitlines())
    return "".join(f"{key}={value}\n" for key, _, value in lines if key in _HOSTAPD)


def _kernel(text: str) -> str:
    lines = text.splitlines()
    return "\n".join(line for line in lines if any(word in line.lower() for word in _KERNEL))


def _text(file: Path) -> str:
    with contextlib.suppress(OSError):
        return file.read_text(encoding="utf-8", errors="backslashreplace")
    return ""


def _versions() -> Iterator[str]:
    yield f"kernel {platform.release()} {platform.machine()}"
    yield f"python {platform.python_version()}"
    yield f"sqlite {sqlite3.sqlite_version}"
    yield from (line for line in _text(Path("/etc/os-release")).splitlines() if "PRETTY" in line)
    model = _text(Path("/proc/device-tree/model")).strip("\0")
    yield f"model {model}" if model else "model unknown"
    for name in _PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            yield f"{name} {metadata.version(name)}"
    for words in _PROGRAMS:
        yield f"{words[0]}: {(asking.said(words).splitlines() or ['not there'])[0]}"


def _archive(members: Mapping[str, str]) -> bytes:
    packed = io.BytesIO()
    # The name of the machine is in no header: neither tar's (owner) nor gzip's.
    with (
        gzip.GzipFile("", "wb", fileobj=packed, mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w") as archive,
    ):
        for name, text in members.items():
            data = text.encode("utf-8", "backslashreplace")
            member = tarfile.TarInfo(f"{_FOLDER}/{name}")
            member.size, member.mode, member.mtime = len(data), 0o600, int(time.time())
            archive.addfile(member, io.BytesIO(data))
    return packed.getvalue()
