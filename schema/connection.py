"""Relay connections: pages with stable cursors."""

from __future__ import annotations

from typing import Generic, TypeVar

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.cost import costing
from schema.declaring import answered, declared

NodeType = TypeVar("NodeType")

DEFAULT_PAGE = 20
"""Members of a page whose reader does not say how many."""


@strawberry.type(description="Where a page stands in the whole.", directives=[*data(DataGroup.PUBLIC), *costing(0)])
class PageInfo:
    """Where a page stands in the whole."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(description="A member of a page and its cursor.", directives=[*data(DataGroup.PUBLIC), *costing(0)])
class Edge(Generic[NodeType]):
    """A member of a page and its cursor."""

    cursor: str
    node: NodeType


@strawberry.type(description="One page of a list.", directives=[*data(DataGroup.PUBLIC), *costing(0)])
class Connection(Generic[NodeType]):
    """One page of a list."""

    edges: list[Edge[NodeType]]
    nodes: list[NodeType]
    page_info: PageInfo

    @declared("How many there are on all pages; counted only when asked for.", costing(10))
    def total_count(self) -> int:
        """How many there are on all pages."""
        answered()
