#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""schema_validate.py SCHEMA SPEC: check a spec without any code of cbpf; exit 1 if it is wrong."""
import json
import sys

import jsonschema
import yaml

with open(sys.argv[1]) as f:
    schema = json.load(f)
with open(sys.argv[2]) as f:
    spec = yaml.safe_load(f)
jsonschema.Draft202012Validator.check_schema(schema)
errors = list(jsonschema.Draft202012Validator(schema).iter_errors(spec))
for e in errors:
    print("/".join(map(str, e.absolute_path)) + ": " + e.message)
sys.exit(bool(errors))
