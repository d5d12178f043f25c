"""A portal without OpenSSL, and who keeps it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.portal.serving import portal_process

_STAND_IN = "from portal.tls import absent; absent.stand_in()"


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


@pytest.mark.parametrize(("arguments", "is_there"), [((), False), (("--bench",), True)])
def test_only_a_bench_loads_openssl(
    tmp_path: Path, arguments: tuple[str, ...], *, is_there: bool
) -> None:
    """A portal serves its page without OpenSSL; only where people sign in it has it."""
    with portal_process(tmp_path, (), *arguments) as portal:
        host = portal.url.split("/")[2].encode()
        answer = portal.exchange(b"GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % host)
        maps = Path(f"/proc/{portal.process.pid}/maps").read_text()

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert ("/libcrypto" in maps) is is_there


def test_the_digests_are_the_same() -> None:
    """hashlib's own digests are OpenSSL's."""
    code = "import hashlib; print([hashlib.new(n, b'x').hexdigest() for n in ('md5', 'sha1', 'sha256', 'sha512', 'blake2s')])"  # noqa: E501 - one program

    assert run(f"{_STAND_IN}; {code}") == run(code)


def test_the_modules_that_ask_for_it_load() -> None:
    """Servers, client and gunicorn's worker come up with the names alone."""
    code = "import http.client, http.server, portal.worker, portal.server, sys; print('_ssl' in sys.modules)"  # noqa: E501 - one program

    assert run(f"{_STAND_IN}; {code}") == "False"


def test_who_has_it_keeps_it() -> None:
    """In a process that has loaded TLS nothing is replaced."""
    code = f"import ssl, hashlib; {_STAND_IN}; import ssl as again; print(again is ssl, again.OPENSSL_VERSION_INFO >= (1, 1), again.__name__)"  # noqa: E501 - one program

    assert run(code) == "True True ssl"
