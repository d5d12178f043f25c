"""`vestibule qr`: what a person points a camera at, on the screen, in files and on labels."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hotspot.__main__ import main
from hotspot.label import serial
from tests.hotspot.real import program

ROOT = Path(__file__).parents[3]
KEY = "k7fq-2m9x-abcd-efgh"
TEXT = f"WIFI:T:WPA;S:Vestibule-7KQ2;P:{KEY};;"


@pytest.fixture(autouse=True)
def number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every machine here is the same board."""
    monkeypatch.setattr(serial, "of_machine", lambda: "10000000e3c1a2b4")


def qr(folder: Path, *words: str, radio: str = "") -> Result:
    """The command for an access point that was started before, with further lines of settings."""
    kept = folder / "access-point.json"
    if not kept.exists():
        kept.write_text(json.dumps({"suffix": "7KQ2", "passphrase": KEY}))
    (folder / "config.toml").write_text(f'[radio]\ncountry = "DE"\n{radio}\n')
    places = ["--config", str(folder / "config.toml"), "--state", str(folder)]
    return CliRunner().invoke(main, ["qr", *places, *words])


def output(*words: str) -> bytes:
    """The standard output of a real program."""
    argv = [program(words[0]), *words[1:]]
    return subprocess.run(argv, capture_output=True, check=True, timeout=60).stdout


def decoded(image: Path) -> str:
    """What a camera would read in a picture."""
    return output("zbarimg", "--quiet", "--raw", str(image)).decode().removesuffix("\n")


def drawn(document: Path) -> Path:
    """A picture of a page as a printer of 300 dots to the inch would print it."""
    image = document.with_suffix(".drawn.png")
    if document.suffix == ".svg":
        output("rsvg-convert", "--dpi-x=300", "--dpi-y=300", f"--output={image}", str(document))
    else:
        stem = str(image.with_suffix(""))
        output("pdftoppm", "-r", "300", "-png", "-singlefile", str(document), stem)
    return image


def test_on_the_terminal(tmp_path: Path) -> None:
    """The drawing, the key and the name."""
    done = qr(tmp_path)
    assert (done.exit_code, done.stderr) == (0, "")
    *drawing, key, name = done.stdout.splitlines()
    assert len(drawing) == (33 + 2 * 2 + 1) // 2
    assert (key, name) == (f"  key: {KEY}", "  name: 'Vestibule-7KQ2'")


@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_a_code_in_a_file(tmp_path: Path, kind: str) -> None:
    """Read back by another program byte for byte, and its owner's alone whatever the umask."""
    file = tmp_path / f"code.{kind}"
    before = os.umask(0)
    try:
        done = qr(tmp_path, f"--{kind}", str(file))
    finally:
        os.umask(before)
    assert (done.exit_code, done.output) == (0, "")
    assert file.stat().st_mode & 0o777 == 0o600
    assert decoded(file if kind == "png" else drawn(file)) == TEXT


@pytest.mark.parametrize("size", ["", "62x29", "50x25", "62x100", "89x36", "210x297"])
@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_a_label(tmp_path: Path, kind: str, size: str) -> None:
    """Printed, the code is read; the PDF's text is name, key, page and serial number, exact."""
    name = 'ssid = "(Zentral) \\\\ <&> Café"'
    file = tmp_path / f"label.{kind}"
    done = qr(tmp_path, f"--{kind}", str(file), "--label", *([size] if size else []), radio=name)
    assert (done.exit_code, done.output) == (0, "")
    assert decoded(drawn(file)) == f"WIFI:T:WPA;S:(Zentral) \\\\ <&> Café;P:{KEY};;"
    if kind == "pdf":
        said = output("pdftotext", "-enc", "UTF-8", str(file), "-").decode()
        assert list(filter(str.strip, said.split("\n"))) == [
            *("Wi-Fi", "(Zentral) \\ <&> Café", "Key", KEY),
            *("Page", "http://100.64.64.1/", "Serial", "10000000e3c1a2b4"),
        ]
        assert b"No syntax" in output("qpdf", "--check", str(file))


@pytest.mark.parametrize(("given", "serial"), [("A-0042", ["Serial", "A-0042"]), ("", [])])
def test_a_label_for_another_machine(tmp_path: Path, given: str, serial: list[str]) -> None:
    """Printed where the device is made: its own number or none, never that of the printing one."""
    file = tmp_path / "label.pdf"
    done = qr(tmp_path, "--pdf", str(file), "--label", "--serial", given)
    assert (done.exit_code, done.output) == (0, "")
    said = output("pdftotext", str(file), "-").decode()
    assert list(filter(str.strip, said.split("\n")))[6:] == serial


@pytest.mark.parametrize("given", ["Ω", "a\nb", "0" * 41])
def test_a_number_that_cannot_be_printed(tmp_path: Path, given: str) -> None:
    """It is refused before anything is written."""
    done = qr(tmp_path, "--pdf", str(tmp_path / "l.pdf"), "--label", "--serial", given)
    assert done.exit_code == 2
    assert "up to 40" in done.stderr
    assert not (tmp_path / "l.pdf").exists()


def test_a_label_of_an_open_network(tmp_path: Path) -> None:
    """It says so, and no key, though one is kept for the day it is closed."""
    done = qr(tmp_path, "--pdf", str(tmp_path / "l.pdf"), "--label", radio='security = "open"')
    assert done.exit_code == 0
    said = output("pdftotext", str(tmp_path / "l.pdf"), "-").decode()
    assert said.startswith("Wi-Fi, open\n")
    assert "Key" not in said
    assert decoded(drawn(tmp_path / "l.pdf")) == "WIFI:T:nopass;S:Vestibule-7KQ2;;"


