// SPDX-License-Identifier: Apache-2.0
// Elements. Text is always text: nothing here reads markup.

// h("p.dim", {title: "x"}, "text", h("b", "more")): what is null or false is left out.
export function h(what, ...rest) {
	const [tag, ...classes] = what.split(".");
	const e = document.createElement(tag || "div");
	const isPlain = (v) => v && typeof v === "object" && !Array.isArray(v) && !(v instanceof Node);

	if (classes.length)
		e.className = classes.join(" ");
	if (rest.length && isPlain(rest[0]))
		setAttributes(e, rest.shift());
	append(e, rest);
	return e;
}

function setAttributes(e, attributes) {
	for (const [name, value] of Object.entries(attributes)) {
		if (value === null || value === undefined || value === false)
			continue;
		if (name.startsWith("on"))
			e.addEventListener(name.slice(2), value);
		else if (name === "style")
			Object.assign(e.style, value);
		else
			e.setAttribute(name, value === true ? "" : value);
	}
}

export function append(e, children) {
	for (const c of children.flat(Infinity))
		if (c !== null && c !== undefined && c !== false)
			e.append(c instanceof Node ? c : String(c));
	return e;
}

// Columns: [title, cell(row), "n" for numbers]. Nothing without rows.
export function table(caption, columns, rows, rowAttributes) {
	if (!rows.length)
		return null;
	return h("div.scroll", { tabindex: 0, role: "region", "aria-label": caption },
		h("table",
			h("caption", caption),
			h("thead", h("tr", columns.map((c) =>
				h("th", { scope: "col", class: c[2] || false }, c[0])))),
			h("tbody", rows.map((row) => h("tr", rowAttributes ? rowAttributes(row) : {},
				columns.map((c, i) => h(i ? "td" : "th",
					{ class: c[2] || false, scope: i ? false : "row" }, c[1](row))))))));
}

// @title may be ["Title of the section", "word"], which navigation then has.
export function section(id, title, lead, ...children) {
	const [words, word] = Array.isArray(title) ? title : [title, title];

	return h("section", { id, "data-word": word, "aria-labelledby": id + "-title" },
		h("h2", { id: id + "-title" }, words),
		lead && h("p.lead", lead), children);
}

export function details(summary, ...children) {
	return h("details", h("summary", summary), children);
}
