"""The order of coming up and going down, as the design has it."""

from __future__ import annotations

import pytest

from hotspot.supervisor import order, programs

RADIO, TLS, DEMO = order.up(), order.up(tls=True), order.up(demo=True)


def names(steps: tuple[order.Step, ...]) -> list[str]:
    """The steps by name."""
    return [step.name for step in steps]


def test_the_air_comes_last() -> None:
    """Address and rules, DHCP, DNS, portal, self-test, and only then beacons and the ready line."""
    assert names(RADIO) == [
        "desks", "prepare", "sockets", "dnsmasq", "dnsd", "portal", "deliver", "selftest",
        "hostapd", "wait", "watch", "radio", "ready",
    ]  # fmt: skip


def test_the_air_goes_first() -> None:
    """Beacons end before anything that answers does; only a join in the making ends before."""
    down = [step.name for step in order.down(RADIO)]
    assert down == ["radio", "hostapd", "deliver", "portal", "dnsd", "dnsmasq"]


def test_with_tls_there_is_one_process_more() -> None:
    """It comes up behind the portal and before the self-test, and they share a channel."""
    at = names(TLS).index("tls")
    assert names(TLS)[at - 1 : at + 2] == ["portal", "tls", "deliver"]
    assert [step for step in names(TLS) if step != "tls"] == names(RADIO)
    sockets = {step.name: step.sockets for step in TLS}
    assert sockets["portal"] == ("http", "handover-out")
    assert sockets["tls"] == ("https", "handover-in")


def test_with_mdns_there_is_one_process_more() -> None:
    """It speaks once somebody may hear, also its goodbye: inside the life of the air."""
    steps = order.up(mdns=True)
    assert [step for step in steps if step.name != "mdns"] == [*RADIO]
    assert names(steps).index("mdns") == names(steps).index("watch") + 1
    down = [step.name for step in order.down(steps)]
    assert down[:3] == ["radio", "mdns", "hostapd"]


def test_the_demo_is_the_same_without_the_radio() -> None:
    """What needs root or a radio is left out; the rest is in the same order."""
    radio = {"prepare", "dnsmasq", "hostapd", "wait", "watch"}
    assert names(DEMO) == [name for name in names(RADIO) if name not in radio]


def test_a_room_comes_last_and_goes_first() -> None:
    """The demo's devices find everything there, and are switched off before it goes."""
    steps = order.up(demo=True, room=True)
    assert names(steps) == [*names(DEMO), "room"]
    assert next(order.down(steps)).name == "room"


def test_only_the_air_is_brought_back_by_several_steps() -> None:
    """hostapd comes back at once, and by way of prepare if that fails; the rest by itself."""
    several = {s.name: (s.again, s.repair) for s in RADIO if s.again != (s.name,)}
    again = ("hostapd", "wait", "watch", "prepare")
    assert several == {"hostapd": (again, ("prepare", "hostapd", "wait", "watch"))}


ERRANDS = (order.LOOK, order.SETTLE, order.JOIN)


@pytest.mark.parametrize(
    "step", {*TLS, *DEMO, *order.up(mdns=True, room=True), *ERRANDS, order.RESTORE}
)
def test_every_program_has_its_words_and_its_time(step: order.Step) -> None:
    """No step that runs a program waits for ever, and each has an argument vector."""
    if step.kind != order.HERE:
        run = programs.Run(python="/python", demo=False, state="/s", runtime="/r")
        assert programs.argv(step.name, run)
        assert step.patience > 0


def test_what_stays_without_an_access_point() -> None:
    """The desks, and who is called to them; all else comes and goes, and its air first."""
    steps = {step.name: step for step in order.up(tls=True, mdns=True)}
    lasting, passing = order.lasting(steps), order.passing(steps)
    assert sorted(lasting) == ["deliver", "desks", "radio"]
    assert sorted([*lasting, *passing]) == sorted(steps)
    assert passing == [name for name in steps if name not in lasting]
