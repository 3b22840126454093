// SPDX-License-Identifier: Apache-2.0
// Puts the page together.
import { drawAll, inventory, setTheme, start, theme, zoomTo } from "./charts.js";
import { report } from "./data.js";
import { append, h } from "./dom.js";
import { findings, resolveLinks } from "./findings.js";
import { timeline } from "./timeline.js";
import { verdict } from "./verdict.js";

function navigation(sections) {
	return h("nav", { "aria-label": "Sections" },
		h("a.brand", { href: "#top" }, "cbpf"),
		sections.map((s) => h("a", { href: "#" + s.id }, s.querySelector("h2").textContent)),
		h("button", { type: "button", onclick: () => setTheme(theme() === "dark" ? "light" : "dark") }, "light / dark"));
}

function build() {
	const [head, first] = verdict();
	const sections = [findings(), timeline()].filter(Boolean);

	document.title = `${report.name || report.id}: cbpf report`;
	append(document.body, [navigation(sections), h("main", head, first, sections),
		h("footer", "From ", h("code", report.database || "run.db"), ", by cbpf ", report.version,
			". cbpf report --json has all of these numbers.")]);
	resolveLinks();
	start();
}

build();
window.cbpf = { drawAll, inventory, zoomTo };
