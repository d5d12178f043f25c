"""Which versions the package holds: requirements.txt made anew from pyproject.toml.

    python -m deploy.deb.pin

Run it to take newer versions in, read what changed, and have the tests run.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Final

from deploy.deb import wheels

# PyNaCl is C: it comes from Debian (python3-nacl), where somebody seals.
EXTRAS: Final = ("mdns", "mqtt", "networkmanager")
_HEAD: Final = """\
# What the package holds beside ourselves, each by its hash. Made by `python -m deploy.deb.pin`.
"""


def main() -> int:
    """Resolve, and write."""
    os.environ |= wheels.PURE
    wanted = (f"{wheels.ROOT}[{','.join(EXTRAS)}]", f"--no-binary={','.join(wheels.FROM_SOURCE)}")
    options = ("--dry-run", "--ignore-installed", "--report", "-")
    report = json.loads(wheels.run(*wheels.PIP, "install", *options, *wanted))
    lines = sorted(line(one) for one in report["install"] if not one["is_direct"])
    wheels.REQUIREMENTS.write_text(_HEAD + "".join(lines))
    return 0


def line(one: dict[str, dict[str, dict[str, dict[str, str]]]]) -> str:
    """One requirement, of pip's report (pip.pypa.io, installation report)."""
    metadata: dict[str, object] = {**one["metadata"]}
    name = str(metadata["name"]).lower().replace("_", "-")
    digest = one["download_info"]["archive_info"]["hashes"]["sha256"]
    return f"{name}=={metadata['version']} --hash=sha256:{digest}\n"


if __name__ == "__main__":
    sys.exit(main())
