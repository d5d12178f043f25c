"""A real run that is watched: what it tells after a set-up, and after its portal began anew."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hotspot.demos import DEADLINE, ROOT, Demo, running
from tests.portal.metrics import exposition
from tests.portal.metrics.exposition import Read

SSID = "Home Sweet Home"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Prometheus asks."""
    return tmp_path_factory.mktemp("place") / "metrics.sock"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, place: Path) -> Iterator[Demo]:
    """A demo that is watched."""
    folder = tmp_path_factory.mktemp("watched")
    file = folder / "config.toml"
    file.write_text(f'[radio]\ncountry = "DE"\n[metrics]\nlisten = "unix:{place}"\n')
    with running(folder, "--config", str(file)) as started:
        yield started


def scraped(place: Path) -> tuple[str, dict[str, Read]]:
    """The text, and what a strict reader makes of it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asker:
        asker.settimeout(DEADLINE)
        asker.connect(str(place))
        asker.sendall(b"GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n")
        answer = b""
        while more := asker.recv(65536):
            answer += more
    text = answer.partition(b"\r\n\r\n")[2].decode()
    return text, exposition.read(text)


def value(found: dict[str, Read], name: str, **labels: str) -> float:
    """One sample; 0 where there is none yet."""
    return found[name].values.get(tuple(labels.items()), 0.0) if name in found else 0.0


def until(place: Path, holds: Callable[[dict[str, Read]], bool]) -> tuple[str, dict[str, Read]]:
    """What is told as soon as this holds."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        text, found = scraped(place)
        if holds(found):
            return text, found
        time.sleep(0.05)
    pytest.fail(scraped(place)[0])


def test_a_set_up_is_counted(demo: Demo, place: Path) -> None:
    """The check, the page, the form, the join, the delivery; and nothing about anybody."""
    demo.ask("GET", "/hotspot-detect.html", {"Host": "captive.apple.com"})
    demo.ask("GET", "/")
    demo.resolve("captive.apple.com")
    body = json.dumps({"ssid": SSID, "passphrase": "correct horse"})
    status, _, answer = demo.ask(
        "POST", "/api/v1/setup", {"Content-Type": "application/json"}, body
    )
    assert status == 202
    text, found = until(place, lambda now: value(now, "vestibule_records", state="delivered") == 1)
    assert value(found, "vestibule_probes_total", client="apple") >= 1
    assert value(found, "vestibule_http_requests_total", endpoint="pages.form", code="200") == 1
    assert value(found, "vestibule_dns_answers_total", transport="udp") >= 1
    assert value(found, "vestibule_submissions_total", result="accepted") == 1
    assert value(found, "vestibule_submissions_total", result="refused") == 0
    assert value(found, "vestibule_joins_total", outcome="connected") == 1
    labels = {"delivery": "keep", "backend": "file", "result": "delivered"}
    text, found = until(
        place, lambda now: value(now, "vestibule_delivery_attempts_total", **labels) == 1
    )
    assert value(found, "vestibule_clients", state="released") == 1
    assert abs(value(found, "process_start_time_seconds") - time.time()) < 300
    for personal in (SSID, SSID.encode().hex(), json.loads(answer)["id"], "127.0.0.1", "correct"):
        assert personal not in text
    assert not re.search("(?:[0-9a-f]{2}:){5}", text)


def test_it_is_there_after_the_portal_began_anew(demo: Demo, place: Path) -> None:
    """On the same socket, with counters that begin again."""
    (portal,) = [pid for pid, line in demo.processes().items() if " -m portal " in line]
    os.kill(portal, signal.SIGHUP)
    _, found = until(
        place, lambda now: value(now, "vestibule_submissions_total", result="accepted") == 0
    )
    assert value(found, "vestibule_records", state="delivered") == 1


def test_nobody_else_pays() -> None:
    """A portal that is not watched has loaded nothing of it."""
    look = "[name for name in sys.modules if 'metrics' in name]"
    code = f"import sys, portal.server, portal.__main__; print({look})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_page_is_there_without_its_metrics(tmp_path: Path) -> None:
    """A place that cannot be had is told of, and stops nobody's set-up."""
    (tmp_path / "file").touch()
    file = tmp_path / "config.toml"
    file.write_text(f'[radio]\ncountry = "DE"\n[metrics]\nlisten = "unix:{tmp_path}/file/m"\n')
    with running(tmp_path, "--config", str(file)) as demo:
        assert demo.ask("GET", "/")[0] == 200
        told = demo.stderr.read_text()
    assert f"portal: no metrics at unix:{tmp_path}/file/m: Not a directory" in told
