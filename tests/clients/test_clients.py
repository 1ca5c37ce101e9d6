"""The examples under clients/, each run as it is against a hub."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest

from tests.npm import printed, workplace
from tests.web.documents import Documented, documented
from tests.world import CHUJINGLING, World

ROOT = Path(__file__).parent.parent.parent
CLIENTS = ROOT / "clients"
NAME = "武汉楚精灵医疗科技有限公司"


@pytest.fixture(scope="module")
def hub(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Documented]:
    """A hub with documents of its own."""
    with documented(world, tmp_path_factory.mktemp("documents")) as found:
        yield found


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples in TypeScript: their types made from the schema, compiled, and Relay's artifacts."""
    folder = tmp_path_factory.mktemp("built")
    place = workplace(CLIENTS, folder / "clients")
    (folder / "schema").mkdir()
    shutil.copy(ROOT / "schema" / "schema.graphql", folder / "schema")
    (place / "relay" / "documents.json").write_text("{}")
    for script in ("codegen", "build", "relay"):
        printed(["npm", "run", "--silent", script], place, 240)
    return place


def _run(command: list[str], place: Path = CLIENTS, **environment: str) -> Any:
    return json.loads(printed(command, place, 120, environment))


@pytest.mark.parametrize("client", ["apollo", "urql"])
def test_apollo_client_and_urql_send_a_query_once_and_its_hash_from_then_on(
    hub: Documented, built: Path, client: str
) -> None:
    found = _run(["node", f"built/{client}.js", f"{hub.url}/graphql", CHUJINGLING], built)
    for answer in ("first", "second"):
        assert found[answer]["enterprise"]["name"] == NAME
        assert found[answer]["enterprise"]["zone"]["name"]
    unknown, whole, by_hash = map(unquote_plus, found["sent"])
    assert "sha256Hash" in unknown
    assert "ClientsEnterprise(" in whole
    for short in (unknown, by_hash):
        assert "ClientsEnterprise(" not in short
    assert by_hash == unknown


@pytest.mark.parametrize(
    ("manifest", "document"),
    [("src/gql/persisted-documents.json", "ClientsEnterprise"), ("relay/documents.json", "enterprisesCardQuery")],
)
def test_what_codegen_and_relay_write_is_registered_and_asked(
    hub: Documented, built: Path, manifest: str, document: str
) -> None:
    registered = hub.run("register", "bank-icbc", str(built / manifest))
    assert registered.exit_code == 0, str(registered.exception)
    documents = json.loads((built / manifest).read_text())
    (digest,) = (digest for digest, text in documents.items() if text.startswith(f"query {document}("))
    variables = {"uscc": CHUJINGLING, "id": f"Enterprise:{CHUJINGLING}"}
    name = "uscc" if "$uscc" in documents[digest] else "id"
    until = time.monotonic() + 5.0
    while "data" not in (answered := hub.ask("bank-icbc", documentId=digest, variables={name: variables[name]})):
        assert time.monotonic() < until, answered  # a hub reads of new documents within half a second
        time.sleep(0.1)
    assert NAME in json.dumps(answered["data"], ensure_ascii=False)


def test_relay_finds_pages_and_things_by_their_identity(built: Path) -> None:
    artifacts = {path.name for path in (built / "relay" / "__generated__").iterdir()}
    assert {"enterprisesMoreQuery.graphql.ts", "enterprisesCardQuery.graphql.ts"} <= artifacts


def test_python_and_curl_get_the_same(hub: Documented) -> None:
    token = hub.token("officer-eastlake")["Authorization"].removeprefix("Bearer ")
    address = f"{hub.url}/graphql"
    by_python = _run([sys.executable, "python/ask.py", address, CHUJINGLING], HUB_TOKEN=token)
    by_curl = _run(["curl/ask.sh", address, CHUJINGLING], HUB_TOKEN=token)
    assert by_python == by_curl["data"]
    assert by_python["enterprise"]["name"] == NAME
    assert _run(["curl/ask.sh", address, CHUJINGLING])["data"] == by_python
