"""The kernel's news of a way out, from bytes and from a real kernel."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.provisioning.delivery.routes import Routes, has_way_out
from portal.provisioning.keeping.store import Store
from portal.provisioning.life import State
from tests.hotspot.real import program
from tests.portal.provisioning.fakes import a_record


def route(*, to: int = 0, table: int = 254, kind: int = 1, message: int = 24) -> bytes:
    """A message of RTM_NEWROUTE, padded as the kernel does."""
    body = struct.pack("=BBBBBBBBI", socket.AF_INET, to, 0, 0, table, 3, 0, kind, 0)
    body += struct.pack("=HHI", 8, 4, 2)  # RTA_OIF
    return struct.pack("=IHHII", 16 + len(body), message, 0, 0, 0) + body


@pytest.mark.parametrize(
    ("datagram", "found"),
    [
        (route(), True),
        (route(to=24) + route(), True),
        (route(to=24), False),
        (route(table=255), False),
        (route(kind=7), False),  # unreachable
        (route(message=25), False),  # RTM_DELROUTE
        (route()[:20], False),
        (b"", False),
    ],
)
def test_which_messages_count(datagram: bytes, found: bool) -> None:  # noqa: FBT001 - a parameter
    """A new unicast default route in the main table, and nothing else."""
    assert has_way_out(datagram) is found


@given(st.binary(max_size=200) | st.binary(max_size=20).map(lambda tail: route() + tail))
def test_any_bytes(datagram: bytes) -> None:
    """Whatever comes, it is an answer."""
    assert has_way_out(datagram) in {True, False}


INSIDE = """
import os, select, subprocess, sys
from portal.provisioning.delivery.routes import Routes
ip = sys.argv[1]
subprocess.run([ip, "link", "set", "lo", "up"], check=True)
routes = Routes()
assert not routes.came()
subprocess.run([ip, "route", "add", "10.9.0.0/24", "dev", "lo"], check=True)
assert select.select([routes], [], [], 20)[0] and not routes.came()
subprocess.run([ip, "route", "add", "default", "dev", "lo"], check=True)
assert select.select([routes], [], [], 20)[0] and routes.came()
"""

in_a_namespace = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="needs root and unshare"
)


@pytest.mark.netns
@in_a_namespace
def test_a_real_route() -> None:
    """In a network namespace of its own: another route is no news, a default route is."""
    argv = ["unshare", "--net", sys.executable, "-c", INSIDE, program("ip")]
    subprocess.run(argv, check=True, timeout=60)


WOKEN = """
import subprocess, sys
ip, state = sys.argv[1:]
subprocess.run([ip, "link", "set", "lo", "up"], check=True)
deliver = subprocess.Popen(
    [sys.executable, "-m", "portal.provisioning", "deliver", "--state", state,
     "--config", state + "/config.toml"],
    stderr=subprocess.PIPE, text=True)
for line in deliver.stderr:
    if "next in" in line:
        subprocess.run([ip, "route", "add", "default", "dev", "lo"], check=True)
    print(line, flush=True)
    if "tried now" in line:
        break
print(*deliver.stderr)
sys.exit(deliver.wait(60))
"""


@pytest.mark.netns
@in_a_namespace
def test_the_network_coming_up_wakes_it(tmp_path: Path) -> None:
    """A delivery that waits for an hour is tried the moment there is a way out."""
    record = a_record()
    (tmp_path / "config.toml").write_text(
        '[radio]\ncountry = "DE"\n[delivery.post]\nbackend = "command"\n'
        f'argv = ["/bin/sh", "-c", "test -e {tmp_path}/up || (touch {tmp_path}/up; exit 75)"]\n'
    )
    with Store(tmp_path / "records.db") as store:
        store.accept(record, ["post"])
        # As after a day of trouble: the next wait is more than half an hour.
        with store._writer.transaction() as connection:
            connection.execute("UPDATE delivery SET attempts = 30")
    argv = ["unshare", "--net", sys.executable, "-c", WOKEN, program("ip"), str(tmp_path)]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done
    assert "a new way out" in done.stdout
    with Store(tmp_path / "records.db") as store:
        life = store.state(record.id)
    assert life is not None
    assert life.state is State.DELIVERED


def test_where_netlink_is_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a sandbox without it nobody tells us, and nothing else is different."""

    def forbidden(*_: object) -> socket.socket:
        raise PermissionError

    monkeypatch.setattr(socket, "socket", forbidden)
    routes = Routes()

    assert (routes.fileno(), routes.came()) == (-1, False)
    routes.close()
