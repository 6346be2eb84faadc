// The console: SoQL, SQL, charts, map, explain, downloads.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { column, world } from "./support.mjs";

const own = world();
const soql = (text, rest = "") => `/__mock/query?dataset=4tka-6guv&soql=${encodeURIComponent(text)}${rest}`;

test("a query that is typed is run, and its address runs it again", async () => {
  const { page, check } = await own.open("/__mock/query");
  await page.locator("#soql").fill("SELECT source, count(*) AS n GROUP BY source ORDER BY n DESC, source");
  await page.keyboard.press("Control+Enter");
  await page.getByText("6 rows").waitFor();
  await page.waitForSelector(".grid-row .number");
  assert.deepEqual((await column(page, "n")).slice(0, 3), ["2", "2", "2"]);
  await page.reload();
  await page.getByText("6 rows").waitFor();
  await check();
});

test("an error is underlined and told", async () => {
  const { page, check } = await own.open("/__mock/query", { refusals: true });
  await page.locator("#soql").fill("SELECT region\nWHERE\n  magnitudo > 1");
  await page.getByRole("button", { name: "Run" }).click();
  await page.waitForFunction(() => document.querySelector(".broken")?.textContent === "magnitudo");
  assert.match(await page.locator(".editor-error").innerText(), /No such column[\s\S]*line 3, character 3/);
  await check();
});

test("a query is explained", async () => {
  const { page, check } = await own.open(soql("SELECT region WHERE magnitude > 2"));
  await page.getByRole("button", { name: "Explain" }).click();
  await page.locator(".explain pre", { hasText: "SELECT" }).first().waitFor();
  await check();
});

test("charts fit the columns", async () => {
  const { page, check } = await own.open(soql("SELECT region, magnitude, depth, datetime", "&show=chart"));
  const inked = () => page.locator(".plot canvas").evaluate((element) => {
    const { data } = element.getContext("2d").getImageData(0, 0, element.width, element.height);
    let blue = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 100 && data[at + 2] > data[at] + 60) blue += 1;
    return blue;
  });
  for (const kind of ["line", "bar", "scatter", "histogram"]) {
    await page.getByRole("combobox", { name: "Chart" }).selectOption(kind);
    await page.getByRole("img", { name: kind === "histogram" ? /Distribution/ : / by / }).waitFor();
    await page.waitForSelector(".plot canvas");
    await page.waitForFunction(() => document.querySelector(".plot canvas")?.width > 300);
    assert.ok((await inked()) > 100, `${kind} is empty`);
  }
  await check();
});

test("geometry is drawn as a map", async () => {
  const { page, check } = await own.open(soql("SELECT earthquake_id, location", "&show=map"));
  await page.getByText("12 drawn").waitFor();
  await page.getByRole("button", { name: "Map" }).and(page.locator("[aria-pressed=true]")).waitFor();
  await check();
});

test("SQL reads the stored tables and nothing else", async () => {
  const { page, check } = await own.open("/__mock/query?language=sql", { refusals: true });
  await page.locator("#sql").fill('SELECT source, count(*) AS n FROM "4tka-6guv" GROUP BY source ORDER BY n DESC');
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByText("6 rows").waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save as CSV" }).click()]);
  assert.match(await readFile(await download.path(), "utf8"), /^"source","n"\n/);
  await page.locator("#sql").fill("DELETE FROM datasets");
  await page.getByRole("button", { name: "Run" }).click();
  await page.locator(".editor-error").waitFor();
  await page.locator("#sql").fill("SELECT nonsense FROM datasets");
  await page.getByRole("button", { name: "Run" }).click();
  await page.waitForFunction(() => document.querySelector(".broken")?.textContent === "nonsense");
  await check();
});

test("results are downloaded in each form", async () => {
  const { page, check } = await own.open(soql("SELECT earthquake_id, location LIMIT 2"));
  await page.getByText("2 rows").waitFor();
  for (const [name, wanted] of [["JSON", /^\[\{"earthquake_id"/], ["CSV", /^"earthquake_id","location"\n/], ["GeoJSON", /FeatureCollection/]]) {
    const address = await page.locator(".console-ask .twins a").getByText(name, { exact: true }).getAttribute("href");
    assert.match(await (await fetch(own.url + address)).text(), wanted);
  }
  await check();
});
