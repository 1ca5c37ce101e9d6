#!/bin/sh
# Asks the hub for an enterprise: ask.sh HUB USCC, the token in HUB_TOKEN if there is one.
set -eu
hub=$1 uscc=$2
curl --silent --show-error --fail-with-body --max-time 20 \
    --header "Content-Type: application/json" \
    --header "Accept: application/graphql-response+json" \
    ${HUB_TOKEN:+--header "Authorization: Bearer $HUB_TOKEN"} \
    --data @- "$hub" <<JSON
{
  "query": "query CurlEnterprise(\$uscc: USCC!) { enterprise(uscc: \$uscc) { uscc name zone { name } } }",
  "variables": { "uscc": "$uscc" }
}
JSON
