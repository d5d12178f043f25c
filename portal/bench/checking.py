"""What is looked at before anything is imported: the job itself, and every device's documents."""

from __future__ import annotations

import tomllib

from portal.bench.devices.device import Device
from portal.bench.devices.transitions import OVER
from portal.bench.documents import rendering
from portal.bench.documents.formats import NAMES
from portal.bench.documents.templates import Faulty
from portal.bench.manifest import job
from portal.bench.manifest.columns import is_spent
from portal.bench.manifest.job import Invalid, Job
from portal.bench.port import Refused


def job_of(body: bytes) -> Job:
    """The job of a `job.toml`. Raises `Refused`."""
    try:
        return job.read(tomllib.loads(body.decode("utf-8-sig")), NAMES)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Refused(f"It is no TOML in UTF-8: {error}") from None
    except Invalid as error:
        raise Refused(str(error)) from None
    except (ValueError, RecursionError):
        raise Refused("It is no TOML that anybody has written.") from None


def faults(of: Job, device: Device) -> str:
    """What is wrong with a device's documents, or "": one that is done has had them, and some of
    what went into them is no more.
    """
    spent = (name for name, cell in device.cells.items() if not cell and is_spent(name))
    if device.state in OVER and any(spent):
        return ""
    for paper in of.papers_for(device.cells.get("product") or of.product or device.product_said):
        try:
            rendering.checked(paper, device.cells, device.id)
        except Faulty as error:
            return f"{paper.name}: {error}"
    return ""
