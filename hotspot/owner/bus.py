"""A conversation with one service on a D-Bus, by jeepney: calls, properties, news.

The only module that imports jeepney, an extra of the package (`vestibule[networkmanager]`).
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Self

from hotspot.errors import Refused

try:
    import jeepney
    from jeepney.io import blocking
except ModuleNotFoundError as missing:
    _REMEDY = "install it into Vestibule's environment (pip install jeepney), or set home.owner"
    raise Refused("NetworkManager cannot be asked without jeepney", _REMEDY) from missing

if TYPE_CHECKING:
    from collections.abc import Iterator

# Everything asked of NetworkManager is answered from memory or after one small write to disk.
_SECONDS: Final = 25.0
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"


class BusError(Exception):
    """A call that came to nothing; `name` is D-Bus's or the service's own for the error.

    Never the error's words: they may repeat what was asked, and that holds a passphrase.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Bus:
    """The service called `service` on the bus at `address`; a context manager.

    `address` is D-Bus's own ("unix:path=…") or "SYSTEM". Failures are `BusError`.
    """

    def __init__(self, service: str, address: str) -> None:
        self._service = service
        self._news: deque[jeepney.Message] = deque(maxlen=1)
        with _failures():
            self._connection = blocking.open_dbus_connection(address)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()

    def call(
        self, path: str, interface: str, method: str, signature: str = "", *body: object
    ) -> tuple[Any, ...]:
        """What the method gives back."""
        return self._ask(self._service, path, interface, method, signature, *body)

    def get(self, path: str, interface: str, name: str) -> Any:  # noqa: ANN401 - any D-Bus type
        """A property's value."""
        (variant,) = self.call(path, _PROPERTIES, "Get", "ss", interface, name)
        return variant[1]

    def listen(self) -> None:
        """Be told from now on when something changes; `changed` waits for it."""
        rule = jeepney.MatchRule(type="signal", sender=self._service)
        bus = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
        self._ask(*bus, "AddMatch", "s", rule.serialise())
        # The bus puts the service's unique name on its signals: any signal is worth a look.
        self._connection.filter(jeepney.MatchRule(type="signal"), queue=self._news)

    def changed(self, deadline: float) -> bool:
        """Wait for a sign that something has; False at `deadline` (monotonic)."""
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        with _failures(), contextlib.suppress(TimeoutError):
            self._connection.recv_until_filtered(self._news, timeout=left)
            return True
        return False

    def _ask(
        self, service: str, path: str, interface: str, method: str, signature: str, *body: object
    ) -> tuple[Any, ...]:
        address = jeepney.DBusAddress(path, service, interface)
        with _failures():
            message = jeepney.new_method_call(address, method, signature or None, body)
            reply = self._connection.send_and_get_reply(message, timeout=_SECONDS)
        if reply.header.message_type is jeepney.MessageType.error:
            raise BusError(str(reply.header.fields[jeepney.HeaderFields.error_name]))
        return tuple(reply.body)


@contextlib.contextmanager
def _failures() -> Iterator[None]:
    """What a socket, and an authentication, can fail with."""
    try:
        yield
    except TimeoutError:
        raise BusError("no answer in time") from None
    except (OSError, ValueError, RuntimeError) as error:
        # ValueError is jeepney's for an authentication that was refused.
        raise BusError(type(error).__name__) from error
