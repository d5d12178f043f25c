"""The file for a board's boot partition: only for whoever has signed in."""

from __future__ import annotations

from pathlib import Path

from tests.portal.bench.protocols.test_bootfiles import KEY, PASSPHRASE
from tests.portal.bench.wall.world import world

FORM = {"kind": "wpa_supplicant.conf", "name": "IEEE", "key": PASSPHRASE, "country": "de"}


def test_a_technician_gets_it(tmp_path: Path) -> None:
    """As a file, from a form of ours; the key comes back in no page."""
    client = world(tmp_path).client()

    page = client.get("/bench/boot")
    answer = client.post("/bench/boot", data=FORM)
    wrong = client.post("/bench/boot", data={**FORM, "country": "Germany"})
    odd = client.post("/bench/boot", data={**FORM, "kind": "../passwd"})

    assert page.status_code == 200
    assert f"psk={KEY}" in answer.text
    assert "wpa_supplicant.conf" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert wrong.status_code == 400
    assert "two letters" in wrong.text
    assert f'value="{PASSPHRASE}"' not in wrong.text
    assert odd.status_code == 404


def test_nobody_else_does(tmp_path: Path) -> None:
    """Without a session there is the sign-in, and no file."""
    client = world(tmp_path).app().test_client()

    for answer in (client.get("/bench/boot"), client.post("/bench/boot", data=FORM)):
        assert KEY not in answer.text
        assert answer.status_code != 200
