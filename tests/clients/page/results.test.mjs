// Answers of the console that are long and wide: only what is seen is drawn.
import assert from "node:assert/strict";
import { test } from "node:test";
import { world } from "./support.mjs";

const own = world();
const ROWS = 10_000;
const COLUMNS = 200;
const WIDE = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS}) SELECT ${Array.from({ length: COLUMNS }, (_, at) => `i + ${at} AS c${at}`).join(", ")} FROM n`;

/** The elements and the height of the grid. */
const drawn = (page) => page.locator(".grid").evaluate((grid) => ({ elements: grid.querySelectorAll("*").length, height: grid.clientHeight, window: innerHeight }));

test("a long and wide answer is drawn as far as it is seen, and scrolls to its last cell", async () => {
  const { page, check } = await own.open(`/__mock/query?sql=${encodeURIComponent(WIDE)}`);
  await page.getByText("10,000 rows").waitFor();
  await page.waitForSelector(".grid-row .number");
  const first = await drawn(page);
  assert.ok(first.elements < 3_000, `${first.elements} elements`);
  assert.ok(first.height < first.window, `${first.height} of ${first.window} pixels`);
  await page.locator(".grid").focus();
  await page.keyboard.press("Control+End");
  const last = (ROWS + COLUMNS - 1).toLocaleString("en-US").replaceAll(",", "");
  await page.waitForFunction((text) => [...document.querySelectorAll(".grid-cell.active")].some((cell) => cell.textContent === text), last);
  assert.ok((await drawn(page)).elements < 3_000);
  await check();
});

test("an answer that the default limit has cut says so", async () => {
  const columns = [{ fieldName: "k", name: "k", dataTypeName: "number" }];
  await own.admin("PUT", "/datasets/many-rows", { name: "Many", columns, metadata: { rowIdentifier: "k" }, rows: Array.from({ length: 1200 }, (_, k) => ({ k })) });
  const { page, check } = await own.open(`/__mock/query?dataset=many-rows&soql=${encodeURIComponent("SELECT *")}`);
  await page.getByText("the default limit").waitFor();
  await page.locator("#soql").fill("SELECT * LIMIT 1100");
  await page.keyboard.press("Control+Enter");
  await page.getByText("1,100 rows").waitFor();
  assert.equal(await page.getByText("the default limit").count(), 0);
  await check();
});

test("a run can be cancelled, and the last answer stays", async () => {
  const { page, check } = await own.open(`/__mock/query?dataset=4tka-6guv&soql=${encodeURIComponent("SELECT magnitude")}`, { refusals: true });
  await page.getByText("12 rows").waitFor();
  await page.route("**/query.json?**", () => {});
  await page.locator("#soql").fill("SELECT depth");
  await page.keyboard.press("Control+Enter");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("The next run was cancelled.").waitFor();
  await page.locator(".grid-title", { hasText: "magnitude" }).waitFor();
  await check();
});

test("groups are asked for without writing a query", async () => {
  const { page, check } = await own.open("/__mock/query?dataset=4tka-6guv");
  await page.getByRole("button", { name: "Group by" }).click();
  const form = page.getByRole("form", { name: "Group by" });
  await form.getByLabel("Group by").selectOption("source");
  await form.getByLabel("then by").selectOption("datetime");
  await form.getByLabel("Times by").selectOption("y");
  await form.getByLabel("Show").selectOption("avg");
  await form.getByRole("combobox", { name: "of", exact: true }).selectOption("magnitude");
  await form.getByRole("button", { name: "Show groups" }).click();
  await page.locator(".grid-title", { hasText: "avg_of_magnitude" }).waitFor();
  await page.locator(".grid-title", { hasText: "datetime_y" }).waitFor();
  assert.match(await page.locator("#soql").inputValue(), /date_trunc_y\(datetime\)/);
  await check();
});

test("queries are saved with a name, and the last ones are kept", async () => {
  const { page, check } = await own.open("/__mock/query?dataset=4tka-6guv");
  await page.locator("#soql").fill("SELECT region LIMIT 3");
  await page.keyboard.press("Control+Enter");
  await page.getByText("3 rows").waitFor();
  await page.getByRole("button", { name: "Saved and last queries" }).click();
  await page.getByLabel("Save this query as").fill("three");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.reload();
  await page.getByRole("button", { name: "Saved and last queries" }).click();
  await page.getByRole("list", { name: "Last queries" }).getByText("SELECT region LIMIT 3").waitFor();
  await page.locator("#soql").fill("SELECT 1");
  await page.getByRole("list", { name: "Saved queries" }).getByRole("link", { name: /three/ }).click();
  await page.getByText("3 rows").waitFor();
  await page.getByRole("button", { name: "Forget three" }).click();
  await page.getByRole("list", { name: "Saved queries" }).waitFor({ state: "detached" });
  await check();
});

test("a chart tells its values, draws every bar, and stands in the address", async () => {
  const { page, check } = await own.open(`/__mock/query?sql=${encodeURIComponent("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) SELECT 'bar ' || i AS name, i AS value FROM n")}&show=chart`);
  await page.getByRole("img", { name: "value by name, 300 bars" }).waitFor();
  await page.locator(".plot .u-over").hover({ position: { x: 8, y: 100 } });
  await page.locator(".plot-value", { hasText: /^bar 1: 1$/ }).waitFor();
  await page.getByRole("combobox", { name: "Chart" }).selectOption("histogram");
  await page.getByRole("img", { name: /^Distribution of value/ }).waitFor();
  assert.match(page.url(), /chart=histogram/);
  await page.reload();
  await page.getByRole("img", { name: /^Distribution of value/ }).waitFor();
  await check();
});
