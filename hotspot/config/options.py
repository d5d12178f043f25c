"""What the built-in backends take: their options, each with its reader.

Law: no option is a secret. One that leads to a secret names a credential, which is read by the
process that delivers; what stands in the file in its place is never shown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from hotspot.config import texts, values
from hotspot.config.values import NotAllowed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    Keys = Mapping[str, Callable[[object], Any]]

CREDENTIAL: Final = '"credential:NAME" (systemd hands it over) or the absolute path of a file'
PUBLIC_KEY: Final = "a public key of `vestibule keys generate`: 64 hexadecimal digits"
ARGV: Final = "a list of 1 to 64 texts, an absolute path first: no shell reads it"
URL: Final = "a URL, https://HOST/PATH, without a user or password; placeholders after the host"
HEADERS: Final = (
    "a table of up to 32 headers, none of them Authorization, Cookie, Host or one we write: "
    "secrets come as `token`"
)
PLACEHOLDERS: Final = "{id}, {created}, {site}, {appliance} and {field.NAME}"
TOPIC: Final = f"an MQTT topic of 1 to 255 characters without + and #, with {PLACEHOLDERS}"
FIXED_TOPIC: Final = "an MQTT topic with no placeholders but {site} and {appliance}"
HOST: Final = "a host name or an address"
WORD: Final = "1 to 64 letters, digits, - _ and ."

# What stands for a value of the record or the appliance. {token} only in headers.
PLACEHOLDER: Final = r"\{(?:id|created|site|appliance|field\.[^{}]{1,64})\}"
_ORIGIN: Final = (
    r"https?://(?:[0-9A-Za-z._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?(?=/|$)"
)
# What RFC 3986 2 lets stand in a path or query, and no fragment.
_URL: Final = _ORIGIN + r"[!$%&'()*+,./0-9:;=?@A-Z_a-z~-]*"
_TOKEN: Final = r"\{token\}"  # noqa: S105 - where a token goes, not one
# RFC 9110 5.6.2, in which field names are written.
_HEADER_NAME: Final = "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}"
_OURS: Final = frozenset({
    "authorization", "connection", "content-digest", "content-length", "content-type", "cookie",
    "expect", "host", "idempotency-key", "proxy-authorization", "signature", "signature-input",
    "te", "trailer", "transfer-encoding", "upgrade",
})  # fmt: skip
_MOST_HEADERS: Final = 32
_MOST_WORDS: Final = 64
_MOST_TEXT: Final = 1_024
_YEAR: Final = 31_536_000


def credential(value: object) -> str:
    """Where a secret is to be read: a systemd credential's name or a path, never the secret."""
    if isinstance(value, str):
        if re.fullmatch(r"credential:[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}", value):
            return value
        if value.startswith("/") and value.isprintable():
            return value
    raise NotAllowed(CREDENTIAL)


def public_key(value: object) -> str:
    """An X25519 public key, to which secrets are sealed."""
    if isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value):
        return value
    raise NotAllowed(PUBLIC_KEY)


def argv(value: object) -> list[str]:
    """A program by its absolute path, and its arguments."""
    if isinstance(value, list) and 1 <= len(value) <= _MOST_WORDS:
        words = [word for word in value if isinstance(word, str) and len(word) <= _MOST_TEXT]
        if len(words) == len(value) and words[0].startswith("/") and "\0" not in "".join(words):
            return words
    raise NotAllowed(ARGV)


def url(value: object) -> str:
    """An http or https URL as a template: scheme, host and port are fixed (RFC 3986 3)."""
    if isinstance(value, str) and len(value) <= _MOST_TEXT:
        bare = re.sub(PLACEHOLDER, "x", value)
        climbs = {".", ".."} & set(bare.partition("?")[0].split("/"))
        if re.fullmatch(_URL, bare) and re.match(_ORIGIN, value) and not climbs:
            return value
    raise NotAllowed(URL)


def headers(value: object) -> dict[str, str]:
    """Further headers as templates: printable ASCII, none that would carry a secret in clear."""
    if (
        isinstance(value, dict)
        and len(value) <= _MOST_HEADERS
        and all(_is_header(name, text) for name, text in value.items())
    ):
        return dict(value)
    raise NotAllowed(HEADERS)


