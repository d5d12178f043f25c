"""DDI as values: shapes that three clients take at once, and feedback that anybody may send."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bench.port import Step
from portal.bench.protocols import hal
from tests.portal.bench.fakes import artifact

SWU = b"070702000000010000" + b"\0" * 30


def test_a_job_is_as_small_as_zephyr_needs_it() -> None:
    """1,100 bytes with the longest URL it takes; one chunk "bApp", `download-http` alone."""
    image = artifact(
        SWU, "lamp-1.20.3-production.swu", "lamp-controller-hw7", "1.20.3-rc1+build.4711"
    )
    href = "http://updates.acme.example:8080/DEFAULT/controller/v1/" + "x" * 175

    body = json.dumps(hal.job(2**31 - 1, image, href, go=True), separators=(",", ":"))

    assert len(body) <= hal.ZEPHYRS_BUFFER
    [chunk] = json.loads(body)["deployment"]["chunks"]
    [described] = chunk["artifacts"]
    assert (chunk["part"], set(described["_links"])) == ("bApp", {"download-http", "md5sum-http"})
    assert type(described["size"]) is int
    assert all(re.fullmatch("[0-9a-f]+", each) for each in described["hashes"].values())


def test_an_installed_job_is_not_to_be_done_again() -> None:
    """It is there to be closed, with "skip" in both places."""
    deployment: Any = hal.job(7, artifact(), "http://a/b", go=False)["deployment"]

    assert (deployment["download"], deployment["update"]) == ("skip", "skip")


@given(st.integers(-5, 10**9))
def test_sleep_has_eight_characters(seconds: int) -> None:
    """HH:MM:SS within a day, and never nothing: Zephyr copies eight."""
    text = hal.sleep(seconds)

    hours, minutes, rest = map(int, text.split(":"))
    assert len(text) == 8
    assert hours * 3600 + minutes * 60 + rest == min(max(seconds, 1), 86_399)


@given(name=st.text(min_size=1), room=st.integers(0, 120), is_swu=st.booleans())
def test_any_name_fits_a_url(name: str, room: int, *, is_swu: bool) -> None:
    """Nothing in it needs an escape, it has room, and an .swu is called one."""
    made = hal.filename(artifact(SWU if is_swu else b"\xe9image", name), room)

    assert len(made) <= room
    if made:
        assert re.fullmatch("[A-Za-z0-9._-]+", made)
        assert made.endswith(".swu") or not is_swu
        assert not made.startswith((".", "-"))
    if room >= 100 and len(name) < 60:
        assert made


FEEDBACK = [
    ("closed", "success", None, "", Step.SUCCESS, True),
    ("closed", "none", None, "", Step.SUCCESS, True),
    ("closed", "failure", None, "no space", Step.FAILURE, True),
    ("proceeding", "none", (0, 1), "Installing Update Chunk Artifacts.", Step.DOWNLOADING, False),
    ("proceeding", "none", (1, 1), "All Chunks Installed.", Step.INSTALLED, False),
    ("proceeding", "none", (40, 100), "", Step.DOWNLOADING, False),
    ("proceeding", "none", (0, 0), "Update Installed, Testing Pending.", Step.DOWNLOADING, False),
    ("proceeding", "none", None, "", Step.DOWNLOADING, False),
    ("downloaded", "none", None, "", Step.INSTALLING, False),
    ("rejected", "none", None, "", Step.FAILURE, True),
    ("canceled", "success", None, "", Step.FAILURE, True),
]


@pytest.mark.parametrize(("execution", "finished", "progress", "text", "step", "over"), FEEDBACK)
def test_feedback_is_understood(
    execution: str,
    finished: str,
    progress: tuple[int, int] | None,
    text: str,
    step: Step,
    *,
    over: bool,
) -> None:
    """What each client says on its way, as the bench's own steps."""
    result: dict[str, object] = {"finished": finished}
    if progress:
        result["progress"] = {"cnt": progress[0], "of": progress[1]}
    status = {"execution": execution, "result": result, "details": [text] if text else []}

    meant = hal.feedback({"id": "7", "status": status}, 3)

    assert meant is not None
    assert meant.report is not None
    assert (meant.report.step, meant.over) == (step, over)
    assert (meant.report.attempt, meant.report.text) == (3, text)


def test_a_skipped_job_proves_nothing() -> None:
    """swupdate closes it as a success; nothing has been tested."""
    status = {"execution": "closed", "result": {"finished": "success"}, "details": [hal.SKIPPED]}

    meant = hal.feedback({"id": 7, "status": status}, 1)

    assert meant == hal.Feedback(None, over=False)


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["status", "execution", "result", "finished", "progress", "cnt", "of",
                         "details", "code"]), inner, max_size=5),
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["status", "id"]), json_like))
def test_no_feedback_is_too_odd(said: dict[str, Any]) -> None:
    """It is one, or none; nothing else happens."""
    meant = hal.feedback(said, None)

    assert meant is None or meant.report is None or meant.report.step in Step
