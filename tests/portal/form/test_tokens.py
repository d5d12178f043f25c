"""Form tokens: given by us, to this client, not long ago."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from portal.form.tokens import FIELD, Tokens
from tests.portal.fakes import FakeOutbox, FakeReleases, neighbourhood
from tests.portal.reading import Page, token_in

KEY = bytes(range(32))
PHONE, OTHER = "100.64.64.20", "100.64.64.21"
QUARTER = 900.0
NOW = 100_000.0
CANARY = "kanarienvogel-4711"


@pytest.mark.parametrize(
    ("later", "fresh"),
    [(0, True), (QUARTER, True), (2 * 3600, True), (9 * QUARTER, False), (-QUARTER, False)],
)
def test_for_two_hours(later: float, *, fresh: bool) -> None:
    """And never before its time, as after a restart of the clock."""
    tokens = Tokens(KEY)
    token = tokens.make(PHONE, NOW)

    assert tokens.is_fresh(token, PHONE, NOW + later) is fresh


def test_for_one_client_and_one_run() -> None:
    """Another address, or another key, makes another token."""
    token = Tokens(KEY).make(PHONE, NOW)

    assert not Tokens(KEY).is_fresh(token, OTHER, NOW)
    assert not Tokens(KEY[::-1]).is_fresh(token, PHONE, NOW)


@given(st.text() | st.from_regex(r"[0-9a-f]{1,8}\.[0-9a-f]{24}", fullmatch=True))
def test_no_other_text(token: str) -> None:
    """Nothing made up is taken."""
    assert not Tokens(KEY).is_fresh(token, PHONE, NOW)


@given(st.integers(0, 23), st.characters(codec="ascii"))
def test_every_character_counts(place: int, other: str) -> None:
    """A token with one character changed is none."""
    token = Tokens(KEY).make(PHONE, NOW)
    at = token.index(".") + 1 + place
    changed = token[:at] + other + token[at + 1 :]

    assert Tokens(KEY).is_fresh(changed, PHONE, NOW) is (changed == token)


def test_the_page_brings_one_for_each_client(client: FlaskClient) -> None:
    """The same rendered form, and another token for another client, in every form on it."""
    mine, theirs = (
        client.get("/", environ_base={"REMOTE_ADDR": address}).text for address in (PHONE, OTHER)
    )
    tokens = {
        str(each.get("value"))
        for page in (mine, theirs)
        for each in Page(page).all("input", name=FIELD)
    }

    assert tokens == {token_in(mine), token_in(theirs)}
    assert len(tokens) == 2
    assert len(Page(mine).all("input", name=FIELD)) == len(Page(mine).all("form"))


@pytest.mark.parametrize("token", ["", "1.aaaaaaaaaaaaaaaaaaaaaaaa"])
def test_a_stale_form_is_sent_once_more(
    client: FlaskClient, outbox: FakeOutbox, token: str
) -> None:
    """The same form with what was entered, but for the password, and a fresh token."""
    wish = {"network": "other", "ssid": "cellar", "passphrase": CANARY}
    answer = client.post("/setup", data={**wish, FIELD: token})

    assert answer.status_code == 403
    assert not outbox.records
    assert "open for too long" in answer.text
    assert 'value="cellar"' in answer.text or "value=cellar" in answer.text
    assert CANARY not in answer.text
    again = {**wish, FIELD: token_in(answer.text)}
    assert client.post("/setup", data=again).status_code == 303


def test_somebody_elses_token(client: FlaskClient, outbox: FakeOutbox) -> None:
    """Read by another client, it is of no use."""
    stolen = token_in(client.get("/", environ_base={"REMOTE_ADDR": OTHER}).text)
    wish = {"network": neighbourhood()[0].id, "passphrase": CANARY, FIELD: stolen}

    assert client.post("/setup", data=wish).status_code == 403
    assert not outbox.records


@pytest.mark.parametrize("path", ["/release", "/scan"])
def test_every_form_needs_one(client: FlaskClient, releases: FakeReleases, path: str) -> None:
    """Nothing happens without, and the page says what to do."""
    answer = client.post(path, data={FIELD: ""})

    assert answer.status_code == 403
    assert not releases.released
    if path == "/release":
        again = {FIELD: token_in(answer.text)}
        assert client.post(path, data=again).status_code == 303


def test_a_program_needs_none(client: FlaskClient, outbox: FakeOutbox) -> None:
    """The API takes JSON, which no form of another page can send; its origin is checked."""
    wish = {"ssid": "cellar", "passphrase": CANARY}

    assert client.post("/api/v1/setup", json=wish).status_code == 202
    assert len(outbox.records) == 1
