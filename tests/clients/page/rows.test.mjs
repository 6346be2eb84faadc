// What people do with rows that they see: filter by values, arrange columns, take cells, and come back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clipboard, column, world } from "./support.mjs";

const own = world();
const ROWS = "/__mock/datasets/4tka-6guv";
const status = (page, text) => page.waitForFunction((wanted) => document.querySelector(".toolbar [role=status]")?.textContent === wanted, text);
const where = (page) => page.locator("#where").inputValue();
const cellMenu = async (page, text) => {
  await page.locator(".grid-cell", { hasText: text }).first().click({ button: "right" });
  return page.getByRole("menu", { name: "Cell" });
};
const item = (page, name) => page.getByRole("menuitem", { name });

test("values of a column are chosen, added, excluded and taken out, also without a value", async () => {
  const { page, check } = await own.open(`${ROWS}?column=source`);
  const panel = page.getByRole("complementary", { name: "Values of Source" });
  await panel.getByRole("button", { name: /^ak/ }).click();
  await status(page, "2 of 12 rows");
  await panel.getByRole("button", { name: /^ci/ }).click();
  await status(page, "4 of 12 rows");
  assert.equal(await where(page), "source IN ('ak', 'ci')");
  await page.getByRole("list", { name: "Conditions" }).getByText("Source: ak or ci").waitFor();
  await panel.getByRole("button", { name: "not ak" }).click();
  await status(page, "10 of 12 rows");
  await panel.getByRole("button", { name: "All values again" }).click();
  await status(page, "12 rows");
  await page.locator("#where").fill("magnitude > 1 and depth between 1 and 40");
  await page.keyboard.press("Enter");
  await status(page, "9 of 12 rows");
  await panel.getByText("of 9 rows").waitFor();
  await panel.getByRole("button", { name: /^nc/ }).click();
  const chips = page.getByRole("list", { name: "Conditions" });
  await chips.getByText("Source: nc").waitFor();
  assert.equal(await chips.locator(".chip").count(), 3);
  await chips.getByRole("button", { name: "Take out magnitude > 1" }).click();
  await page.waitForFunction(() => document.querySelector("#where").value === "depth between 1 and 40 AND source = 'nc'");
  await chips.getByRole("button", { name: "Take out all" }).click();
  await status(page, "12 rows");
  await check();
});

test("a cell filters, is excluded, copied and shown whole", async () => {
  const { page, check } = await own.open(ROWS);
  await page.waitForSelector(".grid-row .number");
  await cellMenu(page, "Central Alaska");
  await item(page, /^Only rows with this value/).click();
  await status(page, "1 of 12 rows");
  assert.equal(await where(page), "region = 'Central Alaska'");
  await cellMenu(page, "Central Alaska");
  await item(page, /^Without rows of this value/).click();
  await status(page, "11 of 12 rows");
  await page.getByRole("button", { name: "Clear the filter" }).click();
  await status(page, "12 rows");
  await page.locator(".grid-cell", { hasText: "Central Alaska" }).click();
  await page.keyboard.press("Control+c");
  assert.equal(await clipboard(page), "Central Alaska");
  await page.keyboard.press(" ");
  await page.getByRole("dialog", { name: "Region" }).getByText("Central Alaska").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Shift+F10");
  await item(page, "Copy the row as JSON").click();
  assert.equal(JSON.parse(await clipboard(page)).region, "Central Alaska");
  await check();
});

