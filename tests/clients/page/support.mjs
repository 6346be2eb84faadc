// A server and a browser for one file of tests, and the checks that every page has to pass.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { extname } from "node:path";
import { after, before } from "node:test";
import { chromium, firefox } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ARGUMENTS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** Which browser runs the tests: "chromium" or "firefox". */
export const BROWSER = process.env.PAGE_BROWSER ?? "chromium";

/** Firefox as its makers build it, driven by WebDriver BiDi. Tests read what the page has put on the clipboard. */
const FIREFOX = { channel: "moz-firefox", firefoxUserPrefs: { "dom.events.testing.asyncClipboard": true } };

function launch() {
  if (BROWSER === "firefox") return firefox.launch({ executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr", ...FIREFOX });
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS });
}

export const PUBLISHER = `Basic ${Buffer.from("publisher@example.com:publisher").toString("base64")}`;

/** A server with the demo dataset, or without any, and a browser; both end with the file's tests. */
export function world({ demo = true, args = [] } = {}) {
  const own = { url: "", browser: null };
  let server;
  own.start = async (port = 0) => {
    server = spawn(process.env.SODA_MOCK_BINARY, ["serve", "--port", String(port), "--ca-dir", "memory", "--exit-with-stdin", ...args], { stdio: ["pipe", "pipe", "inherit"] });
    for await (const line of createInterface({ input: server.stdout })) {
      const ready = JSON.parse(line);
      // With a port of its own for the admin API the page is there.
      Object.assign(own, { url: new URL(ready.admin).origin, https: ready.https });
      break;
    }
  };
  /** Ends the server; `start(port)` begins another one at the same place. */
  own.stop = async () => {
    const ended = once(server, "exit");
    server.kill("SIGKILL");
    await ended;
    return new URL(own.url).port;
  };
  before(async () => {
    await own.start();
    if (!demo) await own.admin("POST", "/reset", { to: "empty" });
    own.browser = await launch();
  });
  after(async () => {
    await own.browser?.close();
    server?.kill();
  });
  own.admin = async (method, path, body) => {
    const response = await fetch(`${own.url}/__mock/v1${path}`, { method, body: body && JSON.stringify(body), headers: body && { "Content-Type": "application/json" } });
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${response.ok ? "" : await response.text()}`);
    return response.headers.get("content-type")?.includes("json") ? response.json() : response.text();
  };
  own.write = async (method, path, rows, type = "application/json") => {
    const body = typeof rows === "string" ? rows : JSON.stringify(rows);
    const response = await fetch(own.url + path, { method, body, headers: { Authorization: PUBLISHER, "Content-Type": type } });
    return { status: response.status, body: await response.text(), request: response.headers.get("x-mock-request") };
  };
  own.open = (path, options) => open(own, path, options);
  return own;
}

/**
 * Opens a view. `check()` at the end of a test fails on errors of the console, violations of the policy and
 * requests to anywhere else; `refusals: true` allows answers with an error status, which the console tells too.
 */
async function open(own, path, { width = 1280, height = 800, theme = "light", refusals = false, base = own.url } = {}) {
  const context = await own.browser.newContext({ viewport: { width, height }, colorScheme: theme, ignoreHTTPSErrors: true });
  if (BROWSER === "chromium") await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: base });
  const page = await context.newPage();
  const wrong = [];
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
  });
  page.on("console", (message) => {
    const refused = refusals && /^Failed to load resource|net::ERR_/.test(message.text());
    // Tests read the canvas more often than a page should.
    if (["error", "warning"].includes(message.type()) && !refused && !message.text().startsWith("Canvas2D: Multiple readback")) wrong.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => wrong.push(`error: ${error.stack}`));
  page.on("dialog", (dialog) => {
    wrong.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== new URL(base).origin) wrong.push(`outside: ${request.url()}`);
  });
  if (process.env.PAGE_SOURCE) await serveSource(page, process.env.PAGE_SOURCE);
  await page.goto(base + path);
  await page.waitForSelector("main h1, main h2, main .failure");
  const check = async () => {
    wrong.push(...(await page.evaluate(() => window.violations)));
    await context.close();
    assert.deepEqual(wrong, []);
  };
  return { page, check };
}

/** Answers the page's files from a folder in place of those in the binary: a change of the page needs no build then. */
async function serveSource(page, folder) {
  const types = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
  await page.route("**/__mock/assets/**", (route) => {
    const file = new URL(route.request().url()).pathname.split("/").slice(4).join("/");
    return existsSync(`${folder}/${file}`) ? route.fulfill({ body: readFileSync(`${folder}/${file}`), contentType: types[extname(file)] }) : route.fallback();
  });
  await page.route("**/__mock/**", async (route) => {
    if (route.request().resourceType() !== "document") return route.fallback();
    const response = await route.fetch();
    const styles = readdirSync(`${folder}/style`).sort().map((name) => `<link rel="stylesheet" href="/__mock/assets/source/style/${name}">`);
    return route.fulfill({ response, body: (await response.text()).replace(/<link rel="modulepreload"[^>]*>\n/g, "").replace("</head>", `${styles.join("")}</head>`) });
  });
}

/** Fails on what axe calls serious or critical. */
export async function accessible(page, name) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const bad = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  assert.deepEqual(bad.map(({ id, nodes }) => `${name}: ${id}: ${nodes.map((node) => `${node.html.slice(0, 160)} ${node.any[0]?.message ?? ""}`).slice(0, 3).join(" | ")}`), []);
}

/** Fails when the page itself is wider than its window; tables may scroll inside. */
export async function fitsWidth(page, name) {
  const [wide, window_] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= window_, `${name} is ${wide} wide in a window of ${window_}`);
}

/** A double click. In Firefox the event itself: there two clicks of the driver are one only when they follow each other at once. */
export const doubleClick = (locator) => (BROWSER === "firefox" ? locator.click().then(() => locator.dispatchEvent("dblclick")) : locator.dblclick());

/** What the clipboard holds. */
export const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

/** The texts of the cells of a column, as far as they are drawn. */
export async function column(page, title) {
  const index = await page.locator(`.grid-title:has(bdi:text-is("${title}"))`).getAttribute("aria-colindex");
  return page.locator(`.grid-cell[aria-colindex="${index}"]`).allInnerTexts();
}
