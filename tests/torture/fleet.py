"""A fleet's whole way: stores and deliverers of many appliances, a broker, two readers that share
a subscription, PostgreSQL; the broker killed and the readers' sessions ended in the middle.

python -m tests.torture fleet [APPLIANCES] [RECORDS EACH]
"""

from __future__ import annotations

import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

from portal.provisioning.delivery.deliver import Delivery
from portal.provisioning.keeping.store import Store
from portal.provisioning.record import to_json
from tests.portal.provisioning.backends.brokers import broker
from tests.portal.provisioning.fakes import a_record
from tests.portal.provisioning.test_fleet import appliance, connected, postgresql, sink

DEADLINE = 900.0
# As many at a time: 2 cores stand in for 200 appliances.
AT_ONCE = 20


class Patient:
    """A bell that nobody rings; waits are cut short, so that back-off costs no minutes."""

    stopping = False

    def hush(self) -> bool:
        """Nobody rang."""
        return False

    def wait(self, seconds: float) -> None:
        """Wait, but not as long."""
        time.sleep(min(seconds, 0.2))


def through(folder: Path, database: str, port: int, fleet: int, each: int) -> tuple[int, int, int]:
    """Rows of records that were acknowledged, rows in all, and deliveries that are not delivered,
    of `fleet` appliances with as many records `each`.
    """
    documents: dict[str, tuple[str, bytes]] = {}
    stores = []
    for number in range(fleet):
        name, store = f"pump-{number}", Store(folder / f"pump-{number}" / "records.db")
        for _ in range(each):
            record = a_record(fields={"n": str(number)})
            store.accept(record, ["fleet"])
            documents[record.id] = name, to_json(record)
        stores.append((name, store))
    with broker(folder, port) as running, ExitStack() as stack:
        for name in ("sink-1", "sink-2"):
            stack.enter_context(sink(folder, name, port, database))
        line = threading.Semaphore(AT_ONCE)
        threads = [
            threading.Thread(target=_deliver, args=(name, store, port, line))
            for name, store in stores
        ]
        for thread in threads:
            thread.start()
        with closing(connected(database)) as connection:

            def rows() -> int:
                found = connection.execute("SELECT count(*) FROM record").fetchone()
                return int(found[0]) if found else 0

            _until(lambda: rows() >= len(documents) // 3)
            running.stop(signal.SIGKILL)
            running.start()
            _until(lambda: rows() >= len(documents) * 2 // 3)
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            for thread in threads:
                thread.join(DEADLINE)
            kept = connection.execute("SELECT id::text, appliance, body::text FROM record")
            found = {id_: (name, body.encode()) for id_, name, body in kept}
            total = rows()
    right = sum(found.get(id_) == document for id_, document in documents.items())
    waiting = 0
    for _, store in stores:
        waiting += sum(entry.life.state != "delivered" for entry in store.records())
        store.close()
    return right, total, waiting


def _deliver(name: str, store: Store, port: int, line: threading.Semaphore) -> None:
    with line, closing(appliance(name, port)) as backend:
        Delivery(store, {"fleet": backend}, random=lambda: 0.5, log=lambda _: None).run(Patient())


def _until(over: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not over():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def main(words: list[str], say: Callable[[str], None]) -> bool:
    """10,000 records of 200 appliances. Whether there are exactly as many right rows."""
    fleet, each = (int(words[0]), int(words[1])) if words else (200, 50)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    begun = time.monotonic()
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of our own
    with tempfile.TemporaryDirectory(dir=memory) as name, postgresql() as database:
        right, total, waiting = through(Path(name), database, port, fleet, each)
    seconds = time.monotonic() - begun
    say(
        f"fleet: {fleet * each:,} records of {fleet} appliances, {total:,} rows, {right:,} right,"
        f" {waiting} not delivered; {seconds:.0f} s"
    )
    return right == total == fleet * each and not waiting
