"""The firewall of the access point: one table of our own, text for `nft -f -`.

It speaks only of packets that come in by, or would leave by, the access point's interface;
what else the machine does with packets is none of its business, and it is not touched. The
table's chains only take away: a packet let through here still meets the machine's own rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hotspot.config import values

if TYPE_CHECKING:
    from ipaddress import IPv4Interface

TABLE: Final = "vestibule"

# The first line makes the second one true whether or not the table is there.
REMOVE: Final = f"table inet {TABLE}\ndelete table inet {TABLE}\n"

# While the interface is a station in the home network for a moment, our servers on it are nobody's
# there: least of all the one for DHCP. In our own table, so that it goes with it. The first line
# makes the second one true whether or not the chain is there.
UNGUARD: Final = f"add chain inet {TABLE} away\ndelete chain inet {TABLE} away\n"
_GUARD: Final = """\
add chain inet {table} away {{ type filter hook input priority -10; }}
add rule inet {table} away iifname "{interface}" drop
"""

# Per station. A browser holds 6 connections per host, and a cap of 16 held an attacker with 1,000
# slow ones off while every other client's probes were answered; 32 leaves room for a sheet, a
# browser and the probes at once. No phone asks 200 names a second.
CONNECTIONS: Final = 32
QUERIES: Final = 200
# A phone that joins asks the group a dozen times and then goes quiet. Each packet wakes a process:
# 25 µs for a question, 0.11 ms for forty records, ten times that on a Pi.
CHATTER: Final = 20


def render(
    interface: str,
    address: IPv4Interface,
    *,
    connections: int = CONNECTIONS,
    queries: int = QUERIES,
    tls: bool = False,
    mdns: bool = False,
) -> str:
    """The text that makes our table, in one transaction, in place of one left over from before.

    Per source address: at most `connections` TCP connections at a time to each open port, and
    `queries` DNS queries per second, twice that in a burst. `tls` opens port 443 as well, `mdns`
    multicast DNS, to the group and to us. Raises `values.NotAllowed`.
    """
    values.address(str(address))
    return REMOVE + _TABLE.format(
        table=TABLE,
        interface=values.interface(interface),
        own=address.ip,
        network=address.network,
        connections=values.integer(1, 65_535)(connections),
        open="53, 80, 443" if tls else "53, 80",
        refused="853" if tls else "443, 853",
        rate=f"{values.integer(1, 1_000_000)(queries)}/second burst {2 * queries} packets",
        untracked="53, 67, 5353" if mdns else "53, 67",
        chatterers=_CHATTERERS if mdns else "",
        group=_GROUP.format(own=address.ip, rate=CHATTER, burst=2 * CHATTER) if mdns else "",
    )


def guard(interface: str) -> str:
    """The text that has our table, which must be there, take nothing in by the interface."""
    return UNGUARD + _GUARD.format(table=TABLE, interface=values.interface(interface))


# DNS and DHCP over UDP leave no trace in connection tracking: a flood of queries from ever new
# ports would fill its table, and a full table drops everybody's TCP too. So their answers are
# told by port, and the meter sees every query instead of the first of each flow.
#
# Above the cap a connection is dropped, not reset: the phone tries again a second later, while
# one reset is enough for an Apple device to show no sheet.
#
# Our own address only, from addresses of our network only: whatever else the machine serves on
# its other addresses is out of reach, and so is spoofing a stranger's.
#
# Of multicast only the group of mDNS (RFC 6762 3), where that is asked for. Its packets are metered
# on their own: a phone that has asked the group too much still gets its DNS.
#
# 443 (unless TLS is served there) and 853 are refused fast: a dropped one made phones say "no
# Internet" and show no portal.
_TABLE: Final = """\
table inet {table} {{
  set streams {{
    type ipv4_addr . inet_service
    size 65535
    flags dynamic
  }}

  set askers {{
    type ipv4_addr
    size 65535
    flags dynamic, timeout
    timeout 1m
  }}
{chatterers}
  chain untracked_in {{
    type filter hook prerouting priority raw; policy accept;
    iifname "{interface}" udp dport {{ {untracked} }} notrack
  }}

  chain untracked_out {{
    type filter hook output priority raw; policy accept;
    oifname "{interface}" udp sport {{ {untracked} }} notrack
  }}

  chain input {{
    type filter hook input priority filter; policy accept;
    iifname "{interface}" jump station
  }}

  chain station {{
    meta nfproto != ipv4 drop
    udp sport 68 udp dport 67 accept
    ip saddr != {network} drop
{group}    ip daddr != {own} drop
    udp dport 53 update @askers {{ ip saddr limit rate over {rate} }} drop
    udp dport 53 accept
    icmp type echo-request limit rate over 20/second drop
    ct state established,related accept
    tcp dport {{ {refused} }} reject with tcp reset
    tcp dport {{ {open} }} add @streams {{ ip saddr . tcp dport ct count over {connections} }} drop
    tcp dport {{ {open} }} accept
    icmp type echo-request accept
    drop
  }}

  chain forward {{
    type filter hook forward priority filter; policy accept;
    iifname "{interface}" drop
    oifname "{interface}" drop
  }}
}}
"""

_CHATTERERS: Final = """
  set chatterers {
    type ipv4_addr
    size 65535
    flags dynamic, timeout
    timeout 1m
  }
"""
_GROUP: Final = """\
    ip daddr {{ 224.0.0.251, {own} }} udp dport 5353 update @chatterers \
{{ ip saddr limit rate over {rate}/second burst {burst} packets }} drop
    ip daddr {{ 224.0.0.251, {own} }} udp dport 5353 accept
"""
