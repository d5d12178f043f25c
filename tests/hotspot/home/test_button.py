"""The button: what is asked of the kernel, and what a press does."""

from __future__ import annotations

import os
import struct
import subprocess
import time
from pathlib import Path

import pytest

from hotspot.home import button
from hotspot.supervisor.loop import Loop

# Each name of ours, beside what the kernel's header says.
_HEADER = r"""
#include <stdio.h>
#include <stddef.h>
#include <string.h>
#include <linux/gpio.h>
int main(void) {
    struct gpio_v2_line_request asked;
    memset(&asked, 0, sizeof asked);
    asked.offsets[0] = 17;
    asked.num_lines = 1;
    strcpy(asked.consumer, "vestibule");
    asked.config.flags = GPIO_V2_LINE_FLAG_ACTIVE_LOW | GPIO_V2_LINE_FLAG_INPUT
        | GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_BIAS_PULL_UP;
    asked.config.num_attrs = 1;
    asked.config.attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_DEBOUNCE;
    asked.config.attrs[0].attr.debounce_period_us = 50000;
    asked.config.attrs[0].mask = 1;
    printf("%zu %zu %zu %zu %u %u %u %zu %zu %zu\n", sizeof(struct gpiochip_info),
        sizeof(struct gpio_v2_line_info), sizeof asked, sizeof(struct gpio_v2_line_event),
        (unsigned)GPIO_GET_CHIPINFO_IOCTL, (unsigned)GPIO_V2_GET_LINEINFO_IOCTL,
        (unsigned)GPIO_V2_GET_LINE_IOCTL, offsetof(struct gpio_v2_line_request, fd),
        offsetof(struct gpiochip_info, lines), offsetof(struct gpio_v2_line_info, offset));
    for (size_t at = 0; at < sizeof asked; at++) printf("%02x", ((unsigned char *)&asked)[at]);
    return 0;
}
"""


def test_against_the_kernels_header(tmp_path: Path) -> None:
    """Sizes, numbers, places and the whole request are what linux/gpio.h makes of them."""
    (tmp_path / "gpio.c").write_text(_HEADER)
    subprocess.run(["gcc", "-o", "gpio", "gpio.c"], cwd=tmp_path, check=True)
    told = subprocess.run([tmp_path / "gpio"], check=True, capture_output=True, text=True).stdout
    numbers, asked = told.splitlines()

    sizes = button.CHIP, button.LINE, button.REQUEST, button.EVENT
    calls = button.GET_CHIP, button.GET_LINE, button.REQUEST_LINE
    assert tuple(map(int, numbers.split())) == (*sizes, *calls, button.REQUEST - 4, 64, 64)
    assert bytes.fromhex(asked) == button.asking(17)


class FakeChips:
    """The kernel behind two chips, by the calls it knows; `line` is what it hands out."""

    def __init__(self, folder: Path, line: int) -> None:
        self.names = {"gpiochip0": ["ID_SDA", ""], "gpiochip1": ["GPIO16", "GPIO17"]}
        for chip in self.names:
            (folder / chip).touch()
        (folder / "gpiomem").touch()
        self.line = line
        self.asked = b""

    def ioctl(self, descriptor: int, call: int, data: bytearray) -> int:
        names = self.names[Path(f"/proc/self/fd/{descriptor}").readlink().name]
        if call == button.GET_CHIP:
            struct.pack_into("=I", data, 64, len(names))
        elif call == button.GET_LINE:
            (offset,) = struct.unpack_from("=I", data, 64)
            data[:32] = names[offset].encode().ljust(32, b"\0")
        else:
            assert call == button.REQUEST_LINE
            self.asked = bytes(data)
            struct.pack_into("=i", data, button.REQUEST - 4, self.line)
        return 0


def test_a_press(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line is found by its name on whichever chip, and each press is told."""
    reading, writing = os.pipe()
    chips = FakeChips(tmp_path, reading)
    monkeypatch.setattr(button.fcntl, "ioctl", chips.ioctl)  # type: ignore[attr-defined]  # the kernel's door
    loop, presses = Loop(), []
    button.watch(loop, "GPIO17", lambda: presses.append("press"), str(tmp_path))
    assert chips.asked == button.asking(1)

    for _ in range(2):
        os.write(writing, bytes(button.EVENT))
        loop.turn(time.monotonic() + 10)
    assert presses == ["press", "press"]

    loop.close()
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize(
    ("name", "words"), [("GPIO99", "no GPIO line of that name"), ("GPIO17", "not permitted")]
)
def test_no_button(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    name: str,
    words: str,
) -> None:
    """A board without the line, or that will not give it: said, and nothing else."""
    chips = FakeChips(tmp_path, -1)

    def ioctl(descriptor: int, call: int, data: bytearray) -> int:
        if call == button.REQUEST_LINE:
            raise PermissionError(1, "Operation not permitted")
        return chips.ioctl(descriptor, call, data)

    monkeypatch.setattr(button.fcntl, "ioctl", ioctl)  # type: ignore[attr-defined]  # the kernel's door
    loop = Loop()
    button.watch(loop, name, lambda: None, str(tmp_path))
    loop.close()

    assert words in capfd.readouterr().err
