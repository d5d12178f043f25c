"""The settings as a person reads them: the file's own shape, the passphrase masked."""

from __future__ import annotations

import dataclasses
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot import settings
from hotspot.config import showing
from hotspot.settings import Delivery, Invalid, Radio, Secret, Settings
from tests.hotspot.files import COUNTRY, FULL
from tests.hotspot.strategies import form_fields, passphrases, texts_as_ssid, worded


def test_show_has_the_shape_of_the_file() -> None:
    """What is shown reads like the file: "auto", text, an address; the passphrase masked."""
    shown = showing.show(settings.parse(FULL, file="c.toml"))
    assert shown["radio"] == {
        "country": "DE",
        "interface": "wlan0",
        "ssid": "Küche 📶",
        "passphrase": "••••••••",
        "channel": 36,
        "security": "wpa2-wpa3",
        "follow": "restart",
        "linger": 5,
        "return_after": 90,
        "start": "button",
        "idle_off": 60,
        "button": "GPIO17",
    }
    assert shown["network"] == {"address": "10.0.0.254/24", "lease": 120}
    assert shown["delivery.keep"] == {"backend": "file", "directory": "/srv/answers"}
    assert showing.show(settings.parse(COUNTRY, file="c.toml"))["radio"]["channel"] == "auto"


def test_rendered_defaults_are_marked() -> None:
    """A default says that it is one, and what is found later says how."""
    assert showing.render(settings.parse(COUNTRY, file="c.toml")).startswith("""\
[radio]
country = "DE"
# interface: the first adapter that can be an access point
# ssid: "Vestibule-" and four letters of this device's own
# passphrase: made at first start, kept in the state directory
channel = "auto"  # default
security = "wpa2"  # default
follow = "auto"  # default
linger = 60  # default
return_after = 300  # default
start = "unconfigured"  # default
idle_off = 900  # default
# button: none

[network]
address = "100.64.64.1/22"  # default
lease = 600  # default

[home]
internet = "reported"  # default
owner = "auto"  # default

[portal]
threads = 8  # default
mdns = false  # default
# name: none, so no TLS and no captive portal API
# certificate: none
# key: none
""")


def test_the_three_keys_of_tls_are_shown() -> None:
    """They are names and paths, no secrets: as in the file, the name in small letters."""
    text = showing.render(settings.parse(FULL, file="c.toml"))
    assert (
        'threads = 4\nmdns = true\nname = "setup.example.com"\n'
        'certificate = "/etc/vestibule/fullchain.pem"\nkey = "/etc/vestibule/key.pem"\n'
    ) in text


@given(
    ssid=st.none() | texts_as_ssid,
    channel=st.none() | st.just(11),
    lease=st.integers(120, 86_400),
    directory=st.none() | st.text().map("/{}".format).filter(str.isprintable),
    fields=st.lists(form_fields(), max_size=3, unique_by=lambda field: field.name),
    support=worded,
)
def test_rendered_settings_read_back(
    ssid: str | None,
    channel: int | None,
    lease: int,
    directory: str | None,
    fields: list[settings.Field],
    support: dict[str, str],
) -> None:
    """What is rendered is TOML, prints on any terminal, and means the same settings."""
    options = {} if directory is None else {"directory": directory}
    meant = Settings(
        radio=Radio(country="FR", ssid=ssid.encode() if ssid else None, channel=channel),
        network=settings.Network(lease=lease),
        provisioning=settings.Provisioning(fields=tuple(fields)),
        brand=settings.Brand(support=support),
        deliveries=(Delivery("one", "file", options), Delivery("two", "file")),
    )
    text = showing.render(meant)
    assert text.replace("\n", "").isprintable()
    assert settings.parse(text, file="c.toml") == meant


@given(passphrases)
def test_a_rendered_passphrase_is_masked(passphrase: Secret) -> None:
    """The passphrase is not in the text, and the mask in its place is refused when fed back."""
    radio = Radio(country="DE", passphrase=passphrase)
    text = showing.render(Settings(radio=radio))
    assert text == showing.render(
        Settings(radio=dataclasses.replace(radio, passphrase=Secret("other")))
    )
    assert tomllib.loads(text)["radio"]["passphrase"] == "••••••••"
    with pytest.raises(Invalid, match=r"radio\.passphrase"):
        settings.parse(text, file="c.toml")
