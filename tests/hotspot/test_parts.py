"""What is loaded of pyroute2, and what whoever comes later finds of it."""

from __future__ import annotations

import subprocess
import sys

import pytest


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


def test_a_door_opens_without_the_rest() -> None:
    """A kernel is asked about a link, a family and an error without the library's index."""
    code = """\
import contextlib, sys
from hotspot.netlink import Generic, Links
with Links() as links:
    print(links.up(1) in {True, False})
    try:
        links.up(2**30)
    except OSError as error:
        print(error.errno)
with contextlib.suppress(OSError), Generic("nlctrl"):
    pass
print([name for name in ("pyroute2.ndb", "pyroute2.ipdb", "pyroute2.plan9") if name in sys.modules])
"""
    assert run(code).splitlines() == ["True", "19", "[]"]


@pytest.mark.parametrize("first", ["import pyroute2", "from hotspot.parts import parts; parts()"])
def test_who_comes_later_gets_all_of_it(first: str) -> None:
    """Before or after us, the package is whole, and its classes are ours."""
    then = "import pyroute2; from hotspot.parts import parts; ours = parts()"
    same = "ours.route is pyroute2.IPRoute, ours.failure is pyroute2.NetlinkError"

    assert run(f"{first}; {then}; print({same}, hasattr(pyroute2, 'NDB'))") == "True True True"
