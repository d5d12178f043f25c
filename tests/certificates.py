"""Authorities and certificates made for a test, by openssl."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.hotspot.real import program

NAME = "setup.example.com"
# Of openssl's own configuration nothing is wanted.
_PLAIN = "[req]\ndistinguished_name=dn\n[dn]\n"


@dataclass(frozen=True)
class Issued:
    """A certificate and its key, as files."""

    certificate: Path
    key: Path

    def text(self) -> str:
        """The certificate in PEM."""
        return self.certificate.read_text()


def issue(
    folder: Path,
    file: str,
    *extensions: str,
    by: Issued | None = None,
    subject: str = "",
    days: int = 90,
) -> Issued:
    """A new key and its certificate, signed by itself unless `by` an issuer."""
    (folder / "plain.cnf").write_text(_PLAIN)
    made = Issued(folder / f"{file}.pem", folder / f"{file}.key")
    issuer = ["-CA", str(by.certificate), "-CAkey", str(by.key)] if by else []
    # What strict verifiers ask for, Python's from 3.13 on among them (RFC 5280 4.2.1).
    usual = ["subjectKeyIdentifier=hash", *(["authorityKeyIdentifier=keyid"] if by else [])]
    added = [word for extension in (*usual, *extensions) for word in ("-addext", extension)]
    subprocess.run(
        [
            *(program("openssl"), "req", "-x509", "-config", str(folder / "plain.cnf"), "-nodes"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", str(days)),
            *("-subj", f"/CN={subject or file}", "-keyout", str(made.key)),
            *("-out", str(made.certificate), *issuer, *added),
        ],
        check=True, capture_output=True, timeout=20,
    )  # fmt: skip
    made.key.chmod(0o600)
    return made


def authority(folder: Path, file: str, by: Issued | None = None) -> Issued:
    """A certificate that may sign others."""
    usage = "keyUsage=critical,keyCertSign,cRLSign"
    return issue(folder, file, "basicConstraints=critical,CA:TRUE", usage, by=by)


@dataclass(frozen=True)
class Shop:
    """A root, an authority below it, and a site's certificate with the chain phones need."""

    root: Issued
    middle: Issued
    leaf: Issued
    site: Issued


def shop(folder: Path, *, names: str = f"DNS:{NAME}", days: int = 90) -> Shop:
    """All of it, new; `site.certificate` holds the leaf and the one in the middle."""
    root = authority(folder, "root")
    middle = authority(folder, "middle", root)
    extensions = [f"subjectAltName={names}"] if names else []
    leaf = issue(folder, "leaf", *extensions, by=middle, subject=NAME, days=days)
    chain = folder / "fullchain.pem"
    chain.write_text(leaf.text() + middle.text())
    return Shop(root, middle, leaf, Issued(chain, leaf.key))
