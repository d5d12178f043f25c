"""Which addresses a backend may not have.

Law: asked about the address a connection really has, not about the name it was made for, so that
no resolver can lead a record, with its passwords, back into this machine or to its neighbour on
the link, such as a cloud's metadata service on 169.254.169.254.
"""

from __future__ import annotations

import ipaddress


def refused(peer: str, own: str = "") -> str | None:
    """Why no record goes to the address `peer`, or None; `own`: ours on that connection."""
    address = ipaddress.ip_address(peer.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_loopback or address.is_unspecified or peer == own:
        return f"{address} is this machine itself"
    if address.is_link_local:
        return f"{address} is a link-local address"
    if address.is_multicast:
        return f"{address} is a multicast address"
    return None
