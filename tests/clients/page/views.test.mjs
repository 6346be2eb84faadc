// Each view in one window, one after the other, as a person would go through them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BROWSER, fitsWidth, world } from "./support.mjs";
import { VIEWS, prepared } from "./views.mjs";

const own = world();
const prepare = prepared(own);
/** The most bytes on the wire of a first load. */
const MOST = 200_000;

test("each view is drawn, and leaves nothing behind in the console", async () => {
  await prepare();
  const { page, check } = await own.open("/__mock/start", { refusals: true });
  for (const [name, path, there] of VIEWS) {
    await page.goto(own.url + path);
    await page.waitForSelector(there);
    await fitsWidth(page, name);
    assert.notEqual(await page.locator("main").innerText(), "", name);
  }
  await check();
});

test("the grid scrolls, sorts and opens a row; back leads to the same place", async () => {
  await own.admin("DELETE", "/faults");
  const keys = Array.from({ length: 500 }, (_, n) => ({ earthquake_id: `row-${String(n).padStart(3, "0")}`, magnitude: n }));
  await own.write("POST", "/resource/4tka-6guv.json", keys);
  const { page, check } = await own.open("/__mock/datasets/4tka-6guv");
  await page.waitForSelector(".grid-row .number");
  await page.locator(".grid-name", { hasText: "magnitude" }).click();
  await page.waitForURL(/order=magnitude/);
  await page.locator(".grid").focus();
  await page.keyboard.press("Control+End");
  await page.locator(".grid-cell", { hasText: /^499$/ }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForSelector(".values");
  await page.goBack();
  await page.locator(".grid-cell", { hasText: /^499$/ }).waitFor();
  await check();
});

test("a question is typed, answered and drawn as a chart", async () => {
  const { page, check } = await own.open("/__mock/query?dataset=4tka-6guv");
  await page.locator("#soql").fill("SELECT source, count(*) AS n GROUP BY source");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".grid-row .number");
  await page.getByRole("button", { name: "Chart", exact: true }).click();
  await page.waitForSelector(".plot canvas");
  await check();
});

test("the first load of a view takes no more than 200 KB", async (context) => {
  if (BROWSER !== "chromium") return context.skip("only Chromium tells how many bytes came");
  // The rows of the tests before are no part of the page.
  await own.admin("POST", "/reset", { to: "seed" });
  await own.write("POST", "/resource/4tka-6guv.json", []);
  for (const [path, there] of [["/__mock/", "table.list"], ["/__mock/datasets/4tka-6guv", ".grid-row .number"], ["/__mock/requests", "a.entry"]]) {
    const { page, check } = await own.open("/__mock/start");
    const session = await page.context().newCDPSession(page);
    let bytes = 0;
    session.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
    await session.send("Network.enable");
    await session.send("Network.clearBrowserCache");
    await page.goto(own.url + path);
    await page.waitForSelector(there);
    assert.ok(bytes > 20_000 && bytes <= MOST, `${path}: ${bytes} bytes`);
    await check();
  }
  return undefined;
});
