"""A push-button on a GPIO line that calls the access point, by the kernel's own interface.

The line is named, as the board's device tree names it ("GPIO17" on a Raspberry Pi), not numbered:
chips and their numbers differ from board to board and from kernel to kernel. The button connects
it to ground; the kernel pulls it up and keeps the bouncing away. linux/gpio.h, uAPI v2.
"""

from __future__ import annotations

import fcntl
import os
import struct

from hotspot.log import log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hotspot.supervisor.loop import Loop

# Bytes of struct gpiochip_info, gpio_v2_line_info, gpio_v2_line_request and gpio_v2_line_event.
CHIP, LINE, REQUEST, EVENT = 68, 256, 592, 48
# _IOR(0xB4, 1, chip), _IOWR(0xB4, 5, line), _IOWR(0xB4, 7, request): asm-generic/ioctl.h.
GET_CHIP = 0x80000000 | CHIP << 16 | 0xB401
GET_LINE = 0xC0000000 | LINE << 16 | 0xB405
REQUEST_LINE = 0xC0000000 | REQUEST << 16 | 0xB407
# GPIO_V2_LINE_FLAG_*: active low, input, rising edge (as pressing is then), pulled up.
FLAGS = 0x2 | 0x4 | 0x10 | 0x100
# GPIO_V2_LINE_ATTR_ID_DEBOUNCE, in microseconds.
_DEBOUNCE = 3, 50_000
_NAME = 32
_FD_AT = REQUEST - 4


def watch(loop: Loop, name: str, pressed: Callable[[], None], devices: str = "/dev") -> None:
    """Call `pressed` whenever the button on the line called `name` is pushed.

    A board without such a line goes on without a button, and says so.
    """
    try:
        line = request(name, devices)
    except OSError as error:
        log(f"vestibule: no button: {name}: {error.strerror}")
        return
    loop.watch(line, lambda: _pushed(line, pressed))


def _pushed(line: int, pressed: Callable[[], None]) -> None:
    os.read(line, 16 * EVENT)
    pressed()


def request(name: str, devices: str) -> int:
    """A descriptor that is readable when the line was pulled to ground. Raises `OSError`."""
    for chip in sorted(one for one in os.listdir(devices) if one.startswith("gpiochip")):  # noqa: PTH208 - pathlib would add 0.9 MiB
        descriptor = os.open(f"{devices}/{chip}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            offset = _offset(descriptor, name)
            if offset is not None:
                asked = bytearray(asking(offset))
                fcntl.ioctl(descriptor, REQUEST_LINE, asked)
                (line,) = struct.unpack_from("=i", asked, _FD_AT)
                return int(line)
        finally:
            os.close(descriptor)
    raise FileNotFoundError(2, "this board has no GPIO line of that name")


def _offset(chip: int, name: str) -> int | None:
    """Where on the chip the line of this name is."""
    about = bytearray(CHIP)
    fcntl.ioctl(chip, GET_CHIP, about)
    (lines,) = struct.unpack_from("=I", about, 2 * _NAME)
    for offset in range(lines):
        line = bytearray(LINE)
        struct.pack_into("=I", line, 2 * _NAME, offset)
        fcntl.ioctl(chip, GET_LINE, line)
        if line[:_NAME].split(b"\0", 1)[0].decode("ascii", "replace") == name:
            return offset
    return None


def asking(offset: int) -> bytes:
    """A struct gpio_v2_line_request for one line, as a button."""
    offsets = struct.pack("=64I", offset, *[0] * 63)
    attribute, microseconds = _DEBOUNCE
    # The attribute, padding, its value (a union of 8 bytes), and the lines it is for: the first.
    debounce = struct.pack("=IIIIQ", attribute, 0, microseconds, 0, 1)
    config = struct.pack("=QI20x", FLAGS, 1) + debounce.ljust(240, b"\0")
    return offsets + b"vestibule".ljust(_NAME, b"\0") + config + struct.pack("=II20xi", 1, 0, 0)
