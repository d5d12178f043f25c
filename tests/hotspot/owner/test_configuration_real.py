"""The real wpa_supplicant reads our files as we meant them; its driver `none` needs no radio."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from hotspot.config.values import Secret
from hotspot.owner import configuration
from hotspot.owner.configuration import Configuration
from hotspot.uplink.wanted import Wanted
from tests.hotspot.owner.networks import KINDS
from tests.hotspot.real import program

LONGEST = Wanted(ssid=b"x" * 32, identity="i" * 256, password=Secret("ü" * 128))
DUMP = re.compile(r"^(\w+|PSK) - hexdump(?:_ascii)?\(len=(\d+)\):(.*)", re.MULTILINE)


def said(folder: Path, text: str) -> str:
    """What it says while it reads: values with -K, and then that there is no such interface."""
    file = folder / "wpa.conf"
    file.write_text(text)
    argv = [program("wpa_supplicant"), "-dd", "-K", "-D", "none", "-i", "none0", "-c", str(file)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)
    return done.stdout


def values(output: str) -> dict[str, bytes]:
    """Its dump of what it has read: 16 bytes a line, in hex and then as characters."""
    found: dict[str, bytes] = {}
    for match in DUMP.finditer(output):
        length, digits = int(match[2]), match[3]
        for line in output[match.end() :].splitlines()[1:]:
            if len(digits.split()) >= length:
                break
            digits += line[4 : 4 + 16 * 3]
        found[match[1].lower()] = bytes.fromhex(digits)
    return found


def expected(wanted: Wanted) -> dict[str, bytes]:
    """What it should have read, as far as it is one of the fields."""
    fields = {
        "ssid": wanted.ssid,
        "sae_password": (wanted.passphrase or "").encode(),
        "identity": (wanted.identity or "").encode(),
        "password": (wanted.password or "").encode(),
    }
    return {name: value for name, value in fields.items() if value}


@pytest.mark.parametrize("wanted", [*KINDS.values(), LONGEST], ids=[*KINDS, "longest"])
def test_real_wpa_supplicant_reads_the_same(tmp_path: Path, wanted: Wanted) -> None:
    """One network, each value byte for byte, and nothing that it does not understand."""
    made = Configuration(wanted=wanted, key="01J9", country="DE")
    output = said(tmp_path, configuration.render(made))
    found = values(output)
    # The key itself is no password of SAE.
    wants = expected(wanted) if wanted is not KINDS["key"] else {"ssid": wanted.ssid}

    before, done, _ = output.partition("Priority group 0")
    assert done
    assert output.count("start of a new network block") == 1
    assert f"ssid='{configuration.escaped(wanted.ssid)}'" in output
    assert {name: found.get(name) for name in wants} == wants
    assert ("vestibule-ca" in output) is (wanted.certificates is not None)
    for complaint in ("ailed to", "nvalid", "unknown", "Line "):
        assert complaint not in before


SPOILT = [
    ("country=DE", "country=D", "Invalid country set"),
    ("key_mgmt=", "key_mgmt=BOGUS ", "invalid key_mgmt 'BOGUS'"),
    ("\tssid=", "\tssid=zz", "failed to parse ssid"),
    ("pmf=1", "bogus=1", "unknown global field 'bogus=1'"),
]


@pytest.mark.parametrize(("part", "instead", "complaint"), SPOILT)
def test_real_wpa_supplicant_refuses_a_spoilt_one(
    tmp_path: Path, part: str, instead: str, complaint: str
) -> None:
    """The same program stops at one thing wrong: the test before this can fail."""
    made = Configuration(wanted=KINDS["wpa2"], key="01J9", country="DE")
    output = said(tmp_path, configuration.render(made).replace(part, instead, 1))

    assert complaint in output
    assert "Failed to read or parse configuration" in output


@pytest.mark.parametrize(("digits", "whole"), [(1988, True), (1990, False)])
def test_a_line_that_is_too_long_is_cut(
    tmp_path: Path,
    digits: int,
    whole: bool,  # noqa: FBT001 - a table
) -> None:
    """Why values have a longest: its buffer, which ours stay far below."""
    made = Configuration(wanted=LONGEST, key="01J9", country="DE")
    text = configuration.render(made).replace("identity=", "identity=" + "69" * (digits // 2 - 256))

    assert (f"identity - hexdump_ascii(len={digits // 2})" in said(tmp_path, text)) is whole
