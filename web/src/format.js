// SPDX-License-Identifier: Apache-2.0
// Numbers for people. What is absent is "-", never zero.

const isNumber = (v) => typeof v === "number" && Number.isFinite(v);

// Three digits, and no more zeros than they take.
function digits(v) {
	const a = Math.abs(v);

	return a >= 100 || v === 0 ? v.toFixed(0) : a >= 10 ? v.toFixed(1) : a >= 1 ? v.toFixed(2) :
		a >= 0.001 ? String(+v.toPrecision(2)) : v.toExponential(1);
}

function scaled(v, units, step) {
	let i = 0;

	if (!isNumber(v))
		return "-";
	while (i + 1 < units.length && Math.abs(v) >= step) {
		v /= step;
		i++;
	}
	return digits(v) + (units[i] ? " " + units[i] : "");
}

export const bytes = (v) => scaled(v, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"], 1024);

// Between the ticks of an axis of bytes, for five of them or fewer: 1, 2 or 5 and zeros of a unit, or its half.
export function byteStep(most) {
	const each = most / 5, unit = 1024 ** Math.max(0, Math.floor(Math.log2(each) / 10));
	const ten = 10 ** Math.floor(Math.log10(each / unit));
	const step = ten * [1, 2, 5, 10].find((n) => n * ten * unit >= each);

	return unit * (step === 500 ? 512 : step === 1000 ? 1024 : step);
}

export const rate = (v) => isNumber(v) ? bytes(v) + "/s" : "-";
export const count = (v) => !isNumber(v) ? "-" : Math.abs(v) < 10000 && Number.isInteger(v) ?
	String(v) : scaled(v, ["", "k", "M", "G", "T"], 1000);
export const perSecond = (v) => isNumber(v) ? count(v) + "/s" : "-";
export const percent = (v) => !isNumber(v) ? "-" : v > 0 && v < 0.001 ? "< 0.1 %" :
	(100 * v).toFixed(Math.abs(v) < 0.0995 && v !== 0 ? 1 : 0) + " %";
export const plain = (v) => isNumber(v) ? digits(v) : "-";
export const text = (v) => v === null || v === undefined || v === "" ? "-" : String(v);

export function ns(v) {
	if (!isNumber(v))
		return "-";
	return Math.abs(v) < 1e9 ? scaled(v, ["ns", "µs", "ms"], 1000) : seconds(v / 1e9);
}

export function seconds(v) {
	if (!isNumber(v))
		return "-";
	if (Math.abs(v) < 1)
		return v === 0 ? "0 s" : ns(v * 1e9);
	if (v < 120)
		return digits(v) + " s";
	return v < 7200 ? `${Math.floor(v / 60)} min ${Math.round(v % 60)} s` :
		`${Math.floor(v / 3600)} h ${Math.round(v % 3600 / 60)} min`;
}

// By the unit of a line.
export const byUnit = {
	"bytes/s": rate, "1/s": perSecond, bytes, ratio: percent, ns,
	cores: (v) => isNumber(v) ? digits(v) + (v === 1 ? " core" : " cores") : "-",
	tasks: (v) => isNumber(v) ? digits(v) + " tasks" : "-",
};
