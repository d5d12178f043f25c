"""The certificate's checks: what a phone would refuse is refused here, with its remedy."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from hotspot.checks import certificate
from hotspot.checks.certificate import Files
from hotspot.errors import Refused
from tests.certificates import NAME, Issued, Shop, issue, shop
from tests.hotspot.real import program

DAY = 86_400
# The test's own authority is in no list of this machine.
PRIVATE = (
    "no authority that this machine trusts vouches for the certificate: "
    "only phones that were told to will take it"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """One of each, for all tests: none changes a file."""
    return shop(tmp_path_factory.mktemp("shop"))


def said(name: str, issued: Issued, now: float | None = None) -> list[str]:
    """What the checks say of a pair of files."""
    files = Files(issued.certificate, issued.key)
    return list(certificate.check(name, files, time.time() if now is None else now))


def refusal(name: str, issued: Issued, now: float | None = None) -> str:
    """The words with which a pair of files is refused."""
    with pytest.raises(Refused) as refused:
        said(name, issued, now)
    return str(refused.value)


def text_file(folder: Path, *texts: str) -> Path:
    """A new file of these."""
    path = folder / "other.pem"
    path.write_text("".join(texts))
    return path


def test_a_good_one(made: Shop) -> None:
    """With its chain, its key and its name it is taken; a private authority is only said."""
    assert said(NAME, made.site) == [PRIVATE]


def test_one_whose_authority_this_machine_knows(
    made: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then there is nothing to say."""
    monkeypatch.setenv("SSL_CERT_FILE", str(made.root.certificate))
    assert said(NAME, made.site) == []


def test_a_wildcard_is_for_one_label(tmp_path: Path) -> None:
    """*.example.com is for setup.example.com, and not for what is below or above it."""
    wild = shop(tmp_path, names="DNS:*.example.com").site
    assert said(NAME, wild) == [PRIVATE]
    for other in ("example.com", f"x.{NAME}"):
        assert "is not for" in refusal(other, wild)


@pytest.mark.parametrize(
    ("names", "known"),
    [
        ("DNS:www.example.com,DNS:example.com", "but for www.example.com, example.com"),
        ("IP:100.64.64.1", r"but for no name at all \(a common name does not count\)"),
        ("", r"but for no name at all \(a common name does not count\)"),
    ],
)
def test_another_name(tmp_path: Path, names: str, known: str) -> None:
    """A certificate for other names, or for the common name alone, is refused by name."""
    words = refusal(NAME, shop(tmp_path, names=names).site)
    assert re.search(f"the certificate is not for {NAME}, {known}", words)
    assert "portal.name" in words


def test_the_key_of_another(made: Shop) -> None:
    """A key that is not the certificate's is refused, naming both files."""
    words = refusal(NAME, Issued(made.site.certificate, made.root.key))
    assert f"{made.root.key} is not the key of {made.site.certificate}" in words


def test_without_its_chain(made: Shop) -> None:
    """The leaf alone, twice, or beside a stranger is refused, naming who is missing."""
    stranger = made.root
    for extra in ("", made.leaf.text(), stranger.text()):
        file = text_file(made.root.certificate.parent, made.leaf.text(), extra)
        words = refusal(NAME, Issued(file, made.leaf.key))
        assert "does not hold the certificate of its issuer middle" in words
        assert "fullchain.pem" in words


def test_signed_by_itself(tmp_path: Path) -> None:
    """That is for phones that were told to: said, not refused."""
    own = issue(tmp_path, "own", f"subjectAltName=DNS:{NAME}")
    (line,) = said(NAME, own)
    assert "is signed by itself: only phones that were told to will take it" in line


def test_its_dates(made: Shop) -> None:
    """Refused the day after its last, said in its last two weeks, silent before."""
    now = time.time()
    assert "has expired on" in refusal(NAME, made.site, now + 91 * DAY)
    assert "renew it" in refusal(NAME, made.site, now + 91 * DAY)
    assert said(NAME, made.site, now + 80 * DAY)[0].startswith("the certificate expires on ")
    assert said(NAME, made.site, now + 70 * DAY) == [PRIVATE]


