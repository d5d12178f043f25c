"""The form nobody has filled in yet."""

from __future__ import annotations

from portal.page.blank import BlankForm
from tests.portal.fakes import FakeScan, client_of, fake_services, network


class Renderer:
    """Renders a page around a nonce, and counts."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, nonce: str) -> str:
        self.times += 1
        return f"<style nonce={nonce}>{self.times}<script nonce={nonce}>"


def test_rendered_once_for_a_scan() -> None:
    """A second visit costs no rendering, and has a nonce of its own in every place."""
    blank, render, scan = BlankForm(), Renderer(), ()
    first = blank.page(scan, "de", nonce="AAA", render=render)
    second = blank.page(scan, "de", nonce="BBB", render=render)

    assert first == "<style nonce=AAA>1<script nonce=AAA>"
    assert second == "<style nonce=BBB>1<script nonce=BBB>"
    assert render.times == 1


def test_a_new_scan_is_rendered_anew() -> None:
    """Also when it heard the same."""
    blank, render = BlankForm(), Renderer()
    for scan in ([1], [1]):
        blank.page(scan, "de", nonce="A", render=render)

    assert render.times == 2


def test_every_kind_of_reader_has_a_page_of_its_own() -> None:
    """Whoever reads German, or has been released, is not given another's."""
    blank, render, scan = BlankForm(), Renderer(), ()
    pages = [blank.page(scan, each, nonce="A", render=render) for each in ("en", "de", "en")]

    assert pages[0] == pages[2] != pages[1]
    assert render.times == 2


def test_the_page_follows_the_air() -> None:
    """What a new scan hears is on the next page; the nonce is never the same."""
    scan = FakeScan((network("First"),))
    client = client_of(fake_services(scan=scan))
    one, two = client.get("/"), client.get("/")
    scan.networks = (network("Second"),)
    three = client.get("/")

    assert "First" in one.text
    assert "Second" in three.text
    assert "First" not in three.text
    policies = {answer.headers["Content-Security-Policy"] for answer in (one, two, three)}
    assert len(policies) == 3
    for answer in (one, two, three):
        nonce = answer.headers["Content-Security-Policy"].split("'nonce-")[1].split("'")[0]
        assert answer.text.count(f'nonce="{nonce}"') == answer.text.count("nonce=") > 0
