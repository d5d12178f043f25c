"""What the built-in backends take, and that no secret ever stands in the settings."""

from __future__ import annotations

import contextlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot import settings
from hotspot.config import options, showing
from hotspot.config.values import NotAllowed
from hotspot.settings import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable

HTTP = {"backend": "http", "url": "https://backend.example/v1/records/{id}"}
READERS: list[Callable[[object], Any]] = [
    options.credential, options.argv, options.url, options.headers, options.topic,
    options.fixed_topic, options.host, options.word,
]  # fmt: skip


def delivery(table: dict[str, Any]) -> settings.Delivery:
    """The one delivery of a file with this table. Raises `Invalid`."""
    document = {"radio": {"country": "DE"}, "delivery": {"fleet": table}}
    return settings.from_mapping(document).deliveries[0]


def problems(table: dict[str, Any]) -> str:
    """What is wrong with a file with this table."""
    with pytest.raises(Invalid) as refused:
        delivery(table)
    return str(refused.value)


@pytest.mark.parametrize(
    "table",
    [
        HTTP,
        {**HTTP, "method": "PUT", "headers": {"X-Site": "{site}", "X-Api-Key": "{token}"},
         "token": "credential:fleet"},
        {**HTTP, "hmac": "/etc/vestibule/hmac.key", "ca": "/etc/vestibule/ca.pem",
         "certificate": "/c.pem", "key": "credential:client-key"},
        {"backend": "http", "url": "http://[fe80::1]:8080/x?serial={field.serial}", "tls": False,
         "local": True, "answer": "any", "timeout": 5},
        {"backend": "command", "argv": ["/usr/local/bin/register", "--fleet"], "timeout": 60},
        {"backend": "mqtt", "host": "broker.example", "topic": "plant/{site}/{field.line}/in",
         "username": "u", "password": "credential:mqtt", "expires": 86_400,
         "answers": "plant/{appliance}/verdicts", "unheard": "delivered", "client": "a.b"},
        {"backend": "networkmanager"},
        {"backend": "wpa_supplicant", "rate": 2},
    ],
)  # fmt: skip
def test_taken(table: dict[str, Any]) -> None:
    """Each of these is a delivery, kept as it was written, and is shown as TOML that reads back."""
    found = delivery(table)
    shown = showing.render(
        settings.from_mapping({"radio": {"country": "DE"}, "delivery": {"fleet": table}})
    )

    assert {"backend": found.backend, **found.options} == table
    assert settings.parse(shown, file="shown").deliveries == (found,)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"backend": "http"}, "delivery.fleet.url = missing"),
        ({"backend": "mqtt"}, "delivery.fleet.host = missing"),
        ({"backend": "command"}, "delivery.fleet.argv = missing"),
        ({"backend": "command", "argv": ["register"]}, "an absolute path first"),
        ({"backend": "command", "argv": "/bin/register now"}, "a list of"),
        ({"backend": "http", "url": "http://backend.example/"}, "tls = false"),
        ({**HTTP, "tls": False}, "delivery.fleet.tls = false"),
        ({**HTTP, "certificate": "/c.pem"}, "together with key"),
        ({**HTTP, "key": "/c.pem"}, "together with certificate"),
        ({**HTTP, "headers": {"Authorization": "Bearer x"}}, "secrets come as `token`"),
        ({**HTTP, "headers": {"X-Y": "a\r\nX-Z: b"}}, "a table of up to 32 headers"),
        ({**HTTP, "headers": {"X-Y": "{token}"}}, "with `token`"),
        ({**HTTP, "urk": "x"}, "did you mean delivery.fleet.url"),
        ({"backend": "mqtt", "host": "h", "password": "/p"}, "together with username"),
        ({"backend": "mqtt", "host": "h", "topic": "all/+/x"}, "without + and #"),
        ({"backend": "mqtt", "host": "h", "answers": "x/{id}"}, "no placeholders but"),
        ({"backend": "pigeon"}, "or plugin:NAME"),
        ({"backend": "networkmanager", "seal_to": "a" * 64}, "delivery.fleet.seal_to"),
    ],
)  # fmt: skip
def test_refused_with_the_remedy(table: dict[str, Any], words: str) -> None:
    """What cannot work is refused before anything starts, in words that help."""
    assert words in problems(table)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://h/", "https://", "https:///x", "https://user:canary@h/", "https://{site}.example/",
        "https://h:{site}/", "https://h/#x", "https://h/{name}", "https://h/ x", "https://h/\u00e9",
        "https://h/{field.}", "https://h:port/", "//h/x", "https://h@evil/", "https://h\\x",
        "https://h/a/../b", "https://h/.", "https://h?x=1",
    ],
)  # fmt: skip
def test_urls_refused(url: str) -> None:
    """Only the path and query of a URL vary, and nobody's password is in it."""
    assert "canary" not in problems({"backend": "http", "url": url})


@pytest.mark.parametrize("key", ["token", "hmac", "key"])
def test_a_secret_in_its_place_is_not_shown(key: str) -> None:
    """Whoever writes the secret itself where its credential belongs does not find it in a log."""
    said = problems({**HTTP, key: "canary-77aa"})

    assert "credential:NAME" in said
    assert "canary" not in said


def test_a_plugin_gets_its_options_as_they_are() -> None:
    """What another's backend takes is its own business."""
    found = delivery({"backend": "plugin:pigeon", "grain": 3, "url": "left alone"})

    assert (found.backend, found.options) == ("plugin:pigeon", {"grain": 3, "url": "left alone"})


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.from_regex(r"https?://.*"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@pytest.mark.parametrize("read", READERS, ids=lambda read: str(read.__name__))
@given(value=ANYTHING)
def test_any_value(read: Callable[[object], Any], value: object) -> None:
    """Whatever stands there is taken as it is or refused."""
    with suppress(NotAllowed):
        assert read(value) == value


@pytest.mark.parametrize(
    ("owner", "backend", "is_refused"),
    [
        ("auto", "networkmanager", False),
        ("networkmanager", "networkmanager", False),
        ("wpa_supplicant", "networkmanager", True),
        ("networkmanager", "wpa_supplicant", True),
        ("networkmanager", "file", False),
    ],
)
def test_one_owner(owner: str, backend: str, *, is_refused: bool) -> None:
    """A delivery to this machine's networks names who looks after them, not somebody else."""
    document = {
        "radio": {"country": "DE"},
        "home": {"owner": owner},
        "delivery": {"here": {"backend": backend}},
    }
    found = contextlib.nullcontext()
    words = "the same owner in both"
    with pytest.raises(settings.Invalid, match=words) if is_refused else found:
        settings.from_mapping(document)
