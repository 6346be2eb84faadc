// The log of requests, live, and one request.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { BROWSER, clipboard, world } from "./support.mjs";

const own = world();
const DATASET = "/resource/4tka-6guv.json";
const BATCH = [
  { earthquake_id: "new-1", magnitude: "2.50", region: "Nowhere" }, { earthquake_id: "00388609", magnitude: "1.3" },
  { earthquake_id: "71842370", ":deleted": true }, { earthquake_id: "gone-1", ":deleted": true }, { earthquake_id: "gone-2", ":deleted": true }, { magnitude: 1 },
];

test("a request appears in the log while it is open, without loading", async () => {
  const { page, check } = await own.open("/__mock/requests");
  await page.getByText("No request yet.").waitFor();
  await page.locator(".line.live").waitFor();
  await own.write("POST", DATASET, BATCH);
  const line = page.locator("tr", { hasText: "/resource/4tka-6guv.json" });
  await line.waitFor();
  await line.getByText("+1").waitFor();
  assert.match(await line.innerText(), /200[\s\S]*POST[\s\S]*\+1[\s\S]*~1[\s\S]*−1[\s\S]*!3/);
  await check();
});

test("one request tells the fate of each row, alike ones together, and the values that changed", async () => {
  const { page, check } = await own.open("/__mock/requests");
  await page.locator("a.entry").first().click();
  await page.waitForURL(/\/requests\/\d+/);
  const one = page.locator("article.one");
  await one.getByRole("button", { name: /1 row: no primary key/ }).waitFor();
  await one.getByRole("button", { name: /2 rows: no such row to delete/ }).click();
  await page.waitForFunction(() => document.querySelectorAll(".fate-table .grid-row").length === 2);
  const lines = await one.locator(".fate-table .grid-row").allInnerTexts();
  assert.match(lines[0], /3[\s\S]*gone-1[\s\S]*error[\s\S]*earthquake_id[\s\S]*no such row/);
  // WebDriver BiDi tells nothing of files that the page itself makes.
  if (BROWSER === "chromium") {
    const [download] = await Promise.all([page.waitForEvent("download"), one.getByRole("button", { name: "Save as CSV" }).click()]);
    const csv = await readFile(await download.path(), "utf8");
    assert.match(csv, /^"Position","Key","Fate","Column","Reason","What to change","Sent"\n"3","gone-1","error"/);
    assert.match(csv, /""earthquake_id"":""gone-1""/);
  }
  await one.locator(".before", { hasText: /^1\.1$/ }).waitFor();
  await one.locator(".after", { hasText: "1.3" }).waitFor();
  await one.getByText("header").first().click();
  assert.match(await one.innerText(), /authorization[\s\S]*\*\*\*|authorization[\s\S]*…|authorization[\s\S]*masked/i);
  assert.doesNotMatch(await one.innerText(), /cHVibGlzaGVyQGV4YW1wbGUuY29tOnB1Ymxpc2hlcg/);
  await page.keyboard.press("Escape");
  await page.waitForURL(/\/requests$/);
  await check();
});

test("a refused request shows its words and what to change", async () => {
  const { request } = await own.write("POST", DATASET, [{ earthquake_id: "x", magnitud: 1 }]);
  const { page, check } = await own.open(`/__mock/requests/${request}`);
  await page.locator("article .failure", { hasText: "magnitud" }).waitFor();
  assert.match(await page.locator("article .failure").innerText(), /invalid_request[\s\S]*magnitude/);
  await check();
});

test("filters leave what fits and stand in the address", async () => {
  const { page, check } = await own.open("/__mock/requests");
  await page.waitForSelector("a.entry");
  const count = () => page.locator("a.entry").count();
  const all = await count();
  const counted = (wanted) => page.waitForFunction((number) => document.querySelectorAll("a.entry").length === number, wanted);
  await page.getByLabel("Status").selectOption("4xx");
  await counted(1);
  assert.match(page.url(), /status=4xx/);
  await page.getByLabel("Status").selectOption("");
  await counted(all);
  await page.getByLabel("Row error").selectOption("no_such_row_to_delete");
  await counted(1);
  await page.getByLabel("Row error").selectOption("version_mismatch");
  await page.getByText("No request fits the filter.").waitFor();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.getByLabel("Text").fill("nothing like it");
  await page.getByText("No request fits the filter.").waitFor();
  await page.getByLabel("Text").fill("4tka");
  await counted(all);
  await page.getByLabel("Operation").selectOption("upsert");
  await page.getByLabel("Client").selectOption("publisher@example.com");
  await page.getByLabel("Dataset").selectOption("4tka-6guv");
  await counted(all);
  await check();
});

test("a request is copied and replayed", async () => {
  const { request } = await own.write("POST", DATASET, [{ earthquake_id: "again", magnitude: 1 }]);
  const { page, check } = await own.open(`/__mock/requests/${request}`);
  await page.getByRole("button", { name: "Copy as curl" }).click();
  assert.match(await clipboard(page), /^curl[\s\S]*resource\/4tka-6guv\.json[\s\S]*again/);
  await page.getByRole("button", { name: "Copy as Python" }).click();
  assert.match(await clipboard(page), /requests|urllib/);
  await page.getByRole("button", { name: "Replay" }).click();
  await page.getByText(/Replayed as/).getByRole("link").click();
  await page.getByRole("button", { name: /1 row: updated/ }).waitFor();
  await check();
});

test("the keys j and k go through the log", async () => {
  const { page, check } = await own.open("/__mock/requests");
  await page.waitForSelector("a.entry");
  await page.locator("a.entry").first().focus();
  const first = await page.evaluate(() => document.activeElement.href);
  await page.keyboard.press("j");
  assert.notEqual(await page.evaluate(() => document.activeElement.href), first);
  await page.keyboard.press("k");
  assert.equal(await page.evaluate(() => document.activeElement.href), first);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/requests\/\d+/);
  await check();
});

test("rows and datasets that are shown follow a write", async () => {
  const { page, check } = await own.open("/__mock/datasets/4tka-6guv?order=earthquake_id%20desc");
  await page.waitForSelector(".grid-row .number");
  await own.write("POST", DATASET, [{ earthquake_id: "zz-live", region: "Live" }]);
  await page.locator(".grid-cell", { hasText: "zz-live" }).waitFor();
  await check();
});

test("the journal is cleared", async () => {
  const { page, check } = await own.open("/__mock/requests");
  await page.waitForSelector("a.entry");
  await page.getByRole("button", { name: "Clear the journal" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Clear the journal" }).click();
  await page.getByText("No request yet.").waitFor();
  await check();
});
