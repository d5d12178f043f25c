"""The pages, as a person and as a strict reader find them."""

from __future__ import annotations

import dataclasses

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.form.networks import MOST, Network, label, parse
from portal.page.sheet import FIRST
from portal.provisioning.keeping.store import Full, Unwritable
from portal.provisioning.life import DeliveryLife, Life, State
from tests.portal.fakes import (
    URL,
    FakeOutbox,
    FakeReleases,
    FakeScan,
    client_of,
    fake_services,
    neighbourhood,
    network,
)
from tests.portal.reading import Page

CANARY = "kanarienvogel-4711"
HOME = neighbourhood()[0]
ID = "019cb000-0000-7000-8000-000000000000"


def entries(**changes: str) -> dict[str, str]:
    """A form filled in right, with changes."""
    return {"network": HOME.id, "ssid": "", "passphrase": CANARY, **changes}


def faults(answer: TestResponse) -> dict[str, str]:
    """The words beside each field, each of which says that it is wrong."""
    page = Page(answer.text)
    page.check()
    found = {}
    for words in page.elements:
        name = words.get("id") or ""
        if name.startswith("e-"):
            found[name[2:]] = words.text.strip()
            describing = [e for e in page.elements if e.get("aria-describedby") == name]
            assert [each.get("aria-invalid") for each in describing] == ["true"]
    return found


def test_the_form_lists_the_networks(client: FlaskClient) -> None:
    """Every network by its id, strongest first, with what can be said of it aloud."""
    page = Page(client.get("/").text)
    page.check()

    radios = page.all("input", type="radio", name="network")
    assert [each.get("value") for each in radios] == [n.id for n in neighbourhood()]
    assert not [each for each in radios if "checked" in each.attributes]
    assert [each.text for each in page.all("bdi")] == [n.label for n in neighbourhood()]
    told = {each.get("id"): each.text for each in page.all("i")}
    described = [str(each.get("aria-describedby")).split() for each in radios[2:6]]
    assert [[told[name] for name in names if name != "o"] for names in described] == [
        ["locked", "signal 3 of 4"],
        ["signal 3 of 4"],
        ["locked", "signal 3 of 4"],
        ["asks for a user name", "signal 2 of 4"],
    ]


def test_a_network_that_cannot_be_used_cannot_be_chosen(
    client: FlaskClient, scan: FakeScan
) -> None:
    """It is listed, so that its owner does not search for it, with the reason."""
    scan.networks = (*neighbourhood(), network("attic", security="wep"))
    page = Page(client.get("/").text)
    disabled = [e for e in page.all("input", name="network") if "disabled" in e.attributes]

    assert [each.get("value") for each in disabled] == [b"attic".hex()]
    assert "too old to be safe" in [each.text for each in page.all("small")]


def test_another_network_has_a_form_of_its_own(client: FlaskClient) -> None:
    """Its name, its security and its password; and the way back to the list."""
    link = next(
        each for each in Page(client.get("/").text).all("a") if "other" in str(each.get("href"))
    )
    page = Page(client.get(str(link.get("href"))).text)
    page.check()

    assert link.text == "Another network"
    assert not page.all("input", type="radio")
    assert "required" in page.one("input", name="ssid").attributes
    kinds = [each.get("value") for each in page.all("option")]
    assert kinds == ["wpa2-wpa3", "open", "enterprise", "", "peap", "ttls"]
    assert "Back to the list" in [each.text for each in page.all("a")]


def test_a_certificate_is_one_tap_away(client: FlaskClient) -> None:
    """Few need one, so over the list there is only the way to it."""
    page = Page(client.get("/").text)
    (link,) = [each for each in page.all("a") if "more" in str(each.get("href"))]
    more = Page(client.get(str(link.get("href"))).text)
    more.check()

    assert not page.all("textarea")
    assert more.one("textarea").get("name") == "ca"
    assert more.one("select").get("name") == "method"
    assert more.all("input", type="radio")


def test_enter_sends_the_form(client: FlaskClient) -> None:
    """It presses the first button of its form, and that is the one that sends it."""
    for path in ("/", "/?other=1", "/?more=1"):
        page = Page(client.get(path).text)
        inside = [
            each
            for each in page.all("button")
            if page.one("form", id="setup") in each.parents and each.get("form") is None
        ]
        assert [each.get("class") for each in inside] == ["go"]


def test_without_a_scan_the_name_is_typed(client: FlaskClient, scan: FakeScan) -> None:
    """No list, one box, and it is required."""
    scan.networks = ()
    page = Page(client.get("/").text)
    page.check()

    assert not page.all("input", type="radio")
    assert "required" in page.one("input", name="ssid").attributes
    assert "Back to the list" not in [each.text for each in page.all("a")]


