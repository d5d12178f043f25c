"""The form's own questions: answers held against [provisioning.fields], or words for each.

Law: values only. An answer is kept as text, a number in its shortest form, a switch as "true" or
"false", a secret as `Secret`; what was left empty is not kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from hotspot.settings import Field, Secret
from portal.form import documents
from portal.form.documents import kind, not_text
from portal.language.words import Words

MOST_FIELDS: Final = 32
LONGEST: Final = 512
PREFIX: Final = "fields."
_NAME: Final = r"[a-z0-9_-]{1,32}"
_LARGEST: Final = 2**53 - 1
_ON: Final = {"true": "true", "on": "true", "false": "false", "": "false"}

_UNKNOWN: Final = Words("This is not a field of the form. Please leave it out.")
_HALF: Final = Words("This holds half a character. Please type it again.")


class _Wrong(Exception):  # noqa: N818 - an answer to a value
    """What is wrong with an answer."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def answers(questions: Sequence[Field], given: object, problems: dict[str, str]) -> dict[str, str]:
    """What is kept of `given`; what is wrong goes into `problems` as "fields.NAME".

    Without questions of the operator's any names are taken, for apps that ask their own.
    """
    if not isinstance(given, dict):
        problems["fields"] = f"This must be an object, not {kind(given)}."
        return {}
    if len(given) > MOST_FIELDS:
        problems["fields"] = Words(
            "There are %(count)s fields; at most %(most)s are taken.",
            count=len(given), most=MOST_FIELDS,
        )  # fmt: skip
        return {}
    return _asked(questions, given, problems) if questions else _any(given, problems)


def _any(given: Mapping[str, object], problems: dict[str, str]) -> dict[str, str]:
    found = {}
    for name, value in given.items():
        try:
            found[name] = _named(name, value)
        except _Wrong as wrong:
            problems[PREFIX + documents.shown(name)] = wrong.words
    return found


def _named(name: str, value: object) -> str:
    if not re.fullmatch(_NAME, name):
        raise _Wrong(Words("A field's name has 1 to 32 of a to z, 0 to 9, - and _."))
    return _text(value)


def _asked(
    questions: Sequence[Field], given: Mapping[str, object], problems: dict[str, str]
) -> dict[str, str]:
    for name in given.keys() - {question.name for question in questions}:
        problems[PREFIX + documents.shown(name)] = _UNKNOWN
    found = {}
    for question in questions:
        try:
            answer = _READERS[question.kind](question, given.get(question.name, ""))
        except _Wrong as wrong:
            problems[PREFIX + question.name] = wrong.words
            continue
        if answer:
            found[question.name] = answer
        elif question.required:
            problems[PREFIX + question.name] = Words("Please fill this in.")
    return found


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _Wrong(not_text(value))
    if len(value) > LONGEST:
        raise _Wrong(
            Words(
                "This has %(count)s characters; at most %(most)s are taken.",
                count=len(value), most=LONGEST,
            )
        )  # fmt: skip
    if not documents.encodable(value):
        raise _Wrong(_HALF)
    return value


def _line(question: Field, value: object) -> str:
    text = _text(value)
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise _Wrong(Words("This holds a character that cannot be typed. Please type it again."))
    if text and question.pattern is not None and not re.fullmatch(question.pattern, text):
        raise _Wrong(Words("This does not look right. Please check it."))
    return text


def _secret(question: Field, value: object) -> str:
    return Secret(_line(question, value))


def _number(question: Field, value: object) -> str:
    text = str(value) if type(value) is int else _text(value).strip()
    if not text:
        return ""
    if not re.fullmatch(r"[+-]?[0-9]{1,16}", text, re.ASCII) or abs(int(text)) > _LARGEST:
        raise _Wrong(Words("Please type a whole number."))
    number = int(text)
    if question.least is not None and number < question.least:
        raise _Wrong(Words("This must be %(least)s or more.", least=question.least))
    if question.most is not None and number > question.most:
        raise _Wrong(Words("This must be %(most)s or less.", most=question.most))
    return str(number)


def _choice(question: Field, value: object) -> str:
    text = _text(value)
    if text and text not in {choice.value for choice in question.choices}:
        raise _Wrong(Words("Please choose one of the list."))
    return text


def _switch(question: Field, value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else _text(value)
    if text not in _ON:
        raise _Wrong("This must be true or false.")
    # One that must be on stands for a consent: off is no answer to it.
    return "" if question.required and _ON[text] == "false" else _ON[text]


_READERS: Final[Mapping[str, Callable[[Field, object], str]]] = {
    "text": _line,
    "number": _number,
    "choice": _choice,
    "switch": _switch,
    "secret": _secret,
}
