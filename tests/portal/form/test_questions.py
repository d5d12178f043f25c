"""The operator's own questions: every kind, and what is wrong with an answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.settings import Choice, Field, Secret
from portal.form.questions import LONGEST, answers

ROOM = Field("room", "choice", choices=(Choice("hall"), Choice("kitchen")))
COUNT = Field("count", "number", least=1, most=9)
PIN = Field("pin", "secret", pattern="[0-9]{4}")
NOTE = Field("note", pattern="[a-z ]*")
TERMS = Field("terms", "switch", required=True)
LIGHT = Field("light", "switch")


def asked(given: object, *questions: Field) -> tuple[dict[str, str], dict[str, str]]:
    """What is kept, and what is wrong."""
    problems: dict[str, str] = {}
    return answers(questions, given, problems), problems


@pytest.mark.parametrize(
    ("question", "answer", "kept"),
    [
        (ROOM, "hall", "hall"),
        (COUNT, "7", "7"),
        (COUNT, " +007 ", "7"),
        (COUNT, 7, "7"),
        (Field("n", "number"), "-0", "0"),
        (PIN, "1234", "1234"),
        (NOTE, "by the door", "by the door"),
        (LIGHT, "on", "true"),
        (LIGHT, True, "true"),
        (LIGHT, "false", "false"),
        (TERMS, "true", "true"),
    ],
)
def test_what_is_kept(question: Field, answer: object, kept: str) -> None:
    """As text: numbers in their shortest form, switches as true or false, secrets as such."""
    found, problems = asked({question.name: answer}, question)

    assert (found, problems) == ({question.name: kept}, {})
    assert isinstance(found[question.name], Secret) is (question.kind == "secret")


@pytest.mark.parametrize(
    ("question", "answer", "words"),
    [
        (ROOM, "attic", "one of the list"),
        (COUNT, "0", "1 or more"),
        (COUNT, "10", "9 or less"),
        (COUNT, "seven", "whole number"),
        (COUNT, "\u0667", "whole number"),  # an Arabic-Indic seven
        (COUNT, "1.5", "whole number"),
        (COUNT, True, "text, not true or false"),
        (Field("n", "number"), "9" * 16, "whole number"),
        (PIN, "12345", "does not look right"),
        (NOTE, "By the door", "does not look right"),
        (NOTE, "a\nb", "cannot be typed"),
        (NOTE, "x" * (LONGEST + 1), "513 characters"),
        (NOTE, "\ud800", "half a character"),
        (NOTE, None, "text, not null"),
        (LIGHT, "perhaps", "true or false"),
        (TERMS, "", "fill this in"),
        (TERMS, False, "fill this in"),
    ],
)
def test_what_is_wrong(question: Field, answer: object, words: str) -> None:
    """Words at the field, and nothing is kept."""
    found, problems = asked({question.name: answer}, question)

    assert not found
    assert words in problems[f"fields.{question.name}"]


@pytest.mark.parametrize("question", [ROOM, COUNT, PIN, NOTE])
def test_left_empty(question: Field) -> None:
    """Nothing is kept of what nobody filled in; where it is required, that is told."""
    for given_ in ({}, {question.name: ""}):
        assert asked(given_, question) == ({}, {})
        must = Field(question.name, question.kind, required=True, choices=question.choices)
        found, problems = asked(given_, must)
        assert not found
        assert problems == {f"fields.{question.name}": "Please fill this in."}


def test_what_nobody_asked() -> None:
    """Where the operator asks questions, there are no others."""
    assert asked({"admin": "1"}, NOTE)[1].keys() == {"fields.admin"}
    assert asked({"admin": "1"}) == ({"admin": "1"}, {})


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text()))
def test_any_answers(given_: dict[str, object]) -> None:
    """Kept or told, never both, and only text is kept."""
    found, problems = asked(given_, ROOM, COUNT, PIN, NOTE, LIGHT)

    assert not {f"fields.{name}" for name in found} & problems.keys()
    assert all(isinstance(value, str) for value in found.values())
