// SPDX-License-Identifier: Apache-2.0
// node page_open.mjs NODE_MODULES CHROMIUM ROUNDS PAGE...: for each page the ms from its address to its first screen, with
// all of its charts, in a new tab each: as many as there are rounds, pages in turn, a line each.
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [modules, browserPath, rounds, ...pages] = process.argv.slice(2);
const { chromium } = createRequire(join(resolve(modules), "x.js"))("playwright-core");
const browser = await chromium.launch({ executablePath: browserPath, args: ["--headless", "--no-sandbox", "--disable-gpu"] });

async function open(page) {
	const tab = await browser.newPage({ viewport: { width: 1400, height: 900 } });
	const began = performance.now();

	await tab.goto("file://" + resolve(page));
	await tab.waitForFunction(() => window.cbpf);
	// A chart is drawn when it is known to be in sight, which is told with the next frame.
	await tab.waitForFunction(() => [...document.querySelectorAll("[id^=chart-]")]
		.filter((e) => e.getBoundingClientRect().top < innerHeight).every((e) => e.querySelector("canvas")));
	await tab.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
	const ms = performance.now() - began;

	await tab.close();
	return ms;
}

for (const page of pages)
	await open(page); // what the first one finds cold
for (let i = 0; i < +rounds; i++) {
	const each = [];

	for (const page of pages)
		each.push((await open(page)).toFixed(0));
	console.log(each.join(" "));
}
await browser.close();
