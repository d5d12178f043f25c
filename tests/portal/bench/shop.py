"""A portal with its bench, as the process it is, which a test may kill and start again."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hotspot.settings import Bench
from portal.bench import building
from portal.bench.artifacts.shelf import Shelf
from portal.bench.building import Place
from portal.bench.devices.device import Device
from portal.bench.ledger.ledger import Ledger
from portal.bench.port import Artifact
from portal.provisioning.keeping.store import Store
from tests.portal.bench.benches import Workshop
from tests.portal.serving import _HAND_ON

DEADLINE = 60.0


@dataclass
class Shop:
    """One state directory, one address, and at most one process that serves it."""

    folder: Path
    listener: socket.socket
    settings: Mapping[str, object]
    process: subprocess.Popen[bytes] | None = None
    starts: int = field(default=0)

    @property
    def place(self) -> tuple[str, int]:
        """Where it listens."""
        address, port = self.listener.getsockname()
        return str(address), int(port)

    @property
    def url(self) -> str:
        """Its own, without a slash at its end."""
        return "http://{}:{}".format(*self.place)

    def furnish(self, rows: Iterable[Mapping[str, str]], **job: Any) -> None:
        """A job with these rows; before the first start."""
        workshop = Workshop(self.folder / "aside")
        workshop.ledger.close()
        # As the portal opens it: what is secret in a row is sealed.
        place = Place(self.folder, self.folder, Bench(), lambda *_: None, print)
        workshop.ledger = building.ledger(place)
        workshop.begin(rows, **job)
        workshop.ledger.close()

    def stock(
        self, body: bytes, name: str, product: str = "lamp", version: str = "2.0"
    ) -> Artifact:
        """A file on the shelf."""
        (self.folder / "bench").mkdir(exist_ok=True)
        shelf = Shelf(self.folder / "bench" / "artifacts", kept=0)
        return shelf.add(iter([body]), name, product, version, override="Ann")

    def start(self) -> None:
        """Serve; the socket has been there all the time."""
        words = "\n".join(f"{name} = {value}" for name, value in self.settings.items())
        config = self.folder / "bench.toml"
        config.write_text(
            f'[radio]\ncountry = "DE"\n[provisioning]\njoins = false\n'
            f"[bench]\nenabled = true\n{words}\n"
        )
        argv = [sys.executable, "-m", "portal", f"--state={self.folder}"]
        argv += [f"--runtime={self.folder}", f"--config={config}", f"--url={self.url}/"]
        self.starts += 1
        with (self.folder / f"stderr-{self.starts}").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _HAND_ON, *argv], stdin=self.listener.fileno(), stderr=log
            )

    def kill(self) -> None:
        """As when its power goes."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(timeout=20)

    def stop(self) -> None:
        """As it is stopped mostly."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=20)

    def log(self) -> str:
        """All that its processes have said."""
        return "".join(path.read_text() for path in sorted(self.folder.glob("stderr-*")))

    def devices(self) -> dict[str, Device]:
        """The rows of the job, as they are on the disk."""
        ledger = Ledger(self.folder)
        with contextlib.closing(ledger):
            return {each.id: each for job in ledger.jobs() for each in ledger.devices(job.n)}

    def parcels(self) -> list[str]:
        """The devices in the outbox, one name for each record."""
        with Store(self.folder / "records.db") as store:
            found = [each.record for each in store.records()]
        abouts = [each.about for each in found if each and each.about]
        return sorted(about.device for about in abouts if about.kind == "device")


@contextmanager
def shop(folder: Path, **settings: object) -> Iterator[Shop]:
    """A portal with a bench of these settings, not started yet; stopped at the end."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        here = Shop(folder, listener, settings)
        try:
            yield here
        finally:
            here.stop()


def wait_until(holds: Callable[[], bool], seconds: float = DEADLINE) -> None:
    """Until something holds, by a deadline."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.1)
