// Ctrl K leads to a dataset, a row, a request, a view or a command.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accessible, world } from "./support.mjs";

const own = world();

async function goTo(page, text, wanted) {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Dataset, row, request or command" }).fill(text);
  await page.getByRole("option", { name: wanted }).first().waitFor();
  for (let turn = 0; turn < 20; turn += 1) {
    if (wanted.test(await page.locator(".palette [aria-selected=true]").innerText())) break;
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Enter");
}

test("each kind of place is found by typing", async () => {
  await own.write("GET", "/resource/4tka-6guv.json");
  const { page, check } = await own.open("/__mock/start");
  await goTo(page, "usgs", /^USGS Earthquakes\s+dataset/);
  await page.waitForURL(/\/datasets\/4tka-6guv$/);
  await goTo(page, "00388609", /^Row 00388609/);
  await page.waitForURL(/\/row\/00388609$/);
  await page.waitForSelector(".values");
  await goTo(page, "#1", /^Request 1/);
  await page.waitForURL(/\/requests\/1$/);
  await goTo(page, "row errors", /^Requests with row errors/);
  await page.waitForURL(/row_error=true/);
  await goTo(page, "arm mainten", /^Arm maintenance/);
  await page.waitForURL(/\/controls\/faults$/);
  await page.getByRole("row", { name: /maintenance/ }).waitFor();
  assert.equal((await own.admin("GET", "/faults")).faults.length, 1);
  await own.admin("DELETE", "/faults");
  await check();
});

test("it is opened while something is typed, found by nothing serious of axe, and closed by Escape", async () => {
  const { page, check } = await own.open("/__mock/query");
  await page.locator("#soql").focus();
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog", { name: "Go to" }).waitFor();
  await accessible(page, "palette");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Go to" }).waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement.id), "soql");
  await check();
});
