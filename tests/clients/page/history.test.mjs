// Writes over time, and the data as of any of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { column, world } from "./support.mjs";

const own = world();
const DATASET = "/resource/4tka-6guv.json";

test("the timeline leads to the rows as they were after each write", async () => {
  await own.write("POST", DATASET, [{ earthquake_id: "then-1", magnitude: 1 }, { earthquake_id: "then-2", magnitude: 1 }]);
  await own.write("POST", DATASET, [{ earthquake_id: "then-1", magnitude: 2 }, { earthquake_id: "then-2", ":deleted": true }]);
  await own.write("POST", DATASET, [{ earthquake_id: "then-2", magnitude: 3 }, { earthquake_id: "00388609", ":deleted": true }]);
  const { page, check } = await own.open("/__mock/datasets/4tka-6guv/changes");
  const writes = page.getByRole("navigation", { name: "Writes over time" }).getByRole("link");
  await writes.nth(2).waitFor();
  await writes.nth(0).click();
  const magnitudes = async (text) => {
    await page.getByRole("status").getByText(text).waitFor();
    await page.waitForSelector(".grid-row .number");
    const [keys, values] = [await column(page, "earthquake_id"), await column(page, "magnitude")];
    return ["then-1", "then-2", "00388609"].map((key) => values[keys.indexOf(key)]);
  };
  assert.deepEqual(await magnitudes("14 rows as of version 2"), ["1", "1", "1.1"]);
  await page.getByRole("button", { name: "Later" }).click();
  assert.deepEqual(await magnitudes("13 rows as of version 3"), ["2", undefined, "1.1"]);
  await page.getByRole("button", { name: "Later" }).click();
  assert.deepEqual(await magnitudes("13 rows as of version 4"), ["2", "3", undefined]);
  await page.getByRole("spinbutton", { name: "Version" }).fill("1");
  await page.getByRole("spinbutton", { name: "Version" }).dispatchEvent("change");
  await page.getByRole("status").getByText("12 rows as of version 1").waitFor();
  await check();
});
