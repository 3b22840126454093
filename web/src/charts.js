// SPDX-License-Identifier: Apache-2.0
// Charts: drawn when they come into view, in the colours of the theme, with one time axis for all that have it.
import * as echarts from "echarts/core";
import { BarChart, CustomChart, GraphChart, HeatmapChart, LineChart } from "echarts/charts";
import { AriaComponent, DataZoomComponent, GridComponent, LegendComponent, MarkLineComponent,
	TooltipComponent, VisualMapComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";
import { ink, targetColor } from "./colors.js";
import { last } from "./data.js";
import { h } from "./dom.js";
import { seconds } from "./format.js";

echarts.use([BarChart, CustomChart, GraphChart, HeatmapChart, LineChart, AriaComponent, DataZoomComponent,
	GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent,
	CanvasRenderer]);

const TIME = "time";
const all = [];
const dark = window.matchMedia("(prefers-color-scheme: dark)");
let forced = null; // a theme that somebody chose
let printing = false;
export const zoom = { from: 0, to: last };
const zoomListeners = [];

export const theme = () => printing ? "light" : forced || (dark.matches ? "dark" : "light");

// What all charts have in common.
function common(t) {
	const c = ink[t];

	return {
		animation: false,
		backgroundColor: "transparent",
		textStyle: { color: c.fg, fontFamily: "system-ui, sans-serif" },
		tooltip: {
			trigger: "axis", confine: true, backgroundColor: c.panel, borderColor: c.line,
			textStyle: { color: c.fg, fontSize: 12 }, transitionDuration: 0,
		},
	};
}

export function axisStyle(t, more = {}) {
	const c = ink[t];

	return {
		axisLine: { lineStyle: { color: c.line } },
		axisTick: { lineStyle: { color: c.line } },
		axisLabel: { color: c.dim, fontSize: 11, ...more.axisLabel },
		splitLine: { show: more.splitLine !== false, lineStyle: { color: c.line, width: 0.6 } },
		nameTextStyle: { color: c.dim, fontSize: 11 },
	};
}

export const legendStyle = (t, more = {}) => ({
	type: "scroll", top: 0, left: 0, itemWidth: 24, itemHeight: 9,
	// What scrolls is cut to the height of its lines, and letters are higher than their size.
	textStyle: { color: ink[t].fg, fontSize: 12, lineHeight: 18 },
	pageTextStyle: { color: ink[t].dim }, pageIconColor: ink[t].dim, pageIconInactiveColor: ink[t].line,
	inactiveColor: ink[t].dim, ...more,
});

// The axis of time that all charts with `time: true` share.
export function timeAxis(t) {
	return {
		...axisStyle(t, { splitLine: false }),
		type: "value", min: 0, max: last || 1,
		axisLabel: { ...axisStyle(t).axisLabel, formatter: (v) => seconds(+v.toFixed(6)) },
		axisPointer: { label: { formatter: (p) => seconds(p.value) } },
	};
}

export const timeZoom = () => [{
	type: "inside", xAxisIndex: 0, filterMode: "none", zoomOnMouseWheel: "ctrl", moveOnMouseMove: true,
	preventDefaultMouseMove: false, startValue: zoom.from, endValue: zoom.to,
}];

/*
 * {id, title, height, time, words, option(theme)}: words say what is to be seen for who cannot see it.
 * Returns the element; `note` is below the chart.
 */
export function chart(spec) {
	const box = h("div.plot", { role: "img", tabindex: 0, id: "chart-" + spec.id,
		"aria-label": `${spec.title}. ${spec.words || ""}`,
		style: { height: (spec.height || 220) + "px" } });
	const c = { ...spec, box, instance: null };

	all.push(c);
	if (spec.time)
		box.addEventListener("keydown", onKey);
	return h("figure", { id: "figure-" + spec.id },
		h("figcaption", spec.title, spec.controls),
		box, spec.note && h("p.note", spec.note));
}

function draw(c) {
	const t = theme();

	if (!c.instance) {
		c.instance = echarts.init(c.box, null, { renderer: "canvas" });
		if (c.time) {
			c.instance.group = TIME;
			c.instance.on("datazoom", () => onZoom(c));
		}
		if (c.ready)
			c.ready(c.instance);
	}
	c.instance.setOption({ ...common(t), ...c.option(t) }, { notMerge: true });
	c.drawn = true;
}

export function redraw(id) {
	for (const e of id ? [] : document.querySelectorAll("[data-target]"))
		e.style.background = targetColor(+e.dataset.target, theme());
	for (const c of all)
		if (c.drawn && (!id || c.id === id))
			draw(c);
}

function onZoom(c) {
	const z = c.instance.getOption().dataZoom[0];

	zoom.from = z.startValue;
	zoom.to = z.endValue;
	for (const f of zoomListeners)
		f(zoom);
}

export const onZoomChange = (f) => zoomListeners.push(f);

// All charts over time show this part of the run.
export function zoomTo(from, to) {
	const span = Math.max(to - from, last / 1e4 || 1e-6);

	zoom.from = Math.max(0, Math.min(from, last - span));
	zoom.to = Math.min(last, zoom.from + span);
	for (const c of all)
		if (c.time && c.drawn) {
			c.instance.dispatchAction({ type: "dataZoom", dataZoomIndex: 0, startValue: zoom.from,
				endValue: zoom.to });
			break; /* the others follow it */
		}
	for (const f of zoomListeners)
		f(zoom);
}

export const zoomBy = (factor) => {
	const middle = (zoom.from + zoom.to) / 2, half = (zoom.to - zoom.from) / 2 * factor;

	zoomTo(middle - half, middle + half);
};
export const moveBy = (part) => {
	const span = zoom.to - zoom.from, from = Math.max(0, Math.min(last - span, zoom.from + part * span));

	zoomTo(from, from + span);
};

function onKey(event) {
	const keys = { "+": () => zoomBy(0.5), "=": () => zoomBy(0.5), "-": () => zoomBy(2),
		"0": () => zoomTo(0, last), ArrowLeft: () => moveBy(-0.25), ArrowRight: () => moveBy(0.25) };

	if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey)
		return;
	keys[event.key]();
	event.preventDefault();
}

