"""The simulated Zephyr takes no more than the real one: its buffers are the table's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from portal.bench.protocols import hal
from portal.bench.simulators import zephyr
from tests.portal.bench.fakes import artifact

PATH = "/DEFAULT/controller/v1/SN-1/softwaremodules/code/artifacts/app.bin"


def job(path: str = PATH) -> dict[str, Any]:
    """A job as the bench gives it."""
    return hal.job(7, artifact(), f"http://updates.acme.example{path}", go=True)


def test_the_benchs_job_fits() -> None:
    """Id, path, size and digest are found where they are looked for."""
    action, found = zephyr.job(json.dumps(job()).encode())

    assert (action, found["path"]) == ("7", PATH)
    assert (found["size"], found["sha256"]) == (artifact().size, artifact().sha256)


def wrong(change: str) -> bytes:
    """A job that this client cannot take."""
    made = job(PATH + "x" * 140) if change == "path" else job()
    deployment = made["deployment"]
    [chunk] = deployment["chunks"]
    [one] = chunk["artifacts"]
    if change == "chunks":
        deployment["chunks"] = [chunk, chunk]
    elif change == "artifacts":
        chunk["artifacts"] = [one, one]
    elif change == "part":
        chunk["part"] = "os"
    elif change == "size":
        one["size"] = str(one["size"])
    elif change == "https only":
        one["_links"]["download"] = one["_links"].pop("download-http")
    elif change == "tenant":
        one["_links"]["download-http"]["href"] = "http://a/acme/controller/v1/x"
    elif change == "long":
        made["more"] = "x" * 1100
    return json.dumps(made).encode()


@pytest.mark.parametrize(
    "change",
    ["path", "chunks", "artifacts", "part", "size", "https only", "tenant", "long"],
)
def test_what_does_not_fit_ends_the_attempt(change: str) -> None:
    """Each as in hawkbit.c."""
    with pytest.raises(zephyr.DoesNotFit):
        zephyr.job(wrong(change))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"deployment":{"chunks":[]}}', b"\xff"])
def test_what_is_no_job_ends_it_too(body: bytes) -> None:
    """Nothing else happens."""
    with pytest.raises(zephyr.DoesNotFit):
        zephyr.job(body)


def test_an_actions_path_has_fifty_characters() -> None:
    """With its NUL."""
    assert zephyr.action_path("http://a/x/deploymentBase/7?c=1") == "deploymentBase/7?c=1"
    for href in ("http://a/x/deploymentBase/" + "7" * 40, "http://a/x"):
        with pytest.raises(zephyr.DoesNotFit):
            zephyr.action_path(href)
