"""`cutoff`: the package's question, with an adapter and a person that are not there."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from ipaddress import IPv4Address
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from hotspot.__main__ import main
from hotspot.checks import cutoff
from hotspot.machine.steps import Address

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Asked = Callable[..., Result]

OURS = "100.64.64.1"


class Kernel:
    """One adapter, or none, with these addresses."""

    def __init__(self, *addresses: str, adapters: int = 1) -> None:
        self._addresses = frozenset(Address(each) for each in addresses)
        one = SimpleNamespace(interface="wlan0", index=3, can_be_access_point=True)
        self._adapters = (one,) * adapters

    def adapters(self) -> tuple[SimpleNamespace, ...]:
        return self._adapters

    def addresses(self, _index: int) -> frozenset[Address]:
        return self._addresses


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Ask it of a kernel, while somebody is connected to an address by SSH."""

    def ask(kernel: Kernel, *words: str, session: str | None = None) -> Result:
        def opened() -> AbstractContextManager[Kernel]:
            return nullcontext(kernel)

        here = [IPv4Address(session)] if session else []
        monkeypatch.setattr(cutoff, "Wireless", opened)
        monkeypatch.setattr(cutoff, "Links", opened)
        monkeypatch.setattr(cutoff, "sessions", lambda _proc: here)
        monkeypatch.setattr(cutoff, "above", lambda _pid, _proc: [])
        config = tmp_path / "config.toml"
        config.write_text('[radio]\ncountry = "DE"\n')
        return CliRunner().invoke(main, ["cutoff", "--config", str(config), *words])

    return ask


def test_nobody_is_there(asked: Asked) -> None:
    """An adapter without an address is nobody's: 0, and no words."""
    done = asked(Kernel(), session="192.0.2.5")

    assert (done.exit_code, done.output) == (0, "")


def test_somebody_is_there_by_it(asked: Asked) -> None:
    """1, and who."""
    done = asked(Kernel("192.0.2.5/24"), session="192.0.2.5")

    assert done.exit_code == 1
    assert done.stdout == "somebody is logged in here over wlan0, and would be cut off.\n"


def test_the_machine_has_its_network_by_it(asked: Asked) -> None:
    """1, although nobody is logged in."""
    done = asked(Kernel("192.0.2.5/24"))

    assert done.exit_code == 1
    assert done.stdout == "wlan0 is this machine's way to a network now.\n"


@pytest.mark.parametrize(("session", "status"), [(OURS, 1), ("192.0.2.5", 0), (None, 0)])
def test_while_it_runs(asked: Asked, session: str | None, status: int) -> None:
    """Its own address is no network of the machine's: only who is there by it counts."""
    done = asked(Kernel(f"{OURS}/22"), "--restart", session=session)

    assert done.exit_code == status
    assert ("over the access point, wlan0" in done.stdout) is bool(status)


def test_without_an_adapter(asked: Asked) -> None:
    """Nobody can be cut off: 0, and the words of the start itself."""
    done = asked(Kernel(adapters=0))

    assert done.exit_code == 0
    assert "no Wi-Fi adapter" in done.stderr
