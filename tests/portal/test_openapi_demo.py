"""A whole demo against the API's description: any request, each event, and too much."""

from __future__ import annotations

import json
import re
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.app import LARGEST_BODY
from tests.hotspot import demos
from tests.hotspot.demos import Demo
from tests.portal.described import BASE, DOCUMENT, SCHEMAS, operations, resolved, validator

# What it generates is valid by the schema, and may still be no name of 32 bytes: a 400 is right.
LEFT_OUT = "positive_data_acceptance"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """All of it, with an agent whose radio is made up."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "config.toml").write_text('[radio]\ncountry = "DE"\n[provisioning]\njoins = true\n')
    with demos.running(folder, "--config", str(folder / "config.toml")) as running:
        yield running


# Chains first: after six set-ups a client has to wait. A few do: each may follow a join to its end.
@pytest.mark.parametrize(
    ("phases", "count"), [("stateful", "5"), ("examples,coverage,fuzzing", "20")]
)
def test_any_request_gets_an_answer_that_is_described(
    demo: Demo, tmp_path: Path, phases: str, count: str
) -> None:
    """schemathesis: chains of requests, examples, edges, anything, over a socket.

    Answers have a described status, type and shape; what the description forbids is refused; an
    unknown method is too; and nothing ends in a 500.
    """
    program = Path(sysconfig.get_path("scripts")) / "schemathesis"
    host, port = demo.place
    done = subprocess.run(
        [
            *(str(program), "run", f"http://{host}:{port}{BASE}/openapi.json", "--no-color"),
            *("--checks", "all", "--exclude-checks", LEFT_OUT, "--phases", phases),
            *("--max-examples", count, "--seed", "1", "--request-timeout", "20"),
        ],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-8000:]
    tested = re.search(r"Tested: (\d+)", done.stdout)
    assert tested, done.stdout[-2000:]
    # The one about this document is not counted. Chains begin with a set-up.
    assert int(tested[1]) >= (3 if phases == "stateful" else len([*operations()]) - 1)
    assert "Traceback" not in demo.stderr.read_text()


def test_each_event_is_as_described(demo: Demo) -> None:
    """From the first step to the outcome, with an end; afterwards there is nothing to wait for."""
    # Another client than the one that has asked for too much.
    source = "127.0.0.2"
    sent = json.dumps({"ssid": "Home Sweet Home", "passphrase": "correct horse"})
    kind = {"Content-Type": "application/json"}
    _, _, answer = demo.ask("POST", f"{BASE}/setup", kind, sent, source)
    url = f"{BASE}/setup/{json.loads(answer)['id']}/events"
    described = DOCUMENT["paths"]["/setup/{id}/events"]["get"]["responses"]

    status, headers, body = demo.ask("GET", url, source=source)
    assert (status, headers["Content-Type"]) == (200, *described["200"]["content"])
    events = [event.removeprefix("data: ") for event in body.split("\n\n") if event != ":"]
    assert events.pop() == ""
    told = [json.loads(event) for event in events]
    for each in told:
        validator(SCHEMAS["Setup"]).validate(each)
    assert told[0]["join"]["state"] in {"waiting", "trying"}
    assert [each["join"]["outcome"] for each in told[:-1]] == [None] * (len(told) - 1)
    assert told[-1]["join"]["outcome"] == "connected"

    status, _, body = demo.ask("GET", url, source=source)
    assert (str(status), body) == ("204", "")
    assert str(status) in described


def test_too_much_is_refused_as_described(demo: Demo) -> None:
    """Before it has been read, in a line of text."""
    for path in ("setup", "release"):
        body = " " * (LARGEST_BODY + 1)
        status, headers, _ = demo.ask("POST", f"{BASE}/{path}", {"Connection": "close"}, body)
        described = resolved(DOCUMENT["paths"][f"/{path}"]["post"]["responses"]["413"])
        assert status == 413
        assert headers["Content-Type"].partition(";")[0] in described["content"]