test("columns are hidden, moved, frozen and made wider, and stay so", async () => {
  const { page, check } = await own.open(ROWS);
  await page.waitForSelector(".grid-row .number");
  const names = () => page.locator(".grid-title bdi").allInnerTexts();
  const menu = (name) => page.getByRole("button", { name: `Column ${name}`, exact: true }).click();
  const [, second] = await names();
  await menu(second);
  await item(page, "Hide").click();
  await page.waitForFunction((name) => ![...document.querySelectorAll(".grid-title bdi")].some((title) => title.textContent === name), second);
  await menu("Magnitude");
  await item(page, "Move left").click();
  const before = await page.locator(".grid-title:has(bdi:text-is('Magnitude'))").evaluate((title) => title.offsetWidth);
  await menu("Magnitude");
  await item(page, "Wider").click();
  await page.waitForFunction((width) => [...document.querySelectorAll(".grid-title")].find((title) => title.querySelector("bdi").textContent === "Magnitude").offsetWidth === width + 40, before);
  await menu("Magnitude");
  await item(page, "Freeze up to here").click();
  await page.locator(".grid-head .grid-frozen", { hasText: "Magnitude" }).waitFor();
  const shown = await names();
  await page.reload();
  await page.waitForSelector(".grid-row .number");
  assert.deepEqual(await names(), shown);
  await page.locator(".grid").evaluate((grid) => { grid.scrollLeft = 5000; });
  await page.waitForSelector(".grid-title:has-text('Location')");
  await page.locator(".grid-frozen .grid-cell .number").first().waitFor();
  await page.getByRole("button", { name: /^Columns, 1 hidden/ }).click();
  await page.getByRole("button", { name: "As in the schema" }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Columns", exact: true }).waitFor();
  await check();
});

test("coming back from a row leads to its place in the grid, with the focus there", async () => {
  const columns = [{ fieldName: "k", name: "k", dataTypeName: "number" }, ...Array.from({ length: 30 }, (_, n) => ({ fieldName: `c${n}`, name: `c${n}`, dataTypeName: "text" }))];
  await own.admin("PUT", "/datasets/back-here", { name: "Back", columns, metadata: { rowIdentifier: "k" }, rows: Array.from({ length: 3000 }, (_, k) => ({ k, c29: `last ${k}` })) });
  const { page, check } = await own.open("/__mock/datasets/back-here?where=k%20%3E%3D%201000");
  await page.waitForSelector(".grid-row .number");
  await page.locator(".grid").focus();
  await page.keyboard.press("Control+End");
  await page.locator(".grid-cell.active", { hasText: "last 2999" }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/row\/2999/);
  await page.waitForSelector(".values");
  await page.goBack();
  await page.locator(".grid-cell.active", { hasText: "last 2999" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("role")), "grid");
  await check();
});

test("a wrong filter keeps the rows and says which name may be meant", async () => {
  const { page, check } = await own.open(ROWS, { refusals: true });
  await page.waitForSelector(".grid-row .number");
  await page.locator("#where").fill("magnitud > 4");
  await page.keyboard.press("Enter");
  await status(page, "The filter is not understood; the rows are those of the last one");
  assert.equal((await column(page, "Magnitude")).length, 12);
  await page.getByRole("button", { name: "magnitude", exact: true }).click();
  await page.waitForFunction(() => /^\d of 12 rows$/.test(document.querySelector(".toolbar [role=status]")?.textContent ?? ""));
  assert.equal(await where(page), "magnitude > 4");
  await check();
});

test("a search that takes too long is told as that, and a slow one can be cancelled", async () => {
  const { page, check } = await own.open(ROWS, { refusals: true });
  await page.waitForSelector(".grid-row .number");
  const late = { status: 408, contentType: "application/json", body: JSON.stringify({ message: "the query was cancelled after 60 s" }) };
  await page.route((url) => url.search.includes("SEARCH"), (route) => route.fulfill(late));
  await page.getByPlaceholder("Search text").fill("alaska");
  await page.keyboard.press("Enter");
  await page.locator(".rows > .failure", { hasText: "cancelled after 60 s" }).waitFor();
  assert.equal(await page.locator(".editor-error").count(), 0);
  assert.equal((await column(page, "Magnitude")).length, 12);
  await page.unrouteAll();
  await page.route((url) => url.search.includes("SEARCH"), () => {});
  await page.getByPlaceholder("Search text").fill("nevada");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Cancel" }).click();
  await status(page, "Cancelled; the rows are those of the last filter");
  assert.equal((await column(page, "Magnitude")).length, 12);
  await check();
});