def test_the_page_is_small(client: FlaskClient, scan: FakeScan) -> None:
    """At most 10,000 bytes for a street of eight networks; a flood is cut."""
    assert len(client.get("/").data) <= 10_000

    scan.networks = tuple(network(f"{number:032}") for number in range(MOST))
    assert len(client.get("/").data) <= 18_000


def test_a_chosen_network_is_never_cut_off(client: FlaskClient, scan: FakeScan) -> None:
    """However weak: it comes back chosen when the password was wrong."""
    scan.networks = tuple(network(f"net {number}") for number in range(MOST))
    weakest = scan.networks[-1]
    page = Page(client.post("/setup", data={"network": weakest.id, "passphrase": "1"}).text)

    assert "checked" in page.one("input", value=weakest.id).attributes
    assert "open" in page.all("details")[0].attributes


def test_what_is_sent_is_kept(client: FlaskClient, outbox: FakeOutbox) -> None:
    """303 to the page about it, by the portal's own address."""
    answer = client.post("/setup", data=entries(**{"fields.room": "attic"}))

    (record,) = outbox.records
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{URL}setup/{record.id}"
    assert (record.ssid, record.passphrase) == (HOME.ssid, CANARY)
    assert dict(record.fields) == {"room": "attic"}


def test_a_multipart_form_says_the_same(client: FlaskClient, outbox: FakeOutbox) -> None:
    """A browser may send either kind."""
    answer = client.post("/setup", data=entries(), content_type="multipart/form-data")

    assert answer.status_code == 303
    assert outbox.records[0].ssid == HOME.ssid


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"passphrase": "kurz-47"}, "passphrase", "at least 8 characters; this has 7"),
        ({"passphrase": ""}, "passphrase", "type the Wi-Fi password"),
        ({"network": ""}, "network", "choose your network"),
        ({"network": "other", "ssid": ""}, "ssid", "type its name"),
        ({"network": "other", "ssid": "ü" * 20}, "ssid", "at most 32 bytes"),
        ({"network": b"eduroam".hex(), "identity": ""}, "identity", "type the user name"),
    ],
)
def test_a_mistake_is_told_beside_its_field(
    client: FlaskClient, outbox: FakeOutbox, changes: dict[str, str], field: str, words: str
) -> None:
    """400, the same page, words at the field, focus on the first, nothing kept."""
    answer = client.post("/setup", data=entries(**changes))

    assert answer.status_code == 400
    assert words in faults(answer)[field]
    focused = [e for e in Page(answer.text).elements if "autofocus" in e.attributes]
    assert [each.get("name") for each in focused] == [field]
    assert Page(answer.text).one("p", role="alert")
    assert not outbox.records


def test_entries_are_kept_and_secrets_are_not(client: FlaskClient) -> None:
    """The choice and the name come back; the password never does."""
    answer = client.post(
        "/setup", data=entries(network="other", ssid='"><script>' * 4, passphrase=CANARY)
    )
    page = Page(answer.text)

    assert page.one("input", name="ssid").get("value") == '"><script>' * 4
    assert page.one("input", name="passphrase").get("value") is None
    assert CANARY not in answer.text


def test_a_problem_without_a_box_is_told_at_the_top(client: FlaskClient) -> None:
    """A field that is not on the page is named in the alert."""
    answer = client.post("/setup", data=entries(admin="1"))

    assert "admin: This is not a field" in Page(answer.text).one("p", role="alert").text


def test_a_part_without_a_name(client: FlaskClient, outbox: FakeOutbox) -> None:
    """Found by fuzzing: a multipart part that has none is refused like an unknown field."""
    token = Page(client.get("/").text).all("input", name="token")[0].get("value")
    body = (
        b"--x\r\nContent-Disposition: form-data\r\n\r\nvalue\r\n"
        b'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n%b\r\n--x--\r\n'
        % str(token).encode()
    )
    answer = client.post("/setup", data=body, content_type="multipart/form-data; boundary=x")

    assert answer.status_code == 400
    assert not outbox.records


