#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Points for tests, and whether a server has them.

    influx_points.py make SEED N    N points of any strings, as drive_influxdb reads them
    influx_points.py plain N        N points that nobody can refuse
    influx_points.py edges          numbers at the edges of their types
    influx_points.py stub SENT GOT  GOT is what GET /accepted of the stub tells
    influx_points.py v1 SENT GOT    ... what /query?epoch=ns of InfluxDB 1 tells, of
                                    "show field keys; select * from /.*/ group by *"
    influx_points.py export SENT GOT  ... what /api/v1/export of VictoriaMetrics tells: numbers, times in ms

A comparison prints how many points are not there. It fails when one is there that is not as it was
sent, or one is not there that every version could have.
"""

import json
import math
import random
import re
import sys

NASTY = [
    "", " ", ",", "=", '"', "'", "\\", "\n", "\t", "\r", "\\n", "a b", "a,b", "a=b", 'a"b', "a\\b", "a\\", "\\\\",
    "a\\,b", "a\\ b", "a\\=b", "a\\\\,b", 'a\\"b', "a\nb", "a\r\nb", "a\tb", " a", "a ", "  ", ",,", "==", '""',
    '",f=1', "#", "#a", "é", "日本語", "😀", "\u2028", "\ufeff", "\x01", "\x7f", "\x1b[31m", "%s%n", "$(x)",
    "'; drop database d; --", "a" * 1000, "null", "nan", "1i", "t", "true", "\\x41", "C:\\dir\\file", "/a/b c",
    'm,t=v f="x" 1', "a b=c,d", "\u00a0", "e\u0301", "\ud7ff", "\ue000", "\U0010ffff",
]
ALPHABET = ' ,="\'\\\n\t\r#abé😀\x01/:%abcdefgh'


def any_text(rng):
    if rng.random() < 0.3:
        return rng.choice(NASTY)
    return "".join(rng.choice(ALPHABET) for _ in range(rng.randrange(0, 9)))


def make(seed, n):
    rng = random.Random(seed)
    for i in range(n):
        # Each nasty one once in each place, then by chance.
        fixed = NASTY[i] if i < len(NASTY) else None
        tags = {"target": fixed if fixed is not None else any_text(rng), "path": any_text(rng), "zone": "z"}
        if i % 3 == 0:
            tags["target"] = f"plain{i}"
        fields = {"number": i, "text": any_text(rng) if i % 2 else NASTY[i // 2 % len(NASTY)], "after": 0.5}
        yield {"m": "any text", "time": 1700000000000000000 + i, "tags": tags, "fields": fields}


def plain(n):
    for i in range(n):
        yield {
            "m": "plain",
            "time": 1700000000000000000 + i * 1000000,
            "tags": {"target": f"t{i % 3}"},
            "fields": {"number": i, "share": i / 7},
        }


def edges():
    integers = [0, 1, -1, 2**63 - 1, -(2**63), 2**53, 2**53 + 1, -(2**53) - 1, 2**31, 10**18]
    reals = [0.0, 0.1, 0.1 + 0.2, 1e300, -1e-300, 1.7976931348623157e308, 2.2250738585072014e-308, 1 / 3, 5.0,
             1e15, 1e17, 123456789012345678.0]
    for i, v in enumerate(integers):
        yield {"m": "edges", "time": i, "tags": {"k": "i"}, "fields": {"int": v}}
    for i, v in enumerate(reals):
        yield {"m": "edges", "time": i, "tags": {"k": "r"}, "fields": {"real": v}}
    for i, v in enumerate(["nan", "inf", "-inf"]):
        yield {"m": "edges", "time": i, "tags": {"k": "n"}, "fields": {"real": {"real": v}, "int": i}}
    for v in (True, False):
        yield {"m": "edges", "time": int(v), "tags": {"k": "b"}, "fields": {"yes": v}}
    for i in (-(2**63) + 2, 2**63 - 2):
        yield {"m": "times", "time": i, "tags": {}, "fields": {"int": i}}


def typed(value):
    if isinstance(value, dict):
        return None  # not finite: left out
    if isinstance(value, bool):
        return ["b", str(value).lower()]
    if isinstance(value, int):
        return ["i", str(value)]
    if isinstance(value, float):
        return ["r", repr(value)]
    return ["s", value]


def can_be_refused(point):
    """A tag that some version would not read back."""
    return any("\n" in v or re.search(r"\\[,= ]|\\$", v) for v in point["tags"].values())


def key_of(m, tags, time):
    return m, tuple(sorted((k, v) for k, v in tags.items() if v != "")), time


def of_stub(path):
    with open(path, encoding="utf-8") as f:
        for line in f:
            p = json.loads(line)
            if p["times"] != 1 and not p["times"] > 1:
                sys.exit(f"accepted {p['times']} times: {line}")
            yield key_of(p["m"], p["tags"], p["time"]), p["fields"]


def of_v1(path):
    with open(path, encoding="utf-8") as f:
        results = json.load(f)["results"]
    names = {"integer": "i", "float": "r", "string": "s", "boolean": "b"}
    types = {(s["name"], k): names[t] for s in results[0].get("series", []) for k, t in s["values"]}
    for s in results[1].get("series", []):
        for row in s["values"]:
            fields = {}
            for name, value in list(zip(s["columns"], row))[1:]:
                if value is None:
                    continue
                kind = types[s["name"], name]
                fields[name] = ["r", repr(float(value))] if kind == "r" else [kind, typed(value)[1]]
            yield key_of(s["name"], s.get("tags", {}), row[0]), fields


def compare(sent, got):
    want = {}
    for p in sent:
        fields = {k: typed(v) for k, v in p["fields"].items() if typed(v)}
        want[key_of(p["m"], p["tags"], p["time"])] = (fields, can_be_refused(p))
    seen = set()
    for key, fields in got:
        if key not in want:
            sys.exit(f"nobody sent {key!r}")
        if want[key][0] != fields:
            sys.exit(f"{key!r}: sent {want[key][0]!r}, got {fields!r}")
        if key in seen:
            sys.exit(f"{key!r} is there twice")
        seen.add(key)
    missing = [k for k in want if k not in seen]
    for key in missing:
        if not want[key][1]:
            sys.exit(f"{key!r} is not there")
    for key in seen:
        if want[key][1]:
            sys.exit(f"{key!r} should have been refused")
    print(len(missing))


def compare_export(sent, path):
    """A series for each number; a name is MEASUREMENT_FIELD."""
    want, got = {}, {}
    for p in sent:
        for name, value in p["fields"].items():
            if isinstance(value, (int, float)):
                want[key_of(f"{p['m']}_{name}", p["tags"], p["time"] // 1000000)] = float(value)
    with open(path, encoding="utf-8") as f:
        for line in f:
            series = json.loads(line)
            labels = dict(series["metric"])
            name = labels.pop("__name__")
            labels.pop("db", None)
            for at, value in zip(series["timestamps"], series["values"]):
                got[key_of(name, labels, at)] = float(value)
    for key, value in want.items():
        if key not in got:
            sys.exit(f"{key!r} is not there")
        # It tells twelve digits.
        if not math.isclose(got[key], value, rel_tol=1e-11):
            sys.exit(f"{key!r}: sent {value!r}, got {got[key]!r}")
    if len(got) != len(want):
        sys.exit(f"{len(got)} values, sent {len(want)}")
    print(0)


def main():
    what, *rest = sys.argv[1:]
    made = {"make": lambda: make(int(rest[0]), int(rest[1])), "plain": lambda: plain(int(rest[0])), "edges": edges}
    if what in made:
        for p in made[what]():
            print(json.dumps(p))
        return
    with open(rest[0], encoding="utf-8") as f:
        sent = [json.loads(line) for line in f if line.startswith("{")]
    if what == "export":
        compare_export(sent, rest[1])
    else:
        compare(sent, {"stub": of_stub, "v1": of_v1}[what](rest[1]))


main()
