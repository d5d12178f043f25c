"""A secret is found in every form it may take, and nothing else goes with it but its line."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

from hypothesis import given
from hypothesis import strategies as st

from hotspot.doctor.scrub import LEFT_OUT, Scrub

SECRETS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=8, max_size=40)
FORMS = [
    lambda s: s,
    lambda s: json.dumps({"password": s}),
    lambda s: json.dumps(s, ensure_ascii=False),
    repr,
    lambda s: s.encode().hex(),
    lambda s: s.encode().hex().upper(),
    lambda s: base64.b64encode(s.encode()).decode(),
    lambda s: base64.b64encode(b"u:" + s.encode()).decode(),
    lambda s: base64.b64encode(b"user:" + s.encode() + b"\n").decode(),
    lambda s: base64.urlsafe_b64encode(b"a" + s.encode()).decode(),
    lambda s: f"https://example.com/?token={quote(s)}",
    quote_plus,
    lambda s: quote(s, safe=""),
]


@given(SECRETS, st.sampled_from(FORMS), st.text(max_size=20), st.text(max_size=20))
def test_every_form_is_found(secret: str, form: object, before: str, after: str) -> None:
    """Whatever stands around it, and whether it was encoded alone or with what stood before."""
    assert callable(form)
    assert Scrub([secret]).holds(f"{before}{form(secret)}{after}")


@given(SECRETS, st.lists(st.text(st.characters(codec="ascii", categories=["L"]), min_size=1)))
def test_only_its_line_goes(secret: str, lines: list[str]) -> None:
    """What is before and behind stays as it was."""
    scrub = Scrub([secret])
    kept = [line for line in lines if not scrub.holds(line)]
    text = "\n".join([*kept, f"the key is {json.dumps(secret)}.", *kept])
    cleaned = [LEFT_OUT] if not kept else [*kept, LEFT_OUT, *kept]
    assert scrub.clean(text).split("\n")[:-1] == cleaned


def test_a_short_secret_is_a_word() -> None:
    """A PIN of three digits is not found in every number."""
    scrub = Scrub(["123", ""])
    assert not scrub.holds("port 51234, 12345")
    assert scrub.holds("room=123")
    assert scrub.clean("hello") == "hello\n"


def test_hardware_addresses_lose_their_half() -> None:
    """The maker is of use, the person's own device is nobody's business."""
    told = Scrub([]).clean("station B8:27:eb:01:02:03 joined")
    assert told == "station B8:27:eb:xx:xx:xx joined\n"