def test_a_clock_that_was_never_set(made: Shop) -> None:
    """A clock behind the file's own date proves nothing against the certificate: it is said."""
    for now in (0.0, time.time() - DAY):
        clock, private = said(NAME, made.site, now)
        assert clock.startswith("the clock was never set (it says ")
        assert clock.endswith("the certificate's dates are not checked")
        assert private == PRIVATE


def test_not_valid_yet(made: Shop, tmp_path: Path) -> None:
    """With a file that is old enough the clock is believed: not yet is refused."""
    file = text_file(tmp_path, made.site.text())
    os.utime(file, (0, 0))
    words = refusal(NAME, Issued(file, made.site.key), time.time() - 30 * DAY)
    assert "is not valid before" in words


def test_what_is_no_certificate(made: Shop, tmp_path: Path) -> None:
    """A missing file, DER, rubbish in PEM's clothes: each names the file."""
    gone = dataclasses.replace(made.site, certificate=tmp_path / "gone.pem")
    assert f"{gone.certificate} cannot be read (No such file" in refusal(NAME, gone)
    gone = dataclasses.replace(made.site, key=tmp_path / "gone.key")
    assert f"{gone.key} cannot be read (No such file" in refusal(NAME, gone)
    for text, words in (
        ("0\x82\x01", "holds no certificate in PEM"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot be used"),
    ):
        file = text_file(tmp_path, text)
        assert f"{file} " in refusal(NAME, Issued(file, made.site.key))
        assert words in refusal(NAME, Issued(file, made.site.key))


def test_a_key_under_a_passphrase(made: Shop, tmp_path: Path) -> None:
    """Nobody is there to type it at a start: refused, nothing is asked."""
    locked = tmp_path / "locked.key"
    subprocess.run(
        [
            *(program("openssl"), "pkey", "-aes256", "-passout", "pass:x"),
            *("-in", str(made.leaf.key), "-out", str(locked)),
        ],
        check=True, capture_output=True, timeout=20,
    )  # fmt: skip
    assert "asks for a passphrase" in refusal(NAME, Issued(made.site.certificate, locked))


def test_a_certificate_for_something_else(tmp_path: Path) -> None:
    """One that may only sign mail is no web site's."""
    mail = issue(tmp_path, "mail", f"subjectAltName=DNS:{NAME}", "extendedKeyUsage=emailProtection")
    assert "cannot serve a web site (unsuitable certificate purpose)" in refusal(NAME, mail)


def test_a_key_everybody_can_read(made: Shop, tmp_path: Path) -> None:
    """That is said, with the command that ends it."""
    key = tmp_path / "open.key"
    key.write_text(made.leaf.key.read_text())
    key.chmod(0o644)
    line = said(NAME, Issued(made.site.certificate, key))[-1]
    assert line.endswith(f"chmod 600 {key}")


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a file away needs root")
def test_a_key_of_somebody_else(made: Shop, tmp_path: Path) -> None:
    """The process that needs it is root without capabilities, which only reads root's own."""
    key = tmp_path / "theirs.key"
    key.write_text(made.leaf.key.read_text())
    key.chmod(0o600)
    os.chown(key, 1, 1)
    assert f"chown root {key}" in refusal(NAME, Issued(made.site.certificate, key))


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a folder away needs root")
def test_a_key_in_a_closed_home(made: Shop, tmp_path: Path) -> None:
    """Below another user's folder of mode 0700 that process does not come."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    key = home / "own.key"
    key.write_text(made.leaf.key.read_text())
    key.chmod(0o600)
    os.chown(home, 1, 1)
    words = refusal(NAME, Issued(made.site.certificate, key))
    assert f"{key} lies in another user's closed {home}" in words
    assert "/etc/vestibule" in words
