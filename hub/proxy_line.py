"""Which address a connection comes from, as the proxy before the hub says (haproxy.org, PROXY protocol version 1).

    PROXY TCP4 192.0.2.7 192.0.2.1 51234 443 CR LF        at most 107 bytes, before anything else
    PROXY UNKNOWN … CR LF                                 the proxy's own check: the connection's own address counts

A line rather than a header, because it names the *connection*: that is what a login sticks to (PROTOCOL 1.4).
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from keys.errors import FormatError

MAX_LINE_BYTES: Final = 107  # with CR LF; the specification's own bound
_LINE: Final = re.compile(rb"PROXY TCP([46]) ([0-9a-fA-F:.]{2,39}) [0-9a-fA-F:.]{2,39} \d{1,5} \d{1,5}")
_UNKNOWN: Final = b"PROXY UNKNOWN"
_SITE_PREFIX: Final = 48  # RFC 6177; of IPv4 a /24, the smallest network that is announced by itself (RFC 7454)
_HOST_PREFIX: Final = 64  # RFC 6177: whoever has one IPv6 address has at least a /64 of them


def parse_line(line: bytes) -> str | None:
    """The source address of a line without its CR LF; None for UNKNOWN.

    Raises:
        FormatError: anything else.
    """
    if line == _UNKNOWN or line.startswith(_UNKNOWN + b" "):
        return None
    found = _LINE.fullmatch(line)
    if found is None:
        raise FormatError("FMT", rule="proxy-line")
    return source_of(found[2].decode("ascii"))


def source_of(address: str) -> str:
    """What the rates go by: an IPv4 address, or the network of an IPv6 address.

    Raises:
        FormatError: not an address.
    """
    try:
        parsed = ipaddress.ip_address(address.strip())
    except ValueError as error:
        raise FormatError("FMT", rule="address") from error
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed.packed, _HOST_PREFIX), strict=False).network_address)


def network_of(source: str) -> str:
    """The network that a source belongs to: the /24, or the /48. What is no address stands for itself.

    Asked for every request, so an IPv4 address is cut and not parsed.
    """
    if " " in source:
        return source
    if ":" in source:
        return str(ipaddress.ip_network((ipaddress.IPv6Address(source).packed, _SITE_PREFIX), strict=False))
    return source.rpartition(".")[0] or source
