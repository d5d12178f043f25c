"""The manual: `python deploy/manual.py DIR` writes vestibule.1, vestibule.toml.5 and the shells'
completions; `--settings` prints docs/settings.md.

Made from what the program itself says: its commands' help, and the words of its settings.
"""

# ruff: noqa: SLF001 - argparse has no public name for what a parser takes
from __future__ import annotations

import argparse
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

import click  # noqa: E402 - found by the lines above
import roff  # noqa: E402 - beside this file

from hotspot import settings  # noqa: E402 - see above
from hotspot.__main__ import main as vestibule  # noqa: E402 - see above
from hotspot.commands import completion as completing  # noqa: E402 - see above
from hotspot.config import reference  # noqa: E402 - see above
from portal import clients  # noqa: E402 - see above
from portal.bench import __main__ as bench  # noqa: E402 - see above
from portal.provisioning import __main__ as provisioning  # noqa: E402 - see above
from portal.provisioning.secrecy import keys  # noqa: E402 - see above

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPLETIONS: Final = {"bash": "vestibule.bash", "zsh": "_vestibule", "fish": "vestibule.fish"}
_ABOUT: Final = (
    "Vestibule makes a Raspberry-Pi-class computer a Wi-Fi access point whose set-up page opens by "
    "itself on a phone that joins, and hands what its visitors answer to where you say."
)
_INTRODUCTION: Final = """\
One TOML file, `/etc/vestibule/config.toml`. Only `radio.country` has to be there; an unknown key is
an error that names the nearest right one. `vestibule config check FILE` says whether a file can be
used, `vestibule config show` what is in force, `vestibule config example` prints all of this as a
file.
"""
_FILES: Final = {
    settings.DEFAULT_FILE: "The settings: see vestibule.toml(5).",
    settings.DEFAULT_STATE: "What is kept: the access point's name and key, the records.",
    settings.DEFAULT_RUNTIME: "What is not: sockets, leases, who has been released.",
}


def main(words: list[str] | None = None) -> int:
    """Write the pages and completions into a directory, or print the settings: 0."""
    parser = argparse.ArgumentParser(prog="deploy/manual.py")
    parser.add_argument("directory", nargs="?", type=Path, metavar="DIR")
    parser.add_argument("--settings", action="store_true", help="print docs/settings.md")
    parser.add_argument("--version", default="0", help="what the pages say at their foot")
    given = parser.parse_args(words)
    if given.settings:
        sys.stdout.write(markdown())
    if given.directory:
        given.directory.mkdir(parents=True, exist_ok=True)
        for name, text in pages(given.version).items():
            (given.directory / name).write_text(text, encoding="utf-8")
    return 0


def pages(version: str) -> dict[str, str]:
    """Every file by its name."""
    found = {"vestibule.1": commands(version), "vestibule.toml.5": file(version)}
    return found | {name: completion(shell) for shell, name in COMPLETIONS.items()}


def completion(shell: str) -> str:
    """What a shell reads to complete our words: it asks the program itself."""
    return completing.script(shell)


# --- vestibule(1) ---------------------------------------------------------------------------


def commands(version: str) -> str:
    """The page of the command."""
    context = click.Context(vestibule, info_name="vestibule")
    names = vestibule.list_commands(context)
    parts = [
        roff.title("vestibule", 1, version),
        roff.section("name"),
        "vestibule \\- a Wi\\-Fi hotspot whose set\\-up page opens by itself\n",
        roff.section("synopsis"),
        ".B vestibule\n.I command\n.RI [ options ]\n",
        roff.section("description"),
        roff.paragraph(_ABOUT),
        roff.section("commands"),
        *(part for name in names for part in _command(context, name)),
        roff.section("files"),
        *(roff.tagged(path, words) for path, words in _FILES.items()),
        roff.section("see also"),
        ".BR vestibule.toml (5),\n.BR hostapd (8),\n.BR dnsmasq (8),\n.BR iw (8)\n",
    ]
    return "".join(parts)


def _command(parent: click.Context, name: str) -> Iterator[str]:
    found = vestibule.get_command(parent, name)
    if found is not None:
        yield from _clicked(found, f"vestibule {name}")


