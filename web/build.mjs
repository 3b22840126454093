// SPDX-License-Identifier: Apache-2.0
// node build.mjs NODE_MODULES OUT: src/ and what it imports as one HTML file, in which @CBPF_DATA@ is to be replaced.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const [modules, out] = process.argv.slice(2).map((p) => resolve(p));
const src = join(dirname(fileURLToPath(import.meta.url)), "src");
const { buildSync } = createRequire(join(modules, "x.js"))("esbuild");

function bundle(entry) {
	const result = buildSync({
		entryPoints: [join(src, entry)],
		bundle: true,
		minify: true,
		write: false,
		format: "iife",
		target: ["es2020"],
		charset: "ascii",
		legalComments: "none",
		banner: entry.endsWith(".js") ? {
			js: "/*! Holds Apache ECharts (Apache-2.0) and zrender (BSD-3-Clause). */" } : {},
		nodePaths: [modules],
		logLevel: "warning",
	});

	return result.outputFiles[0].text.trim();
}

// Only this script may run, whatever is in the data: its hash is in the page's policy.
const script = bundle("main.js").replace(/<\/(script)/gi, "<\\/$1").replace(/<!--/g, "<\\!--");
const hash = createHash("sha256").update(script).digest("base64");
const page = readFileSync(join(src, "page.html"), "utf8")
	.replace("@HASH@", () => hash)
	.replace("@STYLE@", () => bundle("style.css"))
	.replace("@SCRIPT@", () => script);

writeFileSync(out, page);
