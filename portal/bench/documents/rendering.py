"""One device's document: its row's values in the job's template, checked.

Law: what is given out has been rendered for every row before, when the manifest was taken in, so
a device that was half done never meets a missing value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from portal.bench.documents.formats import FORMATS, NVS
from portal.bench.documents.templates import Faulty, filled
from portal.bench.manifest.columns import SECRET
from portal.bench.manifest.job import Paper
from portal.bench.port import Document

MOST_BYTES: Final = 256 * 1024


def values_of(cells: Mapping[str, str], id_: str) -> dict[str, str]:
    """What a template can name: every column, `id`, and `secret.x` also as `x` where that is
    no column of its own.
    """
    short = {
        name.removeprefix(SECRET): value for name, value in cells.items() if name.startswith(SECRET)
    }
    return {"id": id_, "name": id_, **short, **{k: v for k, v in cells.items() if v}}


def rendered(paper: Paper, cells: Mapping[str, str], id_: str) -> Document:
    """The document of the device called `id_`. Raises `Faulty`."""
    values = values_of(cells, id_)
    if paper.format == NVS:
        # Here, because it loads a generator that nobody else needs.
        from portal.bench.documents.nvs import image  # noqa: PLC0415 - see above

        written = {key: filled(text, values) for key, text in paper.values.items()}
        return _checked(paper, "application/octet-stream", image(written))
    kind = FORMATS[paper.format]
    if paper.values:
        text = kind.write({key: filled(each, values) for key, each in paper.values.items()})
    else:
        text = filled(paper.template, values, kind.plain)
    kind.check(text)
    return _checked(paper, kind.kind, text.encode())


def checked(paper: Paper, cells: Mapping[str, str], id_: str) -> None:
    """Raises `Faulty` where the device could not be given its document. An NVS image takes 90 ms
    to make, so of those only what goes into them is looked at.
    """
    if paper.format != NVS:
        rendered(paper, cells, id_)
        return
    from portal.bench.documents.nvs import table  # noqa: PLC0415 - see above

    values = values_of(cells, id_)
    table({key: filled(text, values) for key, text in paper.values.items()})


def _checked(paper: Paper, kind: str, body: bytes) -> Document:
    if len(body) > MOST_BYTES:
        raise Faulty(f"{paper.name}: it has over {MOST_BYTES // 1024} KiB")
    return Document(paper.file or paper.name, kind, body)
