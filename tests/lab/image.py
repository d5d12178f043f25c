"""The guest's image: Debian's kernel, never installed, and an initrd made of its modules.

Everything comes from Debian's archive by `apt-get download` and lies in a cache that all
checkouts of one user share, so that a fresh clone starts its first guest at once. What
cannot be had raises `Missing`, whose words are the reason why stories are skipped.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import lzma
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.lab import cpio, vmlinux

CHECKOUT: Final = Path(__file__).resolve().parents[2]
INIT: Final = Path(__file__).with_name("guest") / "init.sh"
# A user's PATH on Debian lacks them, and modprobe and hostapd lie there.
SBIN: Final = ("/usr/sbin", "/sbin")
OUTSIDE: Final = ("qemu-system-x86_64", "setpriv", "apt-get", "dpkg-deb", "depmod", "modprobe")
INSIDE: Final = (
    *("hostapd", "wpa_supplicant", "iw", "ip", "tc", "dnsmasq", "nft", "dbus-daemon", "curl"),
)
# What the initrd needs to reach its root. All else is loaded from there by modprobe.
MODULES: Final = ("virtio_pci", "9pnet_virtio", "9p", "overlay", "virtio_blk", "ext4")
# 400 MB of kernel shrink to 60 without the drivers of hardware that no guest has.
WANTED: Final = re.compile(
    r"\./(boot/vmlinuz-[^/]+|(usr/)?lib/modules/[^/]+/"
    r"(modules\.[^/]+|kernel/((arch|crypto|fs|lib|net|security)/.+"
    r"|drivers/(block|char|virtio)/.+|drivers/net/(ipvlan/)?[^/]+\.ko[^/]*"
    r"|drivers/net/wireless/(mac80211_hwsim|virtual/).*)))"
)
FIRMWARE: Final = re.compile(r"\./(usr/)?lib/firmware/(regulatory\.db(?:\.p7s)?)-debian")
BUSYBOX: Final = re.compile(r"\./(usr/)?bin/busybox")
# Installed, it would start by itself and take the machine's interfaces, so it never is. Its
# libraries do nothing by themselves and are (deploy/setup).
NETWORK_MANAGER: Final = re.compile(
    r"\./usr/(sbin/NetworkManager|bin/nmcli|lib/[^/]+/NetworkManager/[^/]+/libnm-[^/]*-wifi\.so)"
)


class Missing(Exception):  # noqa: N818 - it is a reason, not a crash
    """The guest cannot be made here, and why."""


@dataclass(frozen=True, slots=True)
class Image:
    """What one guest boots from; `modules` is the folder of the kernel's version.

    `clients` holds, as below /usr, programs that a story puts into its guest.
    """

    kernel: Path
    initrd: Path
    modules: Path
    busybox: Path
    firmware: Path
    clients: Path


def cache() -> Path:
    """The user's cache, or the checkout's own where the user has no home to write to."""
    for folder in (Path.home() / ".cache" / "vestibule-lab", CHECKOUT / ".cache" / "lab"):
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK):
                return folder
    raise Missing(f"no cache folder: neither ~/.cache nor {CHECKOUT}/.cache can be written")


def ready() -> Image:
    """The image, made now if the cache does not hold it. Raises `Missing`."""
    for program in (*OUTSIDE, *INSIDE):
        if shutil.which(program, path=os.pathsep.join((*os.get_exec_path(), *SBIN))) is None:
            raise Missing(f"{program} is not installed")
    folder = cache()
    with _locked(folder / "lock"):
        # Named after what is taken, so that a cache from before does not pass for this one.
        parts = folder / f"debian-{hashlib.sha256(WANTED.pattern.encode()).hexdigest()[:8]}"
        if not parts.exists():
            _fetch(parts)
        clients = folder / "clients"
        if not clients.exists():
            _fetch_clients(clients)
        return _image(folder, parts, clients)


def more(image: Image, wanted: re.Pattern[str], name: str) -> list[Path]:
    """Modules that hardly any guest needs, of the same kernel: `name`, after what it needs first.

    Those that are `wanted` are fetched once. Raises `Missing`.
    """
    version = image.modules.name
    folder = cache() / f"{name}-{version}"
    with _locked(cache() / "lock"):
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=folder.parent) as made:
                root = Path(made) / "root"
                (root / "usr").mkdir(parents=True)
                _unpack(_download(Path(made), _kernel_package()), root, wanted)
                (root / "usr/lib").symlink_to("../lib")
                _output("depmod", "-b", str(root), version)
                root.rename(folder)
    return _order(folder, version, (name,))


def _image(folder: Path, parts: Path, clients: Path) -> Image:
    modules = next((parts / "lib/modules").iterdir())
    busybox = parts / "bin/busybox"
    members = [*_initrd(parts, modules.name, busybox)]
    packed = cpio.archive(members)
    digest = hashlib.sha256(packed).hexdigest()[:16]
    initrd = folder / f"initrd-{modules.name}-{digest}.cpio"
    if not initrd.exists():
        _write(initrd, packed)
    kernel = parts / "boot/kernel"
    return Image(kernel, initrd, modules, busybox, parts / "lib/firmware", clients)


def _initrd(root: Path, version: str, busybox: Path) -> Iterator[cpio.Member]:
    yield cpio.folder("bin")
    yield cpio.folder("modules")
    yield cpio.program("bin/busybox", busybox.read_bytes())
    yield cpio.program("init", INIT.read_bytes())
    order = _order(root, version, MODULES)
    for module in order:
        yield cpio.Member(f"modules/{_plain(module)}", _uncompressed(module))
    names = "".join(f"{_plain(module)}\n" for module in order)
    yield cpio.Member("modules/order", names.encode())


def _order(root: Path, version: str, modules: tuple[str, ...]) -> list[Path]:
    """These modules with what they need before them. One that is built in has no file."""
    found: dict[Path, None] = {}
    for module in modules:
        lines = _output("modprobe", "-d", str(root), "-S", version, "--show-depends", module)
        for line in lines.splitlines():
            kind, _, rest = line.partition(" ")
            if kind == "insmod":
                found[Path(rest.split(" ")[0])] = None
    return list(found)


def _plain(module: Path) -> str:
    return module.name.partition(".ko")[0] + ".ko"


def _uncompressed(module: Path) -> bytes:
    data = module.read_bytes()
    return lzma.decompress(data) if module.suffix == ".xz" else data


def _fetch(target: Path) -> None:
    """Kernel, busybox and the regulatory database, unpacked beside `target`, then renamed."""
    if _output("dpkg", "--print-architecture").strip() != "amd64":
        raise Missing("the guest's kernel is Debian's for amd64 only")
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        work = Path(name)
        root = work / "root"
        root.mkdir()
        _unpack(_download(work, _kernel_package()), root, WANTED)
        _unpack(_download(work, "busybox-static"), root, BUSYBOX)
        _unpack(_download(work, "wireless-regdb"), root, FIRMWARE)
        # kmod looks below /lib or /usr/lib, depending on the release it was built for.
        (root / "usr").mkdir(exist_ok=True)
        (root / "usr/lib").symlink_to("../lib")
        version = next((root / "lib/modules").iterdir()).name
        _output("depmod", "-b", str(root), version)
        packed = root / f"boot/vmlinuz-{version}"
        (root / "boot/kernel").write_bytes(vmlinux.unpacked(packed.read_bytes()))
        root.rename(target)


def _fetch_clients(target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        root = Path(name) / "root"
        root.mkdir()
        _unpack(_download(Path(name), "network-manager"), root, NETWORK_MANAGER)
        root.rename(target)


def _kernel_package() -> str:
    """What linux-image-amd64 depends on: the kernel itself, by its version."""
    named = re.search(r"Depends: (linux-image-\S+)", _depends())
    if named is None and os.geteuid() == 0:
        _output("apt-get", "-q", "update")
        named = re.search(r"Depends: (linux-image-\S+)", _depends())
    if named is None:
        raise Missing("apt knows no linux-image-amd64 (not Debian, or `apt-get update` is due)")
    return named[1]


def _depends() -> str:
    try:
        return _output("apt-cache", "depends", "linux-image-amd64")
    except Missing:
        return ""


def _download(work: Path, package: str) -> Path:
    # As root apt would drop to a user of its own, who may not write here, and warn.
    _output("apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", package, cwd=work)
    return next(work.glob(f"{package}_*.deb"))


def _unpack(deb: Path, root: Path, wanted: re.Pattern[str]) -> None:
    """The files of a package whose whole name is `wanted`, below `root`, /usr merged away."""
    argv = ["dpkg-deb", "--fsys-tarfile", str(deb)]
    with (
        subprocess.Popen(argv, stdout=subprocess.PIPE) as process,
        tarfile.open(fileobj=process.stdout, mode="r|") as tar,
    ):
        for member in tar:
            if member.isfile() and wanted.fullmatch(member.name):
                data = tar.extractfile(member)
                assert data is not None
                name = member.name.removeprefix("./").removeprefix("usr/")
                path = root / name.removesuffix("-debian")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data.read())
                path.chmod(member.mode)
    deb.unlink()


def _output(*argv: str, cwd: Path | None = None) -> str:
    environment = {
        **os.environ,
        "LC_ALL": "C",
        "PATH": os.pathsep.join((*os.get_exec_path(), *SBIN)),
    }
    try:
        done = subprocess.run(
            argv, cwd=cwd, env=environment, capture_output=True, text=True, check=True, timeout=300
        )
    except subprocess.CalledProcessError as error:
        words = (error.stderr or error.stdout).strip().splitlines()
        raise Missing(f"{' '.join(argv)}: {words[-1] if words else error}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(f"{' '.join(argv)}: {error}") from error
    return done.stdout


def _write(path: Path, data: bytes) -> None:
    aside = path.with_suffix(f".{os.getpid()}")
    aside.write_bytes(data)
    aside.rename(path)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One maker at a time: others wait and then find the work done."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
