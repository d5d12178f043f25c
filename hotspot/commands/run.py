"""`vestibule run`: understand the command line, check what can be checked, become the supervisor.

Everything that is refused here is refused before anything has been changed.
"""

from __future__ import annotations

import contextlib
import importlib.util
import ipaddress
import os
import re
import shutil
import signal
import socket
import stat
import sys
from pathlib import Path
from typing import Final

import click

from hotspot import hostapd, settings
from hotspot.air import scan
from hotspot.air.wireless import Wireless
from hotspot.checks import preflight
from hotspot.commands.config import load
from hotspot.config.values import DIRECTORY_BYTES
from hotspot.errors import Refused
from hotspot.owner.opening import opened
from hotspot.supervisor import demo, foreground, lock
from hotspot.supervisor.loop import STOPPING
from hotspot.supervisor.programs import FOREVER, RELEASED, Run

_DEMO_STATE: Final = Path("run-demo")
_DEMO_HTTP: Final = "127.0.0.1:8080"
_DEMO_DNS: Final = "127.0.0.1:5300"
# Where `python -m` finds hotspot, dnsd and portal.
_PACKAGES: Final = Path(__file__).resolve().parents[2]
_SETPRIV: Final = (Path("/usr/bin/setpriv"), Path("/bin/setpriv"))

_PATH: Final = click.Path(path_type=Path)


