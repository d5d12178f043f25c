"""A Linux board's first start, as far as cloud-init's own code does it without touching a machine.

Run by the distribution's Python: `python3 board.py CLOUD-INIT FOLDER SEED`. It looks for its seed,
reads it, and phones home as its vendor-data says; it prints what it has found as JSON.
"""

# mypy: ignore-errors
# cloud-init is no package of this environment, and ships no types.
from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])

from cloudinit import distros, helpers
from cloudinit.cloud import Cloud
from cloudinit.config import cc_phone_home
from cloudinit.sources import DataSourceNoCloud
from cloudinit.util import load_yaml


def main(folder: str, seed: str) -> None:
    """From the settings on the card to the report."""
    settings = {"datasource": {"NoCloud": {"seedfrom": seed, "fs_label": None}}}
    paths = helpers.Paths(dict.fromkeys(("cloud_dir", "run_dir", "templates_dir"), folder))
    distro = distros.fetch("debian")("debian", settings, paths)
    source = DataSourceNoCloud.DataSourceNoCloudNet(settings, distro, paths)
    found = source.get_data()
    vendor = load_yaml(source.vendordata_raw)
    cloud = Cloud(source, paths, settings, distro, None)
    cc_phone_home.handle("phone_home", vendor, cloud, logging.getLogger("board"), [])
    told = {
        "found": found,
        "instance": source.get_instance_id(),
        "user": load_yaml(source.get_userdata_raw()),
        "vendor": vendor,
    }
    Path(folder, "told.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[2:])
