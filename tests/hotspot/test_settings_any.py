"""The settings of any file at all: Settings or Invalid, and no secret in either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from hotspot import settings
from hotspot.settings import Invalid, Settings
from tests.hotspot.files import COUNTRY, FULL, problems
from tests.hotspot.strategies import scalars, toml_values

if TYPE_CHECKING:
    from collections.abc import Callable


def outcome(make: Callable[[], Settings]) -> Settings | Invalid:
    """What comes of a document; any other exception is a bug and escapes."""
    try:
        return make()
    except Invalid as refused:
        return refused


documents = st.dictionaries(
    st.sampled_from(
        ["radio", "network", "home", "portal", "dns", "provisioning", "brand", "bench", "delivery"]
    )
    | st.text(),
    st.dictionaries(
        st.sampled_from(["country", "interface", "ssid", "passphrase", "channel", "security"])
        | st.sampled_from(["address", "lease", "threads", "ttl", "joins", "fields", "backend"])
        | st.text(max_size=8),
        toml_values | st.sampled_from(["DE", "auto", 6, "10.0.0.1/24", False, "file"]),
    )
    | toml_values,
)


@given(documents)
@example({"radio": {"country": "DE", "ssid": "\ud800"}})
@example({"radio": {"country": "DE", "channel": 1 << 20_000}})
@example({"delivery": {"a\nb": {"backend": "file"}}, "radio": {}})
def test_any_mapping_is_settings_or_invalid(document: dict[str, Any]) -> None:
    """Whatever TOML can hold, the result is Settings or one printable line per problem."""
    found = outcome(lambda: settings.from_mapping(document))
    if isinstance(found, Invalid):
        assert found.problems
        assert all(str(problem).isprintable() for problem in found.problems)


@given(st.text())
def test_any_text_is_settings_or_invalid(text: str) -> None:
    """Whatever stands in the file, nothing but Invalid comes out."""
    found = outcome(lambda: settings.parse(text, file="c.toml"))
    assert isinstance(found, Settings) or str(found.problems[0]).isprintable()


CANARY = "canary-3f1c"


@given(
    key=st.sampled_from(["passphrase", "pasphrase", "password", "psk", "key", "wpa_passphrase"]),
    table=st.sampled_from(["radio", "network", "wifi", "delivery", ""]),
    wrap=st.sampled_from(
        [str, lambda text: [text], lambda text: {"x": text}, lambda text: f"{text}\n"]
    ),
    others=st.dictionaries(st.sampled_from(["country", "channel", "ssid"]), scalars),
)
def test_no_passphrase_in_a_problem(
    key: str, table: str, wrap: Any, others: dict[str, Any]
) -> None:
    """Under its own name or a mistaken one, in any table and wrapping, it is never shown."""
    secret = {key: wrap(CANARY), **others}
    assume(not any(CANARY in str(value) for value in others.values()))
    document = {**secret, "radio": {"channel": 15}} if table == "" else {table: secret}
    with pytest.raises(Invalid) as refused:
        settings.from_mapping({"network": {"lease": 0}, **document})
    assert CANARY not in str(refused.value)
    assert CANARY not in repr(refused.value.problems)


@pytest.mark.parametrize("line", [f"passphrase = {CANARY}", f"passphrase = '{CANARY}", f"{CANARY}"])
def test_no_passphrase_in_a_syntax_error(line: str) -> None:
    """A passphrase whose quotes were forgotten is not shown by the complaint about them."""
    assert CANARY not in problems(COUNTRY + line)[0]


def test_no_passphrase_in_a_repr() -> None:
    """Settings in a traceback or a log show no passphrase."""
    found = settings.parse(FULL, file="c.toml")
    assert "correct horse" not in repr(found)
    assert "correct horse" not in f"{found}"
    assert "<secret of 13 characters>" in repr(found)