def test_several_at_once(tmp_path: Path) -> None:
    """One key, every kind of file."""
    files = {kind: tmp_path / f"code.{kind}" for kind in ("svg", "png", "pdf")}
    words = [word for kind, file in files.items() for word in (f"--{kind}", str(file))]
    assert qr(tmp_path, *words).exit_code == 0
    magic = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF-1.4"}
    assert all(file.read_bytes().startswith(magic[kind]) for kind, file in files.items())


@pytest.mark.parametrize(
    ("kind", "magic"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")]
)
def test_to_standard_output(tmp_path: Path, kind: str, magic: bytes) -> None:
    """A dash is standard output, with nothing else on it."""
    done = qr(tmp_path, f"--{kind}", "-")
    assert done.exit_code == 0
    assert done.stdout_bytes.startswith(magic)
    assert not (tmp_path / "-").exists()


def test_for_programs(tmp_path: Path) -> None:
    """The same in words; under TLS the page is the name's."""
    portal = '[portal]\nname = "setup.example.com"\ncertificate = "/c.pem"\nkey = "/k.pem"'
    assert json.loads(qr(tmp_path, "--json", radio=portal).stdout) == {
        "ssid": "Vestibule-7KQ2",
        "ssid_hex": b"Vestibule-7KQ2".hex(),
        "passphrase": KEY,
        "security": "wpa2",
        "code": TEXT,
        "url": "https://setup.example.com/",
        "serial": "10000000e3c1a2b4",
    }


def test_the_picture_in_the_docs() -> None:
    """The label that the README shows is one that a camera reads."""
    assert decoded(ROOT / "docs" / "label.png") == TEXT


def refused(done: Result, status: int = 1) -> str:
    """Its words, where it made nothing and said nothing else."""
    assert (done.exit_code, done.stdout) == (status, "")
    assert KEY not in done.stderr
    return done.stderr


def test_before_the_first_start(tmp_path: Path) -> None:
    """No key is made up that the next start might not use, nor a directory."""
    (tmp_path / "config.toml").write_text('[radio]\ncountry = "DE"\n')
    state = tmp_path / "state"
    words = ["qr", "--config", str(tmp_path / "config.toml"), "--state", str(state)]
    assert refused(CliRunner().invoke(main, words)) == (
        f"no access point has been started with {state}: "
        "start it once (sudo vestibule run), or name its directory with --state\n"
    )
    assert not state.exists()


def test_without_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may not read the key is told who may."""

    def closed(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_bytes", closed)
    kept = tmp_path / "access-point.json"
    assert refused(qr(tmp_path)) == f"{kept} cannot be read (Permission denied): run this as root\n"


@pytest.mark.parametrize("kind", ["pdf", "svg"])
def test_a_name_that_cannot_be_printed(tmp_path: Path, kind: str) -> None:
    """A PDF's fonts are western; SVG takes any script; what nobody sees, neither."""
    file = tmp_path / f"label.{kind}"
    words = [f"--{kind}", str(file), "--label"]
    done = qr(tmp_path, *words, radio='ssid = "家のWi-Fi"')
    if kind == "pdf":
        assert "western Europe only" in refused(done)
    else:
        assert decoded(drawn(file)).startswith("WIFI:T:WPA;S:家のWi-Fi;")
        file.unlink()
    assert "can be seen" in refused(qr(tmp_path, *words, radio='ssid = "a\\u202eb"'))
    assert not file.exists()


def test_the_code_alone_takes_any_name(tmp_path: Path) -> None:
    """Without text on it, a PDF needs no font."""
    file = tmp_path / "code.pdf"
    assert qr(tmp_path, "--pdf", str(file), radio='ssid = "家のWi-Fi"').exit_code == 0
    assert decoded(drawn(file)).startswith("WIFI:T:WPA;S:家のWi-Fi;")


@pytest.mark.parametrize(
    "words",
    [
        ["--label"],
        ["--label", "--png", "x"],
        ["--label", "--png", "x", "--pdf", "y"],
        ["--label", "62", "--pdf", "x"],
        ["--label", "62x29mm", "--pdf", "x"],
        ["--label", "62x298", "--pdf", "x"],
        ["--json", "--svg", "x"],
        ["--svg", "-", "--pdf", "-"],
    ],
)
def test_usage(tmp_path: Path, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not go together is said before anything is read: status 2, no file."""
    monkeypatch.chdir(tmp_path)
    assert "Error: " in refused(qr(tmp_path, *words), 2)
    assert not {"x", "y"} & {path.name for path in tmp_path.iterdir()}


def test_a_label_too_small(tmp_path: Path) -> None:
    """A code that no phone would read is not printed."""
    done = qr(tmp_path, "--pdf", str(tmp_path / "x"), "--label", "30x30")
    assert "a label of at least 50x25 mm" in refused(done)


def test_only_files_are_replaced(tmp_path: Path) -> None:
    """Run by root, a device or a directory of that name stays what it is."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe"):
        words = refused(qr(tmp_path, "--svg", str(tmp_path / name)))
        assert words.endswith("is no ordinary file: name another one, or - for standard output\n")
    assert (tmp_path / "pipe").is_fifo()
    missing = tmp_path / "no" / "where.svg"
    said = f"{missing} cannot be written (No such file or directory): name another file\n"
    assert refused(qr(tmp_path, "--svg", str(missing))) == said
