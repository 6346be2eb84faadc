// Datasets, their rows, columns, map, endpoints, and one row.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clipboard, column, world } from "./support.mjs";

const own = world();
const ROWS = "/__mock/datasets/4tka-6guv";

test("the list tells rows, version and the last write, and leads to the rows", async () => {
  const { page, check } = await own.open("/__mock/");
  const line = page.locator("tr", { hasText: "USGS Earthquakes" });
  assert.match(await line.innerText(), /4tka-6guv[\s\S]*12[\s\S]*earthquake_id[\s\S]*(ago|now)/);
  await line.getByRole("link").click();
  await page.waitForSelector(".grid-row .number");
  assert.equal(new URL(page.url()).pathname, ROWS);
  await page.goBack();
  await page.waitForSelector("h1:text('Datasets')");
  await check();
});

test("a browser that asks for the root is led to the page", async () => {
  const { page, check } = await own.open("/");
  assert.equal(new URL(page.url()).pathname, "/__mock/");
  await check();
});

test("cells are drawn by their type, numbers with their scale and to the right", async () => {
  const { page, check } = await own.open(ROWS);
  await page.waitForSelector(".grid-row .number");
  assert.ok((await column(page, "Depth")).includes("9.30"));
  const cell = page.locator(".grid-cell.right", { hasText: "9.30" });
  assert.equal(await cell.evaluate((element) => getComputedStyle(element).textAlign), "right");
  assert.ok((await column(page, "Datetime")).includes("2012-09-14 22:38:01"));
  await page.locator(".grid").evaluate((element) => { element.scrollLeft = 2000; });
  await page.waitForSelector(".grid-title:has-text('Location')");
  assert.ok((await column(page, "Location")).includes("-120.0172, 39.5231"));
  await check();
});

test("system fields come with their switch and are in the address", async () => {
  const { page, check } = await own.open(ROWS);
  await page.getByText("System fields").click();
  await page.waitForSelector(".grid-title:has-text(':version')");
  await page.waitForSelector(".grid-cell .mono");
  assert.match((await column(page, ":id"))[0], /^row-/);
  assert.match(page.url(), /system=1/);
  await check();
});

test("a click on a name sorts up, then down, then not", async () => {
  const { page, check } = await own.open(ROWS);
  const name = page.locator(".grid-name", { hasText: "Magnitude" });
  const sorted = async (wanted) => {
    await page.waitForFunction(([first]) => [...document.querySelectorAll(".grid-cell .number")].some((cell) => cell.textContent === first), [wanted]);
    return (await column(page, "Magnitude"))[0];
  };
  await name.click();
  await page.waitForSelector("[aria-sort=ascending]");
  await page.waitForFunction(() => document.querySelector(".grid-row:first-child .number")?.textContent === "0.9");
  assert.equal(await sorted("0.9"), "0.9");
  await name.click();
  await page.waitForFunction(() => document.querySelector(".grid-row:first-child .number")?.textContent === "5.2");
  await name.click();
  await page.waitForSelector("[aria-sort=descending]", { state: "detached" });
  assert.doesNotMatch(page.url(), /order/);
  await check();
});

test("a typed filter leaves the rows that fit", async () => {
  const { page, check } = await own.open(ROWS);
  await page.locator("#where").fill("magnitude > 2 and region like '%Alaska%'");
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=/^1 of 12 rows$/");
  assert.deepEqual(await column(page, "Region"), ["Central Alaska"]);
  await page.getByRole("button", { name: "Clear the filter" }).click();
  await page.waitForSelector("text=/^12 rows$/");
  await check();
});

test("an error in a filter is underlined at its place", async () => {
  const { page, check } = await own.open(ROWS, { refusals: true });
  for (const [text, broken] of [["magnitude > nope", "nope"], ["region = 'a'\nand magnitud < 3", "magnitud"], ["magnitude >> 1", ">"]]) {
    await page.locator("#where").fill(text);
    await page.getByRole("button", { name: "Filter", exact: true }).click();
    await page.waitForFunction((wanted) => document.querySelector(".where .broken")?.textContent === wanted, broken);
    assert.ok((await page.locator(".editor-error").innerText()).length > 5);
  }
  assert.equal(await page.locator("#where").getAttribute("aria-invalid"), "true");
  await check();
});

