"""The people's page."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.bench.wall import pins
from tests.portal.bench.wall.world import PIN, World, world


@pytest.fixture
def bench(tmp_path: Path) -> World:
    """Ada, who leads, and Ben."""
    return world(tmp_path)


def test_a_lead_adds_and_removes(bench: World) -> None:
    """Who is removed is out at once, on every device."""
    ada, ben = bench.client("Ada"), bench.client("Ben")
    ada.post("/bench/people/add", data={"name": "Cleo", "pin": "314159", "role": "lead"})
    assert bench.office.entry.enter("Cleo", "314159", "here")
    assert ben.get("/bench").status_code == 200
    ada.post("/bench/people/remove", data={"name": "Ben"})

    assert ben.get("/bench").status_code == 303
    assert [(line.who, line.what, line.about) for line in bench.desk.lines] == [
        ("Ada", "added a lead", "Cleo"),
        ("Ada", "removed a person", "Ben"),
    ]


@pytest.mark.parametrize("path", ["add", "remove"])
def test_a_technician_does_not(bench: World, path: str) -> None:
    """403, and nothing is changed."""
    form = {"name": "Ada", "pin": "314159"}
    answer = bench.client("Ben").post(f"/bench/people/{path}", data=form)

    assert answer.status_code == 403
    assert [person.name for person in bench.office.people.all()] == ["Ada", "Ben"]


def test_what_will_not_do_is_told(bench: World) -> None:
    """A weak PIN, a name that is had, the last lead."""
    client = bench.client("Ada")
    for path, form, words in (
        ("add", {"name": "Dan", "pin": "123456"}, "anybody would try"),
        ("add", {"name": "ben", "pin": "314159"}, "already"),
        ("remove", {"name": "Ada"}, "last lead stays"),
        ("remove", {"name": "Nobody"}, "nobody of that name"),
    ):
        answer = client.post(f"/bench/people/{path}", data=form, follow_redirects=True)
        assert words in answer.text
    assert bench.desk.lines == []


def test_ones_own_pin(bench: World) -> None:
    """By who knows the old one; tries of it count as tries to sign in."""
    client = bench.client("Ben")
    wrong = client.post(
        "/bench/people/pin", data={"old": "000001", "pin": "314159"}, follow_redirects=True
    )
    assert "not your PIN" in wrong.text
    client.post("/bench/people/pin", data={"old": PIN, "pin": "314159"})

    ben = bench.office.people.find("Ben")
    assert ben is not None
    assert pins.matches("314159", ben.pin)
    for _ in range(5):
        client.post("/bench/people/pin", data={"old": "000001", "pin": "314159"})
    form = {"old": "314159", "pin": "271829"}
    late = client.post("/bench/people/pin", data=form, follow_redirects=True)
    assert "Please wait" in late.text


def test_who_was_removed_by_command_is_out(bench: World) -> None:
    """At once, also who goes on working; and with the PIN all other sessions of a person end."""
    ben, other, ada = bench.client("Ben"), bench.client("Ben"), bench.client("Ada")
    ben.post("/bench/people/pin", data={"old": PIN, "pin": "314159"})
    assert [who.get("/bench").status_code for who in (ben, other, ada)] == [200, 303, 200]
    bench.office.people.remove("Ben")

    assert [who.get("/bench").status_code for who in (ben, ada)] == [303, 200]


def test_a_disk_in_trouble_sends_nobody_away(bench: World, tmp_path: Path) -> None:
    """Who has signed in goes on."""
    client = bench.client("Ben")
    (tmp_path / "bench" / "people.json").write_text("{")

    assert client.get("/bench").status_code == 200


def test_who_did_what(bench: World) -> None:
    """On the audit's page, the latest first."""
    bench.client("Ada").post("/bench/people/add", data={"name": "Eve<b>", "pin": "314159"})
    text = bench.client("Ben").get("/bench/audit").text

    assert "added a technician" in text
    assert "Eve&lt;b&gt;" in text
    assert bench.desk.lines[-1].digest[:12] in text
