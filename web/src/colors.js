// SPDX-License-Identifier: Apache-2.0
// Colours for light and dark; those of targets stay apart for people who do not see red and green as others do.
import { OTHERS, targets, own } from "./data.js";

const palette = {
	light: ["#0969da", "#c2410c", "#047857", "#8250df", "#b45309", "#be185d", "#0e7490", "#4d7c0f"],
	dark: ["#58a6ff", "#fb923c", "#34d399", "#bc8cff", "#fbbf24", "#f472b6", "#22d3ee", "#a3e635"],
};
const grey = { light: ["#57606a", "#8c959f", "#afb8c1"], dark: ["#9aa3ab", "#6e7681", "#484f58"] };

export const ink = {
	light: { fg: "#1a1d21", dim: "#57606a", line: "#d8dee4", bg: "#ffffff", panel: "#f6f8fa" },
	dark: { fg: "#e6e8eb", dim: "#9aa3ab", line: "#30363d", bg: "#14171b", panel: "#1c2026" },
};

// Targets of the run have colours, what is nobody's is grey.
export function targetColor(id, theme) {
	const at = own.findIndex((t) => t.id === id);

	if (at >= 0)
		return palette[theme][at % palette[theme].length];
	if (id === OTHERS)
		return grey[theme][2];
	return grey[theme][targets.findIndex((t) => t.id === id) % 2];
}

// Sides of a comparison.
export const sideColor = (side, theme) => palette[theme][side % palette[theme].length];

// Parts of the time of calls, in order, as the report's budget has them.
export const parts = [
	["cpu_ns", "copy/CPU", "copying and other work of a CPU", "#4e79a7"],
	["runq_ns", "run queue", "waiting for a CPU", "#f28e2b"],
	["throttle_ns", "dirty throttle", "paused for dirtying pages too fast", "#b07aa1"],
	["queue_ns", "block queue", "waiting for I/O that is not in a device yet", "#edc948"],
	["device_ns", "device", "waiting for a device", "#e15759"],
	["io_ns", "I/O", "waiting for I/O: in a queue or a device, or elsewhere", "#ff9da7"],
	["journal_ns", "journal", "waiting for the file system's journal", "#59a14f"],
	["lock_ns", "locks", "waiting for locks of the kernel", "#76b7b2"],
	["other_ns", "other", "sleeping, blocked otherwise, or not known", "#9c9c9c"],
].map(([key, name, words, color]) => ({ key, name, words, color }));
