"""Where a webhook may reach: public addresses alone, and the very address that was looked at.

A name is resolved once, every address it has is checked, and the connection goes to a checked one: a name that points
elsewhere a moment later gains nothing. Nothing is followed elsewhere.
"""

import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from alerts.notifications.channels import NotSent

PORTS = {"https": 443, "http": 80}
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Target(NamedTuple):
    scheme: str
    host: str  # as named, for TLS and the Host header
    port: int
    address: str  # what is connected to
    path: str  # with the query


def target_of(url: str, resolve=socket.getaddrinfo) -> Target:
    """Raises NotSent where the URL is none or reaches what it must not."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        raise NotSent("This is no address of a web server.") from None
    private = settings.WEBHOOKS_REACH_PRIVATE
    if parts.scheme not in (("https", "http") if private else ("https",)) or not parts.hostname:
        raise NotSent("An address that begins with https:// is expected.")
    if parts.username or parts.password:
        raise NotSent("The address must not hold a name or password.")
    addresses = addresses_of(parts.hostname, port, resolve)
    if not private and not all(is_public(address) for address in addresses):
        raise NotSent(f"{parts.hostname} is not a public address.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port, addresses[0], path)


def addresses_of(host, port, resolve):
    try:
        found = resolve(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotSent(f"{host[:100]} is not known.") from None
    return [entry[4][0] for entry in found]


def is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    return all(one.is_global and not one.is_multicast for one in [address, *meant_by(address)])


def meant_by(address):
    """The IPv4 addresses that an IPv6 one stands for, on the ways there are from one to the other."""
    if address.version == 4:
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in NAT64:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [one for one in found if one is not None]
