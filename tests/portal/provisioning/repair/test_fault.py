"""What is wrong with a file, told from what is only another version."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from portal.provisioning.keeping.database import opened
from portal.provisioning.repair.fault import fault
from tests.portal.provisioning.keeping.test_database import damaged, from_the_future


def test_fault_tells_a_sound_file_from_others(tmp_path: Path) -> None:
    """Sound: ours, of any version. Not: rubbish, or another program's."""
    sound = tmp_path / "records.db"
    opened(sound).close()
    assert fault(sound) is None
    from_the_future(sound)
    assert fault(sound) is None

    foreign = tmp_path / "foreign.db"
    with closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE other (x)")
    assert fault(foreign) == "its tables are not ours"
    rubbish = tmp_path / "rubbish.db"
    damaged(rubbish)
    assert fault(rubbish) == "file is not a database"