def test_a_record_that_is_too_large_is_told(client: FlaskClient, outbox: FakeOutbox) -> None:
    """Each field within its bound, all of them together beyond the record's: 400, not 500."""
    fields = {f"fields.f{number}": "\u0001" * 512 for number in range(32)}
    answer = client.post("/setup", data=entries(**fields))

    assert answer.status_code == 400
    assert "more than can be kept" in Page(answer.text).one("p", role="alert").text
    assert not outbox.records


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (Full("10,000 wait"), "as many answers as it can"),
        (Unwritable("No space left on device"), "could not be saved"),
    ],
)
def test_what_could_not_be_saved_is_never_called_saved(
    client: FlaskClient, outbox: FakeOutbox, failure: Exception, words: str
) -> None:
    """503, the form again with its entries, and words that say so."""
    outbox.failure = failure
    answer = client.post("/setup", data=entries())

    page = Page(answer.text)
    page.check()
    assert answer.status_code == 503
    assert words in page.one("p", role="alert").text
    assert "checked" in page.one("input", value=HOME.id).attributes
    assert CANARY not in answer.text
    assert str(failure) not in answer.text


STAY = "Stay connected without Internet"
STATES = [
    (State.ACCEPTED, "Saved", True),
    (State.DELIVERING, "Saved, passing it on", True),
    (State.WAITING, "Saved, waiting to pass it on", True),
    (State.DELIVERED, "Saved and passed on", False),
    (State.REJECTED, "Saved, but not accepted", False),
    (State.DEAD, "This cannot be passed on", False),
]


@pytest.mark.parametrize(("state", "heading", "refreshes"), STATES)
def test_the_outcome_page_tells_the_state(
    client: FlaskClient, outbox: FakeOutbox, state: State, heading: str, *, refreshes: bool
) -> None:
    """In words, renewed by itself until final, and never "connected"."""
    outbox.become(ID, state)
    answer = client.get(f"/setup/{ID}")
    page = Page(answer.text)
    page.check()

    assert page.one("h1").text == page.one("title").text == heading
    assert bool(page.all("meta", **{"http-equiv": "refresh"})) is refreshes
    assert bool(page.all("script")) is refreshes
    assert "connected" not in answer.text.replace(STAY, "").lower()


@pytest.mark.parametrize("state", [State.WAITING, State.REJECTED])
def test_the_reason_is_told(client: FlaskClient, outbox: FakeOutbox, state: State) -> None:
    """As text, whatever a backend put into it."""
    outbox.become(ID, state, "the fleet said <b>no</b>")
    page = Page(client.get(f"/setup/{ID}").text)

    assert "the fleet said <b>no</b>" in [each.text for each in page.all("bdi")]


def test_every_delivery_is_told_by_name_where_there_are_several(
    client: FlaskClient, outbox: FakeOutbox
) -> None:
    """One gone, one waiting: both are there, and the page is renewed."""
    deliveries = (
        DeliveryLife("keep", State.DELIVERED, 1),
        DeliveryLife("fleet", State.WAITING, 3, "no route to host"),
    )
    outbox.lives[ID] = Life(ID, State.WAITING, deliveries)
    text = client.get(f"/setup/{ID}").text

    assert "Passed on to keep" in text
    assert "Waiting to be passed on to fleet" in text


@pytest.mark.parametrize("path", [f"/setup/{ID}", "/setup/x", "/setup/", "/setup/../etc", "/x"])
def test_what_is_not_there(client: FlaskClient, path: str) -> None:
    """404 as a page with the way back."""
    answer = client.get(path)
    page = Page(answer.text)
    page.check()

    assert answer.status_code == 404
    assert page.one("a", **{"class": "go"}).get("href") == "/"


def test_a_store_that_cannot_be_read_is_told(client: FlaskClient, outbox: FakeOutbox) -> None:
    """503 and not 404: the record may well be there."""
    outbox.failure = Unwritable("disk I/O error")
    answer = client.get(f"/setup/{ID}")

    assert answer.status_code == 503
    assert "disk I/O" not in answer.text


def test_the_demo_says_that_it_is_one() -> None:
    """And the real one does not."""
    demo, real = (client_of(fake_services(demo=demo)) for demo in (True, False))

    assert "demonstration" in demo.get("/").text
    assert "demonstration" not in real.get("/").text


def test_whoever_wants_to_stay_can(client: FlaskClient, releases: FakeReleases) -> None:
    """A button on the page, 303, and a page that says what it means and where to come back."""
    button = Page(client.get("/").text).one("form", action="/release")
    answer = client.post(str(button.get("action")))
    page = Page(client.get("/release").text)
    page.check()

    assert button.get("method") == "post"
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{URL}release")
    assert releases.released == {"127.0.0.1"}
    assert page.one("h1").text == page.one("title").text == "You can stay connected"
    assert "This Wi-Fi has no Internet." in page.one("h1").parents[-1].text + page.all("p")[0].text
    assert page.one("a", href="/").text == URL


