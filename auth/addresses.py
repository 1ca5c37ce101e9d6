"""Who asks, as far as addresses say: the caller behind proxies that are trusted, and what counts as one caller."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]

_MOST_HOPS = 20
_FOR = re.compile(r'(?:^|;)\s*for="?([^";]*)', re.IGNORECASE)


@dataclass(frozen=True)
class Proxies:
    """The proxies that are believed, and the one header in which they name whom they ask for.

    One header, since a proxy that writes the one lets a caller's own of the other kind pass.
    """

    networks: Networks = ()
    header: Literal["X-Forwarded-For", "Forwarded"] = "X-Forwarded-For"

    def caller(self, peer: str, headers: Mapping[str, str]) -> str:
        """Return the address of the caller: the last one named that is no trusted proxy.

        `peer` is the connection's other end, `headers` go by lower-case name, a repeated one's values joined by commas.
        """
        if not self.networks:
            return peer
        named = headers.get(self.header.lower(), "")
        found = _address(peer)
        for hop in self._hops(named):
            if found is None or not self._trusts(found):
                break
            if hop is None:
                break  # hidden on purpose, or rubbish: the proxy answers for it
            found = hop
        return peer if found is None else str(found)

    def trusts(self, peer: str) -> bool:
        """Say whether the other end of a connection is one of them."""
        return within(peer, self.networks)

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self.networks)

    def _hops(self, named: str) -> Iterator[Address | None]:
        """Give the addresses of a header, the nearest first."""
        for part in reversed(named.rsplit(",", _MOST_HOPS)[-_MOST_HOPS:]):
            if self.header == "Forwarded":
                node = _FOR.search(part)
                yield _address(node[1]) if node else None
            else:
                yield _address(part)


def within(peer: str, networks: Networks) -> bool:
    """Say whether an address lies in one of some networks."""
    found = _address(peer)
    return found is not None and any(found in network for network in networks)


@lru_cache(maxsize=4096)
def one_caller(address: str) -> str:
    """Return what is counted as one caller: an IPv4 address, or the /64 network of an IPv6 one."""
    found = _address(address)
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found or address)


def _address(node: str) -> Address | None:
    """Read an address, with or without a port (RFC 7239 §6); None if it is none."""
    text = node.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
