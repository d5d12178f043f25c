"""The backend `file`: one JSON document per record, named by its id.

Law: a document is there whole or not at all. The same id is the same file, so a second
delivery of a record changes nothing, not even the file's time.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from portal.provisioning.backend import Delivered, Outcome, Retry
from portal.provisioning.keeping.database import sync_directory
from portal.provisioning.keeping.files import make_directory, sweep, write_whole
from portal.provisioning.record import Record, to_json

DIRECTORY: Final = "delivered"


class FileBackend:
    """Writes to the option `directory`, or to `delivered` below the state directory."""

    def __init__(self, options: Mapping[str, Any], state: str) -> None:
        self._directory = Path(options.get("directory") or Path(state) / DIRECTORY)
        self._swept = False

    def apply(self, record: Record) -> Outcome:
        """Write the record's document, 0600. A disk that refuses is asked again later."""
        path = self._directory / f"{record.id}.json"
        document = to_json(record) + b"\n"
        try:
            self._prepare()
            if _holds(path, document):
                # It was renamed, but perhaps the directory was never synced.
                sync_directory(self._directory)
            else:
                write_whole(path, [document])
        except OSError as error:
            return Retry(None, f"{self._directory}: {error.strerror}", whole=True)
        return Delivered()

    def _prepare(self) -> None:
        make_directory(self._directory)
        if not self._swept:
            sweep(self._directory)
            self._swept = True


def _holds(path: Path, document: bytes) -> bool:
    try:
        return path.read_bytes() == document
    except FileNotFoundError:
        return False
