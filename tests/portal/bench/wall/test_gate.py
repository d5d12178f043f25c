"""Nobody comes to the bench without a session, and nothing changes without a form of ours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.routing import Rule

from portal.bench.wall import entry, gate
from portal.bench.wall.sessions import IDLE_SECONDS
from portal.form.tokens import FIELD
from tests.portal.bench.wall.world import PIN, World, shift, world

# What the audit of a shift begins with.
BEFORE = 2


@pytest.fixture
def bench(tmp_path: Path) -> World:
    """A shift of 20 devices."""
    return world(tmp_path, shift(20))


def routes(bench: World) -> list[tuple[str, str, str]]:
    """Endpoint, method and path of every route of the bench, from the map itself."""
    rules: list[Rule] = [
        rule for rule in bench.app().url_map.iter_rules() if rule.endpoint.startswith("bench.")
    ]
    return [
        (rule.endpoint, method, rule.rule.replace("<path:claim>", "C0001"))
        for rule in rules
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def test_every_route_is_closed(bench: World) -> None:
    """A page leads to the sign-in, a script gets 401; only the ways in are open."""
    client = bench.client("")
    asked = routes(bench)
    for endpoint, method, path in asked:
        answer = client.open(path, method=method)
        if endpoint in gate.OPEN:
            continue
        if path.startswith("/bench/api/"):
            assert (path, answer.status_code) == (path, 401)
            assert answer.is_json
        else:
            assert (path, answer.status_code) == (path, 303)
            assert answer.location.startswith("http://100.64.64.1/bench/sign-in")
        assert b"lamp-" not in answer.data
        # Asked by a script, a page says 401 too.
        answer = client.open(path, method=method, headers={"Accept": "application/json"})
        assert answer.status_code == 401
    assert len(asked) > 9
    assert (bench.desk.acts, len(bench.desk.lines)) == ([], BEFORE)


def test_what_is_open_tells_nothing(bench: World) -> None:
    """The sign-in has no device in it, and a label's code leads there, known or not."""
    client = bench.client("")
    assert b"lamp-" not in client.get("/bench/sign-in").data
    known, unknown = client.get("/d/C0001"), client.get("/d/C9999")

    assert (known.status_code, known.location[-6:]) == (303, "/C0001")
    assert (unknown.status_code, unknown.location[-6:]) == (303, "/C9999")


def test_every_change_asks_for_a_token(bench: World) -> None:
    """Without one, with a stale one, with another person's: 403, and nothing is done."""
    client = bench.client("Ada")
    other = bench.token(bench.cookie("Ben"))
    for endpoint, method, path in routes(bench):
        if method == "GET" or endpoint in gate.OPEN:
            continue
        for token in ("", "0" * 32, other):
            form = {FIELD: token, "id": "lamp-001", "act": "set_aside", "name": "Ada"}
            answer = client.open(path, method=method, data=form)
            assert (path, answer.status_code) == (path, 403)
    assert (bench.desk.acts, len(bench.desk.lines)) == ([], BEFORE)


def test_another_origin_is_refused(bench: World) -> None:
    """Whatever it has read."""
    answer = bench.client("Ada").post(
        "/bench/act", data={"id": "lamp-001", "act": "set_aside"}, headers={"Origin": "http://evil"}
    )

    assert answer.status_code == 403
    assert bench.desk.acts == []


def test_signing_in_and_out(bench: World) -> None:
    """The way leads back to where somebody wanted to go; both are in the audit."""
    client = bench.client("")
    asked = client.get("/bench?d=lamp-007")
    assert asked.location == "http://100.64.64.1/bench/sign-in?next=%2Fbench%3Fd%3Dlamp-007"
    form = {"name": "ben", "pin": PIN, "next": "/bench?d=lamp-007"}
    answer = client.post("/bench/sign-in", data=form)

    assert answer.location == "http://100.64.64.1/bench?d=lamp-007"
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Strict", "Path=/bench"))
    assert "lamp-007" in client.get("/bench?d=lamp-007").text
    client.post("/bench/sign-out")
    assert client.get("/bench").status_code == 303
    assert [(line.who, line.what) for line in bench.desk.lines[BEFORE:]] == [
        ("Ben", "signed in"),
        ("Ben", "signed out"),
    ]


