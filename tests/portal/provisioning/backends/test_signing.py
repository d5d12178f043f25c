"""HTTP message signatures, by the RFC's own vector."""

from __future__ import annotations

import base64

from portal.provisioning.backends.signing import base, mac

# RFC 9421, appendix B.1.5 and B.2.5.
KEY = base64.b64decode(
    "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
)
PARAMETERS = '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"'
COMPONENTS = [
    ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
    ("@authority", "example.com"),
    ("content-type", "application/json"),
]


def test_the_rfcs_own() -> None:
    """The base and the signature of the appendix."""
    text = base(COMPONENTS, PARAMETERS)

    assert text == (
        b'"date": Tue, 20 Apr 2021 02:07:55 GMT\n"@authority": example.com\n'
        b'"content-type": application/json\n"@signature-params": ' + PARAMETERS.encode()
    )
    assert mac(text, KEY) == "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="
