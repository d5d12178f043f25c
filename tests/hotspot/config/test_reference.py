"""Every setting has its words, and the example is a file that can be used."""

from __future__ import annotations

import re
import tomllib

from click.testing import CliRunner

from hotspot import settings
from hotspot.__main__ import main
from hotspot.config import example, fields, options, reference, words
from hotspot.settings import SECTIONS


def test_every_key_has_words_and_all_words_a_key() -> None:
    """Whoever adds a setting says what it is for; whoever removes one leaves no words behind."""
    dotted = {f"{section}.{name}" for section, keys in SECTIONS.items() for name in keys}
    assert words.KEYS.keys() == dotted
    assert words.TABLES.keys() == {*SECTIONS, "provisioning.fields.NAME", "delivery.NAME"}
    assert words.FIELD.keys() == fields.KEYS.keys()
    taken = {name for keys in options.BACKENDS.values() for name in keys}
    assert words.DELIVERY.keys() == {"backend", *taken}
    assert dotted >= words.LEFT_OUT.keys() | words.MORE.keys()
    assert words.DELIVERY_LEFT_OUT.keys() <= taken


def test_words_are_sentences() -> None:
    """A capital, a full stop, one line; defaults and bounds are said elsewhere."""
    for text in (*words.TABLES.values(), *words.KEYS.values(), *words.FIELD.values()):
        assert re.fullmatch(r"[A-Z][^\n]+[.]", text), text
        assert "default" not in text.lower()


def test_every_key_says_what_it_takes() -> None:
    """What is allowed comes from the reader, the default from the settings."""
    tables = {name: {key.name: key for key in keys} for name, _, keys in reference.tables()}
    assert tables["radio"]["country"].required
    assert tables["radio"]["linger"].default == "60"
    assert tables["network"]["address"].default == '"100.64.64.1/22"'
    assert tables["dns"]["ttl"].allowed == "a whole number from 1 to 60 seconds"
    assert tables["delivery.NAME"]["url"].required
    assert "(command)" in tables["delivery.NAME"]["timeout"].allowed
    assert [key.name for name in SECTIONS for key in tables[name].values() if key.required] == [
        "country"
    ]


def test_the_example_can_be_used() -> None:
    """As it stands it says no more than the country."""
    text = CliRunner().invoke(main, ["config", "example", "--country", "FR"]).stdout
    found = settings.parse(text, file="example")
    assert found == settings.from_mapping({"radio": {"country": "FR"}})
    assert max(map(len, text.splitlines())) <= 100


def test_its_comments_can_be_taken_away() -> None:
    """Each default as it is written there is the default."""
    text = example.render()
    given = re.sub(r"^# ([a-z_]+ = [^…\n]+)$", r"\1", text, flags=re.MULTILINE)
    # Tables that need a name of one's own stay what they are: comments.
    own = given.partition("# A question on the page")[0]
    assert own.count(" = ") > text.count("\n# x = ") + 20
    assert settings.parse(own, file="example") == settings.from_mapping(
        {"radio": {"country": "DE"}}
    )
    assert tomllib.loads(own)["dns"] == {"ttl": 10}


def test_a_country_that_is_none() -> None:
    """Is refused in words."""
    told = CliRunner().invoke(main, ["config", "example", "--country", "Germany"])
    assert told.exit_code == 2
    assert "two capital letters" in told.stderr
