"""What the radio agent reports: typed, bounded, and nothing of it taken on trust."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.joining import reports
from portal.joining.reports import (
    STEPS,
    Ended,
    Garbled,
    Moving,
    Refused,
    Report,
    Scanned,
    Scanning,
    Status,
    Went,
)

WHERE = {"address": "192.168.77.131/24", "gateway": "192.168.77.1", "internet": None,
         "overlaps": True, "hostname": "raspberrypi"}  # fmt: skip


def line(**event: Any) -> bytes:
    """An event as the agent says it."""
    return json.dumps(event).encode() + b"\n"


@pytest.mark.parametrize(
    ("said", "report"),
    [
        (line(event="moving", how="announce", channel=11), Moving("announce", 11)),
        (line(event="step", step="lease", state="begun"), Went("lease", "begun")),
        (line(event="scanning", done=3, of=13), Scanning(3, 13)),
        (line(event="networks", networks=[{}, {}]), Scanned(2)),
        (line(event="refused", what="busy", field=""), Refused("busy")),
        (line(event="refused", what="busy"), Refused("busy")),
        (line(event="status", state="serving", join=None, kept=None), Status(None, None, None)),
        (
            line(event="status", state="home", join={"key": "a", "outcome": "lost", "step": "x"},
                 kept={"key": "b", "ssid": "00"}),
            Status("a", "lost", "b"),
        ),
        (line(event="outcome", outcome="lost", step="stable", key="a"), Ended("lost", "stable")),
        (
            line(event="outcome", outcome="connected", step="kept", key="a", **WHERE),
            Ended("connected", "kept", WHERE),
        ),
        (line(event="outcome", outcome="upstream_portal", step="internet", key="a",
              url="http://login.example/?a=1&b=2"),
         Ended("upstream_portal", "internet", {"url": "http://login.example/?a=1&b=2"})),
        (line(event="cancelled"), None),
        (line(event="stations", stations=[]), reports.Stations({})),
        (
            line(event="stations", stations=[
                {"address": "02:00:00:00:00:AB", "seconds": 1, "signal": -60},
                {"address": "02:00:00:00:00:02", "seconds": 1, "signal": 0},
                {"address": "02:00:00:00:00:03", "seconds": 1, "signal": None},
            ]),
            reports.Stations({"02:00:00:00:00:ab": -60}),
        ),
        (line(event="of a later version", anything=1), None),
    ],
)  # fmt: skip
def test_what_is_read(said: bytes, report: Report | None) -> None:
    """Each event that matters here; another one is passed over."""
    found = reports.read(said)

    assert found == report
    if isinstance(found, Ended) and isinstance(report, Ended):
        assert found.detail == report.detail


@pytest.mark.parametrize(
    "said",
    [
        b"", b"nonsense", b"[]", b'"x"', b"{}", b'{"event": 1}', b'{"event": null}', b"\xff\xfe",
        b"[" * 100_000,
        line(event="moving", how="teleport", channel=11),
        line(event="moving", how="announce", channel="11"),
        line(event="moving", how="announce", channel=True),
        line(event="step", step="dance", state="begun"),
        line(event="step", step="found", state="perhaps"),
        line(event="step", step=["found"], state="done"),
        line(event="outcome", outcome="lost", step="dance", key="a"),
        line(event="scanning", done=-1, of=13),
        line(event="scanning", done=1 << 40, of=13),
        line(event="networks", networks=7),
        line(event="status", state="home", join=[], kept="x"),
        line(event="status", state="home", join={"key": 7}, kept=None),
        line(event="refused"),
        line(event="stations", stations=[{"address": "<b>", "signal": -60}]),
        line(event="stations", stations=[7]),
        line(event="stations", stations=7),
    ],
)  # fmt: skip
def test_what_is_no_report(said: bytes) -> None:
    """One exception for whatever else comes."""
    with pytest.raises(Garbled):
        reports.read(said)


@pytest.mark.parametrize(
    "detail",
    [
        {"address": "<script>"}, {"address": 7}, {"gateway": "192.168.77.1/24"},
        {"internet": "yes"}, {"overlaps": None}, {"hostname": "a.b"}, {"hostname": "-" * 64},
        {"url": "javascript:alert(1)"}, {"url": 'http://a/"onclick="'}, {"url": "http://a/<b>"},
        {"url": "http://a/ b"}, {"url": "http://" + "a" * 600}, {"what": "two\nlines"},
        {"what": "x" * 400}, {"what": ""}, {"passphrase": "secret"}, {"ssid": "00"},
    ],
)  # fmt: skip
def test_what_goes_no_further(detail: dict[str, Any]) -> None:
    """Of an outcome only what is listed, and only where it can be shown."""
    said = line(event="outcome", outcome="failed", step="found", key="a", **detail)
    report = reports.read(said)

    assert isinstance(report, Ended)
    assert report.detail == {}


def test_an_outcome_of_a_later_version() -> None:
    """It is no success, and our page has words for a failure."""
    report = reports.read(line(event="outcome", outcome="abducted", step="kept", key="a"))

    assert report == Ended("failed", "kept")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
NAMES = ("event", "how", "channel", "step", "state", "outcome", "done", "of", "networks", "join",
         "kept", "what", "field", "address", "url")  # fmt: skip
KINDS = ("moving", "step", "outcome", "scanning", "networks", "status", "refused")


@given(st.binary() | st.dictionaries(st.sampled_from(NAMES), json_values).map(
    lambda found: json.dumps(found).encode()))  # fmt: skip
def test_any_line(said: bytes) -> None:
    """A report, None, or `Garbled`, and nothing else."""
    try:
        report = reports.read(said)
    except Garbled:
        return
    assert report is None or isinstance(report, Report)


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(NAMES[1:]), json_values))
def test_any_event(kind: str, rest: dict[str, Any]) -> None:
    """The same for events of the right name."""
    try:
        report = reports.read(json.dumps({**rest, "event": kind}).encode())
    except Garbled:
        return
    assert not isinstance(report, Went) or report.step in STEPS
