"""What a person at a shell asks the radio agent, over its real socket."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hotspot import identity
from hotspot.__main__ import main
from hotspot.agent.demo import DemoRadio
from hotspot.agent.port import CannotNow
from tests.hotspot.agent.fakes import DEADLINE
from tests.hotspot.agent.serving import Serving, serving

ROOT = Path(__file__).parents[3]
HOME = "Home Sweet Home"
FIXED = ["--address", "10.1.2.3/24", "--gateway", "10.1.2.1", "--dns", "10.1.2.1"]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Path]:
    """The runtime directory of an agent with the demo's radio, in a hundredth of its time."""
    with serving(tmp_path, radio=DemoRadio(tmp_path, tmp_path, pace=0.01)):
        yield tmp_path


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Serving]:
    """An agent with a radio that does what it is told."""
    with serving(tmp_path) as made:
        yield made


def vestibule(runtime: Path, *words: str, given: str = "") -> Result:
    """The command's output, standard error apart, and its exit status."""
    return CliRunner().invoke(main, [*words, "--runtime", str(runtime)], input=given)


def test_scan(demo: Path) -> None:
    """The networks, for a person and for a program."""
    told = vestibule(demo, "scan")
    assert told.exit_code == 0
    assert told.stdout.splitlines()[0].startswith(f"{HOME} ")
    assert len(told.stdout.splitlines()) == 8
    networks = json.loads(vestibule(demo, "scan", "--json").stdout)["networks"]
    assert [one["bssids"] for one in networks][:2] == [2, 1]
    assert json.loads((demo / "networks.json").read_text())["networks"] == networks


def test_status(demo: Path) -> None:
    """One screen, the access point's name as hostapd was told it."""
    (demo / "hostapd.conf").write_text("interface=wlan0\nssid2=50756d70\nchannel=6\n")
    assert vestibule(demo, "status").stdout.splitlines() == [
        "access point  Pump, on the air",
        "stations      02:00:00:00:01:00 for 42 s, -48 dBm",
        "home network  none is kept",
        "last join     none",
        "records       none",
    ]
    told = json.loads(vestibule(demo, "status", "--json").stdout)
    assert (told["ssid"], told["state"], told["kept"]) == ("50756d70", "serving", None)


def test_status_tells_of_a_damaged_store(demo: Path) -> None:
    """Until its file is removed."""
    (demo / "records.db.damaged-20260301T093000Z").touch()
    (demo / "records.db.damaged-20260301T093000Z-journal").touch()
    lines = vestibule(demo, "status", "--state", str(demo)).stdout.splitlines()
    told = json.loads(vestibule(demo, "status", "--json", "--state", str(demo)).stdout)

    words = "was set aside: `vestibule records list` says more"
    assert lines[-1] == f"damaged       records.db.damaged-20260301T093000Z {words}"
    assert told["damaged"] == ["records.db.damaged-20260301T093000Z"]


def test_status_without_an_access_point(agent: Serving) -> None:
    """Nobody is on it then; the rest is told all the same."""
    agent.radio.refusal = CannotNow("there is no access point now")
    told = vestibule(agent.path.parent, "status")
    assert told.exit_code == 0
    assert "stations      none" in told.stdout


def test_joining_and_forgetting(demo: Path) -> None:
    """Steps as they happen, the outcome in words; then it is the home network, then no more."""
    told = vestibule(demo, "join", HOME, given="correct horse\n")
    assert told.exit_code == 0, told.output
    lines = told.stdout.splitlines()
    assert lines[0] == "looking for the network"
    assert "password accepted" in lines
    assert lines[-1].startswith("connected, address 192.168.77.131/24, with Internet")
    assert f"home network  {HOME}" in vestibule(demo, "status").stdout
    assert vestibule(demo, "forget").stdout == f"forgotten: {HOME}\n"
    assert vestibule(demo, "forget").stdout == "no home network was kept\n"
    assert json.loads(vestibule(demo, "forget", "--json").stdout) == {"ssid": None}


@pytest.mark.parametrize(
    ("words", "password", "status"),
    [
        ([HOME], "wrong password", 3),
        (["Nobody's"], "correct horse", 4),
        ([HOME], "no address", 5),
        ([HOME], "no gateway", 6),
        ([HOME], "no internet", 7),
        (["Café Zentral Gäste 🥐"], "", 8),
        (["eduroam"], "", 9),
        (["eduroam", "--identity", "me@home.example", "--method", "peap"], "right", 0),
        (["Brother HL-L2350DW"], "", 10),
        ([HOME.encode().hex(), "--hex"], "lost again", 11),
        ([HOME], "our own fault", 1),
        (["Under the Stairs", "--hidden", "--security", "wpa2"], "correct horse", 0),
        ([HOME, *FIXED], "correct horse", 0),
    ],
)
def test_the_status_tells_the_outcome(
    demo: Path, words: list[str], password: str, status: int
) -> None:
    """A script needs no words; a program gets the agent's own events."""
    vestibule(demo, "scan")
    told = vestibule(demo, "join", *words, "--json", given=f"{password}\n")
    assert told.exit_code == status, told.output
    assert json.loads(told.stdout.splitlines()[-1])["event"] == "outcome"
    if password:
        assert password not in told.output


