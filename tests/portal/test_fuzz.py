"""Whatever comes in, only a bounded set of answers goes out."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.portal.fakes import URL, FakeOutbox, client_of, fake_services, neighbourhood

CANARY = "kanarienvogel-4711"
OUTBOX = FakeOutbox()
CLIENT = client_of(fake_services(OUTBOX))

LATIN = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]))
HOSTS = st.sampled_from(["100.64.64.1", "captive.apple.com", ""]) | LATIN
KNOWN = ["/", "/setup", "/api/v1/setup", "/api/v1/networks", "/setup/x", "/.well-known/x"]
TRICKS = ["//evil.example", "/%0d%0aSet-Cookie:a=b", "/\\evil.example", "/..//..", "/%2e%2e/"]
PATHS = st.sampled_from(KNOWN + TRICKS) | LATIN.map(lambda text: f"/{text.replace('?', '')}")
METHODS = st.sampled_from(["GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE", "BREW"])
VALUES = st.text() | st.sampled_from([n.id for n in neighbourhood()])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | VALUES,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def ask(path: str, **request: Any) -> None:
    """Ask, and hold the answer to what every answer must be."""
    headers = {"Host": request.pop("host", "100.64.64.1")}
    kept = len(OUTBOX.records)
    answer = CLIENT.open(path, headers=headers, **request)

    assert 200 <= answer.status_code < 500
    if answer.status_code == 303:
        assert answer.headers["Location"] == f"{URL}setup/{OUTBOX.records[-1].id}"
    elif "Location" in answer.headers:
        # Flask's own "one slash too few" stays on this host as well.
        assert answer.headers["Location"] == URL
    assert CANARY not in answer.text
    assert CANARY not in str(answer.headers)
    assert (len(OUTBOX.records) > kept) == (answer.status_code in {202, 303})


@given(path=PATHS, host=HOSTS, method=METHODS, query=LATIN)
def test_any_request_line(path: str, host: str, method: str, query: str) -> None:
    """2xx to 4xx; the Location is one constant."""
    ask(path, host=host, method=method, query_string=query)


URLENCODED = "application/x-www-form-urlencoded"
KINDS = [URLENCODED, "multipart/form-data", "multipart/form-data; boundary=x", "text/plain", ""]


@given(
    st.dictionaries(st.sampled_from(["network", "ssid", "fields.a", "x"]) | st.text(), VALUES),
    st.sampled_from(KINDS[:2]),
)
def test_any_form(values: dict[str, str], kind: str) -> None:
    """Kept and shown where it is, or refused in words; no password comes back."""
    ask("/setup", method="POST", data={**values, "passphrase": CANARY}, content_type=kind)


@given(st.binary(), st.sampled_from(KINDS))
def test_any_body(body: bytes, kind: str) -> None:
    """Bytes that are no form are refused like one that is not filled in."""
    ask("/setup", method="POST", data=body, content_type=kind)


@given(
    st.dictionaries(st.sampled_from(["network", "ssid", "fields"]) | st.text(), JSON),
    st.just(CANARY) | st.lists(st.just(CANARY)) | st.dictionaries(st.text(), st.just(CANARY)),
)
def test_any_json(document: dict[str, Any], passphrase: Any) -> None:
    """Accepted or refused; the password stays inside, in whatever it was wrapped."""
    ask("/api/v1/setup", method="POST", json={**document, "passphrase": passphrase})


@given(JSON)
def test_any_other_json(document: Any) -> None:
    """A document that is no object is refused."""
    ask("/api/v1/setup", method="POST", json=document)


@given(st.binary())
def test_any_json_bytes(body: bytes) -> None:
    """Also where they are no JSON at all."""
    ask("/api/v1/setup", method="POST", data=body, content_type="application/json")
