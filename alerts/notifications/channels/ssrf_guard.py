"""SSRF guard of webhooks: public addresses only, connected to as checked.

A name is resolved once, every address it has is checked, and the connection goes to a checked one, which defeats DNS
rebinding. Redirects are not followed.
"""

import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from alerts.notifications.channels import DeliveryError

PORTS = {"https": 443, "http": 80}
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class WebhookTarget(NamedTuple):
    scheme: str
    host: str  # as in the URL, for TLS and the Host header
    port: int
    address: str  # the IP address to connect to
    path: str  # with the query


def target_of(url: str, resolve=socket.getaddrinfo) -> WebhookTarget:
    """Resolve and check a webhook URL. Raises DeliveryError where it is invalid or its address is not allowed."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        raise DeliveryError("This is no address of a web server.") from None
    private = settings.WEBHOOKS_REACH_PRIVATE
    if parts.scheme not in (("https", "http") if private else ("https",)) or not parts.hostname:
        raise DeliveryError("An address that begins with https:// is expected.")
    if parts.username or parts.password:
        raise DeliveryError("The address must not hold a name or password.")
    addresses = addresses_of(parts.hostname, port, resolve)
    if not private and not all(is_public(address) for address in addresses):
        raise DeliveryError(f"{parts.hostname} is not a public address.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return WebhookTarget(parts.scheme, parts.hostname, port, addresses[0], path)


def addresses_of(host, port, resolve) -> list:
    try:
        records = resolve(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise DeliveryError(f"{host[:100]} is not known.") from None
    return [entry[4][0] for entry in records]


def is_public(text: str) -> bool:
    """Whether an IP address, and any IPv4 address embedded in it, is globally routable and no multicast."""
    address = ipaddress.ip_address(text.partition("%")[0])
    return all(candidate.is_global and not candidate.is_multicast for candidate in [address, *embedded_ipv4(address)])


def embedded_ipv4(address) -> list:
    """The IPv4 addresses embedded in an IPv6 one: mapped, 6to4, Teredo, NAT64."""
    if address.version == 4:
        return []
    addresses = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in NAT64:
        addresses.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [candidate for candidate in addresses if candidate is not None]