@pytest.mark.parametrize(
    ("words", "password", "field"),
    [
        (["x" * 33], "correct horse", "network.ssid"),
        (["zz", "--hex"], "correct horse", "zz is not hexadecimal"),
        ([HOME, "--security", "wpa2"], "short", "network.passphrase"),
        ([HOME, "--security", "wpa2"], "", "network.passphrase"),
        ([HOME, "--address", "10.1.2.3/24"], "correct horse", "network.address.gateway"),
        ([HOME, "--ca", "/no/such"], "correct horse", "/no/such cannot be read"),
    ],
)
def test_what_cannot_be_wanted(demo: Path, words: list[str], password: str, field: str) -> None:
    """It is refused here, with the field, as usage, and nothing is tried."""
    told = vestibule(demo, "join", *words, given=f"{password}\n")
    assert told.exit_code == 2
    assert field in told.stderr
    assert "horse" not in told.output
    assert not (demo / "join.json").exists()


def test_nobody_answers(tmp_path: Path) -> None:
    """Without an agent each says so in one line, with the remedy."""
    for words in (["scan"], ["forget"], ["join", HOME], ["reset", "--yes"]):
        told = vestibule(tmp_path, *words, given="correct horse\n")
        assert told.exit_code == 1
        assert told.stderr.startswith(f"no radio agent at {tmp_path}/radio.sock (")
        assert told.stderr.count("\n") == 1


def test_a_radio_that_says_no(agent: Serving) -> None:
    """Its words are passed on."""
    agent.radio.refusal = CannotNow("this radio does not scan")
    told = vestibule(agent.path.parent, "scan")
    assert (told.exit_code, told.stdout) == (1, "")
    assert "this radio does not scan" in told.stderr


def process(runtime: Path, stdin: int) -> subprocess.Popen[str]:
    """`vestibule join` as a process of its own."""
    argv = [sys.executable, "-m", "hotspot", "join", "Home", "--runtime", str(runtime)]
    return subprocess.Popen(
        argv,
        cwd=ROOT,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def test_the_password_is_not_echoed(agent: Serving) -> None:
    """On a terminal it is asked for, and not shown while it is typed."""
    person, terminal = os.openpty()
    with process(agent.path.parent, terminal) as joining:
        assert joining.stdout
        # The question comes when the echo is off.
        assert select.select([joining.stdout], [], [], DEADLINE)[0]
        os.write(person, b"correct horse\n")
        said = joining.stdout.read()
        assert joining.wait(DEADLINE) == 0, said
    shown = os.read(person, 4096) if select.select([person], [], [], 0)[0] else b""
    os.close(person)
    os.close(terminal)
    assert "horse" not in said
    assert b"horse" not in shown
    assert agent.radio.joined[0][1].passphrase == "correct horse"


def test_ctrl_c_cancels(agent: Serving) -> None:
    """The join ends with it, and that is its outcome."""
    agent.radio.gate.clear()
    with process(agent.path.parent, subprocess.PIPE) as joining:
        assert joining.stdin
        assert joining.stdout
        joining.stdin.write("correct horse\n")
        joining.stdin.close()
        assert joining.stdout.readline() == "network found\n"
        assert joining.stdout.readline() == "trying the password\n"
        joining.send_signal(signal.SIGINT)
        assert joining.stdout.read() == "cancelled\n"
        assert joining.wait(DEADLINE) == 12


def test_reset(demo: Path) -> None:
    """The home network and the access point's own name and key are gone, the answers are not."""
    own, answers = demo / identity.FILE, demo / "records.db"
    own.write_text("{}")
    answers.write_text("")
    vestibule(demo, "join", HOME, given="correct horse\n")
    words = ("reset", "--state", str(demo))
    refused = vestibule(demo, *words, given="n\n")
    assert (refused.exit_code, own.exists()) == (1, True)
    told = vestibule(demo, *words, given="y\n")
    assert told.exit_code == 0
    assert told.stdout.splitlines() == [
        f"forgotten: {HOME}",
        "the next start makes a new name and key",
    ]
    assert not own.exists()
    assert answers.exists()
    again = vestibule(demo, *words, "--yes", "--json")
    assert json.loads(again.stdout) == {"ssid": None, "identity": False, "bench": False}


@pytest.mark.parametrize(("words", "given", "is_left"), [
    (("--yes",), "", True),
    (("--yes", "--bench"), "", False),
    ((), "y\nn\n", True),
    ((), "y\ny\n", False),
])  # fmt: skip
def test_reset_of_a_bench(demo: Path, words: tuple[str, ...], given: str, *, is_left: bool) -> None:
    """It is asked about, removed whole where that is wanted, and otherwise said to be left."""
    (demo / "bench" / "artifacts").mkdir(parents=True)
    files = [demo / name for name in ("bench.db", "bench.db.damaged-1", "bench.key")]
    for each in (*files, demo / "bench" / "people.json", demo / "records.db"):
        each.write_text("x")

    told = vestibule(demo, "reset", "--state", str(demo), *words, given=given)

    assert told.exit_code == 0
    assert ("--bench" in told.stdout) is is_left
    assert {each.exists() for each in (*files, demo / "bench")} == {is_left}
    assert (demo / "records.db").exists()


def test_half_a_reset_is_none(agent: Serving) -> None:
    """When the home network cannot be forgotten now, name and key stay too."""
    folder = agent.path.parent
    (folder / identity.FILE).write_text("{}")
    agent.radio.gate.clear()
    with agent.connection() as joining:
        joining.sendall(
            b'{"verb":"join","key":"k","network":{"ssid":"61","passphrase":"12345678"}}\n'
        )
        joining.recv(1)
        told = vestibule(folder, "reset", "--state", str(folder), "--yes")
    assert told.exit_code == 1
    assert "a network is being joined" in told.stderr
    assert (folder / identity.FILE).exists()
