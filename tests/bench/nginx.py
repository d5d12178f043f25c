"""nginx as a peer: its binary, without installing a service, and a configuration for it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Final

_CACHE: Final = Path(__file__).parent.parent.parent / ".cache/bench"

_CONFIGURATION: Final = """
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log /dev/null;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder};
    proxy_temp_path {folder};
    fastcgi_temp_path {folder};
    uwsgi_temp_path {folder};
    scgi_temp_path {folder};
    default_type text/html;
    server {{
        listen {address}:{port} backlog=1024 {options};
        add_header Cache-Control no-store;
        location / {{ return 302 http://{address}/; }}
        location = /page {{ root {folder}; try_files /page.html =404; }}
    }}
}}
"""


def program() -> str | None:
    """The nginx to run: an installed one, or Debian's package unpacked beside us; None without.

    Unpacked, not installed: the package would start a server on port 80.
    """
    if found := shutil.which("nginx", path="/usr/sbin:/usr/bin"):
        return found
    unpacked = _CACHE / "usr/sbin/nginx"
    if not unpacked.exists() and shutil.which("apt-get"):
        _CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "-qq", "download", "nginx"], cwd=_CACHE, check=False)
        for package in _CACHE.glob("nginx_*.deb"):
            subprocess.run(["dpkg", "-x", package, _CACHE], check=True)
    return str(unpacked) if unpacked.exists() else None


def argv(folder: Path, address: str, port: int, page: bytes, *, deferred: bool) -> list[str]:
    """nginx answering every path with a 302, and `/page` with a page from a file."""
    nginx = program()
    if nginx is None:
        raise FileNotFoundError("nginx is neither installed nor to be had (apt-get download nginx)")
    folder.chmod(0o755)
    (folder / "page.html").write_bytes(page)
    options = "deferred" if deferred else ""
    configuration = folder / f"nginx-{port}.conf"
    configuration.write_text(
        _CONFIGURATION.format(folder=folder, address=address, port=port, options=options)
    )
    return [nginx, "-c", str(configuration), "-p", str(folder)]


_FILES: Final = """
daemon off;
master_process off;
worker_processes 1;
user {user};
pid {folder}/nginx.pid;
error_log /dev/null;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 100000000;
    client_body_temp_path {folder};
    proxy_temp_path {folder};
    fastcgi_temp_path {folder};
    uwsgi_temp_path {folder};
    scgi_temp_path {folder};
    default_type application/octet-stream;
    server {{
        listen {address}:{port} backlog=1024;
        root {folder};
    }}
}}
"""


def files(folder: Path, address: str, port: int) -> list[str]:
    """nginx giving out the files of a folder, as its manual advises for that."""
    nginx = program()
    if nginx is None:
        raise FileNotFoundError("nginx is neither installed nor to be had (apt-get download nginx)")
    folder.chmod(0o755)
    configuration = folder / f"nginx-{port}.conf"
    user = pwd.getpwuid(os.geteuid()).pw_name
    configuration.write_text(_FILES.format(folder=folder, address=address, port=port, user=user))
    return [nginx, "-c", str(configuration), "-p", str(folder)]
