// SPDX-License-Identifier: Apache-2.0
// Puts the page together.
import { drawAll, inventory, setTheme, start, theme, zoomTo } from "./charts.js";
import { data, report } from "./data.js";
import { append, h } from "./dom.js";
import { findings, resolveLinks } from "./findings.js";
import { access } from "./access.js";
import { budgets } from "./budget.js";
import { distributions } from "./cdf.js";
import { comparison } from "./compare.js";
import { flames } from "./flame.js";
import { heatmaps } from "./heatmap.js";
import { accounting, cost, host, losses } from "./host.js";
import { interference } from "./interference.js";
import { calls, results, targetsDetail } from "./results.js";
import { timeline } from "./timeline.js";
import { topology } from "./topology.js";
import { verdict } from "./verdict.js";

function navigation(sections) {
	return h("nav", { "aria-label": "Sections" },
		h("a.brand", { href: "#top" }, "cbpf"),
		sections.map((s) => h("a", { href: "#" + s.id }, s.dataset.word)),
		h("button", { type: "button", onclick: () => setTheme(theme() === "dark" ? "light" : "dark") }, "light / dark"));
}

function ofRun() {
	const [head, first] = verdict();

	return { title: report.name || report.id, parts: [head, first],
		sections: [findings(), timeline(), heatmaps(), distributions(), budgets(), interference(), topology(),
			access(), calls(), flames(), results(), targetsDetail(), host(), accounting(), losses(), cost()].filter(Boolean),
		foot: ["From ", h("code", report.database || "run.db"), ", by cbpf ", report.version,
			". cbpf report --json has all of these numbers."] };
}

function build() {
	const { title, parts, sections, foot } = data.comparison ? comparison() : ofRun();

	document.title = `${title}: cbpf ${data.comparison ? "compare" : "report"}`;
	append(document.body, [navigation(sections), h("main", parts, sections),
		h("footer", foot || "By cbpf compare, whose --json has all of these numbers.")]);
	resolveLinks();
	start();
}

build();
window.cbpf = { drawAll, inventory, zoomTo };
