"""Where a device is on its way over the bench."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """The states, in the order in which a device that meets no trouble goes through them."""

    EXPECTED = "expected"  # in the manifest, not seen yet
    SEEN = "seen"  # something asked or is on the air; nobody knows yet which device it is
    IDENTIFIED = "identified"  # matched to a row
    CLAIMED = "claimed"  # by a proof, or by a technician's word
    QUEUED = "queued"  # waits for a slot
    FLASHING = "flashing"
    REBOOTING = "rebooting"  # has all bytes; waits to be heard of again
    VERIFYING = "verifying"  # is back; the proof is to come
    CONFIGURING = "configuring"  # has its firmware, fetches its document
    PROVISIONED = "provisioned"  # on evidence
    LABELLED = "labelled"
    RELEASED = "released"  # sent away, its slot is free
    FAILED = "failed"  # with a reason, a step and an attempt
    CONFLICT = "conflict"  # a person must say which row this is
    REJECTED = "rejected"  # set aside by a person
    GONE = "gone"  # not heard of for too long
