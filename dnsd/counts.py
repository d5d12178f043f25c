"""How many queries were answered, where another process can read it: two numbers in a file.

The file is mapped into memory, so that counting is an addition and no system call, and nobody has
to be asked, or woken, to tell. Only made where somebody wants to know (`[metrics]`).
"""

from __future__ import annotations

import mmap
import os
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Final

    from dnsd.fast import Fast

    Respond = Callable[..., bytes | None]

# Answers by UDP and by TCP, each a 64-bit number in this machine's own order.
_NUMBERS: Final = struct.Struct("=QQ")


class Counts:
    """The numbers in the file at `path`, from nought. Raises OSError."""

    def __init__(self, path: str) -> None:
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)  # noqa: PTH103, PTH120 - 0.5 MiB
        # Beside it and then in its place: who reads has the old numbers whole, or the new ones.
        beside = f"{path}.new"
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            os.ftruncate(descriptor, _NUMBERS.size)
            # The portal is another user, and the umask of a unit takes everything away.
            os.fchmod(descriptor, 0o644)
            self._map = mmap.mmap(descriptor, _NUMBERS.size)
        finally:
            os.close(descriptor)
        os.replace(beside, path)  # noqa: PTH105 - see above
        self._udp = self._tcp = 0

    def fast(self, fast: Fast) -> Fast:
        """`fast`, with what it fills counted."""
        return _CountedFast(fast, self)  # type: ignore[return-value]  # of Fast it has what is used

    def respond(self, respond: Respond) -> Respond:
        """`respond`, with what it answers to a stream counted."""

        def counted(query: bytes, client: str, *, stream: bool = False) -> bytes | None:
            answer = respond(query, client, stream=stream)
            if stream and answer is not None:
                self.add(tcp=1)
            return answer

        return counted

    def add(self, udp: int = 0, tcp: int = 0) -> None:
        """Count some more."""
        self._udp += udp
        self._tcp += tcp
        _NUMBERS.pack_into(self._map, 0, self._udp, self._tcp)


class _CountedFast:
    """The fast path, counted by the batch."""

    def __init__(self, fast: Fast, counts: Counts) -> None:
        self._fill = fast.fill
        self._counts = counts

    def fill(self, slots: Any, lengths: Sequence[int], sizes: Any, rare: Any) -> Any:  # noqa: ANN401 - as it is there
        """As `Fast.fill`."""
        silent = self._fill(slots, lengths, sizes, rare)
        self._counts.add(udp=len(lengths) - len(silent))
        return silent
