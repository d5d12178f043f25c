"""Name and key: made once, kept for good."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot import identity
from hotspot.config import values
from hotspot.config.values import NotAllowed, Secret, Security
from hotspot.errors import Refused
from hotspot.identity import Identity, Kept
from hotspot.settings import Radio

if TYPE_CHECKING:
    from pathlib import Path

KEPT = Kept("7KQ2", Secret("abcd-efgh-ijkm-npqr"))
RADIO = Radio(country="DE")


def no_bytes(count: int) -> bytes:
    """Randomness for those who must not ask for any."""
    raise AssertionError(f"{count} bytes asked for")


def test_the_first_start_makes_one_and_later_ones_keep_it(tmp_path: Path) -> None:
    """Name and key are the same at every start, from a file that only root can read."""
    state = tmp_path / "state"
    first = identity.of(RADIO, state, os.urandom)

    assert identity.of(RADIO, state, no_bytes) == first
    assert first.ssid.startswith(b"Vestibule-")
    assert first.passphrase is not None
    assert values.passphrase(first.passphrase)
    assert (state / identity.FILE).stat().st_mode & 0o777 == 0o600


def test_two_devices_differ(tmp_path: Path) -> None:
    """What one device made is no other device's."""
    keys = {identity.keep(tmp_path / str(n), os.urandom).passphrase for n in range(20)}

    assert len(keys) == 20


CHOSEN = [
    (RADIO, Identity(b"Vestibule-7KQ2", KEPT.passphrase)),
    (Radio("DE", ssid=b"Mine"), Identity(b"Mine", KEPT.passphrase)),
    (Radio("DE", passphrase=Secret("12345678")), Identity(b"Vestibule-7KQ2", Secret("12345678"))),
    (Radio("DE", security=Security.OPEN), Identity(b"Vestibule-7KQ2", None)),
]


@pytest.mark.parametrize(("radio", "expected"), CHOSEN)
def test_settings_come_first(tmp_path: Path, radio: Radio, expected: Identity) -> None:
    """What a person chose counts; what is kept stays kept beside it."""
    (tmp_path / identity.FILE).write_text(identity.encode(KEPT))

    assert identity.of(radio, tmp_path, no_bytes) == expected


DAMAGED = [
    b"", b"{", b"null", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000,
    b'{"suffix": "7KQ2"}', b'{"suffix": "7KQ2", "passphrase": "short"}',
    b'{"suffix": "7kq2", "passphrase": "long enough"}',
    b'{"suffix": 7, "passphrase": "long enough"}',
    b'{"suffix": "7KQ2\\n", "passphrase": "long enough"}',
]  # fmt: skip


@pytest.mark.parametrize("document", DAMAGED)
def test_a_damaged_file_is_never_replaced(tmp_path: Path, document: bytes) -> None:
    """The key is on a printed label: it is refused with the remedy, and the file is kept."""
    path = tmp_path / identity.FILE
    path.write_bytes(document)

    with pytest.raises(Refused, match="put back a copy"):
        identity.of(RADIO, tmp_path, no_bytes)

    assert path.read_bytes() == document


def test_a_damaged_file_is_not_repeated(tmp_path: Path) -> None:
    """A refusal goes to the log; whatever the file holds does not."""
    (tmp_path / identity.FILE).write_text('{"suffix": "canary", "passphrase": "canary"}')

    with pytest.raises(Refused) as refusal:
        identity.keep(tmp_path, no_bytes)

    assert "canary" not in str(refusal.value)


def test_a_state_that_cannot_be_written_is_a_refusal(tmp_path: Path) -> None:
    """Said with its remedy, and no access point starts with a key that is gone tomorrow."""
    (tmp_path / "state").write_text("a file")

    with pytest.raises(Refused, match="cannot be"):
        identity.keep(tmp_path / "state", os.urandom)


def test_what_is_known_is_never_made(tmp_path: Path) -> None:
    """Before the first start there is nothing to tell; after it, the same as ever."""
    with pytest.raises(Refused, match="no access point has been started"):
        identity.known(RADIO, tmp_path / "state")
    assert not (tmp_path / "state").exists()

    made = identity.of(RADIO, tmp_path / "state", os.urandom)

    assert identity.known(RADIO, tmp_path / "state") == made


def test_no_secret_shows() -> None:
    """A repr, as in a traceback, names the key's length at most."""
    kept = Identity(b"x", KEPT.passphrase)

    assert "abcd" not in repr(KEPT) + repr(kept) + repr(identity.encode(KEPT))


@given(st.binary(max_size=200) | st.from_type(dict).map(lambda d: json.dumps(str(d)).encode()))
def test_any_bytes_are_a_kept_identity_or_not_allowed(document: bytes) -> None:
    """Only `NotAllowed` comes out of a file with any bytes in it."""
    try:
        found = identity.decode(document)
    except NotAllowed:
        return
    assert values.passphrase(found.passphrase)
