# SPDX-License-Identifier: Apache-2.0
# Helpers for tests that look at report.html in a browser.
BROWSER=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)

need_page() {
	grep -qx with "$BUILD/web/kind" || skip "cbpf was built without report.html (WEB=0)"
	[ -d "$BUILD/web/node_modules/playwright-core" ] || make -s -C "$ROOT" O="$BUILD" "$BUILD/web/installed-dev" >&2
}

need_browser() {
	need_page
	[ -n "$BROWSER" ] || skip "no Chromium: run docker/packages.sh test"
}

# page_look PAGE: look.json has what was seen, see page_look.mjs.
page_look() {
	timeout 300 node "$ROOT/tests/lib/page_look.mjs" "$BUILD/web/node_modules" "$BROWSER" "$1" > look.json
	echo "# opened in $(jq .open_ms look.json) ms, $(stat -c %s "$1") bytes" >&3
	jq -c '{console, errors, requests, axe, links, charts: [.charts[] | select(.points == 0)]}' look.json
}

# What is true of every page, whatever the run.
page_is_sound() {
	jq -e '.console == [] and .errors == [] and .requests == [] and .sockets == 0' look.json
	jq -e '.axe.light == [] and .axe.dark == []' look.json
	jq -e '.links == [] and .first_screen' look.json
	jq -e 'all(.charts[]; .drawn and .points > 0)' look.json
	jq -e '.markup | .ran == null and .scripts == 2 and .images == 0 and .frames == 0' look.json
	jq -e '.pdf_bytes > 1000' look.json
}

# page_has ID...: charts that are there and drawn; page_lacks ID...: charts that are not.
page_has() {
	for id; do
		jq -e --arg id "$id" 'any(.charts[]; .id == $id and .drawn and .points > 0)' look.json > /dev/null ||
			{ echo "no chart $id"; return 1; }
	done
}
page_lacks() {
	for id; do
		jq -e --arg id "$id" 'all(.charts[]; .id != $id)' look.json > /dev/null || { echo "a chart $id"; return 1; }
	done
}
