"""What a process does not load, it does not pay for."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Each costs 10 to 25 MiB of a Pi Zero's 512 (measured: a bare interpreter is 6.2 MiB,
# flask 27.4, pyroute2 30.7, asyncio 16.3).
HEAVY = (
    "flask", "pyroute2", "gunicorn", "asyncio", "dnslib", "segno", "logging", "importlib.metadata"
)  # fmt: skip


def loaded_by(module: str) -> set[str]:
    """The heavy modules that importing `module` brings into a fresh interpreter."""
    code = f"import sys, {module}; print(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("hotspot.settings", set()),
        ("hotspot.__main__", {"logging"}),
        ("hotspot.commands.network", set()),
        ("hotspot.machine.prepare", set()),
        ("hotspot.commands.steps", set()),
        ("hotspot.supervisor.supervise", set()),
        ("hotspot.agent.__main__", set()),
        ("hotspot.agent.asking", set()),
        ("dnsd.server", set()),
        ("dnsd.__main__", set()),
        ("portal.clients", set()),
        ("portal.tls.__main__", set()),
        ("portal.mdns.__main__", {"asyncio", "importlib.metadata", "logging"}),
        ("portal.provisioning.delivery.deliver", {"logging"}),
        ("portal.provisioning.__main__", {"logging"}),
    ],
)
def test_heavy_modules_stay_out(module: str, allowed: set[str]) -> None:
    """A process loads the heavy modules it needs and no other."""
    assert loaded_by(module) <= allowed


def test_the_bench_stays_out() -> None:
    """A portal without a bench has nothing of it in memory."""
    code = "import sys, portal.server; print(*[m for m in sys.modules if m.startswith('portal.b')])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.split() == []
