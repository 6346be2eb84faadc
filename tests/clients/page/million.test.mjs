// A dataset of a million rows: the first rows come at once, the last ones too. Times are printed, and
// bounds on them are wide: a slow machine must not fail for being slow.
import assert from "node:assert/strict";
import { test } from "node:test";
import { world } from "./support.mjs";

const own = world();
const COUNT = Number(process.env.ROWS ?? 1_000_000);
const PART = 100_000;

async function fill() {
  const columns = [["key", "number"], ["name", "text"], ["amount", "number"], ["day", "calendar_date"], ["flag", "checkbox"], ["note", "text"]];
  await own.admin("PUT", "/datasets/mill-ions", {
    name: "A million", metadata: { rowIdentifier: "key" }, columns: columns.map(([fieldName, dataTypeName]) => ({ fieldName, name: fieldName, dataTypeName })),
  });
  for (let start = 0; start < COUNT; start += PART) {
    const lines = ["key,name,amount,day,flag,note"];
    for (let n = start; n < Math.min(start + PART, COUNT); n += 1) {
      lines.push(`${n},name ${(n * 7919) % 1000},${(n % 977) / 4},20${String(n % 25).padStart(2, "0")}-0${(n % 9) + 1}-1${n % 10},${n % 3 === 0},a note of some length about row ${n}`);
    }
    const { status, body } = await own.write("POST", "/resource/mill-ions.json", lines.join("\n"), "text/csv");
    assert.equal(status, 200, body);
  }
}

const keyAt = (page, key) => page.waitForFunction((wanted) => [...document.querySelectorAll('.grid-cell[aria-colindex="2"]')].some((cell) => cell.textContent === wanted), String(key), { polling: "raf" });

/** Longest time between two frames while something runs. */
async function longestFrame(page, run) {
  await page.evaluate(() => {
    window.longest = 0;
    let before = performance.now();
    const frame = (now) => {
      window.longest = Math.max(window.longest, now - before);
      before = now;
      window.watching = requestAnimationFrame(frame);
    };
    window.watching = requestAnimationFrame(frame);
  });
  await run();
  return page.evaluate(() => {
    cancelAnimationFrame(window.watching);
    return Math.round(window.longest);
  });
}

test("a million rows: first rows, end, middle, back, sorted", async () => {
  await fill();
  const { page, check } = await own.open("/__mock/");
  const timed = async (name, run) => {
    const start = performance.now();
    await run();
    console.log(`${name}: ${Math.round(performance.now() - start)} ms`);
  };
  await timed("first rows, from a click in the list", async () => {
    await page.getByRole("link", { name: "A million" }).click();
    await keyAt(page, 0);
  });
  assert.equal(await page.locator(".grid").getAttribute("aria-rowcount"), String(COUNT + 1));
  await page.locator(".grid").focus();
  await timed("to the last row", async () => {
    await page.keyboard.press("Control+End");
    await keyAt(page, COUNT - 1);
  });
  await timed("back to the first row", async () => {
    await page.keyboard.press("Control+Home");
    await keyAt(page, 0);
  });
  await timed("to the middle, by the scroll bar", async () => {
    await page.locator(".grid").evaluate((element) => { element.scrollTop = (element.scrollHeight - element.clientHeight) * 0.5; });
    await page.waitForFunction(() => document.querySelector(".grid-row a"), null, { polling: "raf" });
    await page.waitForFunction((half) => Number(document.querySelector('.grid-row:nth-child(8) .grid-cell[aria-colindex="2"]')?.textContent || -1) > half * 0.9, COUNT / 2, { polling: "raf" });
  });
  const longest = await longestFrame(page, async () => {
    await page.locator(".grid").hover();
    for (let turn = 0; turn < 40; turn += 1) await page.mouse.wheel(0, 600);
    await page.locator(".grid").evaluate((element) => { element.scrollTop = element.scrollHeight; });
    await keyAt(page, COUNT - 1);
    await page.locator(".grid").evaluate((element) => { element.scrollTop = 0; });
    await keyAt(page, 0);
  });
  console.log(`longest frame while scrolling to the end and back: ${longest} ms`);
  const drawn = await page.locator(".grid-row").count();
  assert.ok(drawn < 80, `${drawn} rows are drawn`);
  await timed("sorted, first rows", async () => {
    await page.locator(".grid-name", { hasText: "amount" }).click();
    await page.waitForFunction(() => document.querySelector('.grid-row:first-child .grid-cell[aria-colindex="4"]')?.textContent === "0", null, { timeout: 120_000 });
  });
  await timed("sorted, last rows", async () => {
    await page.locator(".grid").focus();
    await page.keyboard.press("Control+End");
    await page.waitForFunction(() => [...document.querySelectorAll('.grid-cell[aria-colindex="4"]')].at(-1)?.textContent === "244", null, { timeout: 120_000 });
  });
  await check();
});

test("a wheel goes row by row even where the bar stands for more than its length", async () => {
  const { page, check } = await own.open("/__mock/datasets/mill-ions");
  await keyAt(page, 0);
  await page.locator(".grid").focus();
  await page.keyboard.press("Control+End");
  await keyAt(page, COUNT - 1);
  await page.keyboard.press("Control+Home");
  await keyAt(page, 0);
  await page.locator(".grid").hover();
  await page.mouse.wheel(0, 280);
  await page.waitForFunction(() => Number(document.querySelector(".grid-row")?.getAttribute("aria-rowindex")) === 6, null, { polling: "raf" });
  await check();
});
