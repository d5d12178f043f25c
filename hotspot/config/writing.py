"""Writing a TOML value, so that it reads back as the same and prints on any terminal."""

from __future__ import annotations


def literal(value: object) -> str:
    """A TOML value; what would not print is escaped, so that no SSID plays with a terminal."""
    if isinstance(value, str):
        return '"' + "".join(map(_character, value)) + '"'
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, dict):
        pairs = (f"{literal(key)} = {literal(each)}" for key, each in value.items())
        return f"{{ {', '.join(pairs)} }}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _character(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08X}"
