"""How a network is entered, from what was posted: its password, a user, an address of one's own.

Law: values only. A form posts every box, whatever was chosen: boxes that do not belong to the
chosen network are passed over there. A program posts what it means, and is told what does not fit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from hotspot.settings import Secret
from portal.form.documents import not_text
from portal.form.networks import OPEN, Network
from portal.language.words import Words
from portal.provisioning.access import METHODS, MOST_DNS, SECURITIES, Access, Enterprise, Fixed

ENTERPRISE: Final = "enterprise"
# The names of the parts, in a form and in JSON.
NAMES: Final = frozenset({
    "passphrase", "security", "hidden", "identity", "password", "method", "ca",
    "address", "gateway", "dns",
})  # fmt: skip
_USERS: Final = ("identity", "password", "method", "ca")
_OWN: Final = ("address", "gateway", "dns")


def for_form(values: Mapping[str, str], network: Network | None) -> dict[str, str]:
    """The boxes of a form without those that do not belong to what was chosen."""
    left = {name: value for name, value in values.items() if value or name not in NAMES}
    security = network.security if network else left.get("security", "")
    if network:
        left.pop("security", None)
        left.pop("hidden", None)
    if security and security != ENTERPRISE:
        for name in _USERS:
            left.pop(name, None)
    if security in OPEN:
        left.pop("passphrase", None)  # typed before an open network was chosen
    return left


def read(
    document: Mapping[str, Any], ssid: bytes, network: Network | None, problems: dict[str, str]
) -> tuple[Secret, Access]:
    """The password and the rest; what is wrong goes into `problems` by the name of the part.

    `network` is the one of the list that is meant, if it is there.
    """
    texts = {name: _text(document, name, problems) for name in NAMES - {"hidden", "dns"}}
    security = network.security if network else texts["security"]
    user = _user(texts, security, problems)
    if user is None:
        wrong = _wrong_passphrase(texts["passphrase"], security)
        if wrong:
            problems.setdefault("passphrase", wrong)
    how = Access(
        security="" if network else texts["security"],
        hidden=_hidden(document, problems, default="ssid" in document and network is None),
        user=user,
        own=_own(document, texts, problems),
    )
    if texts["security"] not in {"", *SECURITIES}:
        # Also of a network in the list, of which it is known better.
        problems["security"] = _WORDS["security"]
    for name in how.problems():
        box = "passphrase" if name == "password" and "password" not in document else name
        problems.setdefault(box, _WORDS[name])
    return Secret("" if user else texts["passphrase"]), how if ssid else Access()


def _text(document: Mapping[str, Any], name: str, problems: dict[str, str]) -> str:
    value = document.get(name, "")
    if isinstance(value, str):
        return value.strip() if name in _OWN else value
    problems[name] = not_text(value)
    return ""


def _user(texts: Mapping[str, str], security: str, problems: dict[str, str]) -> Enterprise | None:
    """Who enters a network that asks for a user; a form has one box for both passwords."""
    given = [name for name in _USERS if texts[name]]
    if security != ENTERPRISE and (security or not given):
        for name in given:
            problems[name] = Words("This network asks for no user name. Please leave this empty.")
        return None
    box = "password" if texts["password"] else "passphrase"
    if not texts["identity"]:
        problems.setdefault("identity", Words("Please type the user name."))
    if not texts[box]:
        problems.setdefault(box, Words("Please type the password."))
    if not texts["identity"] or not texts[box]:
        return None
    return Enterprise(texts["identity"], Secret(texts[box]), texts["method"], texts["ca"])


def _own(
    document: Mapping[str, Any], texts: Mapping[str, str], problems: dict[str, str]
) -> Fixed | None:
    """An address of one's own, where any part of one was given."""
    dns = document.get("dns", "")
    listed = isinstance(dns, list) and all(isinstance(each, str) for each in dns)
    if not listed and not isinstance(dns, str):
        problems["dns"] = _WORDS["dns"]
        return None
    found = tuple(dns) if listed else tuple(re.split(r"[\s,;]+", dns.strip(" ,;")) if dns else ())
    found = tuple(filter(None, found))
    if not (texts["address"] or texts["gateway"] or found):
        return None
    return Fixed(texts["address"], texts["gateway"], found)


def _hidden(document: Mapping[str, Any], problems: dict[str, str], *, default: bool) -> bool:
    """Whether to ask for it by name: so it is with every name that was typed and not heard."""
    value = document.get("hidden", default)
    # Not a set: what is sent may be an object, which has no hash.
    if value in ("true", "false"):
        return bool(value == "true")
    if not isinstance(value, bool):
        problems["hidden"] = "This must be true or false."
        return default
    return value


def _wrong_passphrase(value: str, security: str) -> Words | None:
    """What is wrong with a password, in words that do not show it; None when nothing is."""
    if security in OPEN:
        words = Words("This network has no password. Please leave this empty.")
        return words if value else None
    if not value:
        return Words("Please type the Wi-Fi password.") if security else None
    # IEEE 802.11-2020 J.4.1: 8 to 63 characters, each from 32 to 126; or the key in hex.
    if re.fullmatch(r"[0-9A-Fa-f]{64}", value) or re.fullmatch(r"[ -~]{8,63}", value):
        return None
    if not re.fullmatch(r"[ -~]*", value):
        return Words("A Wi-Fi password has only letters without accents, digits and signs.")
    if len(value) < 8:  # noqa: PLR2004 - J.4.1
        return Words(
            "A Wi-Fi password has at least 8 characters; this has %(count)s. Please check it.",
            count=len(value),
        )
    return Words(
        "A Wi-Fi password has at most 63 characters; this has %(count)s. Please check it.",
        count=len(value),
    )


_WORDS: Final[Mapping[str, str]] = {
    "security": f"This must be one of these: {', '.join(SECURITIES)}.",
    "identity": Words("This user name cannot be used. Please check it."),
    "password": Words("This password cannot be used. Please check it."),
    "method": f"This must be one of these: {', '.join(METHODS)}.",
    "ca": Words("These are no certificates in PEM."),
    "address": Words("Please type an address with its prefix, such as 192.168.1.50/24."),
    "gateway": Words("Please type the router's address. It is in the same network."),
    "dns": Words("Please type up to %(most)s addresses, blanks between them.", most=MOST_DNS),
}
