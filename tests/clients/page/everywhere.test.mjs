// What holds for every view: axe finds nothing serious in either theme, 360 pixels are enough, and the
// keyboard alone is enough.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { test } from "node:test";
import { accessible, fitsWidth, world } from "./support.mjs";

const own = world();
const QUERY = encodeURIComponent("SELECT source, count(*) AS n, avg(magnitude) AS mean GROUP BY source ORDER BY n DESC");
/** Name, address, what is there when it is drawn. */
const VIEWS = [
  ["datasets", "/__mock/", "table.list"], ["rows", "/__mock/datasets/4tka-6guv?column=magnitude&where=magnitude%20%3E%201", ".panel .histogram"],
  ["filter-error", "/__mock/datasets/4tka-6guv?where=magnitude%20%3E%20nope", ".editor-error"],
  ["columns", "/__mock/datasets/4tka-6guv/columns", ".histogram"], ["map", "/__mock/datasets/4tka-6guv/map", ".map canvas"],
  ["changes", "/__mock/datasets/4tka-6guv/changes", ".changes, .empty"], ["endpoints", "/__mock/datasets/4tka-6guv/api", ".code"],
  ["row", "/__mock/datasets/4tka-6guv/row/00388609", ".values"], ["requests", "/__mock/requests", "a.entry"], ["request", "/__mock/requests/1", ".fates .grid-row"],
  ["query", `/__mock/query?dataset=4tka-6guv&soql=${QUERY}`, ".grid-row .number"], ["chart", `/__mock/query?dataset=4tka-6guv&soql=${QUERY}&show=chart`, ".plot canvas"],
  ["sql", `/__mock/query?sql=${encodeURIComponent('SELECT * FROM "4tka-6guv"')}`, ".grid-row .number"],
  ["faults", "/__mock/controls/faults", ".presets li"], ["clock", "/__mock/controls/clock", ".clock"], ["throttle", "/__mock/controls/throttle", "form"],
  ["snapshots", "/__mock/controls/snapshots", "tbody tr"], ["diff", "/__mock/controls/snapshots/diff/first/current", ".diff"],
  ["spaces", "/__mock/controls/spaces", "tbody tr"], ["accounts", "/__mock/controls/accounts", "tbody tr"], ["start", "/__mock/start", ".code"],
  ["new", "/__mock/datasets/new", ".drop"], ["as-of", "/__mock/datasets/4tka-6guv/as-of/1", ".as-of .grid-row"],
  ["missing-dataset", "/__mock/datasets/none-none", ".failure"],
];

let prepared;
const prepare = () => (prepared ??= (async () => {
  await own.admin("PUT", "/snapshots/first");
  const rows = [{ earthquake_id: "new-1", magnitude: "2.50", region: "Nowhere" }, { earthquake_id: "00388609", magnitude: "1.3", region: "Nevada" }, { earthquake_id: "c000clg5", ":deleted": true }, { earthquake_id: "gone-1", ":deleted": true }, { earthquake_id: "gone-2", ":deleted": true }, { magnitude: 1 }];
  await own.write("POST", "/resource/4tka-6guv.json", rows);
  await own.write("POST", "/resource/4tka-6guv.json", [{ earthquake_id: "x", magnitud: 1 }]);
  await fetch(`${own.url}/resource/4tka-6guv.json?$limit=5&$order=magnitude`);
  await fetch(`${own.url}/resource/4tka-6guv/new-1.json`);
  await own.admin("POST", "/faults/presets/upsert-applied-but-502");
})());

async function picture(page, name) {
  if (!process.env.SCREENSHOTS) return;
  await mkdir(process.env.SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png` });
}

for (const theme of ["light", "dark"]) {
  test(`axe finds nothing serious in the ${theme} theme`, async (context) => {
    await prepare();
    for (const [name, path, there] of VIEWS) {
      await context.test(name, async () => {
        const { page, check } = await own.open(path, { theme, refusals: /error|missing/.test(name) });
        await page.waitForSelector(there, { timeout: 10_000 });
        await accessible(page, name);
        await picture(page, `${name}-${theme}`);
        await check();
      });
    }
  });
}

test("360 pixels are enough for every view", async (context) => {
  await prepare();
  for (const [name, path, there] of VIEWS) {
    await context.test(name, async () => {
      const { page, check } = await own.open(path, { width: 360, height: 740, refusals: /error|missing/.test(name) });
      await page.waitForSelector(there, { timeout: 10_000 });
      await fitsWidth(page, name);
      await picture(page, `${name}-360`);
      await check();
    });
  }
});

test("the theme follows the system until one is chosen, and the choice stays", async () => {
  const { page, check } = await own.open("/__mock/start", { theme: "dark" });
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await ground();
  await page.emulateMedia({ colorScheme: "light" });
  const light = await ground();
  assert.notEqual(dark, light);
  await page.keyboard.press("t");
  await page.keyboard.press("t");
  await page.getByRole("button", { name: "Theme: Dark" }).waitFor();
  assert.equal(await ground(), dark);
  await page.reload();
  assert.equal(await ground(), dark);
  await check();
});

test("the keyboard alone finds a row, filters, and comes back", async () => {
  const { page, check } = await own.open("/__mock/start");
  await page.keyboard.press("g");
  await page.keyboard.press("d");
  await page.waitForURL(/\/__mock\/$/);
  await page.waitForSelector("tbody a");
  for (let turn = 0; turn < 30; turn += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement.textContent === "USGS Earthquakes")) break;
  }
  await page.keyboard.press("Enter");
  await page.waitForSelector(".grid-row .number");
  for (let turn = 0; turn < 60; turn += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement.getAttribute("role") === "grid")) break;
  }
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
  // Two rows down and in the last column; the keys are answered within the frame that draws them.
  await page.waitForFunction(() => {
    const cell = document.getElementById(document.activeElement.getAttribute("aria-activedescendant"));
    return cell?.getAttribute("aria-colindex") === "11" && cell.closest("[role=row]").getAttribute("aria-rowindex") === "4";
  });
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/row\//);
  await page.goBack();
  await page.waitForSelector(".grid-row .number");
  await page.keyboard.press("/");
  await page.keyboard.type("nevada");
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=/of \\d+ rows/");
  await page.locator("body").click({ position: { x: 640, y: 60 } });
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "detached" });
  await check();
});

test("the first thing to focus leads past the navigation", async () => {
  const { page, check } = await own.open("/__mock/");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  await check();
});
