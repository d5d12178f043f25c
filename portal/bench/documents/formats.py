"""The formats of documents: how keys with values are written, and what a template's text may be.

Law: whatever stands in a value, a reader of the format gets back exactly it, or the value is
refused with words. Each format's reader is named beside it; the tests ask the real one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from portal.bench.documents.templates import Faulty

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Format:
    """`write` makes a document of keys and values; `plain(name, value)` is a value inside the text
    of a template; `check(text)` raises `Faulty` for what no reader takes.
    """

    kind: str
    write: Callable[[Values], str]
    plain: Callable[[str, str], str]
    check: Callable[[str], object] = str


# --- JSON (RFC 8259) -------------------------------------------------------------------------


def _json(values: Values) -> str:
    return json.dumps(dict(values), indent=2) + "\n"


def _in_json(_: str, value: str) -> str:
    """For inside the quotes of a JSON string."""
    return json.dumps(value)[1:-1]


def _is_json(text: str) -> None:
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Faulty(f"it is no JSON: {error}") from None


# --- shell and systemd (EnvironmentFile=): NAME="value" --------------------------------------


def _env(values: Values) -> str:
    return "".join(f'{_key(key, _VARIABLE)}="{_in_env(key, values[key])}"\n' for key in values)


def _in_env(name: str, value: str) -> str:
    """For inside double quotes: good for sh(1), for systemd, and for Docker Compose."""
    return re.sub(r'([\\"$`])', r"\\\1", _one_line(name, value))


_VARIABLE: Final = "[A-Za-z_][A-Za-z0-9_]*"


# --- INI as Python's configparser reads it without interpolation -------------------------------


def _ini(values: Values) -> str:
    """Keys as `section.key`; those without a dot stand in [device]."""
    sections: dict[str, list[str]] = {}
    for key, value in values.items():
        section, dot, name = key.rpartition(".")
        line = f"{_key(name, _INI_KEY)} = {_in_ini(key, value)}\n"
        sections.setdefault(_key(section, _INI_KEY) if dot else "device", []).append(line)
    return "\n".join(f"[{name}]\n{''.join(lines)}" for name, lines in sections.items())


def _in_ini(name: str, value: str) -> str:
    """INI has no quotes: what it would trim cannot be said in it."""
    if value != value.strip():
        raise Faulty(f"{name}: a value in an INI file cannot begin or end with a blank")
    return _one_line(name, value)


_INI_KEY: Final = "[A-Za-z0-9_-]+"


# --- wpa_supplicant.conf(5) ----------------------------------------------------------------


def _wpa(values: Values) -> str:
    """`ssid` and `psk`, and whatever else wpa_supplicant knows, as one network."""
    lines = [f"country={_key(values['country'], '[A-Z]{2}')}\n"] if "country" in values else []
    inside = [f"\t{_wpa_line(key, value)}\n" for key, value in values.items() if key != "country"]
    return "".join([*lines, "network={\n", *inside, "}\n"])


def _wpa_line(key: str, value: str) -> str:
    if key == "ssid":
        if not 1 <= len(value.encode()) <= _SSID:
            raise Faulty("ssid: a network name has 1 to 32 bytes")
        return f"ssid={value.encode().hex()}"
    if key == "psk" and re.fullmatch("[0-9A-Fa-f]{64}", value):
        return f"psk={value}"
    if key == "psk" and not re.fullmatch("[ -~]{8,63}", value):
        raise Faulty("psk: 8 to 63 printable ASCII characters")
    if key in _WPA_WORDS:
        return f"{key}={_key(value, '[A-Za-z0-9_ -]+')}"
    return f'{_key(key, "[a-z0-9_]+")}="{_in_wpa(key, value)}"'


def _in_wpa(name: str, value: str) -> str:
    """wpa_supplicant reads from the first quote to the last one of the line, and no escapes; but
    what follows a # behind the second quote it takes for a comment before (2.10, config_file.c).
    """
    if not value.isprintable() or not value.isascii():
        raise Faulty(f"{name}: printable ASCII characters")
    if "#" in value.partition('"')[2]:
        raise Faulty(f'{name}: wpa_supplicant reads no # behind a "')
    return value


_SSID: Final = 32
_WPA_WORDS: Final = frozenset(
    {"key_mgmt", "priority", "scan_ssid", "ieee80211w", "proto", "pairwise", "group", "eap"}
)


# --- NetworkManager's keyfile (nm-settings-keyfile(5), GKeyFile) --------------------------------


def _keyfile(values: Values) -> str:
    """Keys as `group.key`, such as `wifi.ssid`; an SSID is written as its bytes."""
    groups: dict[str, list[str]] = {}
    for key, value in values.items():
        group, dot, name = key.partition(".")
        if not dot:
            raise Faulty(f"{key}: write group.key, such as wifi.ssid")
        text = (
            "".join(f"{octet};" for octet in value.encode())
            if name == "ssid"
            else _in_keyfile(key, value)
        )
        groups.setdefault(_key(group, "[a-z0-9-]+"), []).append(
            f"{_key(name, '[A-Za-z0-9-]+')}={text}\n"
        )
    return "\n".join(f"[{name}]\n{''.join(lines)}" for name, lines in groups.items())


def _in_keyfile(name: str, value: str) -> str:
    r"""GKeyFile's escapes: \s for a leading blank, \\ for a backslash, \n, \t and \r."""
    if re.search("[\0-\x08\x0b\x0c\x0e-\x1f\x7f]", value):
        raise Faulty(f"{name}: no control characters")
    text = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    text = text.replace("\t", "\\t")
    blanks = len(text) - len(text.lstrip(" "))
    return "\\s" * blanks + text[blanks:]


