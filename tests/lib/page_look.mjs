// SPDX-License-Identifier: Apache-2.0
// node page_look.mjs NODE_MODULES CHROMIUM PAGE [SCREENSHOT]: opens report.html as a reader would, tries what a reader can
// do, and tells what there was as JSON. It judges nothing.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [modules, browserPath, page, screenshot] = process.argv.slice(2);
const require = createRequire(join(resolve(modules), "x.js"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const url = "file://" + resolve(page);
const look = { console: [], errors: [], requests: [], sockets: 0 };

const browser = await chromium.launch({
	executablePath: browserPath,
	args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync"],
});
const tab = await browser.newPage({ viewport: { width: 1400, height: 900 }, colorScheme: "light" });

tab.setDefaultTimeout(60000);
tab.on("console", (m) => look.console.push(`${m.type()}: ${m.text()}`));
tab.on("pageerror", (e) => look.errors.push(String(e.stack || e)));
tab.on("request", (r) => r.url() === url || look.requests.push(r.url()));
tab.on("websocket", () => look.sockets++);

const began = Date.now();
await tab.goto(url);
await tab.waitForFunction(() => window.cbpf);
look.open_ms = Date.now() - began; // told, never judged
look.title = await tab.title();
look.first_screen = await tab.evaluate(() => document.getElementById("verdict").getBoundingClientRect().top < innerHeight);
look.first_charts = (await tab.evaluate(() => window.cbpf.inventory())).filter((c) => c.drawn).length;

// Scrolling draws what comes into view; what is left is drawn for print.
for (const id of await tab.evaluate(() => [...document.querySelectorAll("section")].map((s) => s.id)))
	await tab.evaluate((one) => document.getElementById(one).scrollIntoView(), id);
while (await tab.locator("#more-heatmaps").count())
	await tab.locator("#more-heatmaps").click();
await tab.evaluate(() => window.cbpf.drawAll());
look.charts = await tab.evaluate(() => window.cbpf.inventory());

// Zoom by the keys, by the wheel, and by the program.
const timed = look.charts.filter((c) => c.time).map((c) => c.id);
const zooms = async () => (await tab.evaluate(() => window.cbpf.inventory())).filter((c) => c.time).map((c) => c.zoom);
if (timed.length) {
	const chart = tab.locator("#chart-" + timed[Math.min(1, timed.length - 1)]);

	look.zoom = { before: await zooms() };
	await chart.focus();
	await tab.keyboard.press("+");
	look.zoom.keys = await zooms();
	await tab.keyboard.press("0");
	look.zoom.whole = await zooms();
	await chart.scrollIntoViewIfNeeded();
	const box = await chart.boundingBox();
	await tab.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
	await tab.keyboard.down("Control");
	await tab.mouse.wheel(0, -300);
	await tab.keyboard.up("Control");
	await tab.waitForFunction((was) => JSON.stringify(window.cbpf.inventory().filter((c) => c.time).map((c) => c.zoom)) !== was,
		JSON.stringify(look.zoom.whole), { timeout: 10000 }).catch(() => {}); // and what it is then is judged
	await tab.waitForTimeout(300); // the chart collects turns of the wheel
	look.zoom.wheel = await zooms();
	await tab.evaluate(() => window.cbpf.zoomTo(0.1, 0.2));
	look.zoom.program = await zooms();
	await tab.keyboard.press("0");
}

// Tips of charts have names, too: the mouse goes over each until one shows.
look.tips = [];
for (const id of look.charts.map((c) => c.id).filter((one) => !one.startsWith("heat-")).slice(0, 40)) {
	const chart = tab.locator("#chart-" + id);

	await chart.scrollIntoViewIfNeeded();
	const box = await chart.boundingBox();
	for (const part of [0.5, 0.3, 0.7, 0.15, 0.9]) {
		await tab.mouse.move(box.x + box.width * part, box.y + box.height * 0.5);
		const tip = await chart.evaluate((e) => [...e.children].map((c) => c.innerText || "").join(""));

		if (tip) {
			look.tips.push({ id, tip });
			break;
		}
	}
}

// Where names are: as text, and nowhere as markup.
look.markup = await tab.evaluate(() => ({
	ran: window.hostile === undefined ? null : window.hostile,
	scripts: document.scripts.length, images: document.images.length, frames: document.querySelectorAll("iframe,object,embed").length,
	says_script: document.body.innerText.includes("<script>"),
}));
look.links = await tab.evaluate(() => [...document.querySelectorAll("a[href]")].map((a) => a.getAttribute("href"))
	.filter((to) => !to.startsWith("#") || !document.getElementById(to.slice(1))));
look.text = await tab.evaluate(() => document.querySelector("main").innerText);

async function accessibility() {
	await tab.evaluate(axe);
	const found = await tab.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));

	return found.violations.map((v) => ({ id: v.id, impact: v.impact, nodes: v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200)) }));
}
look.axe = { light: await accessibility() };
await tab.emulateMedia({ colorScheme: "dark" });
look.axe.dark = await accessibility();
look.dark = await tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
if (screenshot)
	await tab.screenshot({ path: screenshot, fullPage: true });
await tab.emulateMedia({ media: "print" });
look.pdf_bytes = (await tab.pdf()).length;
await browser.close();
console.log(JSON.stringify(look));
