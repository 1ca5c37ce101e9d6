"""The hash tree: known answers of RFC 6962's reference, and every size against the definition written out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.audit.tree import Frontier, Hashing, consistency, consistent, included, inclusion, root_of

SHA = Hashing.SHA256
RECORDS = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
"""The records of the Certificate Transparency reference tests, with their roots."""
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def naive(hashing: Hashing, leaves: Sequence[bytes]) -> bytes:
    """The definition of RFC 6962 §2.1, over hashes of leaves."""
    if not leaves:
        return hashing.digest(b"")
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashing.digest(b"\1" + naive(hashing, leaves[:split]) + naive(hashing, leaves[split:]))


def test_the_roots_are_those_of_the_reference() -> None:
    leaves = [SHA.leaf(record) for record in RECORDS]
    assert root_of(SHA, []).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert [root_of(SHA, leaves[: n + 1]).hex() for n in range(len(leaves))] == list(ROOTS)


def test_the_proofs_are_those_of_the_reference() -> None:
    leaves = [SHA.leaf(record) for record in RECORDS]
    path = inclusion(5, 8, lambda begin, end: naive(SHA, leaves[begin:end]))
    assert [step.hex() for step in path] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    path = consistency(6, 8, lambda begin, end: naive(SHA, leaves[begin:end]))
    assert [step.hex() for step in path] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_sm3_is_that_of_the_standard() -> None:
    """GB/T 32905-2016, appendix A.1."""
    assert Hashing.SM3.named(b"abc") == "SM3:66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


@pytest.mark.parametrize("hashing", Hashing)
def test_every_small_tree_is_as_defined_and_proves_each_leaf_and_each_beginning(hashing: Hashing) -> None:
    leaves = [hashing.leaf(bytes((n,))) for n in range(35)]
    for size in range(1, len(leaves) + 1):
        root = naive(hashing, leaves[:size])
        assert root_of(hashing, leaves[:size]) == root
        for place in range(size):
            path = inclusion(place, size, lambda begin, end: naive(hashing, leaves[begin:end]))
            assert included(hashing, leaves[place], place, size, path, root)
            assert not included(hashing, leaves[place - 1], place, size, path, root) or size == 1
            assert not included(hashing, leaves[place], place, size, [*path, root], root)
        for first in range(1, size + 1):
            path = consistency(first, size, lambda begin, end: naive(hashing, leaves[begin:end]))
            old = naive(hashing, leaves[:first])
            assert consistent(hashing, first, old, size, root, path)
            assert not consistent(hashing, first, leaves[34][::-1], size, root, path)


@given(st.integers(0, 6), st.lists(st.binary(max_size=3), max_size=90), st.integers(0, 40))
def test_a_tree_grows_by_whole_subtrees_as_by_leaves(level: int, records: list[bytes], more: int) -> None:
    width = 1 << level
    leaves = [SHA.leaf(record) for record in records]
    whole = len(leaves) // width * width
    frontier = Frontier(SHA)
    for begin in range(0, whole, width):
        frontier = frontier.append(naive(SHA, leaves[begin : begin + width]), level)
    for leaf in leaves[whole:]:
        frontier = frontier.append(leaf)
    assert frontier.size == len(leaves)
    assert frontier.root() == naive(SHA, leaves)
    if more and frontier.size % width:
        with pytest.raises(ValueError, match="does not begin at place"):
            frontier.append(leaves[0], level)


@given(st.lists(st.binary(max_size=3), min_size=2, max_size=60), st.data())
def test_no_proof_holds_for_a_tree_in_which_something_was_changed(records: list[bytes], data: st.DataObject) -> None:
    leaves = [SHA.leaf(record) for record in records]
    place = data.draw(st.integers(0, len(leaves) - 1))
    path = inclusion(place, len(leaves), lambda begin, end: naive(SHA, leaves[begin:end]))
    changed = data.draw(st.integers(0, len(leaves) - 1))
    forged = [*leaves[:changed], SHA.leaf(b"forged"), *leaves[changed + 1 :]]
    assert not included(SHA, leaves[place], place, len(leaves), path, naive(SHA, forged))
    assert included(SHA, leaves[place], place, len(leaves), path, naive(SHA, leaves))


def test_a_tree_of_the_wrong_peaks_is_refused() -> None:
    with pytest.raises(ValueError, match="has 2 peaks, not 0"):
        Frontier(SHA, 3)
    with pytest.raises(ValueError, match="has none at place 3"):
        inclusion(3, 3, lambda _begin, _end: b"")
    with pytest.raises(ValueError, match="beginning"):
        consistency(4, 3, lambda _begin, _end: b"")
