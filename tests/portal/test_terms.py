"""Our terms beside gunicorn's own configuration, name by name."""

from __future__ import annotations

import inspect
import re
from typing import Final

import pytest
from gunicorn import config
from gunicorn.http import body, message, parser, unreader, wsgi
from gunicorn.http2 import negotiation
from gunicorn.workers import base, gthread, workertmp

from portal.terms import Log, Terms

READERS: Final = (
    base, body, gthread, message, negotiation, parser, unreader, workertmp, wsgi
)  # fmt: skip
# Of a reloader, which is off, and of gthread's own connections, whose place our Exchange takes.
UNASKED: Final = {"reload_engine", "reload_extra_files", "do_handshake_on_connect"}
# Set for a reason that stands there.
OTHERWISE: Final = {
    "forwarded_allow_ips", "forwarder_headers", "graceful_timeout", "limit_request_fields",
    "proxy_allow_ips", "secure_scheme_headers", "threads", "worker_tmp_dir",
}  # fmt: skip


def asked() -> set[str]:
    """Every name that the modules we load look up in their configuration."""
    found = {name for each in READERS for name in NAMES.findall(inspect.getsource(each))}
    return found - UNASKED


NAMES: Final = re.compile(r"\bcfg\.(\w+)")


def test_nothing_is_missing() -> None:
    """Whatever gunicorn asks for is there."""
    assert not {name for name in asked() if not hasattr(Terms(8), name)}


def test_nothing_is_too_much() -> None:
    """And nothing that nobody asks for."""
    assert {name for name in dir(Terms(8)) if not name.startswith("_")} <= asked() | {"hook"}


@pytest.mark.parametrize("name", sorted(asked() - OTHERWISE))
def test_the_rest_is_as_gunicorn_has_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value of ours is the release's default, unless a reason for another stands there."""
    monkeypatch.delenv("WEB_CONCURRENCY", raising=False)
    default, ours = getattr(config.Config(), name), getattr(Terms(8), name)

    if not callable(default):
        assert (list(ours) if isinstance(ours, tuple) else ours) == default
    else:
        assert not ours(*(None,) * (len(inspect.signature(default).parameters)))


def test_the_log_says_what_went_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    """Warnings and worse come to standard error, with their cause; details and accesses do not."""
    log = Log()

    log.error("a request failed", exc_info=ValueError("out of range"))
    log.debug("refused a request")
    log.access("GET /kanarienvogel")

    said = capsys.readouterr().err
    assert said.startswith("portal: ERROR: a request failed\nValueError: out of range\n")
    assert "refused" not in said
    assert "kanarienvogel" not in said
