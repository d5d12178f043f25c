"""Files that come in pieces, over connections and processes that end."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.bench.artifacts.shelf import Shelf
from portal.bench.artifacts.uploads import ABANDONED, MOST, Uploads
from portal.bench.port import Refused
from tests.portal.bench.artifacts.killing import killed_before

ID = "0" * 32
DATA = os.urandom(200_000)
PIECE = 65_536


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """An empty one."""
    return Shelf(tmp_path / "artifacts", kept=0)


def send(uploads: Uploads, tell: Callable[[int], None] = lambda _: None) -> None:
    """Send all of it from where it stands."""
    here = uploads.size(ID)
    while here < len(DATA):
        here = uploads.send(ID, here, DATA[here : here + PIECE])
        tell(here)


def finish(uploads: Uploads, **more: str) -> str:
    """Its digest, once it is on the shelf."""
    return uploads.finish(ID, "fw.bin", "x", "1", **({"override": "Lea"} | more)).sha256  # type: ignore[arg-type]


def test_in_pieces(shelf: Shelf) -> None:
    """All of it is on the shelf, and nothing is left behind; finishing twice is no harm."""
    uploads = Uploads(shelf)
    send(uploads)
    sha256 = finish(uploads)

    assert sha256 == finish(uploads) == hashlib.sha256(DATA).hexdigest()
    with os.fdopen(shelf.open(sha256), "rb") as file:
        assert file.read() == DATA
    assert uploads.size(ID) == 0


def test_a_piece_twice(shelf: Shelf) -> None:
    """One that is here already, or that begins too late, is passed over."""
    uploads = Uploads(shelf)
    assert uploads.send(ID, 0, DATA[:PIECE]) == PIECE
    assert uploads.send(ID, 0, DATA[:PIECE]) == PIECE
    assert uploads.send(ID, PIECE + 1, DATA[:5]) == PIECE
    assert uploads.send(ID, PIECE, b"") == PIECE
    send(uploads)

    assert finish(uploads) == hashlib.sha256(DATA).hexdigest()


def test_another_process_goes_on(shelf: Shelf) -> None:
    """Digests and all."""
    Uploads(shelf).send(ID, 0, DATA[:PIECE])
    uploads = Uploads(shelf)
    send(uploads)

    assert finish(Uploads(shelf)) == hashlib.sha256(DATA).hexdigest()


def test_another_boot_begins_anew(shelf: Shelf) -> None:
    """A power cut can leave noughts where bytes were."""
    Uploads(shelf, "one boot").send(ID, 0, DATA[:PIECE])

    assert Uploads(shelf, "another!").size(ID) == 0


@pytest.mark.parametrize("bad", ["", "0" * 31, "../../etc/passwd", "0" * 31 + "/", "0" * 31 + "G"])
def test_ids(shelf: Shelf, bad: str) -> None:
    """Nothing but digits becomes a name."""
    uploads = Uploads(shelf)
    for act in (
        lambda: uploads.size(bad),
        lambda: uploads.send(bad, 0, b"x"),
        lambda: uploads.cancel(bad),
        lambda: uploads.finish(bad, "a", "x", "1"),
    ):
        with pytest.raises(Refused, match="32 hexadecimal digits"):
            act()


def test_what_is_refused_can_be_finished_otherwise(shelf: Shelf) -> None:
    """Without a signature it waits for a lead, and need not be sent again."""
    uploads = Uploads(shelf)
    send(uploads)
    with pytest.raises(Refused, match="no signature"):
        finish(uploads, override="")

    assert finish(uploads) == hashlib.sha256(DATA).hexdigest()


def test_nothing_was_sent(shelf: Shelf) -> None:
    """There is nothing to finish, or any more once it is cancelled."""
    uploads = Uploads(shelf)
    with pytest.raises(Refused, match="Nothing has been sent"):
        finish(uploads)
    send(uploads)
    uploads.cancel(ID)
    uploads.cancel(ID)
    with pytest.raises(Refused, match="Nothing has been sent"):
        finish(uploads)


def test_no_room(tmp_path: Path) -> None:
    """What others are sending counts too, and so does what is announced."""
    shelf = Shelf(tmp_path / "artifacts", limit=300_000, kept=0)
    uploads = Uploads(shelf)
    send(uploads)
    other = "1" * 32
    uploads.check(other, 100_000)
    with pytest.raises(Refused, match=r"has 100\.0 kB, and there is room for 100\.0 kB"):
        uploads.check(other, 100_001)
    uploads.send(other, 0, DATA[:60_000])
    with pytest.raises(Refused, match=r"there is room for 40\.0 kB"):
        uploads.send(other, 60_000, DATA[:60_000])
    assert uploads.size(other) == 60_000


def test_not_too_many_at_once(shelf: Shelf) -> None:
    """The oldest makes room once nobody goes on with it."""
    uploads = Uploads(shelf)
    for number in range(MOST):
        uploads.send(f"{number:032x}", 0, b"x")
    with pytest.raises(Refused, match="please wait"):
        uploads.send("f" * 32, 0, b"x")
    uploads.send(f"{3:032x}", 1, b"y")
    old = next((shelf.folder / "uploads").glob(f"{5:032x}.*"))
    os.utime(old, (0, 0))
    assert ABANDONED
    assert uploads.send("f" * 32, 0, b"x") == 1
    assert uploads.size(f"{5:032x}") == 0


def test_a_disk_that_is_full(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """The piece is refused whole; what was sent before stays, and it goes on once there is room."""
    uploads = Uploads(shelf)
    uploads.send(ID, 0, DATA[:PIECE])
    write = os.pwrite

    def full(descriptor: int, data: bytes, offset: int) -> int:
        if offset > PIECE:
            raise OSError(28, "No space left on device")
        return write(descriptor, data[:100], offset)

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(Refused, match="No space left on device"):
        uploads.send(ID, PIECE, DATA[PIECE : 2 * PIECE])
    assert uploads.size(ID) == PIECE
    monkeypatch.undo()
    send(uploads)

    assert finish(uploads) == hashlib.sha256(DATA).hexdigest()


def test_killed_at_every_step(tmp_path: Path) -> None:
    """What was told to be here is here; it goes on from there; and no half file is ever seen."""
    steps = 0
    while True:
        folder = tmp_path / str(steps)
        uploads = Uploads(Shelf(folder, kept=0))

        def act(tell: Callable[[int], None], one: Uploads = uploads) -> None:
            send(one, tell)
            finish(one)
            tell(len(DATA) + 1)

        was_killed, told = killed_before(steps, act)
        shelf = Shelf(folder, kept=0)
        there = [made.sha256 for made in shelf.all()]
        assert there in ([], [hashlib.sha256(DATA).hexdigest()])
        again = Uploads(shelf)
        if told > len(DATA):
            assert there
        elif not there:
            assert again.size(ID) >= told
            send(again)
        assert finish(again) == hashlib.sha256(DATA).hexdigest()
        with os.fdopen(shelf.open(shelf.all()[0].sha256), "rb") as file:
            assert file.read() == DATA
        assert not list((folder / "damaged").iterdir())
        if not was_killed:
            break
        steps += 1
    assert steps > 20
