// Rows that are added, changed and deleted on the page: each is a write of the emulated API, with its fate in the journal.
import assert from "node:assert/strict";
import { test } from "node:test";
import { doubleClick, world } from "./support.mjs";

const own = world();
const ROWS = "/__mock/datasets/4tka-6guv";
const row = async (key) => (await fetch(`${own.url}/resource/4tka-6guv/${key}.json`)).json();
const last = async () => (await own.admin("GET", "/requests?operation=upsert")).requests.at(-1);
const cell = (page, text) => page.locator(".grid-cell", { hasText: text }).first();
const item = (page, name) => page.getByRole("menuitem", { name });

test("a cell is changed by a double click, by typing, and set to null, and each is undone", async () => {
  const { page, check } = await own.open(`${ROWS}?order=earthquake_id`);
  await page.waitForSelector(".grid-row .number");
  await page.getByText("Edit", { exact: true }).click();
  await doubleClick(cell(page, "Northern California"));
  await page.getByLabel("New value of Region").fill("Here");
  await page.keyboard.press("Enter");
  await page.getByText(/Stored by/).waitFor();
  await cell(page, "Here").waitFor();
  const entry = await last();
  assert.deepEqual([entry.client.user, entry.method, entry.rows.updated], ["publisher@example.com", "POST", 1]);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText(/Taken back by/).waitFor();
  await page.waitForFunction(() => ![...document.querySelectorAll(".grid-cell")].some((element) => element.textContent === "Here"));
  await cell(page, "Tonga").click();
  await page.keyboard.type("Fiji");
  await page.keyboard.press("Enter");
  await cell(page, "Fiji").waitFor();
  await page.keyboard.press("Delete");
  await page.waitForFunction(() => ![...document.querySelectorAll(".grid-cell")].some((element) => element.textContent === "Fiji"));
  assert.equal((await row("c000clg5")).region, undefined);
  await check();
});

test("a row is added, changed in its form, and deleted", async () => {
  const { page, check } = await own.open(`${ROWS}?order=earthquake_id%20desc`);
  await page.getByRole("button", { name: "Add a row" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: /^Earthquake ID/ }).fill("zz-new");
  await dialog.getByRole("textbox", { name: /^Location/ }).fill('{"latitude":"1.5","longitude":"2.5"}');
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByText(/Added by/).waitFor();
  assert.equal((await row("zz-new")).location.latitude, "1.5");
  await cell(page, "zz-new").click({ button: "right" });
  await item(page, "Change the row").click();
  await dialog.getByRole("textbox", { name: /^Magnitude/ }).fill("3.5");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByText(/Stored by/).waitFor();
  assert.equal((await row("zz-new")).magnitude, "3.5");
  await cell(page, "zz-new").click({ button: "right" });
  await item(page, "Delete the row").click();
  await page.getByText(/Deleted by/).waitFor();
  await cell(page, "zz-new").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await cell(page, "zz-new").waitFor();
  assert.equal((await row("zz-new")).magnitude, "3.5");
  await check();
});

test("a refused change says why, and an account without the right may not", async () => {
  const { page, check } = await own.open(ROWS, { refusals: true });
  await page.waitForSelector(".grid-row .number");
  await page.getByText("Edit", { exact: true }).click();
  await doubleClick(page.locator(".grid-cell .number", { hasText: /^1\.1$/ }).first());
  await page.getByLabel("New value of Magnitude").fill("much");
  await page.keyboard.press("Enter");
  await page.locator(".edit-said .failure", { hasText: "maltyped" }).waitFor();
  await page.getByRole("combobox", { name: "As", exact: true }).selectOption("viewer@example.com");
  await doubleClick(cell(page, "Northern California"));
  await page.getByLabel("New value of Region").fill("X");
  await page.keyboard.press("Enter");
  await page.locator(".edit-said .failure", { hasText: "403" }).waitFor();
  await page.getByRole("combobox", { name: "As", exact: true }).selectOption("publisher@example.com");
  await doubleClick(cell(page, "00388609"));
  await page.getByText("Earthquake ID identifies the row").waitFor();
  await check();
});

test("a row is changed, deleted and asserted in its own view", async () => {
  const { page, check } = await own.open(`${ROWS}/row/71842370`);
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: /^Magnitude/ }).fill("8.8");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".values dd", { hasText: "8.8" }).waitFor();
  await page.locator(".changes .after", { hasText: "8.8" }).waitFor();
  await page.getByRole("button", { name: "Assert this" }).click();
  await page.getByRole("button", { name: "Run now" }).click();
  await page.getByText(/^It holds/).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByText("There is no such row now.").waitFor();
  await check();
});
