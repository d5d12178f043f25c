"""The programs of a run as argument vectors, the same that the units start.

Pure: from what is known about a run to lists of words. No secret is ever among them; who
needs one reads it from the state directory.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Whatever happens in a program that needs no privilege, it never gains one (setpriv(1)).
UNPRIVILEGED = frozenset({"dnsd", "mdns", "portal", "tls"})

# How the words of a run say that the access point stays beside the connection.
FOREVER = "forever"

# In RUNTIME: one file for each client that is told to be online.
RELEASED = "released"
# In RUNTIME: how many answers the resolver has given; see `dnsd.counts`.
COUNTS = "dns/answers"

_HTTP = 80  # RFC 9110 4.2.1: the port a URL need not name


class Run:
    """What one run is about.

    `python` and `setpriv` are absolute paths ("" where there is no setpriv), `config` the
    settings file ("" for the defaults), `ttl` the resolver's in seconds. `demo` tells the two
    lives apart. `http` and `dns` are the addresses and ports where the sockets are bound and
    `interface` the access point's ("" in the demo): in a real run they are known after `prepare`.
    `keep` is what the bounding set of a program without privilege still holds, such as
    "+dac_read_search"; mostly nothing. `name`, `certificate` and `key` are those of the settings,
    "" without TLS. `hostname` is what multicast DNS calls us, "" without it, and `ssid` then the
    access point's name in hex, after `prepare`. `linger` (or "forever") and `return_after` are
    the settings' seconds, and `kept` is "yes" where there is a home network of ours already.
    `bench` is "yes" where the command line asks for the technician's bench, `counts` where the
    resolver's answers are counted.
    `start`, `idle_off` (or "forever") and `button` (a GPIO line, or "") are those of the settings.
    """

    def __init__(self, *, python: str, demo: bool, state: str, runtime: str) -> None:
        self.python = python
        self.demo = demo
        self.state = state
        self.runtime = runtime
        self.config = ""
        self.setpriv = ""
        self.keep = ""
        self.ttl = "10"
        self.name = self.certificate = self.key = ""
        self.http = ("", 80)
        self.dns = ("", 53)
        self.interface = ""
        self.hostname = self.ssid = ""
        self.linger, self.return_after, self.kept = "60", "300", ""
        self.bench = self.counts = ""
        self.start, self.idle_off, self.button = "unconfigured", FOREVER, ""

    @property
    def url(self) -> str:
        """The portal's absolute address, as the redirects name it."""
        address, port = self.http
        return f"http://{address}/" if port == _HTTP else f"http://{address}:{port}/"


def argv(name: str, run: Run) -> list[str]:
    """The argument vector of the program that a step of `order` is named after."""
    words = _WORDS[name](run)
    if not run.setpriv or name == "restore":
        return words
    # When the supervisor itself is killed, nothing it started is left behind. `restore` is
    # the exception: half of it would be worse than all of it.
    return [run.setpriv, "--pdeathsig", "TERM", *_confinement(name, run), "--", *words]


def _confinement(name: str, run: Run) -> list[str]:
    if run.demo or name not in UNPRIVILEGED:
        return []
    kept = f",{run.keep}" if run.keep else ""
    return ["--no-new-privs", f"--bounding-set=-all{kept}", "--inh-caps=-all"]


def _hotspot(run: Run, verb: str) -> list[str]:
    directories = ["--state", run.state, "--runtime", run.runtime]
    return [run.python, "-m", "hotspot", verb, *_config(run), *directories]


def _config(run: Run) -> list[str]:
    return ["--config", run.config] if run.config else []


def _dnsd(run: Run) -> list[str]:
    released = ["--released", f"{run.runtime}/{RELEASED}"]
    counts = ["--counts", f"{run.runtime}/{COUNTS}"] if run.counts else []
    return [run.python, "-m", "dnsd", "--answer", run.http[0], "--ttl", run.ttl, *released, *counts]


def _portal(run: Run) -> list[str]:
    directories = ["--state", run.state, "--runtime", run.runtime]
    more = [*(["--demo"] if run.demo else []), *(["--bench"] if run.bench else [])]
    return [run.python, "-m", "portal", *_config(run), *directories, "--url", run.url, *more]


def _room(run: Run) -> list[str]:
    places = [run.url, "--furnish", run.state, "--stay"]
    return [run.python, "-m", "portal.bench.simulators", *places]


def _tls(run: Run) -> list[str]:
    files = ["--certificate", run.certificate, "--key", run.key]
    return [run.python, "-m", "portal.tls", "--name", run.name, *files]


def _mdns(run: Run) -> list[str]:
    address, port = run.http
    place = ["--interface", run.interface, "--address", address, "--port", str(port)]
    names = ["--hostname", run.hostname, "--ssid", run.ssid]
    return [run.python, "-m", "portal.mdns", *place, *names]


def _deliver(run: Run) -> list[str]:
    directories = ["--state", run.state, "--runtime", run.runtime]
    return [run.python, "-m", "portal.provisioning", "deliver", *_config(run), *directories]


def _radio(run: Run) -> list[str]:
    directories = ["--state", run.state, "--runtime", run.runtime]
    demo = ["--demo"] if run.demo else []
    return [run.python, "-m", "hotspot.agent", *_config(run), *directories, *demo]


def _selftest(run: Run) -> list[str]:
    places = ["--dns", at(run.dns), "--http", at(run.http)]
    interface = ["--interface", run.interface] if run.interface else []
    name = ["--name", run.name] if run.name else []
    return [run.python, "-m", "hotspot", "selftest", *places, *interface, *name]


def _ready(run: Run) -> list[str]:
    demo = ["--demo", "--dns", at(run.dns)] if run.demo else []
    return [*_hotspot(run, "ready"), "--url", run.url, *demo]


def at(place: tuple[str, int]) -> str:
    """`HOST:PORT` of an address and a port."""
    return f"{place[0]}:{place[1]}"


_WORDS: dict[str, Callable[[Run], list[str]]] = {
    "prepare": lambda run: _hotspot(run, "prepare"),
    "dnsmasq": lambda run: ["dnsmasq", f"--conf-file={run.runtime}/dnsmasq.conf"],
    "dnsd": _dnsd,
    "portal": _portal,
    "room": _room,
    "tls": _tls,
    "mdns": _mdns,
    "deliver": _deliver,
    "radio": _radio,
    "selftest": _selftest,
    "hostapd": lambda run: ["hostapd", f"{run.runtime}/hostapd.conf"],
    "wait": lambda run: _hotspot(run, "wait"),
    "ready": _ready,
    "restore": lambda run: _hotspot(run, "restore"),
    "look": lambda run: [*_hotspot(run, "look"), "--interface", run.interface],
    "beside": lambda run: [*_hotspot(run, "beside"), "--interface", run.interface],
    "settle": lambda run: [*_hotspot(run, "settle"), "--interface", run.interface],
}
