#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does an InfluxDB 1 database add up to what the tables of one run's database do?

influx_sums.py URL DATABASE RUN.db [TABLE]...: how many values each column has, and their sum, by
sqlite and by the server alone: what sinks are fed with plays no part. Prints how many were
compared; or what differs, and ends with 1. So it does when one of the TABLEs is empty, and when a
table of ticks is not known here.
"""
import collections
import math
import sqlite3
import sys

from influx_ask import ask

HIST = ("p50", "p90", "p99", "p999", "max")


def hist(name, unit):
    return {"count": f"{name}_count", "sum": f"{name}_sum_{unit}"} | {c: f"{name}_{c}_{unit}" for c in HIST}


def same(*columns):
    return {c: c for c in columns}


BYTES = {"bytes": "bytes", "errors": "errors"}
IOS = ("read_ios", "read_bytes", "write_ios", "write_bytes", "discard_ios", "discard_bytes")
CLOCKS = same("depth_ns", "depth", "max_depth", "clock_requests", "clock_unset", "clock_early", "clock_early_max_ns")
SPENT = ("io", "lock", "blocked", "sleep", "throttle", "inode", "journal", "runq", "nested", "return")

# Table and condition; measurement; what of the one is which field of the other.
KNOWN = [
    ("tick", "1", "cbpf_self", {"end_ns - begin_ns": "sweep_ns", "max(begin_ns - due_ns, 0)": "late_ns"}),
    ("histogram", "layer = 'block_total'", "cbpf_block", {"ios": "ios"} | BYTES | hist("total", "ns")),
    ("histogram", "layer = 'block_queue'", "cbpf_block", hist("queue", "ns")),
    ("histogram", "layer = 'block_device'", "cbpf_block", hist("device", "ns")),
    ("histogram", "layer = 'block_size'", "cbpf_block", hist("size", "bytes")),
    ("histogram", "layer = 'vfs'", "cbpf_vfs", {"ios": "calls"} | BYTES | hist("latency", "ns")),
    ("histogram", "layer = 'vfs_size'", "cbpf_vfs", hist("size", "bytes")),
    *(("histogram", f"layer = 'sched_{w}'", "cbpf_sched", hist(w, "ns")) for w in ("runq", "io", "lock", "other")),
    ("block", "1", "cbpf_block",
     same("asked", "consecutive", "forward", "backward", "requeues", "merges", "splits", "partial", "missed")),
    ("block_error", "1", "cbpf_block_error", same("count")),
    ("share", "1", "cbpf_share", same("share_ns", "depth_ns", "max_depth")),
    ("interference", "1", "cbpf_interference", same("ns")),
    ("device_sample", "1", "cbpf_device", same(*IOS, "flushes", "busy_ns")),
    ("device_depth", "1", "cbpf_device", {"busy_ns": "probe_busy_ns"} | CLOCKS),
    ("cpuset", "1", "cbpf_cpuset", same("cpus", "mems")),
    ("perf", "1", "cbpf_perf", {"value": "counted"} | same("enabled_ns", "running_ns")),
    ("call_time", "1", "cbpf_vfs", {"ns": "time_ns"} | same(*(f"{s}_ns" for s in SPENT))),
    ("rdt", "1", "cbpf_rdt", same("llc_occupancy_bytes", "mbm_total_bytes", "mbm_local_bytes")),
    ("rdt_class", "1", "cbpf_rdt_class", same("class", "mon_group", "schemata")),
    ("rdt_alloc", "1", "cbpf_rdt_alloc", same("ways", "wrong")),
    # At the end.
    ("event", "1", "cbpf_event", same("text")),
    ("result", "1", "cbpf_result", same("status", "bytes", "calls", "errors")),
    ("finding", "1", "cbpf_finding", same("text", "evidence")),
    ("expect", "1", "cbpf_expect", same("actual", "ok")),
    ("loss", "what NOT LIKE 'sink.%'", "cbpf_loss", same("count")),
    ("vfs_error", "1", "cbpf_vfs_error", same("count")),
    ("target", "1", "cbpf_target_meta", same("state", "cgroup")),
]
SAMPLES = ("cbpf_cgroup", "cbpf_pressure", "cbpf_sched", "cbpf_pagecache")
NOT_SENT = ("cursor",)


def fields_of(url, database):
    fields = collections.defaultdict(dict)
    for series in ask(url, database, "SHOW FIELD KEYS"):
        fields[series["name"]] = dict(series["values"])
    return fields


def columns(db, table):
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]


def known(db, fields):
    """All that is above, and each column of sample with the measurement that has it."""
    yield from KNOWN
    for column in columns(db, "sample"):
        if column not in ("seq", "target"):
            has = [m for m in SAMPLES if column in fields[m]]
            yield "sample", "1", (has or SAMPLES)[0], {column: column}


def compare(db, url, database, fields, table, where, measurement, names):
    """Yields what differs; the last is how many values were compared."""
    values = 0
    for column, field in names.items():
        count, total, kind = db.execute(
            f"SELECT count(v), sum(v), max(typeof(v)) FROM (SELECT {quoted(column)} AS v FROM {table} "
            f"WHERE {where}) WHERE v IS NOT NULL").fetchone()
        type_there = fields[measurement].get(field)
        numbers = type_there in ("integer", "float") and kind in ("integer", "real")
        got = [0, None]
        if type_there:
            query = f'SELECT count("{field}")' + (f', sum("{field}")' if numbers else "")
            for series in ask(url, database, f'{query} FROM "{measurement}"'):
                got = series["values"][0][1:]
        if got[0] != count:
            yield f"{table}.{column} where {where}: {count} values, {measurement}.{field} has {got[0]}"
        elif numbers and not (got[1] == total or kind == "real" and math.isclose(got[1], total)):
            yield f"{table}.{column} where {where}: {total} in all, {measurement}.{field} has {got[1]}"
        values += count
    yield values


def quoted(column):
    return f'"{column}"' if column.isidentifier() else column


def main():
    url, database, path, *needed = sys.argv[1:]
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    fields = fields_of(url, database)
    compared, wrong = collections.Counter(), []
    for table, where, measurement, names in known(db, fields):
        *differences, values = compare(db, url, database, fields, table, where, measurement, names)
        wrong += differences
        compared[table] += values
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
        if "seq" in columns(db, table) and table not in compared and table not in NOT_SENT:
            wrong.append(f"{table}: a table of ticks that is compared with nothing")
    wrong += [f"{table}: nothing was compared" for table in needed if not compared[table]]
    if wrong:
        print(f"{len(wrong)} differences")
        print("\n".join(wrong[:20]))
        sys.exit(1)
    print(f"{sum(compared.values())} values of {len(+compared)} tables: the same number and sum")


main()