test("completion offers columns and functions", async () => {
  const { page, check } = await own.open(ROWS, { refusals: true });
  await page.locator("#where").focus();
  await page.keyboard.type("magn");
  await page.getByRole("option", { name: /^magnitude/ }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.type(" > 4 and upp");
  await page.getByRole("option", { name: /^upper/ }).waitFor();
  await page.keyboard.press("Enter");
  await page.keyboard.type("region) = 'TONGA'");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#where").inputValue(), "magnitude > 4 and upper(region) = 'TONGA'");
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=/^1 of 12 rows$/");
  await check();
});

test("the search box finds words in text columns", async () => {
  const { page, check } = await own.open(ROWS);
  await page.keyboard.press("/");
  await page.keyboard.type("alaska");
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=/^2 of 12 rows$/");
  await check();
});

test("a column's values are told, and each is a filter", async () => {
  const { page, check } = await own.open(ROWS);
  await page.locator(".grid-note", { hasText: "source" }).click();
  const panel = page.getByRole("complementary", { name: "Values of Source" });
  await panel.getByText("Different").waitFor();
  assert.match(await panel.innerText(), /Filled\s+12 of 12 rows/);
  await panel.getByRole("button", { name: /^ak/ }).click();
  await page.waitForSelector("text=/^2 of 12 rows$/");
  assert.equal(await page.locator("#where").inputValue(), "source = 'ak'");
  await page.locator(".grid-note", { hasText: "magnitude" }).click();
  await page.getByRole("img", { name: "Distribution of Magnitude" }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Clear the filter" }).click();
  await page.getByRole("img", { name: "Distribution of Magnitude" }).waitFor();
  await page.locator(".panel .histogram .pick").last().click();
  await page.waitForSelector("text=/^1 of 12 rows$/");
  await check();
});

test("the schema tells types, names and the row identifier", async () => {
  const { page, check } = await own.open(`${ROWS}/columns`);
  await page.getByText("different").first().waitFor();
  const key = await page.locator("tr", { hasText: "earthquake_id" }).first().innerText();
  assert.match(key, /row identifier/);
  assert.match(key, /text/);
  assert.match(await page.locator("tr", { hasText: "number_of_stations" }).innerText(), /number/);
  await page.locator("tr", { hasText: "number_of_stations" }).scrollIntoViewIfNeeded();
  await page.getByRole("img", { name: "Distribution of Number of Stations" }).waitFor();
  await check();
});

test("the map draws every geometry and leads to its row", async () => {
  const { page, check } = await own.open(`${ROWS}/map`);
  await page.getByText("12 of 12 rows drawn").waitFor();
  const canvas = page.locator(".map canvas");
  const painted = () => canvas.evaluate((element) => {
    const { data } = element.getContext("2d").getImageData(0, 0, element.width, element.height);
    const blue = [];
    for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 100 && data[at + 2] > data[at] + 60) blue.push(at / 4);
    const middle = blue[4];
    return { count: blue.length, x: middle % element.width, y: Math.floor(middle / element.width) };
  });
  const before = await painted();
  assert.ok(before.count > 200, `${before.count} pixels of points`);
  await page.getByRole("button", { name: "Zoom in" }).click();
  await canvas.focus();
  await page.keyboard.press("ArrowLeft");
  assert.notDeepEqual(await painted(), before);
  await page.keyboard.press("0");
  assert.deepEqual(await painted(), before);
  const box = await canvas.boundingBox();
  await page.mouse.move(box.x + before.x, box.y + before.y + 2);
  assert.match(await page.locator(".map-note").innerText(), /Alaska/);
  await page.mouse.click(box.x + before.x, box.y + before.y + 2);
  await page.waitForURL(/\/row\//);
  await check();
});

test("the map has the filter of the rows, and coasts", async () => {
  const { page, check } = await own.open(`${ROWS}?where=magnitude%20%3E%203`);
  await page.waitForSelector(".grid-row .number");
  const coast = page.waitForResponse(/land\.js$/);
  await page.getByRole("link", { name: "Map" }).click();
  await page.getByText("3 of 12 rows drawn, those of the filter").waitFor();
  assert.equal((await coast).status(), 200);
  await page.getByRole("button", { name: "Take out magnitude > 3" }).click();
  await page.getByText("12 of 12 rows drawn").waitFor();
  await check();
});

test("endpoints are copied whole", async () => {
  const { page, check } = await own.open(`${ROWS}/api`);
  await page.locator("tr", { hasText: "Rows" }).first().getByRole("button").click();
  assert.match(await clipboard(page), /^https:\/\/localhost:\d+\/resource\/4tka-6guv\.json$/);
  await check();
});

test("one row has its values, its history and copies that work", async () => {
  await own.write("POST", "/resource/4tka-6guv.json", [{ earthquake_id: "00388609", region: "Somewhere else" }]);
  const { page, check } = await own.open(`${ROWS}/row/00388609`);
  await page.getByText("Somewhere else").first().waitFor();
  const history = page.locator("section", { has: page.getByRole("heading", { name: "History" }) });
  await history.locator(".before", { hasText: "Northern California" }).waitFor();
  await history.locator(".after", { hasText: "Somewhere else" }).waitFor();
  await page.getByRole("button", { name: "Copy as JSON" }).click();
  const json = JSON.parse(await clipboard(page));
  assert.deepEqual([json.earthquake_id, json.depth, json[":id"]], ["00388609", "9.30", undefined]);
  await page.getByRole("button", { name: "Copy as curl upsert" }).click();
  const curl = await clipboard(page);
  const body = /--data-binary '([\s\S]*)'$/.exec(curl)[1];
  assert.match(curl, /^curl -X POST 'https:\/\/localhost/);
  assert.match((await own.write("POST", "/resource/4tka-6guv.json", body)).body, /"Rows Updated" : 1/);
  await page.getByRole("button", { name: "Copy as sodapy" }).click();
  assert.match(await clipboard(page), /soda\.upsert\("4tka-6guv", \[\{"source": "nn"/);
  await check();
});

test("twins give what the view shows", async () => {
  const { page, check } = await own.open(`${ROWS}?where=${encodeURIComponent("magnitude > 4")}&order=magnitude%20desc`);
  await page.waitForSelector("text=/^2 of 12 rows$/");
  const address = await page.locator(".toolbar .twins a", { hasText: "JSON" }).getAttribute("href");
  const rows = await (await fetch(own.url + address)).json();
  assert.deepEqual(rows.map((row) => row.magnitude), ["5.2", "4.8"]);
  const csv = await (await fetch(own.url + (await page.locator(".toolbar .twins a", { hasText: "CSV" }).getAttribute("href")))).text();
  assert.equal(csv.trim().split("\n").length, 3);
  await check();
});
