"""Why a device failed or waits: a closed list."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Each has its remedy in words."""

    NOT_IN_MANIFEST = "not_in_manifest"
    DUPLICATE_IDENTITY = "duplicate_identity"
    NO_SLOT = "no_slot"
    NO_ARTIFACT = "no_artifact"
    NO_DOCUMENT = "no_document"  # what it is to be told cannot be made any more
    WRONG_PRODUCT = "wrong_product"
    WRONG_IMAGE = "wrong_image"  # its bytes are not what this kind of device takes
    NO_SPACE = "no_space"
    BAD_SIGNATURE = "bad_signature"
    BAD_NAME = "bad_name"  # this protocol cannot ask for a file called so
    DOWNLOAD_STALLED = "download_stalled"
    DEVICE_REFUSED = "device_refused"
    DIGEST_MISMATCH = "digest_mismatch"
    REBOOTED_OLD_VERSION = "rebooted_old_version"
    NO_REPORT = "no_report"
    AUTH_WRONG = "auth_wrong"
    LEASE_LOST = "lease_lost"
    POWER_LOST = "power_lost"
    BACKEND_PENDING = "backend_pending"
