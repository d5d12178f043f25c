"""What the generator adds: the sockets stand at the settings' address, and the services know it."""

from __future__ import annotations

from hotspot import settings
from hotspot.supervisor import units


def test_the_address_of_the_settings() -> None:
    """The resolver's two sockets, the portal's one, and the address they answer with."""
    text = '[radio]\ncountry = "DE"\n[network]\naddress = "10.1.2.3/24"\n[dns]\nttl = 20\n'
    know = "[Service]\nEnvironment=VESTIBULE_ADDRESS=10.1.2.3 VESTIBULE_TTL=20\n"

    assert units.drop_ins(settings.parse(text, file="c.toml")) == {
        "vestibule-dns.socket.d/settings.conf": (
            "[Socket]\nListenDatagram=10.1.2.3:53\nListenStream=10.1.2.3:53\n"
        ),
        "vestibule-portal.socket.d/settings.conf": "[Socket]\nListenStream=10.1.2.3:80\n",
        "vestibule-dns.service.d/settings.conf": know,
        "vestibule-portal.service.d/settings.conf": know,
    }
