"""What each setting is for, in a line: the one place where that is said.

`vestibule config example`, `docs/settings.md` and vestibule.toml(5) are made of it, with the
defaults of `hotspot.settings` and what each reader says it allows. A test fails where a key has
no words, or words have no key. Where a key left out is no value, `LEFT_OUT` says what it comes to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLES: Final[Mapping[str, str]] = {
    "radio": "The access point, and when it is on the air.",
    "network": "The access point's own IPv4 network.",
    "home": "The network that this machine is to join.",
    "portal": "The page and its API.",
    "dns": "The resolver that answers every name with the page.",
    "provisioning": "What is done with the answers, and how many are kept.",
    "brand": "Whose page it is.",
    "metrics": "Numbers for Prometheus, about nobody in particular.",
    "bench": "The technician's bench: many devices flashed and provisioned at once.",
    "provisioning.fields.NAME": "A question on the page besides the network, called NAME.",
    "delivery.NAME": "A place that the records go to, called NAME; as many tables as you like.",
}

KEYS: Final[Mapping[str, str]] = {
    "radio.country": "The country it is used in: its rules say which channels may be used.",
    "radio.interface": "The Wi-Fi interface that becomes the access point.",
    "radio.ssid": "The access point's name.",
    "radio.passphrase": "The access point's key.",
    "radio.channel": "The channel; auto takes that of the strongest network, or the emptiest.",
    "radio.security": "How phones prove that they know the key.",
    "radio.follow": "How the access point makes way for a home network on another channel.",
    "radio.linger": "How long the access point stays after the home network has been joined.",
    "radio.return_after": "After how long without the home network the access point comes back.",
    "radio.start": "What brings the access point up.",
    "radio.idle_off": "After how long with nobody on it the access point goes off the air.",
    "radio.button": "A button to ground on this GPIO line calls the access point.",
    "network.address": "The access point's own address, and its network.",
    "network.lease": "How long a phone may keep its address.",
    "home.internet": "Whether a home network has to lead to the Internet to count as joined.",
    "home.owner": "Who looks after the home network on this machine.",
    "portal.threads": "How many pages are answered at a time.",
    "portal.mdns": "Announce the API by multicast DNS, as _vestibule._tcp.",
    "portal.name": "The page's name, for TLS and the captive portal API (RFC 8908).",
    "portal.certificate": "The certificate of that name with its chain, in PEM.",
    "portal.key": "The certificate's key, in PEM.",
    "dns.ttl": "How long a phone may remember an answer.",
    "provisioning.joins": "Join the network first; the answers follow once it has proven itself.",
    "provisioning.most_records": "How many records are kept before new ones are refused.",
    "provisioning.most_size": "How much space they may take.",
    "brand.name": "Your name, as the page says it.",
    "brand.color": "Your colour; it is made readable in the light and in the dark.",
    "brand.logo": "Your logo, an SVG; it is made harmless.",
    "brand.support": "Where people find help, on every page; for all languages, or by language.",
    "brand.templates": "A directory whose templates come before ours, file by file.",
    "metrics.listen": "Where Prometheus may ask; nowhere without it.",
    "bench.enabled": "Have a bench.",
    "bench.slots": "How many devices download at a time.",
    "bench.quota": "How much space the artifacts may take.",
    "bench.signers": "Whose artifacts are taken: minisign public keys by name.",
    "bench.secrets": "What becomes of a device's secrets on the bench.",
    "bench.unsigned": "What becomes of an artifact that none of them has signed.",
    "bench.gone_after": "After how long without a word a device is gone.",
    "bench.stalled_after": "After how long without progress a download has stalled.",
    "bench.verify_after": "How long a device has to prove itself once it has everything.",
    "bench.site": "Where the bench stands, for the report.",
    "bench.token": "The GatewayToken of hawkBit gateways that speak for their devices.",
}

# Of the tables [provisioning.fields.NAME].
FIELD: Final[Mapping[str, str]] = {
    "kind": "What is asked for.",
    "label": "The question; for all languages, or by language.",
    "help": "A line below it.",
    "required": "Whether there must be an answer.",
    "pattern": "What the whole answer must match (text and secret).",
    "choices": "The answers to choose from (choice).",
    "least": "The smallest number allowed (number).",
    "most": "The largest number allowed (number).",
}

# Of the tables [delivery.NAME], whichever backend has them.
DELIVERY: Final[Mapping[str, str]] = {
    "backend": "Who takes the records there.",
    "directory": "Where the files go.",
    "argv": "The program, and its arguments; the record comes on its standard input.",
    "timeout": "How long one attempt may take.",
    "url": "Where the record is sent.",
    "method": "How it is sent.",
    "headers": "Further headers.",
    "token": "The credential for Authorization: Bearer, or for {token} in headers.",
    "hmac": "The credential with which requests are signed.",
    "answer": "Whether a success must be JSON or empty.",
    "local": "Allow addresses of this machine itself and link-local ones.",
    "tls": "Encrypt; false sends passwords in clear.",
    "ca": "The one authority to trust, in PEM.",
    "certificate": "Our own certificate, for a server that asks for one.",
    "key": "The credential that is its key.",
    "site": "What {site} stands for.",
    "appliance": "What {appliance} stands for.",
    "rate": "How many attempts are made a second.",
    "seal_to": "The key to which passwords are sealed before they touch the disk.",
    "host": "The broker.",
    "port": "The broker's port.",
    "username": "Who we are to the broker.",
    "password": "The credential that proves it.",
    "topic": "The topic of a record.",
    "answers": "A topic on which the reader says what became of a record.",
    "client": "The client identifier.",
    "expires": "After how long the broker may drop a message.",
    "unheard": "What becomes of a message that nobody has subscribed to.",
}

# What a key comes to that is left out, where that is no value.
LEFT_OUT: Final[Mapping[str, str]] = {
    "radio.interface": "the first adapter that can be an access point",
    "radio.ssid": '"Vestibule-" and four letters of this device\'s own',
    "radio.passphrase": "made at first start, kept in the state directory",
    "radio.button": "none",
    "portal.name": "none, so no TLS and no captive portal API",
    "portal.certificate": "none",
    "portal.key": "none",
    "brand.color": "our own green",
    "brand.logo": "our own",
    "brand.support": "none",
    "brand.templates": "our own",
    "metrics.listen": "nowhere",
    "bench.signers": "nobody yet",
    "bench.site": "not said",
    "bench.token": "no gateway may",
}
DELIVERY_LEFT_OUT: Final[Mapping[str, str]] = {
    "directory": "delivered, in the state directory",
    "timeout": "30",
    "method": '"POST"',
    "answer": '"json"',
    "local": "false",
    "tls": "true",
    "ca": "the system's own",
    "rate": "5 for http and mqtt, else no bound",
    "port": "8883, without TLS 1883",
    "topic": '"vestibule/{site}/{appliance}/records/{id}"',
    "client": '"vestibule-" and the appliance',
    "expires": "never",
    "unheard": '"retry"',
}
# What [radio] start means by each word, and the like: for the manual.
MORE: Final[Mapping[str, str]] = {
    "radio.start": "always: at once. unconfigured: while no home network is known or in "
    "reach. button: when the button or `vestibule up` calls. never: only `vestibule run` does.",
    "radio.follow": "announce: phones are told and follow. restart: it starts anew there. return: "
    "it leaves, and comes back to its channel. auto: the best that the adapter can.",
    "home.internet": "reported: the page says whether there is Internet. required: without it the "
    "join has failed. skipped: nobody looks.",
}
