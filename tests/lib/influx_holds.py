#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does an InfluxDB 1 database hold the points of a JSON Lines file, each once, and nothing else?

influx_holds.py URL DATABASE POINTS.jsonl: prints how many points and values were compared; or what
differs, and ends with 1.
"""
import json
import sys

from influx_ask import ask


def key(measurement, tags, time_ns):
    # An empty tag is none.
    return measurement, time_ns, tuple(sorted((k, v) for k, v in tags.items() if v != ""))


def held(url, database):
    points = {}
    for names in ask(url, database, "SHOW MEASUREMENTS"):
        for (name,) in names["values"]:
            for series in ask(url, database, f'SELECT * FROM "{name}" GROUP BY *'):
                columns = series["columns"]
                for row in series["values"]:
                    fields = {c: v for c, v in zip(columns, row) if c != "time" and v is not None}
                    points[key(name, series.get("tags", {}), row[0])] = fields
    return points


def same(a, b):
    if isinstance(a, bool) or isinstance(b, bool) or isinstance(a, str) or isinstance(b, str):
        return a is b or (type(a) is type(b) and a == b)
    return a == b


def main():
    url, database, path = sys.argv[1:]
    wanted, lines = {}, 0
    with open(path, encoding="utf-8") as points:
        for line in points:
            p = json.loads(line)
            wanted[key(p["measurement"], p["tags"], p["time_ns"])] = p["fields"]
            lines += 1
    found = held(url, database)
    wrong = []
    if len(wanted) != lines:
        wrong.append(f"{lines - len(wanted)} points of the file are told twice")
    for k, fields in wanted.items():
        if k not in found:
            wrong.append(f"missing: {k}")
            continue
        for name in fields.keys() | found[k].keys():
            if not same(fields.get(name), found[k].get(name)):
                wrong.append(f"{k} {name}: {fields.get(name)!r} became {found[k].get(name)!r}")
    wrong += [f"not in the run: {k}" for k in found if k not in wanted]
    if wrong:
        print(f"{len(wrong)} differences")
        print("\n".join(wrong[:20]))
        sys.exit(1)
    values = sum(len(f) for f in wanted.values())
    if not values:
        sys.exit("nothing was compared")
    print(f"{lines} points, {values} values: all the same")


main()
