"""The latest scan, as the run directory has it."""

from __future__ import annotations

from pathlib import Path

from portal.form.scans import LatestScan
from tests.portal.fakes import network
from tests.portal.serving import write_scan


def test_a_new_scan_is_seen(tmp_path: Path) -> None:
    """The file is read again when another has taken its place."""
    scan = LatestScan(tmp_path / "networks.json")

    write_scan(tmp_path / "networks.json", [network("one")])
    assert [each.ssid for each in scan()] == [b"one"]

    write_scan(tmp_path / "networks.json", [network("two")])
    assert [each.ssid for each in scan()] == [b"two"]


def test_an_unchanged_scan_is_not_parsed_again(tmp_path: Path) -> None:
    """The same networks, the very same tuple."""
    write_scan(tmp_path / "networks.json", [network("one")])
    scan = LatestScan(tmp_path / "networks.json")

    assert scan() is scan()


def test_no_scan_has_no_networks(tmp_path: Path) -> None:
    """A missing file, or a folder in its place, is an empty list and not an error."""
    assert LatestScan(tmp_path / "networks.json")() == ()
    assert LatestScan(tmp_path)() == ()


def test_a_scan_without_end_is_cut(tmp_path: Path) -> None:
    """More bytes than any scan has are not read."""
    (tmp_path / "networks.json").write_bytes(b" " * 300_000 + b"{}")

    assert LatestScan(tmp_path / "networks.json")() == ()