def _loopback(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> tuple[str, int] | None:
    """An IPv4 loopback address as text, and a port; 0 lets the kernel choose."""
    if value is None:
        return None
    host, _, port = value.rpartition(":")
    with contextlib.suppress(ValueError):
        address = ipaddress.IPv4Address("127.0.0.1" if host == "localhost" else host)
        if address.is_loopback and port.isdecimal() and int(port) < 1 << 16:
            return str(address), int(port)
    wanted = f"an address of this machine alone and a port, such as {_DEMO_HTTP}"
    raise click.BadParameter(f"{value} is not {wanted}", ctx, param)


@click.command()
@click.option("--config", type=_PATH, help=f"The settings file.  [{settings.DEFAULT_FILE}]")
@click.option("--state", type=_PATH, help=f"What is kept.  [{settings.DEFAULT_STATE}]")
@click.option("--runtime", type=_PATH, help=f"What is not.  [{settings.DEFAULT_RUNTIME}]")
@click.option("--demo", "is_demo", is_flag=True, help="Without root and radio, on this machine.")
@click.option("--bench", is_flag=True, help="With the technician's bench, whatever [bench] says.")
@click.option(
    "--http",
    callback=_loopback,
    metavar="HOST:PORT",
    help=f"Where the demo's page is.  [{_DEMO_HTTP}]",
)
@click.option(
    "--dns",
    callback=_loopback,
    metavar="HOST:PORT",
    help=f"Where the demo's resolver is.  [{_DEMO_DNS}]",
)
def run(  # noqa: PLR0913 - one a word of the command line
    *,
    config: Path | None,
    state: Path | None,
    runtime: Path | None,
    is_demo: bool,
    bench: bool,
    http: tuple[str, int] | None,
    dns: tuple[str, int] | None,
) -> None:
    """Be the access point and its page, until Ctrl-C."""
    if is_demo:
        state = state or _DEMO_STATE
        life = prepared(state, runtime or state / "run", config, is_demo=True)
        life.http = http or _default(_DEMO_HTTP)
        life.dns = dns or _default(_DEMO_DNS)
        held = lock.take(Path(life.runtime))
        scan.write(Path(life.runtime), demo.heard())
    else:
        if http or dns:
            raise click.UsageError("--http and --dns are for the demo: add --demo")
        _need_root()
        life = prepared(
            state or Path(settings.DEFAULT_STATE),
            runtime or Path(settings.DEFAULT_RUNTIME),
            config or Path(settings.DEFAULT_FILE),
            is_demo=False,
        )
        life.keep = _right_to_reach([Path(sys.executable), Path(sys.prefix), _PACKAGES])
        held = lock.take(Path(life.runtime))
    life.bench = "yes" if bench else ""
    _forget(Path(life.runtime) / RELEASED)
    # Or the channel that a killed run had moved to would count for more than the settings.
    (Path(life.runtime) / hostapd.FILE).unlink(missing_ok=True)
    _become(life, held)


def _default(place: str) -> tuple[str, int]:
    host, _, port = place.rpartition(":")
    return host, int(port)


def _need_root() -> None:
    if os.geteuid() != 0:
        remedy = "sudo vestibule run, or try it without root and radio: vestibule run --demo"
        raise Refused("the radio needs root", remedy)


def prepared(state: Path, runtime: Path, config: Path | None, *, is_demo: bool) -> Run:
    """A run whose settings have been read and whose directories are there, all paths absolute."""
    found = load(config) if config else None
    hostname = _hostname() if found and found.portal.mdns and not is_demo else ""
    life = Run(
        python=sys.executable,
        demo=is_demo,
        state=str(_directory(state, "--state", 0o700)),
        runtime=str(_directory(runtime, "--runtime", 0o755)),
    )
    life.config = str(config.absolute()) if config else ""
    life.hostname = hostname
    life.counts = "yes" if found and found.metrics.listen else ""
    life.setpriv = str(next(filter(Path.exists, _SETPRIV), ""))
    life.ttl = str((found.dns if found else settings.Dns()).ttl)
    if found and not is_demo:
        portal = found.portal
        life.name, life.key = portal.name or "", portal.key or ""
        life.certificate = portal.certificate or ""
        radio = found.radio
        life.linger = FOREVER if radio.linger is None else str(radio.linger)
        life.return_after = str(radio.return_after)
        life.start, life.button = radio.start, radio.button or ""
        # A bench is there for whoever comes with the next box.
        stays = radio.idle_off is None or found.bench.enabled
        life.idle_off = FOREVER if stays else str(radio.idle_off)
        life.interface = _home_by(found, Path(life.runtime))
        life.kept = "yes" if life.interface else ""
    return life


def _home_by(found: settings.Settings, runtime: Path) -> str:
    """The interface by which the machine has a home network of ours; "" where it has none."""
    # What cannot be asked now is no home network; what is missing for it, `prepare` will say.
    with contextlib.suppress(Refused), Wireless() as wireless:
        chosen = preflight.adapter(wireless.adapters(), found.radio.interface).interface
        return chosen if opened(found, chosen, runtime).kept() else ""
    return ""


def _hostname() -> str:
    """What multicast DNS is to call this machine. Raises `Refused` where nobody could say it."""
    if importlib.util.find_spec("zeroconf") is None:
        remedy = f"{sys.prefix}/bin/pip install 'zeroconf>=0.150', or leave mdns out"
        raise Refused("portal.mdns needs zeroconf, which is not installed", remedy)
    label = socket.gethostname().partition(".")[0].lower()
    # "localhost" is what a machine is called that was never given a name, and is somebody else's.
    fits = re.fullmatch("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", label) and label != "localhost"
    return label if fits else "vestibule"


def _directory(path: Path, option: str, mode: int) -> Path:
    path = path.absolute()
    if option == "--runtime" and len(os.fsencode(path)) > DIRECTORY_BYTES:
        what = f"{path} is too long for the sockets in it (over {DIRECTORY_BYTES} bytes)"
        raise Refused(what, "choose another with --runtime", status=2)
    try:
        path.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        remedy = f"choose another with {option}"
        raise Refused(f"{path} cannot be made ({error.strerror})", remedy) from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise Refused(f"{path} cannot be written to", f"choose another with {option}")
    return path


def _forget(released: Path) -> None:
    """Begin with nobody released, also after a run that was killed."""
    try:
        shutil.rmtree(released)
    except FileNotFoundError:
        return
    except OSError as error:
        what = f"{released} cannot be removed ({error.strerror})"
        raise Refused(what, "remove it by hand, or choose another --runtime") from None


def _right_to_reach(paths: list[Path]) -> str:
    """What root without capabilities still needs to read the programs; mostly nothing.

    Below a home directory of mode 0700, where a checkout may lie, root is root only by
    CAP_DAC_READ_SEARCH (capabilities(7)).
    """
    folders = {folder for path in paths for folder in path.resolve().parents}
    closed = sorted(folder for folder in folders if not _open_to_root(folder.stat()))
    if not closed:
        return ""
    click.echo(f"vestibule: dnsd and portal may read every file: {closed[0]} is closed", err=True)
    return "+dac_read_search"


def _open_to_root(found: os.stat_result) -> bool:
    return bool(found.st_mode & stat.S_IXOTH) or found.st_uid == 0


def _become(life: Run, held: int) -> None:
    """Go on as `hotspot.supervisor.foreground`, with the lock."""
    os.set_inheritable(held, True)
    # What is sent from here on waits until the supervisor can hear it.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    # `python -m` looks into the current directory first: no stranger's `portal.py` may lie there.
    os.chdir(_PACKAGES)
    argv = foreground.words_for(life, held)
    os.execv(argv[0], argv)  # noqa: S606 - the design: no shell anywhere
