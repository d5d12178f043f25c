"""What a value may be, where the settings' own tests do not reach."""

from __future__ import annotations

import contextlib
import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.config import texts, values
from hotspot.config.values import NotAllowed, Secret
from tests.hotspot.strategies import directories, toml_values


@pytest.mark.parametrize("secret", [Secret("geheimnis"), copy.copy(Secret("geheimnis"))])
def test_a_secret_is_the_text_but_does_not_show_it(secret: Secret) -> None:
    """It compares and encodes as its text; its repr, also inside others, does not tell it."""
    assert secret == "geheimnis"
    assert secret.encode() == b"geheimnis"
    assert repr(secret) == "<secret of 9 characters>"
    assert "geheimnis" not in repr({"passphrase": [secret]})
    assert repr(pickle.loads(pickle.dumps(secret))) == repr(secret)  # noqa: S301 - our own bytes


READERS = [
    values.address,
    values.channel,
    values.country,
    values.directory,
    values.interface,
    values.switch,
    values.seconds_or("forever", 0),
    values.gpio_line,
    texts.color,
    texts.line(5),
    texts.texts(5),
    values.word("a", "b"),
    values.lease,
    values.passphrase,
    values.plain_directory,
    values.security,
    values.ssid,
]


@pytest.mark.parametrize("reader", READERS)
@given(value=toml_values | st.none())
def test_only_not_allowed_escapes(reader: values.Reader, value: object) -> None:
    """Every reader takes any value TOML can hold, and refuses in no other way."""
    with contextlib.suppress(NotAllowed):
        reader(value)


@given(directories)
def test_plain_directories(directory: str) -> None:
    """Ordinary paths are taken as they are."""
    assert values.plain_directory(directory) == directory


@pytest.mark.parametrize(
    "path",
    ["", "/", "run", "/run/a b", "/run/a,b", '/run/"', "/run/é", "/run\n", "/" + "x" * 80, "/a//b"],
)
def test_paths_that_would_need_quoting(path: str) -> None:
    """A path that some configuration file would read as something else is refused."""
    with pytest.raises(NotAllowed, match="an absolute path of at most 80"):
        values.plain_directory(path)
