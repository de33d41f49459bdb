"""The client's address, as far as it can be known."""

import functools
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "unknown"


def client_address(request: HttpRequest) -> str:
    """Who is at the other end of the connection, or before our own proxies (``TRUSTED_PROXIES``).

    A network of IPv6 (/64) counts as one address: whoever has one has them all.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    proxies: int = settings.TRUSTED_PROXIES
    if proxies:
        # Each proxy appends whom it heard from; what is further left, the client may have written itself.
        passed = request.headers.get("X-Forwarded-For", "").split(",")
        address = _without_port(passed[-proxies].strip()) if len(passed) >= proxies else address
    return _plain(address)


def _without_port(address: str) -> str:
    """Some proxies write ``203.0.113.7:4711`` or ``[2001:db8::1]:4711``."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


@functools.lru_cache(maxsize=1_000)
def _plain(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return UNKNOWN
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))
