// The first minute with the page, as a film: `SODA_MOCK_BINARY=… FILM=first-minute.gif node --test film.mjs`. Time stands
// still and ids follow from a number, so the same page gives the same film.
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import gifenc from "gifenc";
import { PNG } from "pngjs";
import { doubleClick, world } from "./support.mjs";

const { GIFEncoder } = gifenc;
const own = world({ args: ["--clock", "2025-01-31T12:00:00Z", "--ids", "1"] });
const SIZE = { width: 960, height: 600 };
/** The page uses few colours; more would only make the file larger. */
const COLOURS = 200;
/** The most bytes that the film may have. */
const MOST = 2_000_000;
const UPSERT = [
  { earthquake_id: "demo1234", magnitude: "1.0", region: "Washington" }, { earthquake_id: "00388609", magnitude: "1.2" },
  { earthquake_id: "old-0", ":deleted": true }, { earthquake_id: "old-1", ":deleted": true },
];

/** Pictures one after the other, each shown for some milliseconds, in the same few colours. */
class Film {
  #frames = [];

  add(png, delay) {
    const { data, width, height } = PNG.sync.read(png);
    this.#frames.push({ words: new Uint32Array(new Uint8Array(data).buffer), width, height, delay });
  }

  /** Of each picture but the first only what differs from the one before is kept. */
  bytes() {
    const colours = frequent(this.#frames.map(({ words }) => words));
    const palette = [...colours.map(parts), [0, 0, 0]];
    const clear = palette.length - 1;
    const nearest = new Map(colours.map((colour, at) => [colour, at]));
    const indexOf = (colour) => {
      if (!nearest.has(colour)) nearest.set(colour, nearestOf(parts(colour), palette.slice(0, -1)));
      return nearest.get(colour);
    };
    const encoder = GIFEncoder();
    let before;
    for (const { words, width, height, delay } of this.#frames) {
      const index = Uint8Array.from(words, (colour, at) => (before?.[at] === colour ? clear : indexOf(colour)));
      encoder.writeFrame(index, width, height, { palette, delay, dispose: 1, transparent: Boolean(before), transparentIndex: clear });
      before = words;
    }
    encoder.finish();
    return encoder.bytes();
  }
}

/** Red, green and blue of a pixel. */
const parts = (word) => [word & 255, (word >> 8) & 255, (word >> 16) & 255];

/** The colours that most pixels have: areas of one colour keep it exactly. */
function frequent(pictures) {
  const counts = new Map();
  for (const words of pictures) for (const colour of words) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, COLOURS).map(([colour]) => colour);
}

function nearestOf(colour, palette) {
  const distances = palette.map((other) => other.reduce((sum, part, at) => sum + (part - colour[at]) ** 2, 0));
  return distances.indexOf(Math.min(...distances));
}

test("the first minute", async () => {
  const { page, check } = await own.open("/__mock/", SIZE);
  const film = new Film();
  const shot = async (delay) => film.add(await page.screenshot({ animations: "disabled", caret: "hide" }), delay);
  const type = async (box, text) => {
    await box.focus();
    for (const part of text.match(/.{1,5}/g)) {
      await page.keyboard.type(part);
      await shot(180);
    }
  };
  await page.getByRole("link", { name: "USGS Earthquakes" }).waitFor();
  await shot(1600);
  // An upload of four rows, as a publisher's program sends it.
  await page.goto(`${own.url}/__mock/requests`);
  await page.locator(".line.live").waitFor();
  await shot(900);
  await own.write("POST", "/resource/4tka-6guv.json", UPSERT);
  await page.locator("a.entry").waitFor();
  await shot(1500);
  await page.locator("a.entry").click();
  await page.waitForSelector(".fate-table .grid-row");
  await page.locator(".before").first().waitFor();
  await shot(2200);
  await page.getByRole("button", { name: /no such row to delete/ }).click();
  await page.waitForFunction(() => document.querySelectorAll(".fate-table .grid-row").length === 2);
  await shot(2200);
  // The rows: filtered, one changed in place.
  await page.goto(`${own.url}/__mock/datasets/4tka-6guv`);
  await page.waitForSelector(".grid-row .number");
  await shot(1200);
  await type(page.locator("#where"), "magnitude > 2");
  await page.keyboard.press("Enter");
  await page.getByText(/of 13 rows/).waitFor();
  await shot(1500);
  await page.getByText("Edit", { exact: true }).click();
  await doubleClick(page.locator(".grid-cell .number", { hasText: /^4\.8$/ }).first());
  await shot(600);
  await page.keyboard.press("Control+a");
  await page.keyboard.type("4.9");
  await shot(700);
  await page.keyboard.press("Enter");
  await page.getByText(/Stored by/).waitFor();
  await page.locator(".grid-cell .number", { hasText: /^4\.9$/ }).first().waitFor();
  await shot(1600);
  // The data as of the version before.
  await page.goto(`${own.url}/__mock/datasets/4tka-6guv/as-of/1`);
  await page.getByText("12 rows as of version 1").waitFor();
  await page.waitForSelector(".grid-row .number");
  await shot(2000);
  // A question.
  await page.goto(`${own.url}/__mock/query?dataset=4tka-6guv&soql=${encodeURIComponent("SELECT source, max(magnitude) AS strongest GROUP BY source")}&show=chart`);
  await page.waitForSelector(".plot canvas");
  await shot(2400);
  // What goes wrong on demand.
  await page.goto(`${own.url}/__mock/controls/faults`);
  await page.getByRole("button", { name: "rate-limited" }).click();
  await page.getByRole("row", { name: /rate-limited/ }).waitFor();
  await shot(1500);
  for (let turn = 0; turn < 20; turn += 1) await fetch(`${own.url}/resource/4tka-6guv.json`);
  await page.goto(`${own.url}/__mock/requests`);
  await page.getByRole("button", { name: /alike/ }).waitFor();
  await shot(3000);
  await check();
  const bytes = film.bytes();
  if (bytes.length > MOST) throw new Error(`The film has ${bytes.length} bytes, more than ${MOST}.`);
  await writeFile(process.env.FILM ?? "screenshots/first-minute.gif", bytes);
  console.log(`${bytes.length} bytes`);
});
