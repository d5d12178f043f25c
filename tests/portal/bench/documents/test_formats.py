"""Documents: whatever stands in a value, a real reader of the format gets back exactly that."""

from __future__ import annotations

import configparser
import json
import shlex
import string
import subprocess
from collections.abc import Mapping
from contextlib import suppress

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.bench.documents import rendering
from portal.bench.documents.formats import FORMATS, NAMES
from portal.bench.documents.templates import FILTERS, Faulty, filled, names
from portal.bench.manifest.job import Paper

TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=16) | st.sampled_from(
    ["'; reboot; '", "$(reboot)", "`x`", '"', "\\", "\\n", "%s", "#", ";", "[x]", "a=b", "{{ x }}",
     " blank", "blank ", "no", "null", "1e3", "\x85", "\u2028", "\ufeff", "😀", "a\nb: c",
     "- x", "*a"]
)  # fmt: skip
KEYS = st.text(string.ascii_lowercase, min_size=1, max_size=8)
VALUES = st.dictionaries(KEYS, TEXTS, min_size=1, max_size=4)


def written(format_: str, values: Mapping[str, str]) -> str | None:
    """The document, None where it is refused."""
    with suppress(Faulty):
        return FORMATS[format_].write(values)
    return None


@given(VALUES)
def test_json(values: dict[str, str]) -> None:
    """Python's reader has the same values, in the same order."""
    text = FORMATS["json"].write(values)

    assert list(json.loads(text).items()) == list(values.items())
    FORMATS["json"].check(text)


@settings(max_examples=40, deadline=None)
@given(VALUES)
def test_env(values: dict[str, str]) -> None:
    """A shell that reads the file has the same values, and has run nothing."""
    text = written("env", values)
    if text is None:
        return
    words = "; ".join(f'printf "%s\\0" "${name}"' for name in values)
    done = subprocess.run(
        ["/bin/sh", "-c", f". /dev/stdin; {words}"], input=text.encode(), check=True,
        capture_output=True, timeout=20,
    )  # fmt: skip

    assert done.stdout.decode().split("\0")[:-1] == list(values.values())
    assert all(shlex.split(line) for line in text.splitlines())


@given(VALUES)
def test_ini(values: dict[str, str]) -> None:
    """configparser has the same values."""
    text = written("ini", {f"wifi.{name}": value for name, value in values.items()})
    if text is not None:
        reader = configparser.RawConfigParser(delimiters=("=",), comment_prefixes=())
        reader.read_string(text)
        assert dict(reader["wifi"]) == values


@given(VALUES)
def test_cloud_config(values: dict[str, str]) -> None:
    """A YAML reader has the same texts: no `no` has become false."""
    text = FORMATS["cloud-config"].write(values)

    assert text.startswith("#cloud-config\n")
    assert yaml.safe_load(text) == values


def keyfile(text: str) -> dict[str, str]:
    """What GKeyFile reads in a keyfile's one group: g_key_file_parse_value_as_string."""
    found, escapes = {}, {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
    for line in text.split("\n")[1:-1]:
        name, _, raw = line.partition("=")
        value, octets = "", iter(raw.lstrip(" "))
        for each in octets:
            value += escapes[next(octets)] if each == "\\" else each
        found[name.rstrip(" ")] = value
    return found


@given(VALUES)
def test_networkmanager(values: dict[str, str]) -> None:
    """GKeyFile's rules give back the same values, with leading blanks and line ends."""
    text = written("networkmanager", {f"vestibule.{name}": each for name, each in values.items()})
    if text is not None:
        assert keyfile(text) == values


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12), TEXTS)
def test_networks(ssid: str, psk: str) -> None:
    """An SSID is written as its bytes, a passphrase as it is or not at all; each on its line."""
    values = {"ssid": ssid, "psk": psk}
    for format_, prefix in (("wpa_supplicant", ""), ("networkmanager", "wifi.")):
        text = written(format_, {f"{prefix}{name}": value for name, value in values.items()})
        if text is None:
            continue
        if format_ == "wpa_supplicant":
            lines = dict(line.strip().split("=", 1) for line in text.splitlines()[1:-1])
            assert bytes.fromhex(lines["ssid"]).decode() == ssid
            assert lines["psk"] == f'"{psk}"'
        else:
            octets = text.partition("ssid=")[2].partition("\n")[0]
            assert bytes(map(int, octets.removesuffix(";").split(";"))).decode() == ssid