def _clicked(found: click.Command, name: str) -> Iterator[str]:
    context = click.Context(found, info_name=name)
    usage = [word for word in found.collect_usage_pieces(context) if word != "[WORDS]..."]
    yield roff.subsection(" ".join([name, *usage]))
    for text in inspect.cleandoc(found.help or "").split("\n\n"):
        yield roff.paragraph(text)
    for option in (each for each in found.params if isinstance(each, click.Option)):
        told = option.get_help_record(context)
        if told:
            yield roff.tagged(*told)
    if found.epilog:
        yield roff.paragraph(found.epilog)
    if isinstance(found, click.Group):
        for each in found.list_commands(context):
            below = found.get_command(context, each)
            if below:
                yield from _clicked(below, f"{name} {each}")
    yield from _parsed(name)


def _parsed(name: str) -> Iterator[str]:
    """What another program of ours takes, which the command becomes."""
    if name == "vestibule clients":
        yield from _options(clients._parser())
    elif name == "vestibule keys":
        yield from _below(keys._parser(), name)
    elif name == "vestibule records":
        yield from _below(_choices(provisioning._parser())["records"], name)
    elif name == "vestibule bench":
        yield from _below(bench._parser(), name)


def _below(parser: argparse.ArgumentParser, name: str) -> Iterator[str]:
    for each, below in _choices(parser).items():
        positional = [
            action.metavar or action.dest for action in _actions(below) if not action.option_strings
        ]
        yield roff.subsection(" ".join([name, each, "[OPTIONS]", *map(str, positional)]))
        yield roff.paragraph(_helps(parser).get(each) or below.description or each)
        yield from _options(below)


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in _actions(parser):
        if action.option_strings and action.help != argparse.SUPPRESS and action.dest != "help":
            value = f" {action.metavar}" if action.metavar else ""
            words = action.help or f"Default: {action.default}."
            yield roff.tagged(f"{', '.join(action.option_strings)}{value}", words)


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [each for each in parser._actions if not isinstance(each, argparse._SubParsersAction)]


def _subparsers(
    parser: argparse.ArgumentParser,
) -> argparse._SubParsersAction[argparse.ArgumentParser]:
    return next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))


def _choices(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    return dict(_subparsers(parser).choices)


def _helps(parser: argparse.ArgumentParser) -> dict[str, str]:
    return {each.dest: each.help for each in _subparsers(parser)._choices_actions if each.help}


# --- vestibule.toml(5), docs/settings.md ----------------------------------------------------


def file(version: str) -> str:
    """The page of the settings file."""
    parts = [
        roff.title("vestibule.toml", 5, version),
        roff.section("name"),
        "vestibule.toml \\- the settings of Vestibule\n",
        roff.section("description"),
        roff.paragraph(
            f"Vestibule reads {settings.DEFAULT_FILE}, a file in TOML. Only one key has to be "
            "there: the country. An unknown key is an error that names the nearest right one. "
            "`vestibule config check FILE` says whether a file can be used, `vestibule config "
            "show` what is in force, `vestibule config example` prints every key explained."
        ),
        roff.section("tables"),
    ]
    for name, purpose, known in reference.tables():
        parts += [roff.subsection(f"[{name}]"), roff.paragraph(purpose)]
        parts += [roff.tagged(key.name, _said(key)) for key in known]
    least = '[radio]\ncountry = "DE"'
    parts += [roff.section("examples"), roff.paragraph("The least that can be used:")]
    parts += [roff.literal(least), roff.section("see also"), ".BR vestibule (1)\n"]
    return "".join(parts)


def _said(key: reference.Key) -> str:
    default = f"Default: {key.default}." if key.default else "Required."
    return f"{key.words} {key.more} Allowed: {key.allowed}. {default}".replace("..", ".")


def markdown() -> str:
    """docs/settings.md."""
    lines = [
        "# Settings",
        "",
        _INTRODUCTION,
        "*This page is made by `python deploy/manual.py --settings`.*",
    ]
    for name, purpose, known in reference.tables():
        lines += ["", f"## [{name}]", "", purpose, "", "| key | what for | allowed | default |"]
        lines.append("|---|---|---|---|")
        lines += [_row(key) for key in known]
    return "\n".join(lines) + "\n"


def _row(key: reference.Key) -> str:
    default = f"`{key.default}`" if key.is_value else key.default or "**required**"
    cells = (f"`{key.name}`", f"{key.words} {key.more}".strip(), key.allowed, default)
    return f"| {' | '.join(cell.replace('|', '&#124;').replace('<', '&lt;') for cell in cells)} |"


if __name__ == "__main__":
    sys.exit(main())
