"""A schema with everything that hurts, and values for it that are good or bad by a hash of where they stand."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, NewType

import msgspec
import strawberry
from strawberry.schema.config import StrawberryConfig

from connectors.errors import SourceTimeout
from connectors.outcomes import Absent, Typed
from resolvers.binding import Batch, Graph, Group, Part
from resolvers.request import Ask, BadInput
from schema.declaring import answered, declared


@strawberry.enum
class Colour(Enum):
    """An enumeration whose values are its names."""

    RED = "RED"
    GREEN = "GREEN"


@strawberry.enum
class Size(Enum):
    """An enumeration whose values are not its names."""

    SMALL = 1
    LARGE = 2


Even = NewType("Even", int)


def _even(value: Any) -> int:
    if not isinstance(value, int) or value % 2:
        raise ValueError(f"{value!r} is not even")
    return value


EVEN = strawberry.scalar(name="Even", serialize=_even, parse_value=_even)


@strawberry.input
class Wish:
    """An input object with a default and a list."""

    limit: int = 2
    colours: list[Colour] | None = None
    text: str | None = None


@strawberry.interface
class Named:
    """An interface."""

    id: strawberry.ID
    label: str | None


@strawberry.type
class Leaf(Named):
    """All leaf types, nullable and not, in lists and in lists of lists."""

    text: str
    number: int
    maybe_number: int | None
    amount: Decimal | None
    ratio: float | None
    flag: bool | None
    day: date | None
    moment: datetime | None
    colour: Colour | None
    size: Size
    even: Even | None
    texts: list[str] | None
    numbers: list[int | None]
    grid: list[list[int]] | None
    hue: list[Colour | None] | None


@strawberry.type
class Stone(Named):
    """A type of little."""

    weight: float


Anything = Annotated[Leaf | Stone, strawberry.union("Anything")]


@strawberry.type
class Branch(Named):
    """Objects in all positions."""

    title: str
    leaf: Leaf | None
    sure_leaf: Leaf
    leaves: list[Leaf]
    maybe_leaves: list[Leaf | None] | None
    rows: list[list[Leaf | None]] | None
    sure_rows: list[list[Leaf]]
    parent: Branch | None
    anything: Anything | None
    everything: list[Anything]
    named: Named | None
    names: list[Named]
    grouped: str | None
    sure_grouped: int
    group_leaf: Leaf | None

    @declared("Arguments of all kinds.")
    def echo(
        self,
        text: str = "none",
        number: int | None = None,
        ids: list[strawberry.ID] | None = None,
        colour: Colour | None = None,
        wish: Wish | None = None,
    ) -> str | None:
        """Arguments of all kinds."""
        answered()

    @declared("Leaves, as many as are wished for.")
    def some(self, wish: Wish | None = None, first: int = 2) -> list[Leaf | None] | None:
        """Leaves, as many as are wished for."""
        answered()


@strawberry.type
class Query:
    """The root."""

    branch: Branch | None
    sure_branch: Branch
    branches: list[Branch | None] | None
    sure_branches: list[Branch]
    anything: Anything | None
    leaf: Leaf | None

    @declared("By identity.")
    def named(self, id: strawberry.ID) -> Named | None:
        """By identity."""
        answered()


class Twig:
    """A branch: an object of the hub's own."""

    def __init__(self, id: str) -> None:
        """Begin with its identity."""
        self.id = id


class BranchRecord(msgspec.Struct, frozen=True):
    """A branch as a record."""

    id: str


class Pebble(Typed, frozen=True):
    """A stone decoded by its types."""

    id: str
    label: str | None
    weight: float


