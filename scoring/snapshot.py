"""What is kept of an evaluation, so that it can be computed and explained again years later, bit for bit.

A snapshot is `INNOGRAPH-SCORES` and a version byte, the SHA-256 of its content (32 bytes), the length of the content
(8 bytes, little-endian), and the content compressed by zlib. The content is the length of its head (4 bytes,
little-endian), the head, and the arrays that the head names, one after the other. The head is JSON in UTF-8 with sorted
keys: what kind of snapshot it is, scheme, version, digest and moment, the enterprises, and for each array its name,
type (NumPy's, little-endian) and shape. An array is written byte by byte: the first byte of all its numbers, then the
second of all, and so on, which packs better and faster. Enterprises are in the order of their codes, so that the same
inputs give the same content in whatever order they came. The digest is that of the content: another zlib may compress
otherwise, but what is in a snapshot has one digest everywhere.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from hashlib import sha256
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.errors import SnapshotUnreadable
from scoring.inputs import Column, Inputs, Moment
from scoring.results import Results

MAGIC = b"INNOGRAPH-SCORES\x01"
LARGEST = 2**32
"""Bytes of content up to which a snapshot is unpacked."""
_ABOUT = len(MAGIC) + 32 + 8
_TYPES = ("<f8", "<i4", "|i1", "|u1", "|b1")
_HEADED = frozenset(("scheme", "version", "digest", "moment", "enterprises"))


def packed(inputs: Inputs) -> bytes:
    """Return the snapshot of inputs."""
    arrays = {
        f"{name}.{part}": getattr(c, part) for name, c in inputs.columns.items() for part in ("values", "reasons")
    }
    return _sealed(_content("inputs", inputs, arrays))


def unpacked(snapshot: bytes) -> Inputs:
    """Return the inputs of a snapshot, in the order of credit codes; raise SnapshotUnreadable if it is none."""
    head, arrays = _opened(snapshot, "inputs")
    names = sorted({name.rpartition(".")[0] for name in arrays})
    columns = {name: Column(arrays[f"{name}.values"], arrays[f"{name}.reasons"]) for name in names}
    return Inputs(columns=columns, **_headed(head))


def packed_results(results: Results) -> bytes:
    """Return the snapshot of results."""
    arrays = {f.name: getattr(results, f.name) for f in fields(results) if f.name not in _HEADED}
    return _sealed(_content("results", results, arrays))


def unpacked_results(snapshot: bytes) -> Results:
    """Return the results of a snapshot, in the order of credit codes; raise SnapshotUnreadable if it is none."""
    head, arrays = _opened(snapshot, "results")
    return Results(**_headed(head), **arrays)


def digest(snapshot: bytes) -> str:
    """Return the SHA-256 of what is in a snapshot; equal for equal inputs, or for equal results."""
    _check_begin(snapshot)
    return snapshot[len(MAGIC) : len(MAGIC) + 32].hex()


def _content(kind: str, of: Inputs | Results, arrays: Mapping[str, NDArray[Any]]) -> bytes:
    order = np.argsort(of.enterprises, kind="stable")
    sorted_arrays = {name: _canonical(arrays[name][..., order]) for name in sorted(arrays)}
    head = {
        "kind": kind,
        "scheme": of.scheme,
        "version": of.version,
        "digest": of.digest,
        "period": of.moment.period,
        "year": of.moment.year,
        "day": of.moment.day.isoformat(),
        "enterprises": of.enterprises[order].tolist(),
        "arrays": [[name, array.dtype.str, list(array.shape)] for name, array in sorted_arrays.items()],
    }
    text = json.dumps(head, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    return b"".join((len(text).to_bytes(4, "little"), text, *(_planes(array) for array in sorted_arrays.values())))


def _canonical(array: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<"))


def _planes(array: NDArray[Any]) -> bytes:
    return array.view(np.uint8).reshape(-1, array.itemsize).T.tobytes() if array.size else b""


def _sealed(content: bytes) -> bytes:
    seal = sha256(content).digest()
    return b"".join((MAGIC, seal, len(content).to_bytes(8, "little"), zlib.compress(content, 1)))


def _check_begin(snapshot: bytes) -> None:
    if len(snapshot) <= _ABOUT or not snapshot.startswith(MAGIC):
        raise SnapshotUnreadable("these bytes do not begin as a snapshot of scores of version 1")


def _opened(snapshot: bytes, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    _check_begin(snapshot)
    size = int.from_bytes(snapshot[len(MAGIC) + 32 : _ABOUT], "little")
    if not 4 <= size <= LARGEST:
        raise SnapshotUnreadable(f"the snapshot says that it holds {size:,} bytes; up to {LARGEST:,} are read")
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(snapshot[_ABOUT:], size)
    except zlib.error as error:
        raise SnapshotUnreadable(f"the snapshot was cut or changed ({error})") from error
    if len(content) != size or sha256(content).hexdigest() != digest(snapshot):
        raise SnapshotUnreadable("the snapshot was cut or changed: its digest is not that of its content")
    try:
        start = 4 + int.from_bytes(content[:4], "little")
        head: dict[str, Any] = json.loads(content[4:start])
        found, arrays = head["kind"], dict(_arrays(content, start, head))
    except (KeyError, TypeError, ValueError) as error:
        raise SnapshotUnreadable(f"the snapshot is sealed, but not laid out as one of version 1 ({error})") from error
    if found != kind:
        raise SnapshotUnreadable(f"this is a snapshot of {found}, not of {kind}")
    return head, arrays


def _arrays(content: bytes, start: int, head: Mapping[str, Any]) -> Iterator[tuple[str, NDArray[Any]]]:
    for name, type_, shape in head["arrays"]:
        if type_ not in _TYPES:
            raise SnapshotUnreadable(f"the snapshot has an array of the unknown type {type_!r}")
        type_of, count = np.dtype(type_), prod(shape)
        planes = np.frombuffer(content, np.uint8, count * type_of.itemsize, start)
        start += planes.nbytes
        numbers = np.ascontiguousarray(planes.reshape(type_of.itemsize, count).T)
        yield name, numbers.reshape(-1).view(type_of).reshape(shape)


def _headed(head: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "scheme": head["scheme"],
        "version": head["version"],
        "digest": head["digest"],
        "moment": Moment(head["period"], head["year"], date.fromisoformat(head["day"])),
        "enterprises": np.array(head["enterprises"], np.str_),
    }
