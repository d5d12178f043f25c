"""What wpa_supplicant's events mean, from logs of real joins in the Wi-Fi lab."""

from __future__ import annotations

import pytest

from hotspot.air import events
from hotspot.uplink import verdict
from hotspot.uplink.outcome import Outcome
from hotspot.uplink.verdict import Word

# Recorded with wpa_supplicant 2.10 and hostapd 2.10 on simulated radios; addresses and all.
WPA2_RIGHT = """\
<3>CTRL-EVENT-SCAN-STARTED 
<3>CTRL-EVENT-SCAN-RESULTS 
<3>SME: Trying to authenticate with 02:00:00:00:02:00 (SSID='Zuhause' freq=2412 MHz)
<3>Trying to associate with 02:00:00:00:02:00 (SSID='Zuhause' freq=2412 MHz)
<3>Associated with 02:00:00:00:02:00
<3>CTRL-EVENT-SUBNET-STATUS-UPDATE status=0
<3>WPA: Key negotiation completed with 02:00:00:00:02:00 [PTK=CCMP GTK=CCMP]
<3>CTRL-EVENT-CONNECTED - Connection to 02:00:00:00:02:00 completed [id=0 id_str=]
"""  # noqa: W291 - as it is said
WPA2_WRONG = """\
<3>SME: Trying to authenticate with 02:00:00:00:02:00 (SSID='Zuhause' freq=2412 MHz)
<3>Trying to associate with 02:00:00:00:02:00 (SSID='Zuhause' freq=2412 MHz)
<3>Associated with 02:00:00:00:02:00
<3>CTRL-EVENT-SUBNET-STATUS-UPDATE status=0
<3>CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:02:00 reason=15
<3>WPA: 4-Way Handshake failed - pre-shared key may be incorrect
<3>CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid="Zuhause" auth_failures=1 duration=10 reason=WRONG_KEY
"""
SAE_WRONG = """\
<3>SME: Trying to authenticate with 02:00:00:00:02:00 (SSID='Zuhause' freq=2412 MHz)
<3>SME: Trying to authenticate with 02:00:00:00:02:00 (SSID='Zuhause' freq=2412 MHz)
<3>CTRL-EVENT-AUTH-REJECT 02:00:00:00:02:00 auth_type=3 auth_transaction=2 status_code=1
<3>CTRL-EVENT-DSCP-POLICY clear_all
"""
PEAP_WRONG = """\
<3>CTRL-EVENT-SUBNET-STATUS-UPDATE status=0
<3>CTRL-EVENT-EAP-STARTED EAP authentication started
<3>CTRL-EVENT-EAP-STATUS status='started' parameter=''
<3>CTRL-EVENT-BEACON-LOSS 
<3>CTRL-EVENT-EAP-PROPOSED-METHOD vendor=0 method=25
<3>CTRL-EVENT-EAP-METHOD EAP vendor 0 method 25 (PEAP) selected
<3>CTRL-EVENT-EAP-PEER-CERT depth=0 subject='/CN=radius.example' hash=778c5954b523d43a
<3>CTRL-EVENT-EAP-STATUS status='remote certificate verification' parameter='success'
<3>EAP-MSCHAPV2: failure message: 'FAILED' (retry not allowed, error 691)
<3>CTRL-EVENT-EAP-STATUS status='completion' parameter='failure'
<3>CTRL-EVENT-EAP-FAILURE EAP authentication failed
<3>CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:02:00 reason=3 locally_generated=1
<3>CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid="Zuhause" auth_failures=1 duration=10 reason=AUTH_FAILED
"""  # noqa: W291 - as it is said

LOGS = [
    # the log, and the first word that counts for a try
    (WPA2_RIGHT, Word.CONNECTED),
    (WPA2_WRONG, Word.WRONG),
    (SAE_WRONG, Word.WRONG),
    (PEAP_WRONG, Word.WRONG),
]


def words(log: str) -> list[Word]:
    """What a log says, in order."""
    found = (events.parse(line.encode()) for line in log.splitlines())
    told = (verdict.word(event) for event in found if event is not None)
    return [word for word in told if word is not None]


@pytest.mark.parametrize(("log", "expected"), LOGS)
def test_a_recorded_try(log: str, expected: Word) -> None:
    """The first word besides proofs and goodbyes is how the try went."""
    telling = [word for word in words(log) if word not in {Word.PROVEN, Word.GONE}]

    assert telling[0] is expected


AP = "02:00:00:00:02:00"
DISABLED = 'CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid="{}" auth_failures=1 duration=10 reason={}'
LINES = [
    # SAE's own way on is no refusal: anti-clogging, another group, hash-to-element.
    (f"CTRL-EVENT-AUTH-REJECT {AP} auth_type=3 auth_transaction=1 status_code=76", None),
    (f"CTRL-EVENT-AUTH-REJECT {AP} auth_type=3 auth_transaction=1 status_code=77", None),
    (f"CTRL-EVENT-AUTH-REJECT {AP} auth_type=0 status_code=17", Word.UNREACHED),
    (f"CTRL-EVENT-ASSOC-REJECT bssid={AP} status_code=17", Word.UNREACHED),
    ("CTRL-EVENT-ASSOC-REJECT status_code=16 timeout=1", Word.UNREACHED),
    ("CTRL-EVENT-NETWORK-NOT-FOUND ", Word.UNREACHED),
    (f"CTRL-EVENT-DISCONNECTED bssid={AP} reason=4 locally_generated=1", Word.GONE),
    ("CTRL-EVENT-EAP-SUCCESS EAP authentication completed successfully", Word.PROVEN),
    ("CTRL-EVENT-EAP-TLS-CERT-ERROR reason=1 depth=0 subject='/CN=x' err='bad'", Word.UNTRUSTED),
    (DISABLED.format("x", "CONN_FAILED"), Word.UNREACHED),
    # A network may be called what it likes; the last word is wpa_supplicant's own.
    (DISABLED.format("a reason=WRONG_KEY", "CONN_FAILED"), Word.UNREACHED),
    ("CTRL-EVENT-SSID-TEMP-DISABLED", None),
    ("CTRL-EVENT-BEACON-LOSS ", None),
]


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_one_event(line: str, expected: Word | None) -> None:
    """Each event for itself."""
    assert words(f"<3>{line}") == ([] if expected is None else [expected])


WRONG, AWAY = Word.WRONG, Word.UNREACHED


@pytest.mark.parametrize(
    ("tries", "expected"),
    [
        ([], None),
        ([WRONG], None),
        ([AWAY], None),
        ([WRONG, WRONG], Outcome.WRONG_PASSWORD),
        ([AWAY, AWAY], Outcome.LOST),
        ([WRONG, AWAY], None),
        ([AWAY, WRONG], None),
        ([AWAY, WRONG, WRONG], Outcome.WRONG_PASSWORD),
        ([WRONG, AWAY, WRONG], Outcome.WRONG_PASSWORD),
        ([WRONG, AWAY, AWAY], Outcome.LOST),
        ([Word.UNTRUSTED], Outcome.NOT_SUPPORTED),
    ],
)
def test_a_second_opinion(tries: list[Word], expected: Outcome | None) -> None:
    """No password is called wrong, and no network lost, on one try's word."""
    assert verdict.outcome(tries) == expected