@pytest.mark.parametrize(
    "path",
    ["//evil", "https://evil/", "/bench\\@evil", "/benchmark", "/", "/bench/\r\nX: y", "/bench/ x"],
)
def test_the_way_back_stays_at_the_bench(bench: World, path: str) -> None:
    """Whatever stands in the form."""
    form = {"name": "Ada", "pin": PIN, "next": path}
    answer = bench.client("").post("/bench/sign-in", data=form)

    assert answer.location == "http://100.64.64.1/bench"


def test_a_wrong_pin_is_told(bench: World) -> None:
    """403 and the name kept; then 429 with the seconds; the PIN stands nowhere."""
    client = bench.client("")
    form = {"name": "Ada", "pin": "471100"}
    answers = [client.post("/bench/sign-in", data=form) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [403] * 4 + [429] * 2
    assert "do not go together" in answers[0].text
    assert 'value="Ada"' in answers[0].text
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert all("471100" not in answer.text for answer in answers)
    assert "Set-Cookie" not in answers[-1].headers


def test_a_stale_sign_in_form_is_shown_again(bench: World) -> None:
    """The session of a page that was open since yesterday."""
    form = {"name": "Ada", "pin": PIN, FIELD: "0.00"}
    answer = bench.client("").post("/bench/sign-in", data=form)

    assert answer.status_code == 403
    assert "open for too long" in answer.text


def test_an_unattended_bench_locks_itself(bench: World) -> None:
    """The wall goes on asking, and that does not keep it open."""
    client = bench.client()
    for _ in range(3):
        bench.seconds[0] += IDLE_SECONDS / 3
        last = client.get("/bench/api/changes?since=1")
        client.get("/bench?auto=")

    assert last.status_code == 401
    assert client.get("/bench").status_code == 303


def test_without_anybody_on_file_the_page_says_what_to_do(bench: World, tmp_path: Path) -> None:
    """The command that makes the first lead."""
    (tmp_path / "bench" / "people.json").unlink()

    assert (
        "vestibule bench people add NAME --role lead" in bench.client("").get("/bench/sign-in").text
    )


def test_a_damaged_list_of_people_is_told(bench: World, tmp_path: Path) -> None:
    """503, and nobody comes in."""
    (tmp_path / "bench" / "people.json").write_text("{")

    answer = bench.client("").post("/bench/sign-in", data={"name": "Ada", "pin": PIN})
    assert answer.status_code == 503
    assert "is damaged" in answer.text


def test_a_full_disk_lets_nobody_guess(bench: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be counted is not tried: 503 in words, and no session."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(entry, "write_whole", full)
    answer = bench.client("").post("/bench/sign-in", data={"name": "Ada", "pin": PIN})

    assert answer.status_code == 503
    assert "cannot read or write its disk" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_under_tls_the_cookie_stays_there(bench: World) -> None:
    """A session that was opened by name and TLS is never sent in the clear."""
    bench.services = replace(bench.services, site="https://bench.example/")
    client = bench.client("")
    answer = client.post(
        "/bench/sign-in", data={"name": "Ada", "pin": PIN}, base_url="https://bench.example/"
    )

    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.location == "https://bench.example/bench"


@pytest.mark.parametrize(
    "path",
    [
        "/d/%0d%0aX-Evil:%201", "/d///evil.example/", "/d/%5c%5cevil", "/bench/claim/%0d%0aX:1",
        "/bench/find?q=%0d%0aX-Evil:1", "/bench/find?q=//evil.example", "/bench?d=%0d%0a",
        "/bench/devices?page=99999999999999999999&q=%00", "/bench/sign-in?next=//evil",
    ],
)  # fmt: skip
def test_no_way_leads_away(bench: World, path: str) -> None:
    """Whatever stands in an address: no header of its own, and on to our own origin only."""
    for client in (bench.client(), bench.client("")):
        answer = client.get(path)
        assert answer.status_code in {200, 303, 308, 404}
        assert "X-Evil" not in answer.headers
        assert answer.headers.get("Location", "http://100.64.64.1/").startswith(
            "http://100.64.64.1/"
        )
        assert "Access-Control-Allow-Origin" not in answer.headers
