"""Whether a wall clock is believed, and why."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from portal.provisioning.moments import clock

ASK: Final = """
#include <stdio.h>
#include <sys/timex.h>
int main(void) {
  struct timex asked = {0};
  int answer = adjtimex(&asked);
  fputs(answer >= 0 && !(asked.status & STA_UNSYNC) ? "synchronised" : "no", stdout);
  return 0;
}
"""
LATER = clock.FLOOR + timedelta(days=90)


def a_machine(
    root: Path, *, timesyncd: bool = False, battery: datetime | None = None, took: str = "1"
) -> Path:
    """What a machine shows in /run and /sys."""
    if timesyncd:
        mark = root / "run/systemd/timesync/synchronized"
        mark.parent.mkdir(parents=True)
        mark.touch()
    if battery:
        device = root / "sys/class/rtc/rtc0"
        device.mkdir(parents=True)
        (device / "since_epoch").write_text(f"{int(battery.timestamp())}\n")
        (device / "hctosys").write_text(f"{took}\n")
    return root


def test_a_time_server_vouches(tmp_path: Path) -> None:
    """The kernel says that something disciplines its clock."""
    assert clock.is_set(LATER, tmp_path, lambda: True)


def test_nobody_vouches(tmp_path: Path) -> None:
    """A fine date alone is no reason: fake-hwclock and timesyncd restore the last one."""
    assert not clock.is_set(LATER, tmp_path, lambda: False)


def test_a_time_server_of_this_morning_vouches(tmp_path: Path) -> None:
    """After nine hours offline the kernel says no more; timesyncd's mark of this boot does."""
    assert clock.is_set(LATER, a_machine(tmp_path, timesyncd=True), lambda: False)


@pytest.mark.parametrize(
    ("battery", "took", "vouches"),
    [
        (LATER, "1", True),
        (LATER, "0", False),
        (datetime(1970, 1, 1, 0, 5, tzinfo=UTC), "1", False),
    ],
)
def test_a_clock_with_a_battery(
    tmp_path: Path, battery: datetime, took: str, *, vouches: bool
) -> None:
    """It vouches where the kernel took its time and it had one: not with an empty battery."""
    machine = a_machine(tmp_path, battery=battery, took=took)

    assert clock.is_set(LATER, machine, lambda: False) is vouches


def test_a_damaged_one(tmp_path: Path) -> None:
    """What is no number is no reason, and no crash."""
    machine = a_machine(tmp_path, battery=LATER)
    (machine / "sys/class/rtc/rtc0/since_epoch").write_text("nonsense")

    assert not clock.is_set(LATER, machine, lambda: False)


def test_before_this_release_nothing_vouches(tmp_path: Path) -> None:
    """A clock that shows a date from before this program was made is wrong, whoever says else."""
    machine = a_machine(tmp_path, timesyncd=True, battery=LATER)

    assert not clock.is_set(clock.FLOOR - timedelta(seconds=1), machine, lambda: True)


def test_the_floor_is_past() -> None:
    """The release's own date is not in the future: then no clock would ever be believed."""
    assert datetime.now(UTC) >= clock.FLOOR


def test_a_boot_as_systemd_calls_it() -> None:
    """The unit's %b is the kernel's boot id without its dashes: both name the same boot."""
    kernel = "0b1946af-7ee1-45e9-9e5a-1e2d4a7c9f11"

    assert clock.given(kernel.replace("-", "")) == kernel
    assert [clock.given(text) for text in ("", "%b", kernel, "0B" * 16)] == [""] * 4


def test_the_real_one() -> None:
    """Two moments of this machine: one boot, in order, and what was vouched for stays so."""
    one, two = clock.now(), clock.now()

    assert one.boot == two.boot
    assert one.monotonic <= two.monotonic
    assert (one.is_set, two.is_set) in {(False, False), (False, True), (True, True)}


def test_the_kernel_is_asked_as_a_c_program_does() -> None:
    """Our reading of struct timex is that of a C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    with tempfile.TemporaryDirectory() as name:
        source, program = Path(name) / "ask.c", Path(name) / "ask"
        source.write_text(ASK)
        subprocess.run([compiler, "-o", program, source], check=True)
        said = subprocess.run([program], check=True, capture_output=True, text=True).stdout

    assert clock.is_set(LATER, Path("/nonexistent")) is (said == "synchronised")
