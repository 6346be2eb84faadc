// What holds for every view: axe finds nothing serious in either theme, 360 pixels are enough, and the
// keyboard alone is enough.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { test } from "node:test";
import { accessible, fitsWidth, world } from "./support.mjs";
import { VIEWS, prepared } from "./views.mjs";

const own = world();
const prepare = prepared(own);

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