def _is_header(name: object, text: object) -> bool:
    if not isinstance(name, str) or not isinstance(text, str):
        return False
    bare = re.sub(f"{PLACEHOLDER}|{_TOKEN}", "", text)
    plain = re.fullmatch(r"[ -~]*", bare) and not re.search("[{}]", bare)
    named = re.fullmatch(_HEADER_NAME, name) and name.lower() not in _OURS
    return bool(plain and named and len(text) <= _MOST_TEXT)


def topic(value: object) -> str:
    """A topic name as a template: MQTT 5.0 4.7.1, no wildcards, not below $SYS."""
    if isinstance(value, str) and 1 <= len(value) <= 255:  # noqa: PLR2004 - as told
        bare = re.sub(PLACEHOLDER, "x", value)
        if bare.isprintable() and not re.search(r"[+#{}]", bare) and not bare.startswith("$"):
            return value
    raise NotAllowed(TOPIC)


def fixed_topic(value: object) -> str:
    """A topic of the appliance's, the same for every record."""
    found = topic(value)
    if re.search(r"\{(?:id|created|field)", found):
        raise NotAllowed(FIXED_TOPIC)
    return found


def host(value: object) -> str:
    """Where a broker listens."""
    if isinstance(value, str) and re.fullmatch(r"[0-9A-Za-z._:-]{1,253}", value):
        return value
    raise NotAllowed(HOST)


def word(value: object) -> str:
    """One word of a topic, a path or a client's name."""
    if isinstance(value, str) and re.fullmatch(r"[0-9A-Za-z_.-]{1,64}", value):
        return value
    raise NotAllowed(WORD)


_TLS: Final[Keys] = {
    "tls": values.switch,
    "ca": values.directory,
    "certificate": credential,
    "key": credential,
}
_WHO: Final[Keys] = {"site": word, "appliance": word}

# How many attempts a second: for every backend, also of somebody else's.
RATE: Final = "rate"
SEAL_TO: Final = "seal_to"
_ALL: Final[Keys] = {
    RATE: values.integer(1, 1_000, " attempts a second"),
    SEAL_TO: public_key,
}
# These are not a backend's own business, so they are checked for somebody else's too.
COMMON: Final = _ALL

BACKENDS: Final[Mapping[str, Keys]] = {
    "file": {"directory": values.directory, **_ALL},
    "command": {"argv": argv, "timeout": values.integer(1, 600, " seconds"), **_ALL},
    "http": {
        "url": url,
        "method": values.word("POST", "PUT"),
        "headers": headers,
        "token": credential,
        "hmac": credential,
        "answer": values.word("json", "any"),
        "local": values.switch,
        "timeout": values.integer(1, 300, " seconds"),
        **_TLS,
        **_WHO,
        **_ALL,
    },
    "mqtt": {
        "host": host,
        "port": values.integer(1, 65_535),
        "username": texts.line(_MOST_WORDS),
        "password": credential,
        "topic": topic,
        "answers": fixed_topic,
        "client": word,
        "expires": values.integer(1, _YEAR, " seconds"),
        "unheard": values.word("retry", "delivered"),
        "timeout": values.integer(1, 300, " seconds"),
        **_TLS,
        **_WHO,
        **_ALL,
    },
    # This machine's own network settings: the password is needed here, so nothing is sealed.
    "networkmanager": {RATE: _ALL[RATE]},
    "wpa_supplicant": {RATE: _ALL[RATE]},
}

# Without these a backend does not know where to go.
REQUIRED: Final[Mapping[str, str]] = {"command": "argv", "http": "url", "mqtt": "host"}


def clashes(
    backend: str, given: Collection[str], options: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    """What one option asks of another: (key, what was found, what is allowed).

    `given` are the keys that stand in the file, `options` those of them that could be read.
    """
    needed = REQUIRED.get(backend)
    if needed and needed not in given:
        yield needed, "missing", f"where the backend {backend} delivers to"
    for one, other in (("certificate", "key"), ("key", "certificate"), ("password", "username")):
        if one in given and other not in given:
            yield one, "given alone", f"together with {other}"
    scheme, tls = options.get("url", "").partition(":")[0], options.get("tls", True)
    if scheme == "http" and tls:
        yield "url", "without TLS", "https, or tls = false: passwords cross the network in clear"
    if scheme == "https" and not tls:
        yield "tls", "false", "true, or a URL with http:"
    if "token" not in given and any(re.search(_TOKEN, h) for h in _texts(options)):
        yield "headers", "{token}", "with `token`, which names its credential"


def _texts(options: Mapping[str, Any]) -> Iterable[str]:
    headers: Mapping[str, str] = options.get("headers", {})
    return headers.values()
