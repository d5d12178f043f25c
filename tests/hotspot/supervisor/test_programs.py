"""The argument vectors of a run: the units' own, confined where they need no privilege."""

from __future__ import annotations

import pytest

from hotspot.supervisor import programs

DIRECTORIES = ["--state", "/state", "--runtime", "/runtime"]
HOTSPOT = ["/python", "-m", "hotspot"]
PLACES = ["--dns", "100.64.64.1:53", "--http", "100.64.64.1:80"]
CONFIG = ["--config", "/config.toml"]


def radio() -> programs.Run:
    """A real run, after `prepare`."""
    run = programs.Run(python="/python", demo=False, state="/state", runtime="/runtime")
    run.config, run.interface, run.ttl = "/config.toml", "wlan0", "7"
    run.http, run.dns = ("100.64.64.1", 80), ("100.64.64.1", 53)
    return run


def demo() -> programs.Run:
    """A demo, after its sockets are open."""
    run = programs.Run(python="/python", demo=True, state="/state", runtime="/runtime")
    run.http, run.dns = ("127.0.0.1", 8080), ("127.0.0.1", 5300)
    return run


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("prepare", [*HOTSPOT, "prepare", *CONFIG, *DIRECTORIES]),
        ("dnsmasq", ["dnsmasq", "--conf-file=/runtime/dnsmasq.conf"]),
        (
            "dnsd",
            [
                *("/python", "-m", "dnsd", "--answer", "100.64.64.1", "--ttl", "7"),
                *("--released", "/runtime/released"),
            ],
        ),
        (
            "portal",
            ["/python", "-m", "portal", *CONFIG, *DIRECTORIES, "--url", "http://100.64.64.1/"],
        ),
        (
            "deliver",
            ["/python", "-m", "portal.provisioning", "deliver", *CONFIG, *DIRECTORIES],
        ),
        ("radio", ["/python", "-m", "hotspot.agent", *CONFIG, *DIRECTORIES]),
        (
            "selftest",
            [*HOTSPOT, "selftest", *PLACES, "--interface", "wlan0"],
        ),
        ("hostapd", ["hostapd", "/runtime/hostapd.conf"]),
        ("wait", [*HOTSPOT, "wait", *CONFIG, *DIRECTORIES]),
        (
            "ready",
            [*HOTSPOT, "ready", *CONFIG, *DIRECTORIES, "--url", "http://100.64.64.1/"],
        ),
        ("restore", [*HOTSPOT, "restore", *CONFIG, *DIRECTORIES]),
    ],
)
def test_the_radio_s_programs(name: str, words: list[str]) -> None:
    """Each program of a real run, word for word, where there is no setpriv."""
    assert programs.argv(name, radio()) == words


def test_the_demo_s_portal_knows_its_url() -> None:
    """The demo has no settings file, names its port, and tells the portal that it is a demo."""
    words = ["/python", "-m", "portal", *DIRECTORIES, "--url", "http://127.0.0.1:8080/", "--demo"]
    assert programs.argv("portal", demo()) == words
    assert programs.argv("ready", demo())[-3:] == ["--demo", "--dns", "127.0.0.1:5300"]


def test_a_bench_is_asked_for() -> None:
    """Where the command line wants a bench, the portal is told; where it does not, nobody is."""
    run = demo()
    assert "--bench" not in programs.argv("portal", run)
    run.bench = "yes"
    assert programs.argv("portal", run)[-1] == "--bench"


def test_tls_is_told_its_name_and_files() -> None:
    """The process that ends TLS reads no settings, and the self-test asks it by name."""
    run = radio()
    run.name, run.certificate, run.key = "setup.example.com", "/c.pem", "/k.pem"
    words = ["--name", "setup.example.com", "--certificate", "/c.pem", "--key", "/k.pem"]
    assert programs.argv("tls", run) == ["/python", "-m", "portal.tls", *words]
    assert programs.argv("selftest", run)[-2:] == ["--name", "setup.example.com"]
    run.setpriv = "/usr/bin/setpriv"
    assert "--bounding-set=-all" in programs.argv("tls", run)


def test_mdns_is_told_what_to_say() -> None:
    """The process that announces reads no file: place and names are in its words, SSID in hex."""
    run = radio()
    run.hostname, run.ssid = "pump", "50756d702037"
    place = ["--interface", "wlan0", "--address", "100.64.64.1", "--port", "80"]
    names = ["--hostname", "pump", "--ssid", "50756d702037"]
    assert programs.argv("mdns", run) == ["/python", "-m", "portal.mdns", *place, *names]
    run.setpriv = "/usr/bin/setpriv"
    assert "--bounding-set=-all" in programs.argv("mdns", run)


def test_servers_lose_every_capability() -> None:
    """dnsd and portal of a real run are wrapped in setpriv; the rest only dies with us."""
    run = radio()
    run.setpriv = "/usr/bin/setpriv"
    tied = ["/usr/bin/setpriv", "--pdeathsig", "TERM"]
    confined = ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
    assert programs.argv("dnsd", run)[:7] == [*tied, *confined, "--"]
    assert programs.argv("hostapd", run) == [*tied, "--", "hostapd", "/runtime/hostapd.conf"]


def test_the_right_to_read_is_kept_where_it_is_needed() -> None:
    """A checkout below a closed home directory needs one capability, and gets no other."""
    run = radio()
    run.setpriv, run.keep = "/usr/bin/setpriv", "+dac_read_search"
    assert "--bounding-set=-all,+dac_read_search" in programs.argv("portal", run)


def test_restore_is_never_cut_short() -> None:
    """Half a restore would be worse than a whole one: it does not die with us."""
    run = radio()
    run.setpriv = "/usr/bin/setpriv"
    assert programs.argv("restore", run)[0] == "/python"


def test_the_demo_confines_nothing() -> None:
    """The demo has no privilege to drop; as root in somebody's home it must still work there."""
    run = demo()
    run.setpriv = "/usr/bin/setpriv"
    assert programs.argv("dnsd", run)[:4] == ["/usr/bin/setpriv", "--pdeathsig", "TERM", "--"]
