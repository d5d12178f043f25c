"""Backends by name: built in, or installed by somebody else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotspot.config.options import BACKENDS
from portal.provisioning.backend import BUILT_IN, Backend, Lazy, Retry, UnknownBackend, load
from portal.provisioning.delivery.deliver import Delivery
from portal.provisioning.keeping.store import Store
from tests.portal.provisioning.fakes import FakeBackend, FakeBell, FakeClock, a_record

LEAST: dict[str, dict[str, object]] = {
    "command": {"argv": ["/bin/true"]},
    "file": {},
    "http": {"url": "https://backend.example/"},
    "mqtt": {"host": "broker.example"},
    "networkmanager": {"runtime": "/run/vestibule"},
    "wpa_supplicant": {"runtime": "/run/vestibule"},
}


@pytest.mark.parametrize("name", list(BUILT_IN))
def test_built_in(name: str, tmp_path: Path) -> None:
    """Every name in the table loads and makes a backend."""
    assert isinstance(load(name)(LEAST[name], str(tmp_path)), Backend)


def test_the_settings_know_the_same() -> None:
    """What the settings let through is what is built in."""
    assert BACKENDS.keys() == BUILT_IN.keys()


@pytest.mark.parametrize("name", ["pigeon", "plugin:pigeon"])
def test_unknown(name: str) -> None:
    """A name nobody has is refused with the names there are."""
    with pytest.raises(UnknownBackend, match=r"pigeon'; built in: command, file.*plugin:NAME"):
        load(name)


def install(folder: Path, code: str) -> None:
    """A distribution `pigeon` with a backend, as pip would leave it in `folder`."""
    installed = folder / "pigeon-1.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeon\nVersion: 1\n")
    (installed / "entry_points.txt").write_text("[vestibule.backends]\npigeon = pigeon_post:Loft\n")
    (folder / "pigeon_post.py").write_text(code)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path for a distribution, forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("pigeon_post", None)


LOFT = """
class Loft:
    def __init__(self, options, state):
        {made}
        self.options = options
    def apply(self, record):
        {applied}
"""


def test_entry_point(installed: Path) -> None:
    """An installed distribution's entry point in our group is a backend."""
    install(installed, LOFT.format(made="pass", applied="pass"))

    backend = load("plugin:pigeon")({"grain": 3}, "/nowhere")

    assert isinstance(backend, Backend)
    assert vars(backend) == {"options": {"grain": 3}}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("raise ImportError('canary')", "the backend failed with ImportError"),
        ("import no_such_thing", "the backend failed with ModuleNotFoundError"),
        ("syntax error", "the backend failed with SyntaxError"),
        ("import sys; sys.exit(3)", "the backend failed with SystemExit"),
        (LOFT.format(made="1 / 0", applied="pass"), "ZeroDivisionError at pigeon_post.py:4"),
        (LOFT.format(made="pass", applied="raise SystemExit"), "failed with SystemExit"),
        (LOFT.format(made="pass", applied="return {'delivered': True}"), "answered dict"),
        ("Loft = None", "the backend failed with TypeError"),
    ],
)  # fmt: skip
def test_a_bad_plugin_is_only_its_own_trouble(installed: Path, code: str, words: str) -> None:
    """Whatever another's code does, the delivery beside it arrives, and the reason is told."""
    install(installed, code)
    record, keep, said = a_record(), FakeBackend(), list[str]()
    clock = FakeClock()
    with Store(installed / "records.db", clock=clock) as store:
        store.accept(record, ["post", "keep"])
        backends: dict[str, Backend] = {"post": Lazy("plugin:pigeon", {}, "/nowhere"), "keep": keep}
        delivery = Delivery(store, backends, random=lambda: 0.0, log=said.append)
        delivery.run(FakeBell(clock, most=2))
        life = store.state(record.id)

    assert life is not None
    assert {each.name: each.state for each in life.deliveries} == {
        "post": "waiting", "keep": "delivered",
    }  # fmt: skip
    assert words in (life.deliveries[0].reason or "")
    assert "canary" not in "".join(said)


def test_it_is_made_again_until_it_can_be(tmp_path: Path) -> None:
    """A credential that comes late is found without a new start."""
    token = tmp_path / "token"
    backend = Lazy("http", {"url": "https://127.0.0.1:1/", "token": str(token)}, "/nowhere")

    before = backend.apply(a_record())
    token.touch(mode=0o600)
    token.write_text("x\n")
    after = backend.apply(a_record())

    assert before == Retry(None, f"{token}: No such file or directory", whole=True)
    assert after != before
