"""Which kind of client asked a captive check, by the host it asked for: a word, never an address.

Whoever makes the system names the host, so this says "an iPhone or a Mac", not whose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

OTHER: Final = "other"
# The end of a host's name and the kind of client that asks for it; see `portal.probes`.
_ENDS: Final = (
    (b"apple.com", "apple"),
    (b"apple.com.edgekey.net", "apple"),
    (b"airport.us", "apple"),
    (b"itools.info", "apple"),
    (b"ibook.info", "apple"),
    (b"thinkdifferent.us", "apple"),
    (b"cdn-apple.com", "apple"),
    (b"appleiphonecell.com", "apple"),
    (b"gstatic.com", "android"),
    (b"google.com", "android"),
    (b"googleapis.cn", "android"),
    (b"google.cn", "android"),
    (b"gstatic.cn", "android"),
    (b"miui.com", "android"),
    (b"hicloud.com", "android"),
    (b"samsung.com", "android"),
    (b"samsungdm.com", "android"),
    (b"android.com", "android"),
    (b"androidbak.net", "android"),
    (b"googleapis.com", "android"),
    (b"oppomobile.com", "android"),
    (b"coloros.com", "android"),
    (b"vivo.com.cn", "android"),
    (b"huawei.com", "android"),
    (b"hihonorcloud.com", "android"),
    (b"grapheneos.network", "android"),
    (b"grapheneos.online", "android"),
    (b"ecloud.global", "android"),
    (b"divestos.org", "android"),
    (b"kuketz.de", "android"),
    (b"msftconnecttest.com", "windows"),
    (b"msftncsi.com", "windows"),
    (b"firefox.com", "firefox"),
    (b"gnome.org", "linux"),
    (b"ubuntu.com", "linux"),
    (b"debian.org", "linux"),
    (b"fedoraproject.org", "linux"),
    (b"archlinux.org", "linux"),
    (b"opensuse.org", "linux"),
    (b"kde.org", "linux"),
    (b"manjaro.org", "linux"),
    (b"pop-os.org", "linux"),
    (b"microsoft.com", "windows"),
    (b"connman.net", "linux"),
    (b"kindle-wifi.com", "amazon"),
    (b"amazon.com", "amazon"),
    (b"fireoscaptiveportal.com", "amazon"),
    (b"freetimecaptiveportal.com", "amazon"),
    (b"tabletcaptiveportal.com", "amazon"),
    (b"nintendo.net", "console"),
    (b"nintendowifi.net", "console"),
    (b"steampowered.com", "console"),
    (b"playstation.net", "console"),
    (b"xboxlive.com", "console"),
)
# As many heads as the ready answers remember.
_KNOWN_MOST: Final = 512


def of_host(host: bytes) -> str:
    """The kind of client that asks for `host`."""
    name = host.lower().partition(b":")[0].rstrip(b".")
    found = (kind for end, kind in _ENDS if name == end or name.endswith(b"." + end))
    return next(found, OTHER)


def of_head(head: bytes) -> str:
    """The kind of client that sent this head of a request."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"host":
            return of_host(value.strip())
    return OTHER


class Counted:
    """The ready answers, counted by kind; instead of them only where somebody wants to know."""

    def __init__(self, ready: Callable[[bytes, bytes], bytes | None]) -> None:
        self._ready = ready
        self._known: dict[bytes, str] = {}
        # At nought, so that the first of each is seen as one.
        self.kinds = Counter({kind: 0 for _, kind in (*_ENDS, (b"", OTHER))})

    def __call__(self, head: bytes, peer: bytes) -> bytes | None:
        """What the ready answers answer."""
        answer = self._ready(head, peer)
        if answer is not None:
            kind = self._known.get(head)
            if kind is None:
                if len(self._known) >= _KNOWN_MOST:
                    self._known.clear()
                kind = self._known[head] = of_head(head)
            self.kinds[kind] += 1
        return answer

    @property
    def given(self) -> int:
        """How many were answered."""
        return sum(self.kinds.values())
