"""The model of a disk: what is synced stays, what is not may stay, be lost or be torn."""

from __future__ import annotations

import random

from tests.torture.disk import Disk, images
from tests.torture.trace import Act, Named, Resized, Synced, Told, Unnamed, Wrote

A, B, FOLDER = "/s/a", "/s/b", "/s"
SAFE: list[Act] = [Named(A), Wrote(A, 0, b"one"), Synced(A), Synced(FOLDER), Told("one")]


def after(acts: list[Act], chance: random.Random | None = None) -> dict[str, bytes]:
    """The files after a cut when these acts have been done."""
    disk = Disk()
    for act in acts:
        disk.do(act)
    return disk.after_cut(chance)


def by_chance(acts: list[Act]) -> set[tuple[tuple[str, bytes], ...]]:
    """Every state that a few hundred cuts have left."""
    return {tuple(sorted(after(acts, random.Random(seed)).items())) for seed in range(300)}


def test_synced_is_there() -> None:
    """A file whose contents and name are synced is there whatever chance says."""
    assert after(SAFE) == {A: b"one"}
    assert by_chance(SAFE) == {((A, b"one"),)}


def test_a_name_is_synced_with_its_directory() -> None:
    """Contents alone are not enough: without its name a file may be gone."""
    nameless = list(SAFE[:3])

    assert after(nameless) == {}
    assert by_chance(nameless) == {(), ((A, b"one"),)}


def test_an_unsynced_write_is_there_or_not_or_torn() -> None:
    """Of 1,024 octets written over synced ones, sectors of 512 survive by chance."""
    old, new = b"o" * 1024, b"n" * 1024
    acts: list[Act] = [Named(A), Wrote(A, 0, old), Synced(A), Synced(FOLDER), Wrote(A, 0, new)]

    assert after(acts) == {A: old}
    assert {dict(state)[A] for state in by_chance(acts)} == {old, new, new[:512] + old[512:]}


def test_writes_are_kept_out_of_order() -> None:
    """A later write may survive where an earlier one does not."""
    acts: list[Act] = [*SAFE, Wrote(A, 0, b"1"), Wrote(A, 2, b"3")]

    found = {dict(state)[A] for state in by_chance(acts)}
    assert {b"one", b"1ne", b"on3", b"1n3"} <= found


def test_cut_to_a_length() -> None:
    """A file that was cut is long or short; one that grew has zeros."""
    shorter: list[Act] = [*SAFE, Resized(A, 1)]
    longer: list[Act] = [*SAFE, Resized(A, 4)]

    assert {dict(state)[A] for state in by_chance(shorter)} == {b"one", b"o"}
    assert {dict(state)[A] for state in by_chance(longer)} == {b"one", b"one\0"}


def test_a_rename_shows_one_or_the_other() -> None:
    """Before its directory is synced a renamed file may stand under either name, or both."""
    acts: list[Act] = [Named(B), Wrote(B, 0, b"two"), Synced(B), Named(A, B)]

    assert after([*SAFE, *acts]) == {A: b"one"}
    assert after([*SAFE, *acts, Synced(FOLDER)]) == {A: b"two"}
    assert {dict(state).get(A) for state in by_chance([*SAFE, *acts])} == {b"one", b"two"}


def test_a_removed_name_may_come_back() -> None:
    """Until its directory is synced."""
    assert by_chance([*SAFE, Unnamed(A)]) == {(), ((A, b"one"),)}
    assert by_chance([*SAFE, Unnamed(A), Synced(FOLDER)]) == {()}


def test_an_image_for_every_moment() -> None:
    """Before each act and after the last, and what had been told by then."""
    found = images(SAFE, 2)

    assert len(found) == 3 * (len(SAFE) + 1)
    assert [image.told for image in found[-6:]] == [()] * 3 + [("one",)] * 3
