"""The page with the form, as a person and as a strict reader find it."""

from __future__ import annotations

from flask.testing import FlaskClient

from portal.form.networks import MOST, Network
from portal.page.sheet import FIRST
from tests.portal.fakes import FakeScan, client_of, fake_services, neighbourhood, network
from tests.portal.reading import Page


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


def test_the_demo_says_that_it_is_one() -> None:
    """And the real one does not."""
    demo, real = (client_of(fake_services(demo=demo)) for demo in (True, False))

    assert "demonstration" in demo.get("/").text
    assert "demonstration" not in real.get("/").text


def test_five_are_shown_at_once(client: FlaskClient) -> None:
    """And the others are one tap away."""
    page = Page(client.get("/").text)
    folded = [e for e in page.all("bdi") if any(p.tag == "details" for p in e.parents)]

    assert len(folded) == len(neighbourhood()) - FIRST
    assert isinstance(neighbourhood()[0], Network)
