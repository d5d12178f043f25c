"""The files' page."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.bench.port import Refused
from tests.portal.bench.wall import pieces
from tests.portal.bench.wall.world import World, shift, world

SIGNED = b"untrusted comment: x\nRUQ\ntrusted comment: product=lamp\nabc\n"


@pytest.fixture
def bench(tmp_path: Path) -> World:
    """A shift of 20 devices."""
    return world(tmp_path, shift(20))


def sent(bench: World, client: FlaskClient, body: bytes, offset: int = 0) -> TestResponse:
    """A piece of a file, as the page's script sends it."""
    return pieces.sent(
        bench, client, f"/bench/api/file?name=app.bin&upload=app.bin+9+1&offset={offset}", body
    )


def test_the_shelf(bench: World) -> None:
    """Each file with product, version, who signed it or who let it in."""
    text = bench.client().get("/bench/files").text

    for words in ("signed by <b><bdi>office", "let in by <bdi>Ada", "1.5 MB", "lamp-1.9.bin"):
        assert words in text


def test_a_signed_file(bench: World) -> None:
    """With the form, where it is small."""
    form = {
        "file": (io.BytesIO(b"firmware"), "app.bin"),
        "signature": (io.BytesIO(SIGNED), "app.bin.minisig"),
        "product": "lamp",
        "version": "2.1",
    }
    answer = bench.client("Ben").post("/bench/files", data=form, follow_redirects=True)

    assert "app.bin is on the shelf, signed by office." in answer.text
    assert (bench.desk.shelf[0].version, bench.desk.shelf[0].size) == ("2.1", 8)


def test_in_pieces_and_cut(bench: World) -> None:
    """A phone that lost the Wi-Fi begins again and is told where to go on."""
    client = bench.client("Ben")
    sent(bench, client, b"firm")
    assert sent(bench, client, b"firm").json == {"offset": 4}
    assert sent(bench, client, b"ware", 4).json == {"offset": 8}
    form = {
        "upload": "app.bin 9 1", "name": "app.bin", "product": "lamp", "version": "3",
        "signature": (io.BytesIO(SIGNED), "s"),
    }  # fmt: skip
    answer = client.post("/bench/files", data=form, follow_redirects=True)

    assert "app.bin is on the shelf" in answer.text
    assert bench.desk.shelf[0].size == 8


def test_nobody_sends_into_anothers_file(bench: World) -> None:
    """The same name from two people are two uploads."""
    sent(bench, bench.client("Ada"), b"firm")

    assert sent(bench, bench.client("Ben"), b"x").json == {"offset": 1}
    assert len(bench.desk.sent) == 2


def test_unsigned_only_by_a_lead(bench: World) -> None:
    """Refused for a technician, also who asks for it; recorded with the lead's name."""
    form = {"product": "lamp", "version": "2.1"}

    def with_file(more: dict[str, str]) -> dict[str, object]:
        return {**form, **more, "file": (io.BytesIO(b"firmware"), "app.bin")}

    refused = bench.client("Ben").post("/bench/files", data=with_file({}), follow_redirects=True)
    forbidden = bench.client("Ben").post("/bench/files", data=with_file({"override": "1"}))
    assert "not signed" in refused.text
    assert forbidden.status_code == 403
    bench.desk.sent.clear()
    taken = bench.client("Ada").post(
        "/bench/files", data=with_file({"override": "1"}), follow_redirects=True
    )

    assert "not signed, by your word" in taken.text
    assert bench.desk.shelf[0].override == "Ada"


def test_a_signature_of_a_megabyte_is_none(bench: World) -> None:
    """It is told, and the file is not taken."""
    form = {
        "file": (io.BytesIO(b"firmware"), "app.bin"),
        "signature": (io.BytesIO(b"x" * 5000), "s"),
        "product": "lamp",
        "version": "2.1",
    }
    answer = bench.client("Ben").post("/bench/files", data=form, follow_redirects=True)

    assert "no signature" in answer.text
    assert len(bench.desk.shelf) == 2


def test_a_full_shelf_is_told(bench: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the script that sends."""

    def full(*_: object) -> int:
        raise Refused("There is no room for this file.")

    monkeypatch.setattr(bench.desk, "send_piece", full)
    answer = sent(bench, bench.client(), b"x")

    assert (answer.status_code, answer.json) == (409, {"detail": "There is no room for this file."})


def test_removed(bench: World) -> None:
    """By its digest; what is not there is told."""
    client, digest = bench.client(), bench.desk.shelf[0].sha256
    form = {"sha256": digest}
    assert "Removed." in client.post("/bench/files/drop", data=form, follow_redirects=True).text

    assert len(bench.desk.shelf) == 1
    again = client.post("/bench/files/drop", data=form, follow_redirects=True)
    assert "no such file" in again.text
