#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Dashboards are as cbpf prints them, and what the compose file and Grafana's provisioning name is there.
set -u
cd "$(dirname "$0")/../.." || exit 1
O=${O:-build}
bad=0
for kind in influxql flux prometheus; do
	file=docker/grafana/dashboards/cbpf-$kind.json
	"$O/cbpf" help --dashboard $kind | diff -q "$file" - >/dev/null || {
		echo "$file is not what cbpf help --dashboard $kind prints; 'make specs' writes it again"
		bad=1
	}
done
/usr/bin/python3 -c 'import yaml' 2>/dev/null || {
	echo "no python3-yaml"
	exit $((bad ? 1 : 77))
}
/usr/bin/python3 tests/lib/compose_check.py docker/compose.yml || bad=1
exit $bad