@pytest.mark.parametrize("format_", FORMATS)
@given(value=TEXTS)
def test_inside_a_template(format_: str, value: str) -> None:
    """A value inside a template's text never ends its line or its quotes."""
    around = {"json": '{"a": "{{ x }}"}', "cloud-config": '#cloud-config\na: "{{ x }}"\n'}
    template = around.get(format_, 'A="{{ x }}"' if format_ == "env" else "a={{ x }}")
    try:
        text = filled(template, {"x": value}, FORMATS[format_].plain)
    except Faulty:
        return
    if format_ == "json":
        assert json.loads(text) == {"a": value}
    elif format_ == "cloud-config":
        assert yaml.safe_load(text) == {"a": value}
    elif format_ != "text":
        assert len(text.split("\n")) == 1


def test_names_and_filters() -> None:
    """A name is put in once; a value that looks like one stays what it is."""
    values = {"a": "{{ b }}", "b": "x", "attr.c": "é", "pem": "-----\nAB\n-----\n"}

    assert names("{{ a }}{{a}} {{ attr.c | hex }}") == ("a", "attr.c")
    assert filled("{{ a }}{{b}}", values) == "{{ b }}x"
    assert filled("{{ attr.c | hex }} {{ attr.c|base64 }}", values) == "c3a9 w6k="
    assert json.loads(filled("{{ a | json }}", values)) == "{{ b }}"
    assert filled("{{ pem | pem_one_line }}", values) == "-----\\nAB\\n-----\\n"
    assert set(FILTERS) == {"hex", "base64", "json", "pem_one_line"}


@pytest.mark.parametrize(
    ("text", "words"),
    [("{{ no }}", "no: no value"), ("{{ a | upper }}", "filters are"),
     ("{{ }}", "names no column"), ("{{ a.b(c) }}", "write {{ name }}"),
     ("{{ a", "write {{ name }}"), ("{{ empty }}", "no value")],
)  # fmt: skip
def test_what_is_no_template(text: str, words: str) -> None:
    """It is refused in words, and nothing is half filled in."""
    with pytest.raises(Faulty) as refused:
        filled(text, {"a": "1", "empty": ""})
    assert words in str(refused.value)


@given(st.text(max_size=40), st.dictionaries(st.text(max_size=4), TEXTS, max_size=3))
def test_any_template(text: str, values: dict[str, str]) -> None:
    """Whatever stands there is filled or refused."""
    with suppress(Faulty):
        filled(text, values)


def test_a_device_s_own() -> None:
    """Columns, `id`, and secrets also by their short names; missing values stop it in words."""
    paper = Paper("config", "json", values={"n": "{{ name }}", "k": "{{ key }}"}, file="c.json")
    found = rendering.rendered(paper, {"secret.key": "s3cret", "name": "lamp-1"}, "SN1")

    assert (found.name, found.kind) == ("c.json", "application/json")
    assert json.loads(found.body) == {"n": "lamp-1", "k": "s3cret"}
    with pytest.raises(Faulty, match="key: no value"):
        rendering.checked(paper, {}, "SN1")
    with pytest.raises(Faulty, match="no JSON"):
        rendering.rendered(Paper("config", "json", template="{"), {}, "SN1")
    with pytest.raises(Faulty, match="256 KiB"):
        rendering.rendered(Paper("t", "text", template="x" * (1 << 19)), {}, "SN1")
    assert NAMES[-1] == "nvs"