@dataclass(frozen=True)
class Values:
    """Values by a hash of the seed and of where they stand, so that both engines see the same."""

    seed: int
    bad: float
    """The share of values that are not what the schema says."""

    def chance(self, *place: Any) -> float:
        """Return a number from 0 to 1 that belongs to a place."""
        digest = hashlib.blake2b(repr((self.seed, place)).encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") / 2**64

    def pick(self, options: Sequence[Any], *place: Any) -> Any:
        """Return one of the options."""
        return options[int(self.chance("pick", *place) * len(options))]

    def spoiled(self, value: Any, *place: Any) -> Any:
        """Return a value, or what should not be in its place."""
        if self.chance("bad", *place) >= self.bad:
            return value
        return self.pick(
            (
                None, None, "text", 2**40, float("nan"), float("inf"), 1.5, True, object, [1], ("a", None), [[None]],
                Absent.NOT_FOUND, Absent.NOT_SHARED, SourceTimeout("far", "is late"), BadInput("no"), RuntimeError("x"),
            ),
            "what", *place,
        )  # fmt: skip

    def leaf(self, *place: Any) -> Any:
        """Return a leaf: a record with good and bad fields."""
        name = hashlib.blake2b(repr((self.seed, place)).encode(), digest_size=4).hexdigest()
        good = {
            "text": "文本", "number": 7, "maybe_number": None, "amount": Decimal("1.50"), "ratio": 0.25, "flag": False,
            "day": date(2024, 2, 29), "moment": datetime(2024, 2, 29, 1, 2, tzinfo=UTC) + timedelta(seconds=5),
            "colour": Colour.GREEN, "size": Size.LARGE, "even": 4, "texts": ["a", "b"], "numbers": [1, None, 3],
            "grid": [[1, 2], []], "hue": (Colour.RED, None), "label": "l",
        }  # fmt: skip
        return LeafRecord(id=f"Leaf:{name}", **{k: self.spoiled(v, name, k) for k, v in good.items()})

    def branch(self, *place: Any) -> Any:
        """Return a branch, of one of two classes."""
        name = hashlib.blake2b(repr((self.seed, place)).encode(), digest_size=4).hexdigest()
        return self.pick((Twig, BranchRecord), name)(f"Branch:{name}")


_LEAF: Any = Leaf
LeafRecord = msgspec.defstruct(
    "LeafRecord",
    ["id", *(f.python_name for f in _LEAF.__strawberry_definition__.fields if f.python_name != "id")],
    frozen=True,
)


def build_schema() -> strawberry.Schema:
    """Return the schema."""
    return strawberry.Schema(Query, types=[Leaf, Branch, Stone], config=StrawberryConfig(scalar_map={Even: EVEN}))


_KINDS = {"leaf": ("leaf",), "branch": ("branch",), "any": ("leaf", "stone"), "named": ("leaf", "stone", "branch")}


def graph(values: Values) -> Graph:
    """Return what answers the schema with these values: the same records each time, as of a source that is kept."""
    kept: dict[Any, Any] = {}

    def made(kind: str, *place: Any) -> Any:
        kind = {
            "any": values.pick(("leaf", "stone"), *place),
            "named": values.pick(("leaf", "stone", "branch"), *place),
        }.get(kind, kind)
        if kind == "leaf":
            return values.leaf(*place)
        return Pebble(f"Stone:{place}", None, 1.5) if kind == "stone" else values.branch(*place)

    def shaped(kind: str, depth: int, *place: Any) -> Any:
        if (kind, depth, *place) not in kept:
            kept[kind, depth, *place] = anew(kind, depth, *place)
        return kept[kind, depth, *place]

    def anew(kind: str, depth: int, *place: Any) -> Any:
        if depth:
            length = int(values.chance("length", *place) * 4)
            many = [shaped(kind, depth - 1, *place, n) for n in range(length)]
            return values.spoiled(values.pick((list, tuple), *place)(many), *place)
        return values.spoiled(made(kind, *place), "object", *place)

    def batch(name: str, kind: str, depth: int, at_once: bool) -> Batch:
        def answer(ask: Ask, **given: Any) -> list[Any]:
            if values.chance("whole", name, len(ask.parents)) < values.bad / 3:
                raise SourceTimeout("far", "is late for all")
            return [shaped(kind, depth, name, getattr(p, "id", None), repr(given)) for p in ask.parents]

        async def later(ask: Ask, **given: Any) -> list[Any]:
            return answer(ask, **given)

        return Batch(answer if at_once else later)

    async def echo(ask: Ask, **given: Any) -> list[Any]:
        return [f"{p.id} {sorted(given.items(), key=str)}" for p in ask.parents]

    async def record(ask: Ask, fields: frozenset[str]) -> list[Any]:
        def one(place: str) -> Any:
            if place not in kept:
                grouped = Grouped(values.leaf("g", place), *(values.spoiled(5, n, place) for n in "ab"))
                kept[place] = values.spoiled(grouped, place)
            return kept[place]

        return [x if isinstance(x := one(p.id), Grouped | Absent | Exception) else None for p in ask.parents]

    def title(_request: Any, identity: str) -> Any:
        if values.chance("title", identity) < values.bad:
            raise RuntimeError("unreadable")
        return values.spoiled(f"T {identity}", "t", identity)

    shapes = {"leaf": 0, "sureLeaf": 0, "leaves": 1, "maybeLeaves": 1, "rows": 2, "sureRows": 2, "some": 1}
    group = Group(
        "group", record, {"grouped": Part(("a",), _text), "sureGrouped": Part(("b",)), "groupLeaf": Part(("leaf",))}
    )
    return Graph(
        batches={
            "Query.branch": batch("branch", "branch", 0, False),
            "Query.sureBranch": batch("sureBranch", "branch", 0, True),
            "Query.branches": batch("branches", "branch", 1, False),
            "Query.sureBranches": batch("sureBranches", "branch", 1, True),
            "Query.anything": batch("anything", "any", 0, False),
            "Query.leaf": batch("leaf", "leaf", 0, True),
            "Query.named": batch("named", "named", 0, False),
            **{f"Branch.{n}": batch(n, "leaf", d, n in ("leaves", "rows")) for n, d in shapes.items()},
            "Branch.parent": batch("parent", "branch", 0, False),
            "Branch.anything": batch("anything", "any", 0, True),
            "Branch.everything": batch("everything", "any", 1, False),
            "Branch.named": batch("named", "named", 0, False),
            "Branch.names": batch("names", "named", 1, True),
            "Branch.echo": Batch(echo),
        },
        parts={"Branch.title": Part(("id",), title), "Branch.label": Part(("id",))},
        groups={"Branch": (group,)},
        records={},
        types={Twig: "Branch", BranchRecord: "Branch", LeafRecord: "Leaf", Pebble: "Stone"},
    )  # fmt: skip


class Grouped(msgspec.Struct, frozen=True):
    """The record of a group."""

    leaf: Any
    a: Any
    b: Any


def _text(_request: Any, value: Any) -> Any:
    return str(value) if isinstance(value, int) else value