# --- cloud-config: YAML, of which JSON is a part ----------------------------------------------


def _cloud(values: Values) -> str:
    # Keys in quotes too: YAML's `no` and `null` are none.
    lines = [f'"{_key(key, _CLOUD_KEY)}": {_yaml(values[key])}\n' for key in values]
    return "#cloud-config\n" + "".join(lines)


def _yaml(value: str) -> str:
    """A double-quoted scalar. Beyond the first plane YAML knows no pairs of escapes, so those
    characters stand as they are, and what YAML does not print is escaped (YAML 1.1, 5.1).
    """
    return '"' + "".join(map(_yaml_character, value)) + '"'


def _yaml_character(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    number = ord(character)
    plain = character.isprintable() or number > _PLANE
    return character if plain and number not in {0xFEFF, 0xFFFE, 0xFFFF} else f"\\U{number:08X}"


def _is_cloud(text: str) -> None:
    if not text.startswith("#cloud-config\n"):
        raise Faulty("its first line is to be #cloud-config")


_CLOUD_KEY: Final = "[A-Za-z0-9_-]+"
_PLANE: Final = 0xFFFF


# --- text ------------------------------------------------------------------------------------


def _text(values: Values) -> str:
    return "".join(f"{key}={_one_line(key, values[key])}\n" for key in values)


def _as_it_is(_: str, value: str) -> str:
    return value


def _key(key: str, pattern: str) -> str:
    if not re.fullmatch(pattern, key):
        raise Faulty(f"{key[:40]}: it cannot stand there in this format")
    return key


def _one_line(name: str, value: str) -> str:
    if re.search("[\0-\x1f\x7f\x85\u2028\u2029]", value):
        raise Faulty(f"{name}: one line without control characters")
    return value


FORMATS: Final[Mapping[str, Format]] = {
    "json": Format("application/json", _json, _in_json, _is_json),
    "env": Format("text/plain; charset=utf-8", _env, _in_env),
    "ini": Format("text/plain; charset=utf-8", _ini, _in_ini),
    "wpa_supplicant": Format("text/plain; charset=utf-8", _wpa, _in_wpa),
    "networkmanager": Format("text/plain; charset=utf-8", _keyfile, _in_keyfile),
    "cloud-config": Format(
        "text/cloud-config; charset=utf-8", _cloud, lambda _, value: _yaml(value)[1:-1], _is_cloud
    ),
    "text": Format("text/plain; charset=utf-8", _text, _as_it_is),
}
NVS: Final = "nvs"
NAMES: Final = (*FORMATS, NVS)
