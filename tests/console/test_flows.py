"""What people come for, from beginning to end."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from playwright.sync_api import Page, expect

from auth.identity import demo
from tests.browsing import Visit
from tests.visiting import Hub
from tests.world import CHUJINGLING

Opens = Callable[..., Visit]


def test_search_card_and_what_if(visit: Opens) -> None:
    opened = visit("/")
    page = opened.page
    opened.become("officer-eastlake")
    page.get_by_role("combobox", name="Find an enterprise").press_sequentially("cjl", delay=30)
    found = page.get_by_role("option", name=re.compile("楚精灵"))
    expect(found).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/enterprises/{CHUJINGLING}$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("武汉楚精灵医疗科技有限公司")
    total = page.get_by_test_id("total")
    expect(total).to_have_text(re.compile(r"^\d+\.\d\d$"))
    before = float(total.inner_text())

    page.get_by_role("button", name=re.compile(r"^All \d+ indicators")).click()
    page.get_by_role("slider", name="Technology contract turnover").fill("0")
    expect(page.get_by_test_id("then")).to_contain_text("−")
    then = float(page.get_by_test_id("then").inner_text().split()[0])
    assert then < before
    page.get_by_role("button", name="Put back").click()
    expect(page.get_by_test_id("then")).to_have_text(f"{before:.2f}")


def test_a_value_tells_where_it_comes_from_to_pointer_and_keyboard(visit: Opens) -> None:
    opened = visit(f"/enterprises/{CHUJINGLING}")
    page = opened.page
    status = page.get_by_text("Active", exact=True)
    status.hover()
    tip = page.get_by_role("tooltip")
    expect(tip).to_contain_text("Company registry")
    expect(tip).to_contain_text("As of")
    page.mouse.move(0, 0)
    expect(tip).to_be_hidden()
    page.locator(".from", has_text="Active").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(tip).to_contain_text("Company registry")


def test_what_a_visitor_may_not_see_is_named_and_the_rest_is_there(visit: Opens) -> None:
    page = visit(f"/enterprises/{CHUJINGLING}").page
    expect(page.get_by_role("region", name="Filings")).to_contain_text("FORBIDDEN")
    expect(page.get_by_role("region", name="Registration")).to_contain_text("Active")
    expect(page.get_by_role("region", name="What it may have")).to_contain_text("Synthetic")


def test_a_consent_is_granted_used_seen_and_withdrawn(visit: Opens, hub: Hub) -> None:
    bank = visit(f"/enterprises/{CHUJINGLING}")
    bank.become("bank-icbc")
    bank.page.get_by_label("Purpose").select_option("PRE_LOAN")
    filings = bank.page.get_by_role("region", name="Filings")
    expect(filings).to_contain_text("CONSENT_REQUIRED")

    own = visit("/access")
    own.become("enterprise-chujingling")
    page = own.page
    page.get_by_label("Organisation").fill("icbc")
    page.get_by_role("checkbox", name="Filings").check()
    page.get_by_role("checkbox", name="Pre-loan").check()
    page.get_by_role("button", name="Grant consent").click()
    expect(page.get_by_role("region", name="Who may look")).to_contain_text("in force")

    def look_again() -> None:
        bank.page.get_by_label("Purpose").select_option("MONITORING")
        bank.page.wait_for_timeout(1200)  # consents are in effect in every process within a second
        bank.page.get_by_label("Purpose").select_option("PRE_LOAN")

    bank.page.reload()
    bank.become("bank-icbc")
    look_again()
    expect(filings).to_contain_text("¥38m")
    expect(filings).not_to_contain_text("CONSENT_REQUIRED")

    page.reload()
    own.become("enterprise-chujingling")
    looks = page.get_by_role("region", name="Who looked").first
    expect(looks).to_contain_text("icbc")
    page.locator("summary").click()
    page.get_by_label("Public key").fill(_public_key(hub.folder))
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_test_id("tree")).to_contain_text("signature good")
    expect(looks.get_by_text("✓ in the tree").first).to_be_visible()
    expect(looks.get_by_text("not in the tree")).to_have_count(0)

    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("Consent is withdrawn.")).to_be_visible()
    bank.page.reload()
    bank.become("bank-icbc")
    look_again()
    expect(filings).to_contain_text("CONSENT_REQUIRED")


def _public_key(folder: Path) -> str:
    key = load_pem_private_key((folder / "audit" / "private.pem").read_bytes(), None)
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_rankings_are_filtered_and_exported(visit: Opens) -> None:
    opened = visit("/rankings")
    page = opened.page
    opened.become("officer-eastlake")
    expect(page.get_by_role("heading", level=1)).to_contain_text("2023-04")
    count = page.get_by_test_id("count")
    expect(count).to_have_text(re.compile(r"^\d+$"))
    everyone = int(count.inner_text())
    page.get_by_role("combobox", name="Stage").select_option("mature")
    expect(count).to_have_text(re.compile(rf"^(?!{everyone}$)\d+$"))  # and not that it is being asked
    expect(page.get_by_role("region", name=re.compile("Movement since 2022-09"))).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == int(count.inner_text())
    assert {row["stage"] for row in rows} == {"mature"}
    assert {row["synthetic"] for row in rows} == {"true"}
    assert rows[0]["name"] == "武汉楚精灵医疗科技有限公司"


def test_graphiql_asks_as_the_reader_and_draws_the_plan(visit: Opens) -> None:
    opened = visit("/explore")
    page = opened.page
    opened.become("officer-eastlake")
    for title in ("Search with a page of results", "A score and what it is made of"):
        page.get_by_role("button", name=title).click()
        _run(page, title)
    result = page.get_by_role("region", name=re.compile("Operation Response|Result Window", re.IGNORECASE))
    expect(result).to_contain_text("创新投入")
    plan = page.get_by_role("img", name=re.compile("Enterprise.score"))
    expect(plan).to_be_visible()
    expect(plan).to_contain_text("ms")


def _run(page: Page, title: str) -> None:
    """Run the query in GraphiQL, which passes over a click that comes before it has built its editors."""
    expect(page.locator(".graphiql-query-editor .CodeMirror-line").first).to_be_visible()
    page.wait_for_timeout(500)
    page.get_by_role("button", name=re.compile("Execute query")).click()
    expect(page.get_by_test_id("cost"), title).to_contain_text(re.compile(r"cost \d+"))


def test_a_source_that_stops_turns_in_the_matrix_while_one_looks(visit: Opens, hub: Hub) -> None:
    opened = visit("/sources")
    page = opened.page
    opened.become("operator")
    expect(page.get_by_text("● live")).to_be_visible()
    query = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ intellectualProperty {{ patents {{ number }} }} }} }}'
    hub.ask(None, query)
    page.reload()
    opened.become("operator")
    expect(page.get_by_text("● live")).to_be_visible()
    patents = page.get_by_role("button", name=re.compile("^zs-patents"))
    expect(patents).to_contain_text("answers")

    hub.stop_ip_office()
    httpx.post(f"{hub.url}/graphql", json={"query": query}, timeout=30)
    expect(patents).to_contain_text("fails")
    patents.click()
    expect(page.get_by_test_id("state")).to_have_text("fails")
    expect(page.locator(".failure")).to_contain_text("SOURCE_")


def test_a_token_is_nowhere_but_in_the_pages_memory(visit: Opens) -> None:
    opened = visit("/enterprises")
    page = opened.page
    opened.become("bank-icbc")
    page.get_by_role("link", name="Explore").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Explore")
    kept = page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href])")
    assert "eyJ" not in kept
    page.reload()
    expect(page.get_by_label("You are")).to_have_value("visitor")
    offered = page.get_by_label("You are").locator("option")
    expect(offered).to_have_count(1 + len(demo.NAMES))
