# SPDX-License-Identifier: Apache-2.0
"""A scrape on standard input, read strictly as OpenMetrics: samples as JSON, a line each."""
import json
import sys

from prometheus_client.openmetrics import parser

text = sys.stdin.buffer.read().decode("utf-8")
names = set()
for family in parser.text_string_to_metric_families(text):
    if family.name in names:
        sys.exit(f"{family.name} comes twice")
    names.add(family.name)
    if not family.samples:
        sys.exit(f"{family.name} has no samples")
    if not family.documentation:
        sys.exit(f"{family.name} has no HELP")
    for sample in family.samples:
        print(json.dumps({"family": family.name, "type": family.type, "unit": family.unit,
                          "name": sample.name, "labels": sample.labels, "value": sample.value}))
