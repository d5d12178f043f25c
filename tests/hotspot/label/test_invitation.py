"""The joining QR text reads back, and generated names and keys are what they promise."""

from __future__ import annotations

import itertools
import random
import re
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hotspot.config import values
from hotspot.config.values import NotAllowed, Secret, Security
from hotspot.label import invitation as joining
from tests.hotspot.strategies import passphrases, texts_as_ssid


def decode(text: str) -> dict[str, str]:
    """The fields of a WIFI: text as a phone reads it: a backslash takes the next one literally."""
    assert text.startswith("WIFI:")
    fields: list[str] = [""]
    rest = iter(text.removeprefix("WIFI:"))
    for character in rest:
        if character == ";":
            fields.append("")
        else:
            fields[-1] += next(rest) if character == "\\" else character
    # Every field is closed, and an empty one closes the text.
    assert fields[-2:] == ["", ""]
    return dict(field.split(":", 1) for field in fields[:-2])


@pytest.mark.parametrize(
    ("ssid", "passphrase", "security", "text"),
    [
        (
            b"Vestibule-7KQ2",
            "k7fq-2m9x-abcd-efgh",
            Security.WPA2,
            "S:Vestibule-7KQ2;P:k7fq-2m9x-abcd-efgh",
        ),
        (
            b"Vestibule-7KQ2",
            "k7fq-2m9x-abcd-efgh",
            Security.WPA3,
            "S:Vestibule-7KQ2;P:k7fq-2m9x-abcd-efgh",
        ),
        (
            b'a;b,c:d"e\\f',
            "\\;,:\"'()",
            Security.WPA2,
            'S:a\\;b\\,c\\:d\\"e\\\\f;P:\\\\\\;\\,\\:\\"\'()',
        ),
        (" Küche 📶".encode(), "12345678", Security.WPA2_WPA3, "S: Küche 📶;P:12345678"),
    ],
)
def test_the_text(ssid: bytes, passphrase: str, security: Security, text: str) -> None:
    """T is WPA for every mode with a key, and the five special characters are escaped."""
    assert joining.qr_text(ssid, Secret(passphrase), security) == f"WIFI:T:WPA;{text};;"


def test_an_open_network_has_no_key() -> None:
    """Open says nopass and has no P, whatever passphrase is kept."""
    assert joining.qr_text(b"x", None, Security.OPEN) == "WIFI:T:nopass;S:x;;"
    assert joining.qr_text(b"x", Secret("12345678"), Security.OPEN) == "WIFI:T:nopass;S:x;;"


@given(ssid=texts_as_ssid, passphrase=passphrases)
@example(ssid="\\", passphrase=Secret(";;;;;;;;"))
@example(ssid="S:a;P:b;;", passphrase=Secret("\\\\\\\\\\\\\\\\"))
@hypothesis_settings(max_examples=10_000, deadline=None)
def test_a_phone_reads_the_original(ssid: str, passphrase: Secret) -> None:
    """10,000 names and keys decode to what they were, with no field more."""
    text = joining.qr_text(ssid.encode(), passphrase, Security.WPA2)
    assert decode(text) == {"T": "WPA", "S": ssid, "P": passphrase}


@given(st.binary(min_size=1, max_size=32))
def test_names_that_no_code_can_hold(ssid: bytes) -> None:
    """An SSID that is not UTF-8 is refused; any other reads back byte for byte."""
    try:
        ssid.decode()
    except UnicodeDecodeError:
        with pytest.raises(NotAllowed, match="no QR code"):
            joining.qr_text(ssid, None, Security.OPEN)
    else:
        assert decode(joining.qr_text(ssid, None, Security.OPEN))["S"].encode() == ssid


def test_a_key_is_never_left_out() -> None:
    """Without a passphrase only an open network has a text."""
    with pytest.raises(NotAllowed):
        joining.qr_text(b"x", None, Security.WPA2)


def test_the_text_does_not_show() -> None:
    """The text holds the key, so it is as secret as the key."""
    assert "12345678" not in repr(joining.qr_text(b"x", Secret("12345678"), Security.WPA2))


@given(st.binary(min_size=10, max_size=10))
def test_the_form_of_a_passphrase(drawn: bytes) -> None:
    """Four groups of four symbols, 80 bits that can be told back from the symbols."""
    asked: list[int] = []

    def random_bytes(count: int) -> bytes:
        asked.append(count)
        return drawn

    passphrase = joining.new_passphrase(random_bytes)
    assert asked == [10]
    assert re.fullmatch("([a-km-np-z2-9]{4}-){3}[a-km-np-z2-9]{4}", passphrase)
    assert values.passphrase(passphrase) == passphrase
    symbols = passphrase.replace("-", "")
    number = sum(
        joining.KEY_ALPHABET.index(symbol) << (5 * at) for at, symbol in enumerate(symbols)
    )
    assert number.to_bytes(10, "big") == drawn


def test_every_suffix_is_as_likely() -> None:
    """Over all values of each five bits, every symbol stands equally often in every place."""
    for place, spare in itertools.product(range(4), (0, 1)):
        drawn = [((spare << 20) | (bits << (5 * place))).to_bytes(3, "big") for bits in range(32)]
        suffixes = [joining.new_suffix({3: each}.__getitem__) for each in drawn]
        assert Counter(suffix[place] for suffix in suffixes) == Counter(joining.SUFFIX_ALPHABET)


def test_suffixes_differ() -> None:
    """A thousand devices share hardly a suffix, and each makes a network name of 14 bytes."""
    seeded = random.Random(1)
    suffixes = [joining.new_suffix(seeded.randbytes) for _ in range(1000)]
    assert len(set(suffixes)) > 990
    assert all(re.fullmatch("[A-HJ-NP-Z2-9]{4}", suffix) for suffix in suffixes)
    assert joining.default_ssid("7KQ2") == b"Vestibule-7KQ2"


@pytest.mark.parametrize("alphabet", [joining.KEY_ALPHABET, joining.SUFFIX_ALPHABET])
def test_alphabets(alphabet: str) -> None:
    """32 different symbols, and of each look-alike pair at most one."""
    assert len(set(alphabet)) == len(alphabet) == 32
    for pair in ("0O", "0o", "1l", "1I", "lI"):
        assert len(set(pair) & set(alphabet)) <= 1
    assert alphabet in (alphabet.lower(), alphabet.upper())
