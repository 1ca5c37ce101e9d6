"""What has been written of records before: it stands for the same records alone, is bounded, and never changes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest

from resolvers.execution.encoding import encoded
from resolvers.execution.texts import Texts
from tests.resolvers.test_engine import REGISTERED, SCORED, asked, over_files

PAGE = '{ enterprisesByUscc(usccs: ["A", "B"]) { name nameEn score { total indicators { key } } } }'


class Odd:
    """A value that only the slow encoder writes."""

    def __str__(self) -> str:
        return "odd"


class Record(msgspec.Struct, frozen=True):
    """What a source gave."""

    name: str


class Maker:
    """Makes objects of records, and counts how many times."""

    def __init__(self, constant: bool = True) -> None:
        self.calls = 0
        self._constant = constant

    def counted(self) -> bool:
        """Count one more making; return whether what is made is all there is to it."""
        self.calls += 1
        return self._constant

    def __call__(self, texts: Texts, records: Sequence[Record], number: int = 0) -> list[Any]:
        """Return what goes out for records."""

        def make() -> tuple[Sequence[Any], bool]:
            return [{"name": record.name} for record in records], self.counted()

        found: list[Any] = orjson.loads(encoded(texts.of(number, [records], make)))
        return found


def named(*names: str) -> list[Record]:
    """Records of these names."""
    return [Record(name) for name in names]


def test_the_same_records_are_made_once_written_once_and_then_taken() -> None:
    texts, make, records = Texts(), Maker(), named("甲", "乙")
    assert [make(texts, records) for _ in range(5)] == [[{"name": "甲"}, {"name": "乙"}]] * 5
    assert make.calls == 2
    assert len(texts) == 2


def test_of_records_that_come_once_only_nothing_is_kept() -> None:
    texts, make = Texts(), Maker()
    for number in range(3000):
        assert make(texts, named(str(number), "x")) == [{"name": str(number)}, {"name": "x"}]
    assert make.calls == 3000
    assert len(texts) == 0


def test_equal_records_are_not_the_same_and_other_code_writes_other_texts() -> None:
    texts, make, records = Texts(), Maker(), named("甲")
    for _ in range(3):
        make(texts, records)
    assert make.calls == 2
    make(texts, named("甲"))
    make(texts, records, number=1)
    assert make.calls == 4


def test_records_among_known_ones_are_written_when_they_come() -> None:
    texts, make, (first, second, third) = Texts(), Maker(), named("1", "2", "3")
    for _ in range(3):
        make(texts, [first, second])
    assert make(texts, [first, third, second]) == [{"name": "1"}, {"name": "3"}, {"name": "2"}]
    assert make.calls == 3
    make(texts, [third, first])
    assert make.calls == 3


def test_what_had_an_error_or_an_absence_is_made_each_time() -> None:
    texts, make, records = Texts(), Maker(constant=False), named("甲")
    for _ in range(4):
        make(texts, records)
    assert make.calls == 4
    assert len(texts) == 0


def test_what_only_the_slow_encoder_writes_is_made_each_time() -> None:
    texts, records, calls = Texts(), named("甲"), []

    def make() -> tuple[Sequence[Any], bool]:
        calls.append(1)
        return [{"n": Odd()}], True

    assert [orjson.loads(encoded(texts.of(0, [records], make))) for _ in range(3)] == [[{"n": "odd"}]] * 3
    assert len(calls) == 3
    written = texts.of(1, [records], lambda: ([{"a": 1}], True))
    written = texts.of(1, [records], lambda: ([{"a": 1}], True))
    assert orjson.loads(encoded({"a": written, "n": Odd()})) == {"a": [{"a": 1}], "n": "odd"}


def test_texts_are_bounded_and_those_used_lately_stay() -> None:
    texts, make, favourite = Texts(100_000), Maker(), named("always")
    held = [named(str(number)) for number in range(2000)]
    for records in held:
        for _ in range(2):
            make(texts, records)
            make(texts, favourite)
        assert len(texts) < 250
    calls = make.calls
    make(texts, favourite)
    assert make.calls == calls
    make(texts, held[0])
    assert make.calls == calls + 1


@pytest.mark.parametrize("exact", [True, False], ids=["exact", "mapped"])
async def test_a_page_is_the_same_each_time_and_another_once_its_source_delivers_anew(
    tmp_path: Path, exact: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.files._LOOK_EVERY", 0)
    engine = over_files(tmp_path, exact=exact)

    async def page() -> Any:
        return (await asked(engine, PAGE))["data"]

    first = await page()
    assert [one["name"] for one in first["enterprisesByUscc"]] == ["甲", "乙"]
    assert [await page() for _ in range(5)] == [first] * 5
    assert len(engine.texts) > 0
    (tmp_path / "legal.json").write_text(orjson.dumps([{**REGISTERED[0], "name": "丙"}, REGISTERED[1]]).decode())
    (tmp_path / "scores.json").write_text(orjson.dumps([SCORED[0], {**SCORED[1], "total": 9.0}]).decode())
    again = await page()
    assert [one["name"] for one in again["enterprisesByUscc"]] == ["丙", "乙"]
    assert again["enterprisesByUscc"][1]["score"]["total"] == 9.0
    assert [await page() for _ in range(3)] == [again] * 3


def listed(texts: Texts, make: Maker, records: Sequence[Record], number: int = 0) -> Any:
    """Return what goes out for a list of records: a text, or one thing for each."""
    return texts.of_list(number, [records], lambda: ([{"name": one.name} for one in records], make.counted()))


def test_a_list_that_is_met_again_is_one_text() -> None:
    """Of the same records in the same order; what goes out is the same before and after."""
    texts, make, records = Texts(), Maker(), named("甲", "乙", "丙")
    found = [listed(texts, make, records) for _ in range(6)]
    assert {encoded(one) for one in found} == {encoded([{"name": "甲"}, {"name": "乙"}, {"name": "丙"}])}
    assert [type(one) is msgspec.Raw for one in found] == [False, False, True, True, True, True]
    assert make.calls == 2
    for other in (records[::-1], records[:2], [*records, records[0]]):
        assert encoded(listed(texts, make, other)) == encoded([{"name": one.name} for one in other])
    assert make.calls == 2, "its objects are known"
    assert encoded(listed(texts, make, records, number=1)) == encoded(found[0])
    assert make.calls == 3


def test_a_list_of_one_is_told_from_its_object() -> None:
    texts, make, records = Texts(), Maker(), named("甲")
    for _ in range(5):
        assert encoded(listed(texts, make, records)) == b'[{"name":"\xe7\x94\xb2"}]'
        assert make(texts, records) == [{"name": "甲"}]


def test_lists_are_bounded_with_their_objects_and_one_that_had_an_error_is_made_each_time() -> None:
    texts, make = Texts(100_000), Maker()
    held = [named(*(f"{number} {place}" for place in range(10))) for number in range(300)]
    for records in held:
        for _ in range(4):
            assert orjson.loads(encoded(listed(texts, make, records))) == [{"name": one.name} for one in records]
        assert len(texts) < 250
    failing = Maker(constant=False)
    for _ in range(4):
        assert type(listed(texts, failing, held[0], number=1)) is list
    assert failing.calls == 4
