"""http: what is asked at which address, and which next page is followed."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.errors import SourceError, SourcesMisconfigured
from connectors.http_address import Addresses
from tests.connectors.wire import get, source_at, wired


@pytest.mark.parametrize(
    ("base", "path", "params", "target"),
    [
        ("", "/things", [("ids", "A,B"), ("n", 3)], "/things?ids=A,B&n=3"),
        ("", "/things", [("ids", "a b&c=d+é#%/武")], "/things?ids=a+b%26c%3Dd%2B%C3%A9%23%25%2F%E6%AD%A6"),
        ("", "/things?fixed=1", {"ids": "A"}, "/things?fixed=1&ids=A"),
        ("/v 1/", "/企业/a%2Fb", None, "/v%201/%E4%BC%81%E4%B8%9A/a%2Fb"),
        ("/graphql?key=a%26b", "", None, "/graphql?key=a%26b"),
        ("", "", None, "/"),
        ("/things#top", "", None, "/things"),
    ],
)
async def test_addresses_go_out_escaped_once(base: str, path: str, params: Any, target: str) -> None:
    async with wired(base) as (wire, source):
        wire.lay(target.partition("?")[0])
        await get(source, path, params=params)
        assert wire.requests[0][0] == target


async def test_a_name_and_a_password_in_the_address_are_sent_as_such() -> None:
    async with wired() as (wire, _):
        own = source_at(wire.url.replace("//", "//u:p%40@"))
        await get(own)
        await own.aclose()
        assert wire.requests[0][1]["authorization"] == "Basic dTpwQA=="
        assert "u:p" not in wire.requests[0][1]["host"]


@pytest.mark.parametrize(
    ("link", "following"),
    [
        ('</pages?c=a%2Fb,%2C>; rel="next"', "$URL/pages?c=a%2Fb,%2C"),
        ('<?c=2>; rel=next, <?c=9>; rel="last"', "$URL/v1/things?c=2"),
        ('<a>; rel="prev"; title="x", <$URL/b>; title="next"; rel="nofollow next"', "$URL/b"),
        ('<a>; rel="last", <b>; rel="next-page"', None),
        ("nonsense", None),
    ],
)
async def test_the_next_page_is_the_one_linked(link: str, following: str | None) -> None:
    async with wired("/v1") as (wire, source):
        wire.lay("/v1/things", Link=link.replace("$URL", wire.url))
        reply = await get(source)
        assert reply.following == (following and following.replace("$URL", wire.url))
        if reply.following:
            wire.lay("/pages")
            wire.lay("/b")
            await get(source, reply.following)
            assert wire.requests[1][0] == reply.following.removeprefix(wire.url)


@pytest.mark.parametrize("address", ["http://127.0.0.2/x", "http://127.0.0.1/x", "http://[::1", "http://u@evil/"])
async def test_another_host_is_not_asked(address: str) -> None:
    async with wired() as (_, source):
        with pytest.raises(SourceError, match="another host"):
            await get(source, address)


def test_a_next_page_without_encryption_is_asked_with_it() -> None:
    addresses = Addresses("s", "https://Office.example:443/v1", "sources.toml: sources.s")
    assert addresses.of("http://office.example/v1/x?c=1#f", None) == "/v1/x?c=1"
    assert addresses.encrypted
    assert addresses.reach == ("office.example", 443)


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://x:99999", "http://[", "x"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(SourcesMisconfigured, match="no http or https address"):
        source_at(url)