export function drawAll() {
	for (const c of all)
		if (!c.drawn && c.box.isConnected)
			draw(c);
}

export function setTheme(name) {
	forced = name;
	document.documentElement.dataset.theme = name || "";
	redraw();
}

export function start() {
	echarts.connect(TIME);
	const observer = new IntersectionObserver((entries) => {
		for (const e of entries) {
			const c = all.find((one) => one.box === e.target);

			if (e.isIntersecting && c && !c.drawn)
				draw(c);
		}
	}, { rootMargin: "400px" });
	start.observe = () => all.forEach((c) => observer.observe(c.box));
	start.observe();
	new ResizeObserver(() => all.forEach((c) => c.drawn && c.instance.resize())).observe(document.body);
	dark.addEventListener("change", () => redraw());
	window.addEventListener("beforeprint", () => {
		printing = true;
		drawAll();
		redraw();
	});
	window.addEventListener("afterprint", () => {
		printing = false;
		redraw();
	});
}

// What is written beside the vertical axis.
function valueLabels(instance) {
	const y = instance.getModel().getComponent("yAxis");

	return y ? y.axis.getViewLabels().map((label) => label.formattedLabel) : [];
}

// For tests: what each chart has drawn, by its own data.
export function inventory() {
	return all.map((c) => ({
		id: c.id, title: c.title, time: !!c.time, drawn: !!c.drawn,
		series: c.drawn ? (c.instance.getOption().series || []).length : 0,
		points: c.drawn ? (c.instance.getOption().series || []).reduce((n, s) =>
			n + (s.data || s.nodes || []).filter((d) => d !== null && d !== undefined &&
				!(Array.isArray(d) && d[1] === null)).length, 0) : 0,
		warm_up: c.drawn ? (c.instance.getOption().series || []).filter((s) => s.name === "warm-up")
			.flatMap((s) => s.data.map((d) => d.filter((v) => typeof v === "number" || typeof v === "string"))) : [],
		values: c.drawn ? valueLabels(c.instance) : [],
		zoom: c.drawn && c.time ? [c.instance.getOption().dataZoom[0].startValue,
			c.instance.getOption().dataZoom[0].endValue] : null,
	}));
}
