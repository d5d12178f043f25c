"""Is the certificate one that phones will take? Asked with OpenSSL, as a phone would.

A phone that is refused shows no page at all: iOS asks the API instead of probing, and has no
second way. Nothing leaves this process: client and server are two ends in memory, and the client
is told whom to trust by the question that is asked.
"""

from __future__ import annotations

import os
import ssl
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NoReturn

from hotspot.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# openssl/x509_vfy.h: dates are compared here, where the clock is known to be set or not.
_NO_CHECK_TIME: Final = 0x200000
_BEGIN: Final = "-----BEGIN CERTIFICATE-----"
_END: Final = "-----END CERTIFICATE-----"
_WEEKS: Final = 14 * 86_400
# Two ends that have both spoken three times have said all (RFC 8446 2).
_TURNS: Final = 4


@dataclass(frozen=True, slots=True)
class Files:
    """Where certificate (PEM, the leaf first, its chain behind it) and key are."""

    certificate: Path
    key: Path


def check(name: str, files: Files, now: float) -> Iterator[str]:
    """Lines that a person should read. Raises `Refused` for what no phone would take.

    `now` is the wall clock, in seconds since 1970.
    """
    chain = _chain(files.certificate)
    _read(files.key)
    server = _server(files)
    leaf = _leaf(server, chain, files)
    _check_name(server, chain, name, leaf)
    yield from _dates(files, leaf, now)
    yield from _issuer(server, chain, leaf, files)
    _check_owner(files.certificate)
    _check_owner(files.key)
    yield from _secrecy(files.key)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        remedy = "name a file that root can read in [portal]"
        raise Refused(f"{path} cannot be read ({error.strerror})", remedy) from None


def _chain(path: Path) -> list[str]:
    """The certificates of a file, the leaf first."""
    found = [part.partition(_END)[0] for part in _read(path).split(_BEGIN)[1:]]
    if not found:
        remedy = "convert it: openssl x509 -inform der -in FILE -out FILE.pem"
        raise Refused(f"{path} holds no certificate in PEM", remedy)
    return [f"{_BEGIN}{body}{_END}\n" for body in found]


def _server(files: Files) -> ssl.SSLContext:
    def locked() -> NoReturn:
        remedy = "take the passphrase off: openssl pkey -in KEY -out KEY.open"
        raise Refused(f"{files.key} asks for a passphrase", remedy)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(files.certificate, files.key, locked)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            what = f"{files.key} is not the key of {files.certificate}"
            raise Refused(what, "name the two that were made together") from None
        what = f"{files.certificate} with {files.key} cannot be used ({error.reason or error})"
        raise Refused(what, "see what openssl x509 -text and openssl pkey say of them") from None
    return context


def _client(trusted: Sequence[str]) -> ssl.SSLContext:
    """Who trusts these certificates, in the middle of a chain as well, and no others."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    # Phones have not looked at the subject's common name for years (RFC 9525 6.3).
    context.hostname_checks_common_name = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | _NO_CHECK_TIME
    context.load_verify_locations(cadata="".join(trusted))
    return context


def _shake(server: ssl.SSLContext, client: ssl.SSLContext, name: str | None) -> dict[str, Any]:
    """The leaf as `getpeercert` describes it. Raises ssl.SSLCertVerificationError."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(down, up, server_hostname=name)
    answering = server.wrap_bio(up, down, server_side=True)
    for _ in range(_TURNS):
        for end in (asking, answering):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return dict(asking.getpeercert() or {})


def _leaf(server: ssl.SSLContext, chain: Sequence[str], files: Files) -> dict[str, Any]:
    try:
        return _shake(server, _client(chain), None)
    except ssl.SSLCertVerificationError as error:
        what = f"{files.certificate} cannot serve a web site ({error.verify_message})"
        raise Refused(what, "have one made for a TLS server") from None


def _check_name(
    server: ssl.SSLContext, chain: Sequence[str], name: str, leaf: dict[str, Any]
) -> None:
    client = _client(chain)
    client.check_hostname = True
    try:
        _shake(server, client, name)
    except ssl.SSLCertVerificationError:
        names = [value for kind, value in leaf.get("subjectAltName", ()) if kind == "DNS"]
        known = ", ".join(names) or "no name at all (a common name does not count)"
        remedy = "set portal.name to a name it is for, or have one made for this name"
        raise Refused(f"the certificate is not for {name}, but for {known}", remedy) from None


def _dates(files: Files, leaf: dict[str, Any], now: float) -> Iterator[str]:
    # Whoever wrote the file knew the time better: a board without a battery wakes up in the past.
    written = files.certificate.stat().st_mtime
    if now < written:
        yield (
            f"the clock was never set (it says {_day(now)}, {files.certificate} is of "
            f"{_day(written)}): the certificate's dates are not checked"
        )
        return
    begins = ssl.cert_time_to_seconds(leaf["notBefore"])
    ends = ssl.cert_time_to_seconds(leaf["notAfter"])
    if now < begins:
        remedy = "wait, or set the clock: timedatectl"
        raise Refused(f"the certificate is not valid before {_day(begins)}", remedy)
    if now > ends:
        raise Refused(f"the certificate has expired on {_day(ends)}", "renew it, then start again")
    if ends - now < _WEEKS:
        yield f"the certificate expires on {_day(ends)}: renew it, then start again"


def _issuer(
    server: ssl.SSLContext, chain: Sequence[str], leaf: dict[str, Any], files: Files
) -> Iterator[str]:
    if leaf["issuer"] == leaf["subject"]:
        yield f"{files.certificate} is signed by itself: only phones that were told to will take it"
        return
    missing = (
        f"{files.certificate} does not hold the certificate of its issuer {_named(leaf['issuer'])}"
    )
    remedy = "append the chain you were given to it: cat leaf.pem chain.pem > fullchain.pem"
    above = [each for each in chain if each != chain[0]]
    if not above:
        raise Refused(missing, remedy)
    try:
        _shake(server, _client(above), None)
    except ssl.SSLCertVerificationError:
        raise Refused(missing, remedy) from None
    if not _known_here(server):
        yield (
            "no authority that this machine trusts vouches for the certificate: "
            "only phones that were told to will take it"
        )


def _known_here(server: ssl.SSLContext) -> bool:
    """Whether this machine's own list of authorities (much like a phone's) vouches for it."""
    client = ssl.create_default_context()
    client.check_hostname = False
    client.verify_flags |= _NO_CHECK_TIME
    try:
        _shake(server, client, None)
    except ssl.SSLCertVerificationError:
        return False
    return True


def _check_owner(path: Path) -> None:
    """Refuse what only a root with all its capabilities can read: who serves it has none."""
    found = path.stat()
    if found.st_uid != os.geteuid() and not found.st_mode & stat.S_IROTH:
        raise Refused(f"{path} belongs to another user", f"chown root {path}")
    for folder in path.resolve().parents:
        found = folder.stat()
        if found.st_uid != os.geteuid() and not found.st_mode & stat.S_IXOTH:
            remedy = f"put {path.name} elsewhere, such as /etc/vestibule"
            raise Refused(f"{path} lies in another user's closed {folder}", remedy)


def _secrecy(key: Path) -> Iterator[str]:
    if key.stat().st_mode & stat.S_IROTH:
        yield f"{key} can be read by everybody on this machine: chmod 600 {key}"


def _named(issuer: Sequence[Sequence[tuple[str, str]]]) -> str:
    fields = {kind: value for part in issuer for kind, value in part}
    return fields.get("commonName") or fields.get("organizationName") or "(without a name)"


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
