"""Ask the hub for an enterprise with gql: `python ask.py HUB USCC`, the token in HUB_TOKEN if there is one."""

from __future__ import annotations

import json
import os
import sys

from gql import Client, gql
from gql.transport.httpx import HTTPXTransport

ENTERPRISE = gql("query PythonEnterprise($uscc: USCC!) { enterprise(uscc: $uscc) { uscc name zone { name } } }")


def main(hub: str, uscc: str) -> None:
    """Print the answer's data."""
    token = os.environ.get("HUB_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    client = Client(transport=HTTPXTransport(url=hub, headers=headers, timeout=20), fetch_schema_from_transport=False)
    ENTERPRISE.variable_values = {"uscc": uscc}
    print(json.dumps(client.execute(ENTERPRISE), ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
