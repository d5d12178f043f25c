"""The steps of a small life under the supervisor."""

from __future__ import annotations

from typing import Any

Step = tuple[Any, ...]

PREPARE: Step = ("prepare", "once", "once", "0")
A: Step = ("a", "stays", "stays")
READY: Step = ("ready", "once", "once", "0")
