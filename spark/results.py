"""Results in Parquet: one row an enterprise, with all that is needed to explain its score again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from scoring.inputs import Moment
from scoring.results import WITH_VALUE, Results
from scoring.scheme import Scheme
from spark.kinds import ALTERNATIVE, FLAG, MISSING, NUMBER, TIER, VERDICT, Kind, points, struct, words


class Form:
    """The columns of one scheme's results, each by the name of what it holds in `scoring.results.Results`."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        stages = scheme.stages
        earned = points(scheme.decimals)
        self.plain: dict[str, tuple[str, Kind]] = {
            "stage": ("stage", words(_ids(stages.stages) if stages else [], 0, np.int8)),
            "total": ("total", earned),
            "passed": ("passed", VERDICT),
            "ranked": ("ranked", FLAG),
        }
        members: dict[str, tuple[Sequence[str], Kind]] = {
            "stage_values": (_ids(stages.by) if stages else [], NUMBER),
            "stage_reasons": (_ids(stages.by) if stages else [], MISSING),
            "groups": (_ids(scheme.groups), earned),
            "floors": ([f"floor_{n}" for n, _ in enumerate(scheme.floors, 1)], VERDICT),
            "vetoes": (_ids(scheme.vetoes), VERDICT),
            "direct": (_ids(scheme.direct), VERDICT),
        }
        self.members = members
        self.indicators = _ids(scheme.indicators)
        self.indicator: dict[str, tuple[str, Kind]] = {
            "points": ("points", earned),
            "maximum": ("maxima", earned),
            "value": ("values", NUMBER),
            "missing": ("reasons", MISSING),
            "tier": ("tiers", TIER),
            "alternative": ("chosen", ALTERNATIVE),
        }

    def schema(self) -> Any:
        """Return the names and types of the columns; Parquet knows no structures without members."""
        indicator = pa.struct([(part, kind.type) for part, (_, kind) in self.indicator.items()])
        structs = {of: pa.struct([(id_, kind.type) for id_ in ids]) for of, (ids, kind) in self.members.items() if ids}
        if self.indicators:
            structs["indicators"] = pa.struct([(id_, indicator) for id_ in self.indicators])
        plain = {name: kind.type for name, (_, kind) in self.plain.items()}
        return pa.schema({"uscc": pa.string(), **plain, **structs})

    def batch(self, results: Results) -> Any:
        """Return results as a batch."""
        columns = {"uscc": pa.array(results.enterprises.tolist(), pa.string())}
        columns |= {name: kind.write(getattr(results, held)) for name, (held, kind) in self.plain.items()}
        for of, (ids, kind) in self.members.items():
            if ids:
                columns[of] = struct(dict(zip(ids, map(kind.write, getattr(results, of)), strict=True)))
        if self.indicators:
            columns["indicators"] = struct({id_: self._indicator(results, n) for n, id_ in enumerate(self.indicators)})
        return pa.RecordBatch.from_pydict(columns, schema=self.schema())

    def results(self, moment: Moment, table: Any) -> Results:
        """Return the results in a table, in its order: the same, bit for bit, as those that it was made of."""
        size = table.num_rows
        held = {name: table.column(name).combine_chunks() for name in self.schema().names}
        found = {name: kind.read(held[column]) for column, (name, kind) in self.plain.items()}
        for of, (ids, kind) in self.members.items():
            found[of] = _rows([kind.read(pc.struct_field(held[of], id_)) for id_ in ids], kind, size)
        for part, (name, kind) in self.indicator.items():
            read = [kind.read(pc.struct_field(held["indicators"], [id_, part])) for id_ in self.indicators]
            found[name] = _rows(read, kind, size)
        scheme = self.scheme
        enterprises = np.array(held["uscc"].to_pylist(), np.str_)
        return Results(scheme.id, scheme.version, scheme.digest, moment, enterprises, **found)

    def _indicator(self, results: Results, place: int) -> Any:
        parts = {part: kind.write(getattr(results, held)[place]) for part, (held, kind) in self.indicator.items()}
        parts["value"] = pa.array(results.values[place], mask=~np.isin(results.reasons[place], WITH_VALUE))
        return struct(parts)


def _ids(named: Sequence[Any]) -> list[str]:
    return [one.names.id for one in named]


def _rows(read: list[NDArray[Any]], kind: Kind, size: int) -> NDArray[Any]:
    return np.stack(read) if read else kind.read(pa.array([], kind.type)).reshape(0, size)
