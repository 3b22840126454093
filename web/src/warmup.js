// SPDX-License-Identifier: Apache-2.0
// Warm-up: the begin of a phase that is unlike the rest of it, and the first repetitions that are unlike the others.
import { ink } from "./colors.js";
import { own, since, workName } from "./data.js";
import { table } from "./dom.js";
import * as f from "./format.js";

const kinds = [["throughput", f.rate, "bytes_per_s"], ["latency", f.ns, "ns"]];

// [{target, from, to, words}] of "throughput" or "latency" where that was found, of calls or of requests.
export function found(kind, source) {
	return own.flatMap((t) => (t.warm_up || []).filter((w) => (!source || w.source === source) && w[kind] && w[kind].settled === "found")
		.map((w) => ({ target: t.id, from: since(w.begin_ns), to: since(w[kind].until_ns),
			words: `${t.name}: warm-up of ${workName(w)}, ${kind}: ${w[kind].warm_up_ticks} of ${w[kind].ticks} ticks` })));
}

// Phases of the first repetitions that are warm-up by their bandwidth.
export function repetitions() {
	return own.flatMap((t) => (t.repetitions || []).filter((r) => r.warm_up && /\.bw_mib_s$/.test(r.path)).flatMap((r) =>
		(t.phases || []).filter((p) => p.op === r.op && (r.test === undefined || p.test === undefined || p.test === r.test))
			.slice(0, r.warm_up).map((p) => ({ target: t.id, from: since(p.begin_ns), to: since(p.end_ns),
				words: `${t.name}: ${workName(p)} is warm-up: one of the first ${r.warm_up} of ${r.n} repetitions` }))));
}

export const NOTE = "Shaded: warm-up, the begin of a phase that is unlike the rest of it.";

// What is behind the lines of a chart over time; null when nothing is.
export function shade(areas, t) {
	return areas.length ? {
		type: "custom", name: "warm-up", silent: true, z: 0, tooltip: { show: false }, clip: true,
		data: areas.map((a) => [a.from, a.to, null]), encode: { x: [0, 1], y: 2 },
		renderItem: (params, api) => {
			const a = api.coord([api.value(0), 1])[0], b = api.coord([api.value(1), 1])[0];
			const box = params.coordSys;

			return { type: "rect", shape: { x: a, y: box.y, width: Math.max(b - a, 1), height: box.height },
				style: { fill: ink[t].dim, opacity: 0.16 } };
		},
	} : null;
}

const verdicts = { found: "found", none: "none", "not settled": "not settled within half of it", "too few": "too few ticks to say" };

export function warmUpTable() {
	const rows = own.flatMap((t) => (t.warm_up || []).flatMap((w) => kinds.filter(([k]) => w[k])
		.map(([k, show, unit]) => ({ t, w, k, show, one: w[k], mean: w[k][`mean_${unit}`], steady: w[k][`steady_mean_${unit}`] }))));

	return table("Warm-up within phases: all numbers are of everything, these are what they would be without it",
		[["target", (x) => x.t.name], ["phase", (x) => workName(x.w)], ["of", (x) => `${x.k} of ${x.w.source}`],
			["warm-up", (x) => f.text(verdicts[x.one.settled])], ["until", (x) => f.seconds(x.one.until_s), "n"],
			["ticks", (x) => x.one.warm_up_ticks ? `${x.one.warm_up_ticks} of ${x.one.ticks}` : f.count(x.one.ticks), "n"],
			["mean", (x) => x.show(x.mean), "n"], ["without it", (x) => x.show(x.steady), "n"]], rows.slice(0, 400),
		(x) => x.one.settled === "found" ? { class: "differs" } : {});
}

export function spreadTable() {
	const rows = own.flatMap((t) => (t.repetitions || []).map((r) => ({ t, r })));

	return table("Spread of the repetitions within this run, which are less independent than separate runs",
		[["target", (x) => x.t.name], ["metric", (x) => x.r.path.replace(/^results\./, (x.r.job ? x.r.job + " " : "") +
			(x.r.test ? x.r.test + ": " : ""))], ["n", (x) => f.count(x.r.n), "n"], ["mean", (x) => f.plain(x.r.mean), "n"],
		["median", (x) => f.plain(x.r.median), "n"], ["deviation", (x) => f.plain(x.r.stddev), "n"],
		["95 % of mean", (x) => x.r.ci ? `${f.plain(x.r.ci[0])} to ${f.plain(x.r.ci[1])}` : "-", "n"],
		["stand out", (x) => (x.r.outliers || []).join(", ") || "-"],
		["warm-up", (x) => x.r.warm_up ? `first ${x.r.warm_up}` : f.text(x.r.settled)],
		["without it", (x) => f.plain(x.r.steady_mean), "n"]], rows.slice(0, 400));
}
