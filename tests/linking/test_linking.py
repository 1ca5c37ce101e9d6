"""A system that the hub has never seen is in the graph by `sources new` and `sources check`, without Python."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shlex
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from rich.console import Console

from connectors.config import load
from tests.consenting import ZHONGJIALI as B
from tests.linking.guiding import BOTH, START, asked, checked, linked, run
from tests.world import CHUJINGLING as A

ROOT = Path(__file__).parent.parent.parent


def test_a_database(sources: Path, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "insurer.sqlite") as database:
        database.execute("CREATE TABLE cover (credit_code VARCHAR(18) PRIMARY KEY, sum_wan NUMERIC(12,2), since DATE)")
        database.execute("INSERT INTO cover VALUES (?, 250.5, '2023-01-02'), (?, NULL, '2022-03-04')", (A, B))
        database.execute("CREATE TABLE staff (id INTEGER PRIMARY KEY, name TEXT)")
        database.execute("CREATE TABLE t_visits (id INTEGER PRIMARY KEY, code VARCHAR(18), note TEXT, day DATE)")
        database.executemany("INSERT INTO t_visits (code, note) VALUES (?, ?)", [(A, "one"), (A, "two"), (B, "three")])
    address = f"sqlite+aiosqlite:///{tmp_path}/insurer.sqlite"
    words = ("insurer", "--kind", "sql", "--at", address, "--set", "group=CREDIT")
    said = linked(sources, *words, "--set", "type=ExportCover", "--set", "place=cover").output
    assert f'{{ enterprise(uscc: "{A}") {{ name cover {{ sum since }} }} }}' in said
    told = checked("insurer")
    assert told["sum"]["expected"] == "amount in 万元"
    assert (told["sum"]["coverage"], told["since"]["coverage"]) == (0.5, 1.0)
    assert asked(sources, f"{{ {BOTH} {{ name cover {{ sum since source {{ kind }} }} }} }}") == {
        "enterprisesByUscc": [
            {
                "name": "甲",
                "cover": {"sum": "2505000.00", "since": "2023-01-02", "source": {"kind": "sql"}},
            },
            {"name": "乙", "cover": {"sum": None, "since": "2022-03-04", "source": {"kind": "sql"}}},
        ]
    }
    printed = run("schema", "print", "--declared").stdout
    assert "cover: ExportCover @data(group: CREDIT" in printed
    linked(
        sources, "visitors", *words[1:], "--table", "t_visits", "--set", "collection=new"
    )  # numbered lines, found by another column
    assert asked(sources, f"{{ {BOTH} {{ visits {{ note }} }} }}") == {
        "enterprisesByUscc": [{"visits": [{"note": "one"}, {"note": "two"}]}, {"visits": [{"note": "three"}]}]
    }
    text = sources.read_text(encoding="utf-8")
    sources.write_text(text.replace('table = "t_visits"', 'table = "t_visits"\nkey_type = "integer"'), encoding="utf-8")
    silent = json.loads(run("sources", "check", "visitors", "--json").stdout)["collections"][0]
    assert (silent["records"], silent["ok"]) == (0, False)
    assert "2 keys that have records were answered with none; check `key` (of a database also `key_type`)" in str(
        silent
    )


def test_a_delivered_file_becomes_what_the_hub_has_a_name_for(sources: Path, tmp_path: Path) -> None:
    lines = f"统一社会信用代码,年度,营业收入(万元),研发费用\n{A},2022,1200,3000000\n{A},2021,900,-\n{B},2022,5,7\n"
    (tmp_path / "returns.csv").write_text(lines, encoding="utf-8")
    linked(sources, "returns", "--kind", "files", "--at", str(tmp_path / "returns.csv"))
    told = checked("returns")
    assert told["rd_expense"]["coverage"] == pytest.approx(2 / 3)
    assert told["revenue"]["raw"] == "'1200'"
    assert told["revenue"]["read"] == "12000000.00"
    found = asked(sources, f"{{ {BOTH} {{ filings {{ year revenue rdExpense }} }} }}")["enterprisesByUscc"]
    assert found[0]["filings"][1] == {"year": 2021, "revenue": "9000000.00", "rdExpense": None}


def test_a_file_as_spreadsheets_in_china_write_it(sources: Path, tmp_path: Path) -> None:
    (tmp_path / "deliveries").mkdir()
    lines = f"统一社会信用代码,项目,补贴金额（万元）,等级\n{A},技改,10.5,甲\n{B},,3,乙\n"
    (tmp_path / "deliveries" / "补贴.csv").write_bytes(lines.encode("gb18030"))
    words = ("subsidies", "--kind", "files", "--at", str(tmp_path / "deliveries" / "补贴.csv"))
    linked(sources, *words, "--set", "group=CREDIT", "--set", "type=Subsidy")
    assert (load(sources).sources["subsidies"].options["folder"]) == "deliveries"
    assert asked(sources, f"{{ {BOTH} {{ buTie {{ xiangMu buTieJinE grade }} }} }}")["enterprisesByUscc"] == [
        {"buTie": {"xiangMu": "技改", "buTieJinE": "105000.00", "grade": "甲"}},
        {"buTie": {"xiangMu": None, "buTieJinE": "30000.00", "grade": "乙"}},
    ]
    assert '"""补贴金额"""\n  buTieJinE: Decimal' in run("schema", "print", "--declared").stdout


GUARANTEES = f"uscc,sum_wan,since\n{A},250.5,2023-01-02\n{B},,2022-03-04\n"
COVERED = {"enterprisesByUscc": [{"cover": {"sum": "2505000.00"}}, {"cover": {"sum": None}}]}


def test_the_questions_are_answered_by_a_file(sources: Path, tmp_path: Path) -> None:
    (tmp_path / "cover.csv").write_text(GUARANTEES, encoding="utf-8")
    (tmp_path / "answers.toml").write_text(
        """
        title = "Guarantees"
        title_zh = "担保"
        owner = "A fund"
        sharing = "UNCONDITIONAL"
        synthetic = true
        group = "CREDIT"
        [map]
        sum_wan = "sum"
        since = "-"
        """,
        encoding="utf-8",
    )
    words = ("sources", "new", "fund", "--kind", "files", "--at", str(tmp_path / "cover.csv"))
    found = run(*words, "--answers", str(tmp_path / "answers.toml"))
    assert found.exit_code == 0, (found.output, found.exception)
    written = load(sources).sources["fund"]
    assert (written.title, written.title_zh, written.owner, written.synthetic) == ("Guarantees", "担保", "A fund", True)
    assert list(written.collections["cover"].fields) == ["sum"]
    assert asked(sources, f"{{ {BOTH} {{ cover {{ sum }} }} }}") == COVERED
    (tmp_path / "answers.toml").write_text('owner = "o"', encoding="utf-8")
    assert "`group` in --answers" in str(run("sources", "new", "other", *words[3:], "--answers",
                                             str(tmp_path / "answers.toml")).exception)  # fmt: skip


def test_the_questions_are_answered_at_a_terminal(sources: Path, tmp_path: Path) -> None:
    (tmp_path / "cover.csv").write_text(GUARANTEES, encoding="utf-8")
    command = (sys.executable, ROOT / "manage.py", "sources", "new", "fund", "--kind", "files")
    answers = {"responsible": ["A fund"], "data group": ["money", "CREDIT"], "sum_wan (": ["sum"], "since (": ["-"]}
    shown = typed((*command, "--at", tmp_path / "cover.csv"), answers)
    assert "'money' is none of PUBLIC" in shown
    assert "fund feeds cover" in shown
    assert not any(answers.values()), "each was asked for"
    assert load(sources).sources["fund"].owner == "A fund"
    assert asked(sources, f"{{ {BOTH} {{ cover {{ sum }} }} }}") == COVERED


def test_the_hour_of_the_documentation_works_as_it_is_written(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour = (ROOT / "docs" / "linking.md").read_text(encoding="utf-8").split("## The hour")[1].split("\n## ")[0]
    blocks = [textwrap.dedent(block) for block in re.findall(r"^ *```\w*\n(.*?)^ *```", hour, re.DOTALL | re.MULTILINE)]
    lines, command, shown, asking, answer = blocks
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("commands.sources._console", Console(stderr=True, width=200))
    Path("guarantees.csv").write_text(lines, encoding="utf-8")
    said = run(*shlex.split(command)[2:])
    assert said.exit_code == 0, said.output
    for line in shown.replace("demo/sources.toml", str(sources)).splitlines():
        words = re.sub(r"in \d+ ms", "", line).split()
        assert " ".join(words) in " ".join(re.sub(r"[│┃]|in \d+ ms", " ", said.output).split()), line
    query = json.loads(asking.partition("<<'Q'\n")[2].partition("\nQ")[0])["query"]
    assert asked(sources, query) == json.loads(answer)


def typed(command: Sequence[str | Path], answers: Mapping[str, list[str]]) -> str:
    """What a command shows at a terminal, its questions answered by their words, or as it proposes."""
    ours, its = pty.openpty()
    environment = {**os.environ, "TERM": "dumb", "COLUMNS": "200", "LINES": "50"}
    process = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=environment, start_new_session=True)
    os.close(its)
    shown, answered = "", 0
    try:
        while select.select((ours,), (), (), 30)[0]:
            shown += os.read(ours, 4096).decode(errors="replace")
            if shown.endswith(": "):
                question, answered = shown[answered:], len(shown)
                given = next((left.pop(0) for words, left in answers.items() if words in question and left), "")
                os.write(ours, f"{given}\n".encode())
    except OSError:  # the other end is closed: it has ended
        pass
    finally:
        os.close(ours)
    assert process.wait(30) == 0, shown
    return shown


def test_a_wrong_mapping_shows_the_raw_answer_beside_what_was_expected(sources: Path, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(f"uscc,score,town\n{A},good,x\n{B},bad,y\n", encoding="utf-8")
    words = ("c", "--kind", "files", "--at", str(tmp_path / "c.csv"), "--set", "owner=o", "--set", "group=CREDIT")
    wrong = run("sources", "new", *words, "--set", "kind.score=number", "--yes")
    assert wrong.exit_code == 1
    for words_ in ("unreadable", "'good'", "no number", "python manage.py sources check c"):
        assert words_ in " ".join(wrong.output.split()), wrong.output
    text = sources.read_text(encoding="utf-8").replace('town = "town"', 'town = "village"')
    sources.write_text(text, encoding="utf-8")
    told = run("sources", "check", "c", "--json")
    assert told.exit_code == 1
    (collection,) = json.loads(told.stdout)["collections"]
    assert {one["field"]: one["verdict"] for one in collection["fields"]} == {"score": "unreadable", "town": "missing"}


def test_what_is_not_answered_or_secret_or_wrong_leaves_the_file_as_it_is(sources: Path, tmp_path: Path) -> None:
    for words, told in (
        (("--kind", "sql", "--at", "postgresql+asyncpg://u:sesame@h/d"), "holds a password"),
        (("--kind", "files", "--at", str(tmp_path / "none.csv")), "cannot be read"),
        (("--kind", "sql", "--at", "soap://x"), "no address of a database"),
        (("--kind", "sql", "--at", f"sqlite:///{tmp_path}/x"), "Write sqlite+aiosqlite:// where it says sqlite://"),
        (("--kind", "sql", "--at", "postgresql+psycopg2://h/d"), "Write postgresql+asyncpg:// where it says"),
        (("--kind", "rest", "--at", "http://h", "--auth", "bearer x"), "--auth: cannot be read as TOML"),
        (("--kind", "files", "--at", "x.csv", "--answers", str(tmp_path / "none.toml")), "none.toml: No such file"),
        (("--kind", "rest", "--at", "http://127.0.0.1:1"), "--sample or --openapi"),
        (("--kind", "partner", "--at", "http://127.0.0.1:1"), "Check address"),
    ):
        refused = run("sources", "new", "x", *words, "--yes")
        assert refused.exit_code == 1
        assert told in str(refused.exception)
        assert "sesame" not in str(refused.exception) + refused.output
    (tmp_path / "d.csv").write_text(f"uscc,n\n{A},1\n", encoding="utf-8")
    d = ("sources", "new", "x", "--kind", "files", "--at", str(tmp_path / "d.csv"), "--set", "owner=o", "--yes")
    assert "says who may see it: PUBLIC, REGISTRATION" in str(run(*d).exception)
    assert "is no id of a source" in str(run("sources", "new", "My Source", *d[3:]).exception)
    shadowing = run(*d, "--set", "group=CREDIT", "--set", "field=Enterprise.filings")
    assert "Enterprise has a field 'filings' already" in str(shadowing.exception)
    assert sources.read_text(encoding="utf-8") == START
