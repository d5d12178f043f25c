"""`vestibule-generator`: systemd starts it at boot and gives three directories; ours is the first.

Settings that cannot be used are told of by the programs that use them, in the journal and in
words; here they only mean that nothing is generated.
"""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from hotspot import settings
from hotspot.units.dropins import STEPS_SINCE, dropins, slower

# Where Debian 12, and where 13, has the library that all of systemd is in, its version in the name.
_LIBRARIES: Final = (Path("/usr/lib/systemd"), *Path("/usr/lib").glob("*-linux-gnu*/systemd"))


def hostname(found: str) -> str:
    """What multicast DNS is to call a machine of this name."""
    label = found.partition(".")[0].lower()
    # "localhost" is what a machine is called that was never given a name, and is somebody else's.
    fits = re.fullmatch("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", label) and label != "localhost"
    return label if fits else "vestibule"


def version(folders: Iterable[Path]) -> int:
    """The version of the systemd that is installed; 0 where that cannot be seen."""
    names = [file.name for folder in folders for file in folder.glob("libsystemd-shared-*.so")]
    found = [re.fullmatch(r"libsystemd-shared-(\d+).*", name) for name in names]
    return max((int(match[1]) for match in found if match), default=0)


def main(
    words: list[str],
    file: str = settings.DEFAULT_FILE,
    libraries: Iterable[Path] = _LIBRARIES,
) -> int:
    """Write the drop-ins into the first of the directories: always 0, so that the boot goes on."""
    try:
        found = settings.parse(Path(file).read_text(encoding="utf-8"), file=file)
    except (OSError, UnicodeDecodeError, settings.Invalid):
        return 0
    made = dropins(found, hostname(socket.gethostname()))
    if version(libraries) >= STEPS_SINCE:
        made |= slower()
    for name, text in made.items():
        path = Path(words[0]) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
