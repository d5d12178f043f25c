"""The terms on which gunicorn's worker and parser work here, and where they tell what went wrong.

In the place of gunicorn's own Config and Logger: a hundred classes with a manual in each, and what
configures logging from files, cost 0.9 MiB and 16 of 238 ms of a portal that starts. It also means
that no environment variable changes them (FORWARDED_ALLOW_IPS, WEB_CONCURRENCY).

The names are those that the pinned release asks for, the values its defaults, but for those that
`Terms` gives a reason for; tests/portal/test_terms.py compares the two.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from types import MappingProxyType

# gunicorn makes a file to show that its worker lives: not on an SD card.
_TMPFS = "/dev/shm"  # noqa: S108 - gunicorn makes its own file there, unlinked at once
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Terms:
    """What gunicorn's Config would be, for `threads` threads."""

    # Three times what a browser sends.
    limit_request_fields = 64
    limit_request_field_size = 8190
    limit_request_line = 4094
    header_map = "drop"
    casefold_http_method = False
    permit_obsolete_folding = False
    permit_unconventional_http_method = False
    permit_unconventional_http_version = False
    strip_header_spaces = False

    # Nobody stands before us: what a client says of another one is not believed, whoever it is.
    forwarded_allow_ips: Sequence[str] = ()
    forwarder_headers: Sequence[str] = ()
    secure_scheme_headers = _NOTHING
    proxy_allow_ips: Sequence[str] = ()
    proxy_protocol = "off"
    http_protocols = ("h1",)
    http2_cleartext = "off"
    is_ssl = None

    # As long as systemd and the supervisor leave it.
    graceful_timeout = 5
    keepalive = 2
    max_requests = max_requests_jitter = 0
    worker_connections = 1000
    workers = 1

    env = _NOTHING
    errorlog = "-"
    initgroups = False
    reload = False
    sendfile = True
    umask = 0
    worker_tmp_dir = _TMPFS if Path(_TMPFS).is_dir() else None

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.uid, self.gid = os.geteuid(), os.getegid()

    def forwarded_allow_networks(self) -> Sequence[IPv4Network | IPv6Network]:
        """`forwarded_allow_ips` as networks."""
        return ()

    def proxy_allow_networks(self) -> Sequence[IPv4Network | IPv6Network]:
        """`proxy_allow_ips` as networks."""
        return ()

    def hook(self, *_: object) -> None:
        """What a configuration could have called on each occasion."""

    pre_request = post_request = post_worker_init = worker_int = worker_abort = hook


class Log(logging.Logger):
    """What gunicorn's Logger would be: warnings and worse, to standard error."""

    def __init__(self) -> None:
        super().__init__("portal", logging.WARNING)
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("portal: %(levelname)s: %(message)s"))
        self.addHandler(handler)

    def access(self, *_: object) -> None:
        """Counts, not lines: any client could fill the journal with paths."""

    def close_on_exec(self) -> None:
        """It has no file of its own."""
