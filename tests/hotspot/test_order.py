"""The order of coming up and going down, as the design has it."""

from __future__ import annotations

import pytest

from hotspot import order, programs


def names(steps: tuple[order.Step, ...]) -> list[str]:
    """The steps by name."""
    return [step.name for step in steps]


def test_the_air_comes_last() -> None:
    """Address and rules, DHCP, DNS, portal, self-test, and only then beacons and the ready line."""
    assert names(order.RADIO) == [
        "prepare", "sockets", "dnsmasq", "dnsd", "portal", "deliver", "selftest",
        "hostapd", "wait", "watch", "ready",
    ]  # fmt: skip


def test_the_air_goes_first() -> None:
    """Beacons end before anything that answers does."""
    down = [step.name for step in order.down(order.RADIO)]
    assert down == ["hostapd", "deliver", "portal", "dnsd", "dnsmasq"]


def test_with_tls_there_is_one_process_more() -> None:
    """It comes up behind the portal and before the self-test, and they share a channel."""
    at = names(order.TLS_RADIO).index("tls")
    assert names(order.TLS_RADIO)[at - 1 : at + 2] == ["portal", "tls", "deliver"]
    assert [step for step in names(order.TLS_RADIO) if step != "tls"] == names(order.RADIO)
    sockets = {step.name: step.sockets for step in order.TLS_RADIO}
    assert sockets["portal"] == ("http", "handover-out")
    assert sockets["tls"] == ("https", "handover-in")


def test_the_demo_is_the_same_without_the_radio() -> None:
    """What needs root or a radio is left out; the rest is in the same order."""
    radio = {"prepare", "dnsmasq", "hostapd", "wait", "watch"}
    assert names(order.DEMO) == [name for name in names(order.RADIO) if name not in radio]


def test_only_the_air_is_brought_back_by_several_steps() -> None:
    """hostapd comes back at once, and by way of prepare if that fails; the rest by itself."""
    several = {s.name: (s.again, s.repair) for s in order.RADIO if s.again != (s.name,)}
    again = ("hostapd", "wait", "watch", "prepare")
    assert several == {"hostapd": (again, ("prepare", "hostapd", "wait", "watch"))}


@pytest.mark.parametrize("step", {*order.TLS_RADIO, *order.DEMO, order.RESTORE})
def test_every_program_has_its_words_and_its_time(step: order.Step) -> None:
    """No step that runs a program waits for ever, and each has an argument vector."""
    if step.kind != order.HERE:
        run = programs.Run(python="/python", demo=False, state="/s", runtime="/r")
        assert programs.argv(step.name, run)
        assert step.patience > 0
