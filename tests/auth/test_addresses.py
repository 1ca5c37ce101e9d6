"""Who is asked for: behind trusted proxies only, and a /64 is one caller."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Literal

import pytest

from auth.addresses import Proxies, one_caller

NETWORKS = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "named", "caller"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.2.3.4", "198.51.100.1"),
        ("10.0.0.1", "10.9.9.9, 10.2.3.4", "10.9.9.9"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("fd00::1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, unknown", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, ", "10.0.0.1"),
        ("10.0.0.1", "6.6.6.6" + ", 10.0.0.2" * 30_000, "10.0.0.2"),
        ("", "198.51.100.1", ""),
    ],
)
def test_x_forwarded_for(peer: str, named: str, caller: str) -> None:
    assert Proxies(NETWORKS).caller(peer, {"x-forwarded-for": named}) == caller


@pytest.mark.parametrize(
    ("peer", "named", "caller"),
    [
        ("203.0.113.9", "for=198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "for=198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "For=6.6.6.6, proto=https;for=198.51.100.1;by=10.0.0.1", "198.51.100.1"),
        ("10.0.0.1", 'for="[2001:db8:cafe::17]:4711"', "2001:db8:cafe::17"),
        ("10.0.0.1", 'for="198.51.100.1:80", for=10.1.1.1', "198.51.100.1"),
        ("10.0.0.1", "for=_hidden", "10.0.0.1"),
        ("10.0.0.1", "for=198.51.100.1, proto=https", "10.0.0.1"),
    ],
)
def test_forwarded(peer: str, named: str, caller: str) -> None:
    assert Proxies(NETWORKS, "Forwarded").caller(peer, {"forwarded": named}) == caller


@pytest.mark.parametrize(
    ("header", "other"),
    [("X-Forwarded-For", {"forwarded": "for=6.6.6.6"}), ("Forwarded", {"x-forwarded-for": "6.6.6.6"})],
)
def test_the_header_that_the_proxy_does_not_write_is_not_looked_at(
    header: Literal["X-Forwarded-For", "Forwarded"], other: dict[str, str]
) -> None:
    assert Proxies(NETWORKS, header).caller("10.0.0.1", other) == "10.0.0.1"


def test_nobody_is_believed_unless_named() -> None:
    assert Proxies().caller("127.0.0.1", {"x-forwarded-for": "198.51.100.1"}) == "127.0.0.1"


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_what_counts_as_one_caller(address: str, counted: str) -> None:
    assert one_caller(address) == counted
