"""The text that Prometheus reads: strict, whatever stands in it."""

from __future__ import annotations

import math
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.metrics import families
from portal.metrics.families import Process, Seen
from portal.metrics.kinds import OTHER, of_head, of_host
from portal.metrics.text import Family, by, render, single
from portal.probes import probes
from tests.portal.metrics import exposition

PROCESS = Process(1.5, 4096, 0.25, 9)
SEEN = Seen(
    version="1.2.3",
    process=PROCESS,
    probes={"apple": 2, "other": 0},
    requests={("pages.form", "200"): 7},
    submissions={"accepted": 1},
    joins={"wrong_password": 3},
    attempts={("fleet", "http", "deferred"): 4},
    records={"waiting": 1},
    waiting={"fleet": 1},
    clients={"captive": 1, "released": 0},
    stations=1,
    answers={"udp": 12},
)
COUNTS = st.dictionaries(st.text(max_size=20), st.integers(0, 1 << 60), max_size=5)


def test_everything_that_is_counted() -> None:
    """Each family under its name, with its kind and its words, as it was counted."""
    found = exposition.read(render(families.families(SEEN)))
    assert found["vestibule_probes_total"].values == {
        (("client", "apple"),): 2.0,
        (("client", "other"),): 0.0,
    }
    (labels,) = found["vestibule_delivery_attempts_total"].values
    assert dict(labels) == {"delivery": "fleet", "backend": "http", "result": "deferred"}
    assert found["vestibule_joins_total"].values == {(("outcome", "wrong_password"),): 3.0}
    assert found["vestibule_stations"].values == {(): 1.0}
    assert found["process_start_time_seconds"].values == {(): 1.5}
    assert all(name.startswith(("vestibule_", "process_")) for name in found)
    assert all(each.help.endswith(".") for each in found.values())


def test_a_store_that_cannot_be_read() -> None:
    """Is said, and numbers that nobody knows are left out."""
    seen = Seen(version="1", process=PROCESS, readable=False)
    found = exposition.read(render(families.families(seen)))
    assert found["vestibule_store_up"].values == {(): 0.0}
    assert "vestibule_records" not in found


@given(COUNTS, st.text(min_size=1))
def test_any_label_and_any_help(values: dict[str, int], words: str) -> None:
    """What stands in a label or in words comes out as it went in."""
    text = render([by("name", "vestibule_x_total", "counter", words, values)])
    if values:
        found = exposition.read(text)["vestibule_x_total"]
        told = {labels[0][1]: value for labels, value in found.values.items()}
        assert told == {name: float(value) for name, value in values.items()}
        assert found.help == words
    else:
        assert text == ""


@given(st.floats())
def test_any_number(value: float) -> None:
    """Each reads back as the same."""
    (found,) = exposition.read(render([single("vestibule_x", "gauge", "X.", value)])).values()
    assert found.values[()] == value or (math.isnan(value) and math.isnan(found.values[()]))


@pytest.mark.parametrize(
    "text",
    [
        "x 1\n",
        "# HELP x X.\n# TYPE x gauge\nx 1",
        "# HELP x X.\n# TYPE x counter\nx 1\n",
        "# TYPE x gauge\nx 1\n",
        "# HELP x X.\n# TYPE x gauge\nx{} 1\n",
        '# HELP x X.\n# TYPE x gauge\nx{a="1",a="2"} 1\n',
        "# HELP x X.\n# TYPE x gauge\nx 1\nx 2\n",
        '# HELP x X.\n# TYPE x gauge\nx{a="\n"} 1\n',
    ],
)
def test_the_reader_is_strict(text: str) -> None:
    """It would not take what Prometheus would not."""
    with pytest.raises(exposition.Wrong):
        exposition.read(text)


def test_prometheus_own_reader() -> None:
    """`promtool check metrics` has nothing to say."""
    if not shutil.which("promtool"):
        pytest.skip("promtool (Debian's prometheus) is not installed; our own reader has read it")
    words = ["promtool", "check", "metrics"]
    text = render(families.families(SEEN))
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_every_vendor_has_a_kind() -> None:
    """The hosts that our own table of captive checks knows are told apart."""
    unknown = {probe.host for probe in probes() if of_host(probe.host.encode()) == OTHER}
    # Televisions, cars and clouds.
    assert len(unknown) <= 8, unknown


@given(st.binary())
def test_any_head(head: bytes) -> None:
    """Whatever a client sends, it is of some kind."""
    assert of_head(head)


def test_heads() -> None:
    """By the Host header, however it is written; an end of a name is one of whole labels."""
    assert of_head(b"GET / HTTP/1.1\r\nhOst:  CAPTIVE.apple.com:80\r\n\r\n") == "apple"
    assert of_host(b"notapple.com") == OTHER
    assert of_host(b"www.msftconnecttest.com.") == "windows"
    assert of_head(b"GET / HTTP/1.0\r\n\r\n") == OTHER


def test_a_family_without_samples_is_left_out() -> None:
    """A HELP with nothing below it would be a promise."""
    assert render([Family("vestibule_x", "gauge", "X.", ())]) == ""