def test_staying_is_only_claimed_of_those_who_can(client: FlaskClient) -> None:
    """Before it was asked for, that page is an offer."""
    page = Page(client.get("/release").text)
    page.check()

    assert page.one("h1").text == "Stay connected?"
    assert page.one("button").text == STAY


@pytest.mark.parametrize("path", ["/", f"/setup/{ID}"])
def test_who_stays_is_not_asked_again(
    client: FlaskClient, outbox: FakeOutbox, releases: FakeReleases, path: str
) -> None:
    """The button is there until then, and a sentence after that."""
    outbox.become(ID, State.DELIVERED)
    assert Page(client.get(path).text).one("form", action="/release")
    releases.released.add("127.0.0.1")
    page = Page(client.get(path).text)
    page.check()

    assert not page.all("form", action="/release")
    assert "You can stay connected" in page.all("p", **{"class": "soft"})[-1].text


def test_staying_that_cannot_be_noted(client: FlaskClient, releases: FakeReleases) -> None:
    """503 in words of our own."""
    releases.failure = PermissionError(13, "Permission denied")
    answer = client.post("/release")
    Page(answer.text).check()

    assert answer.status_code == 503
    assert "could not take note" in answer.text


def test_the_page_loads_once_more_after_the_release(
    client: FlaskClient, outbox: FakeOutbox
) -> None:
    """Delivered, but the submitter not yet released: its page looks again; nobody else's does."""
    client.post("/setup", data=entries())
    (record,) = outbox.records
    outbox.become(record.id, State.DELIVERED)
    mine = Page(client.get(f"/setup/{record.id}").text)
    theirs = Page(
        client.get(f"/setup/{record.id}", environ_base={"REMOTE_ADDR": "100.64.64.9"}).text
    )

    assert bool(mine.all("script")) is True
    assert bool(theirs.all("script")) is False


HOSTILE = [
    b"<script>alert(1)</script>",
    b"</label></form><h1>hi",
    b"\"'><img src=x onerror=alert(1)",
    b"{{ 7*7 }}{% raw %}",
    b"javascript:alert(1)//",
    b"&lt;b&gt;&amp;",
    b"\0" * 32,
    b"\xff\xfe\xfd<i>",
    "\u202egnp.exe\u202c".encode(),
    "\u2066\u2069\u200b\u200d".encode(),
    b"--></style></svg><b>",
    b"\r\nSet-Cookie: a=b",
]


@pytest.mark.parametrize("ssid", HOSTILE)
def test_hostile_names_are_only_names(client: FlaskClient, scan: FakeScan, ssid: bytes) -> None:
    """The same elements as for a harmless name; shown as a label, sent as its bytes."""
    scan.networks = (network("x" * 20), network("other"))
    harmless = Page(client.get("/").text)
    scan.networks = (network(ssid), network("other"))
    page = Page(client.get("/").text)

    assert page.shape() == harmless.shape()
    assert page.all("bdi")[0].text == label(ssid)
    assert page.all("input", name="network")[0].get("value") == ssid.hex()


@pytest.mark.parametrize("ssid", HOSTILE)
def test_hostile_names_are_sent_byte_for_byte(
    client: FlaskClient, scan: FakeScan, outbox: FakeOutbox, ssid: bytes
) -> None:
    """What is kept is what the air had."""
    scan.networks = (network(ssid),)
    client.post("/setup", data={"network": ssid.hex(), "passphrase": "12345678"})

    assert outbox.records[0].ssid == ssid


def test_lookalikes_show_their_bytes(client: FlaskClient, scan: FakeScan) -> None:
    """Two names that look the same are followed by their hex."""
    pair = (network("home"), dataclasses.replace(network("hоme"), signal=-60))  # noqa: RUF001 - a Cyrillic o is the point
    document = ",".join(
        f'{{"ssid":"{n.id}","signal":{n.signal},"frequency":2437,"channel":6,"security":"wpa2"}}'
        for n in pair
    )
    scan.networks = parse(f'{{"networks":[{document}]}}'.encode())
    shown = [each.text for each in Page(client.get("/").text).all("small")]

    assert {each.id for each in pair} <= set(shown)


def test_five_are_shown_at_once(client: FlaskClient) -> None:
    """And the others are one tap away."""
    page = Page(client.get("/").text)
    folded = [e for e in page.all("bdi") if any(p.tag == "details" for p in e.parents)]

    assert len(folded) == len(neighbourhood()) - FIRST
    assert isinstance(neighbourhood()[0], Network)
