# SPDX-License-Identifier: Apache-2.0
"""A query to an InfluxDB 1, with times in ns."""
import json
import sys
import urllib.parse
import urllib.request


def ask(url, database, query):
    args = urllib.parse.urlencode({"db": database, "q": query, "epoch": "ns"})
    with urllib.request.urlopen(f"{url}/query?{args}", timeout=60) as reply:
        result = json.load(reply)["results"][0]
    if "error" in result:
        sys.exit(f"{query}: {result['error']}")
    return result.get("series", [])
