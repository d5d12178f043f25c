"""What the generator adds: the sockets stand at the settings' address, and who answers knows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotspot import settings
from hotspot.units import generator
from hotspot.units.dropins import dropins, slower

TEXT = '[radio]\ncountry = "DE"\n[network]\naddress = "10.1.2.3/24"\n[dns]\nttl = 7\n'
WANTED = {
    "vestibule-dns.socket.d/settings.conf": (
        "[Socket]\nListenStream=\nListenDatagram=10.1.2.3:53\nListenStream=10.1.2.3:53\n"
    ),
    "vestibule-portal.socket.d/settings.conf": (
        "[Socket]\nListenStream=\nListenStream=10.1.2.3:80\n"
    ),
    "vestibule-dns.service.d/settings.conf": (
        "[Service]\nEnvironment=VESTIBULE_ADDRESS=10.1.2.3 VESTIBULE_TTL=7\n"
    ),
    "vestibule-portal.service.d/settings.conf": (
        "[Service]\nEnvironment=VESTIBULE_ADDRESS=10.1.2.3\n"
    ),
}


def test_the_address_of_the_settings() -> None:
    """The resolver's two sockets, the portal's one, and the address that its pages name."""
    assert dropins(settings.parse(TEXT, file="c.toml")) == WANTED


def test_where_prometheus_asks() -> None:
    """A socket more for the portal, for the group where it is a file; and the resolver counts."""
    name = "vestibule-portal.socket.d/settings.conf"
    for listen, lines in (
        ("unix:/run/m.sock", "ListenStream=/run/m.sock\nSocketMode=0660\nSocketGroup=vestibule\n"),
        ("127.0.0.1:9099", "ListenStream=127.0.0.1:9099\n"),
        ("[::1]:9099", "ListenStream=[::1]:9099\n"),
    ):
        found = dropins(settings.parse(f'{TEXT}[metrics]\nlisten = "{listen}"\n', file="c.toml"))
        assert found[name] == WANTED[name] + lines
        resolver = "vestibule-dns.service.d/settings.conf"
        assert found[resolver] == (
            f"{WANTED[resolver]}RuntimeDirectory=vestibule/dns\n"
            "Environment=VESTIBULE_COUNTS=--counts=/run/vestibule/dns/answers\n"
        )


def test_with_tls() -> None:
    """Its units are wanted, the portal is given its socket, and systemd reads the key."""
    tls = '[portal]\nname = "box.example"\ncertificate = "/etc/100%.pem"\nkey = "/etc/key.pem"\n'
    found = dropins(settings.parse(TEXT + tls, file="c.toml"))

    assert found["vestibule-hotspot.target.d/settings.conf"] == (
        "[Unit]\nWants=vestibule-handover.socket vestibule-tls.socket vestibule-tls.service\n"
    )
    assert found["vestibule-portal.service.d/settings.conf"] == (
        "[Unit]\nWants=vestibule-handover.socket\nAfter=vestibule-handover.socket\n"
        "[Service]\nEnvironment=VESTIBULE_ADDRESS=10.1.2.3\n"
        "Sockets=vestibule-portal.socket vestibule-handover.socket\n"
    )
    assert found["vestibule-tls.socket.d/settings.conf"] == (
        "[Socket]\nListenStream=\nListenStream=10.1.2.3:443\n"
    )
    assert found["vestibule-tls.service.d/settings.conf"] == (
        "[Service]\nEnvironment=VESTIBULE_NAME=box.example\n"
        "LoadCredential=certificate:/etc/100%%.pem\nLoadCredential=key:/etc/key.pem\n"
    )
    assert found["vestibule-selftest.service.d/settings.conf"] == (
        "[Service]\nEnvironment=VESTIBULE_NAME=box.example\n"
    )
    same = WANTED.keys() - {"vestibule-portal.service.d/settings.conf"}
    assert {name: found[name] for name in same} == {name: WANTED[name] for name in same}


def test_announced() -> None:
    """What announces the API is wanted, and knows address and name."""
    found = dropins(settings.parse(f"{TEXT}[portal]\nmdns = true\n", file="c.toml"), "box")

    assert found == WANTED | {
        "vestibule-hotspot.target.d/settings.conf": "[Unit]\nWants=vestibule-mdns.service\n",
        "vestibule-mdns.service.d/settings.conf": (
            "[Service]\nEnvironment=VESTIBULE_ADDRESS=10.1.2.3 VESTIBULE_HOSTNAME=box\n"
        ),
    }


@pytest.mark.parametrize(
    ("found", "called"),
    [("Box.example", "box"), ("localhost", "vestibule"), ("-x", "vestibule"), ("", "vestibule")],
)
def test_what_the_machine_is_called(found: str, called: str) -> None:
    """Its own name, if it has one that a label can hold."""
    assert generator.hostname(found) == called


def test_into_the_first_directory(tmp_path: Path) -> None:
    """The files lie below the directory that systemd names first."""
    file = tmp_path / "config.toml"
    file.write_text(TEXT)

    words = [str(tmp_path / "normal"), "/early", "/late"]
    assert generator.main(words, str(file), [tmp_path]) == 0

    assert files(tmp_path / "normal") == WANTED


@pytest.mark.parametrize(
    ("library", "grows"),
    [
        ("libsystemd-shared-252.so", False),
        ("libsystemd-shared-254.so", True),
        ("libsystemd-shared-257.13-1~deb13u1.so", True),
        ("libsystemd-shared-next.so", False),
    ],
)
def test_pauses_that_grow(tmp_path: Path, library: str, grows: bool) -> None:  # noqa: FBT001 - a table's column
    """Only for a systemd that knows the words: who fails is started ever later, up to 30 s."""
    file = tmp_path / "config.toml"
    file.write_text(TEXT)
    (tmp_path / library).touch()

    assert generator.main([str(tmp_path / "normal")], str(file), [tmp_path]) == 0

    found = files(tmp_path / "normal")
    path = "vestibule-portal.service.d/slower.conf"
    wanted = "[Service]\nRestartSteps=6\nRestartMaxDelaySec=30s\n"
    assert found.get(path) == (wanted if grows else None)


def test_who_is_started_again_is_slowed_down() -> None:
    """Every unit that restarts has such a pause, and no other."""
    units = Path(__file__).parents[3] / "deploy/systemd"
    again = {unit.name for unit in units.glob("*.service") if "Restart=" in unit.read_text()}

    assert {path.partition(".d/")[0] for path in slower()} == again


def files(folder: Path) -> dict[str, str]:
    """The text of every file below a folder."""
    return {
        str(file.relative_to(folder)): file.read_text()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_no_boot_fails_for_it(tmp_path: Path) -> None:
    """Settings that are not there, or cannot be used, leave the units as they are."""
    broken = tmp_path / "config.toml"
    broken.write_text("[radio\n")

    for file in (broken, tmp_path / "none.toml"):
        assert generator.main([str(tmp_path / "normal")], str(file)) == 0
    assert not (tmp_path / "normal").exists()
