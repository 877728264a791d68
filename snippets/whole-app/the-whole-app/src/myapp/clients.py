"""Who is asking: what a limit counts by."""

from ipaddress import IPv6Address, IPv6Network, ip_address

from flask import request, session
from flask_login import current_user


def client() -> str:
    """Name the customer who is logged in, or else the network."""
    if "_user_id" in session and current_user.is_authenticated:
        return f"customer {current_user.id}"
    return network()


def network() -> str:
    """Name where a request comes from: an address, or a /64 of IPv6."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        home = IPv6Network((int(address), 64), strict=False)
        return str(address.ipv4_mapped or home)
    return str(address)
