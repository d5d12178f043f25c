"""The provisioning processes: `deliver`, and `records` for the operator.

argparse, because these start often and click would cost 3 MiB and 13 ms more each time.
"""

from __future__ import annotations

import argparse
import os
import resource
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from hotspot.settings import DEFAULT_RUNTIME, DEFAULT_STATE, KEEP, Delivery, Invalid, Problem, parse
from portal.provisioning.backend import OWN, Backend, Lazy
from portal.provisioning.delivery import lanes
from portal.provisioning.delivery.deliver import Busy, locked
from portal.provisioning.delivery.deliver import Delivery as Deliverer
from portal.provisioning.delivery.doorbell import Doorbell
from portal.provisioning.keeping.store import Store, Unwritable
from portal.provisioning.telling import records
from portal.provisioning.telling.saying import DATABASE, log, refuse
from portal.systemd import inherited, notify

LOCK: Final = "deliver.lock"
_USAGE: Final = 2
# Attempts a second, unless the settings say otherwise.
_RATES: Final[Mapping[str, int]] = {"http": 5, "mqtt": 5}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is 0, 1 where it cannot be done, 2 for settings."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except Invalid as error:
        return refuse(str(error), status=_USAGE)
    except (Unwritable, Busy) as error:
        return refuse(str(error))
    except BrokenPipeError:
        # `records list | head`: the reader has seen enough. Nothing more may be flushed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return refuse(f"{error.filename}: {error.strerror}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m portal.provisioning")
    state = argparse.ArgumentParser(add_help=False)
    state.add_argument("--state", type=Path, default=Path(DEFAULT_STATE), metavar="DIR")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    deliver = commands.add_parser("deliver", parents=[state], help="deliver what is pending")
    deliver.add_argument("--runtime", type=Path, default=Path(DEFAULT_RUNTIME), metavar="DIR")
    deliver.add_argument("--config", type=Path, metavar="FILE", help="default: all defaults")
    deliver.set_defaults(run=_deliver)
    records.add(commands)
    return parser


def _deliver(arguments: argparse.Namespace) -> int:
    # What a crash leaves of this process would hold passwords.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    state: Path = arguments.state
    deliveries, joins = _settings(arguments.config)
    ours = {"runtime": str(arguments.runtime), "joins": joins}
    backends = _backends(deliveries, state, ours)
    gaps = {each.name: _gap(each) for each in deliveries}
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    bells = [bell for bell in inherited() if bell.type is socket.SOCK_DGRAM]
    store = Store(state / DATABASE, names=tuple(backends), log=log)
    with locked(state / LOCK), store:

        def way_out() -> None:
            log("there is a new way out of this machine: what waits is tried now")
            with suppress(Unwritable):  # then it waits on
                store.hasten(tuple(backends))

        notify("READY=1")
        with Doorbell(bells[0] if bells else None, way_out) as bell:
            lanes.run(
                [
                    Deliverer(
                        store,
                        {name: each},
                        random=_random,
                        log=log,
                        others=None if number else tuple(backends),
                        gap=gaps[name],
                    )
                    for number, (name, each) in enumerate(backends.items())
                ],
                bell,
            )
    return 0


def _gap(delivery: Delivery) -> float:
    """Seconds between two attempts: what is on a network is not to be flooded after an outage."""
    rate = delivery.options.get("rate") or _RATES.get(delivery.backend)
    return 1 / rate if isinstance(rate, int | float) and rate > 0 else 0.0


def _random() -> float:
    # Not `random`: it loads OpenSSL through hashlib, 3 MiB of a process that mostly waits.
    return int.from_bytes(os.urandom(6), "big") / 2**48


def _settings(config: Path | None) -> tuple[Sequence[Delivery], bool]:
    """The deliveries, and whether a record's network is joined before."""
    if config is None:
        return (KEEP,), True
    try:
        text = config.read_text("utf-8")
    except UnicodeDecodeError:
        problem = Problem(str(config), "(the file)", "not text", "TOML in UTF-8")
        raise Invalid((problem,)) from None
    settings = parse(text, file=str(config))
    return settings.deliveries, settings.provisioning.joins


def _backends(
    deliveries: Sequence[Delivery], state: Path, ours: Mapping[str, object]
) -> Mapping[str, Backend]:
    """Each delivery's backend; this machine's own are told `ours` besides."""
    return {
        each.name: Lazy(
            each.backend, {**_own(each), **(ours if each.backend in OWN else {})}, str(state)
        )
        for each in deliveries
    }


def _own(delivery: Delivery) -> Mapping[str, object]:
    """The backend's own options: how fast it is asked, and sealing, are not its business."""
    not_its = {"rate", "seal_to"}
    return {name: value for name, value in delivery.options.items() if name not in not_its}


if __name__ == "__main__":
    sys.exit(main())
