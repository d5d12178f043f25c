"""What a person reads while a network is joined, and when it has ended: in words to act on.

Keys are those of `portal.joining.progress`. Each outcome says what is so and the one thing to do
next; %(network)s is the network's name, %(wifi)s that of this device's own Wi-Fi.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from portal.joining.progress import Mark, View
from portal.language.words import Words


@dataclass(frozen=True, slots=True)
class Told:
    """An outcome in words. `box` is the one of the form to look at first, "" for none."""

    heading: Words
    words: Words
    box: str = ""


# What a stage of a join is called before it is done, and afterwards.
STAGES: Final[Mapping[str, tuple[Words, Words]]] = {
    "found": (Words("Looking for the network"), Words("Network found")),
    "accepted": (Words("Checking the password"), Words("Password accepted")),
    "address": (Words("Asking for an address"), Words("Address received")),
    "internet": (Words("Looking for the Internet"), Words("Internet reached")),
    "kept": (Words("Making sure that it lasts"), Words("Connection saved")),
}
# The same stage of a network without a password.
OPEN_STAGE: Final = (Words("Joining the network"), Words("Network joined"))
# Where the Internet was looked for in vain, and that is no failure.
WITHOUT_INTERNET: Final = Words("No Internet there")

OUTCOMES: Final[Mapping[str, Told]] = {
    "wrong_password": Told(
        Words("The password was not accepted"),
        Words("%(network)s is there, but not with this password. Please type it once more."),
        "passphrase",
    ),
    "not_found": Told(
        Words("The network was not found"),
        Words("%(network)s does not answer. Is its router switched on, and near enough?"),
        "passphrase",
    ),
    "no_address": Told(
        Words("The network gave no address"),
        Words("%(network)s let this device in, but gave it no address. Please restart the router."),
        "passphrase",
    ),
    "no_gateway": Told(
        Words("The router does not answer"),
        Words("%(network)s let this device in, but its router is silent. Please restart it."),
        "passphrase",
    ),
    "no_internet": Told(
        Words("There is no Internet"),
        Words("%(network)s works, but has no Internet. Please check the router's connection."),
        "passphrase",
    ),
    "upstream_portal": Told(
        Words("That network wants a sign-in"),
        Words(
            "%(network)s has a sign-in page of its own, which this device cannot fill in."
            " Please choose another network."
        ),
        "network",
    ),
    "needs_username": Told(
        Words("A user name is needed"),
        Words("%(network)s asks for a user name and a password. Please enter both."),
        "identity",
    ),
    "not_supported": Told(
        Words("That network cannot be used"),
        Words(
            "%(network)s is protected in a way this device does not know."
            " Please choose another network."
        ),
        "network",
    ),
    "lost": Told(
        Words("The connection broke off"),
        Words("%(network)s was joined, but not for long. Please move this device nearer to it."),
        "passphrase",
    ),
    "cancelled": Told(
        Words("The attempt was stopped"),
        Words("Nothing has been changed. You can start again whenever you like."),
        "passphrase",
    ),
    "failed": Told(
        Words("Something went wrong on this device"),
        Words("It is not your fault, and nothing has been changed. Please try again."),
        "passphrase",
    ),
    "interrupted": Told(
        Words("The attempt was interrupted"),
        Words("This device was switched off or restarted. Please try again."),
        "passphrase",
    ),
}


def told(outcome: str) -> Told:
    """The words for an outcome; one that is not known counts as our own fault."""
    return OUTCOMES.get(outcome, OUTCOMES["failed"])


def stages(seen: View, *, locked: bool) -> list[tuple[str, Words]]:
    """The state of each stage of a join, and what it is called in that state."""
    return [(mark.state, _stage(mark, locked=locked)) for mark in seen.stages]


def _stage(mark: Mark, *, locked: bool) -> Words:
    if mark.step == "internet" and mark.state == "skipped":
        return WITHOUT_INTERNET
    ahead, done = OPEN_STAGE if mark.step == "accepted" and not locked else STAGES[mark.step]
    return done if mark.state == "done" else ahead
