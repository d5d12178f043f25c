"""The settings as a person reads them: every key with its value, secrets masked."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from hotspot.config import fields, words, writing
from hotspot.config.bench import HALF
from hotspot.settings import SECTIONS, Radio, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Eight characters no passphrase may have: a shown file that is fed back is refused.
_MASK: Final = "•" * 8


def show(settings: Settings) -> dict[str, dict[str, Any]]:
    """The settings as the file would have them, by table; secrets masked, for people and JSON.

    A value that is only found at start is `None`.
    """
    tables = {name: asdict(getattr(settings, name)) for name in SECTIONS}
    radio, network = tables["radio"], tables["network"]
    radio["ssid"] = None if settings.radio.ssid is None else settings.radio.ssid.decode()
    radio["passphrase"] = None if settings.radio.passphrase is None else _MASK
    radio["channel"] = settings.radio.channel or "auto"
    radio["security"] = settings.radio.security.value
    radio["linger"] = "forever" if settings.radio.linger is None else settings.radio.linger
    radio["idle_off"] = "never" if settings.radio.idle_off is None else settings.radio.idle_off
    network["address"] = str(settings.network.address)
    tables["brand"]["support"] = fields.written(settings.brand.support) or None
    bench = tables["bench"]
    bench["quota"] = HALF if settings.bench.quota is None else settings.bench.quota
    bench["signers"], bench["site"] = dict(settings.bench.signers) or None, bench["site"] or None
    bench["token"] = None if settings.bench.token is None else _MASK
    del tables["provisioning"]["fields"]
    for field in settings.provisioning.fields:
        tables[f"provisioning.fields.{field.name}"] = fields.table(field)
    for delivery in settings.deliveries:
        tables[f"delivery.{delivery.name}"] = {"backend": delivery.backend, **delivery.options}
    return tables


def render(settings: Settings) -> str:
    """The settings as a TOML document: defaults marked as such, secrets masked."""
    defaults = show(Settings(radio=Radio(country="")))
    tables = show(settings).items()
    return "\n".join(_table(name, table, defaults.get(name, {})) for name, table in tables)


def _table(name: str, table: Mapping[str, Any], defaults: Mapping[str, Any]) -> str:
    return f"[{name}]\n" + "".join(f"{line}\n" for line in _lines(name, table, defaults))


def _lines(name: str, table: Mapping[str, Any], defaults: Mapping[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        if value is None:
            yield f"# {key}: {words.LEFT_OUT.get(f'{name}.{key}', 'none')}"
            continue
        is_default = key in defaults and value == defaults[key]
        comment = "  # default" if is_default else "  # set, not shown" if value == _MASK else ""
        yield f"{key} = {writing.literal(value)}{comment}"
