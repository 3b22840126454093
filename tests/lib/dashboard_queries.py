# SPDX-License-Identifier: Apache-2.0
"""Queries of a dashboard: dashboard_queries.py queries|names DASHBOARD.

queries: each as JSON, a line each, with Grafana's variables filled in for a run called "run". names: the
measurement and each tag or field that is named in InfluxQL or Flux, as drive_dashboard prints them.
"""
import json
import re
import sys

VARIABLES = [  # longer ones first
    ("$timeFilter", "time > now() - 1h"),
    ("$__interval_ms", "10000"),
    ("$__interval", "10s"),
    ("$__rate_interval", "5s"),
    ("${target:regex}", ".*"),
    ("$target", ".*"),
    ("${benchmark_id}", "run"),
    ("$benchmark_id", "run"),
]


def targets(dashboard):
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel, target.get("query") or target["expr"]


def filled(text):
    for name, value in VARIABLES:
        text = text.replace(name, value)
    if "$" in re.sub(r"\$/", "", text):
        sys.exit(f"a variable is left in: {text}")
    return text


def influxql_names(query):
    """Names in quotes; "a" and "b" are those of subqueries."""
    measurement, = set(re.findall(r'FROM "(\w+)"', query))
    return measurement, set(re.findall(r'"(\w+)"', query)) - {measurement, "a", "b"}


def flux_names(query):
    measurement, = re.findall(r'r\._measurement == "(\w+)"', query)
    names = set(re.findall(r'r\._field == "(\w+)"', query)) | set(re.findall(r"\br\.([a-z]\w*)", query))
    for columns in re.findall(r"columns: \[([^]]*)\]", query):
        names |= set(re.findall(r'"([a-z]\w*)"', columns))
    return measurement, names


def main():
    what, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        dashboard = json.load(file)
    for panel, query in targets(dashboard):
        if what == "queries":
            print(json.dumps({"panel": panel["title"], "query": filled(query)}))
            continue
        read = flux_names if query.startswith("from(") else influxql_names
        measurement, names = read(query)
        for name in sorted(names):
            print(f"{measurement}\t{name}")


main()
