// A journal of more requests than are shown at once, and what can be done with one of them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { clipboard, world } from "./support.mjs";

const own = world();
const DATASET = "/resource/4tka-6guv.json";
const lines = (page, wanted) => page.waitForFunction((number) => document.querySelectorAll("a.entry").length === number, wanted);
const article = (page) => page.locator("article.one");

test("older requests are read when they are asked for, counts are right, and all are filtered", async () => {
  for (let start = 0; start < 900; start += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, step) => fetch(`${own.url}${DATASET}?$limit=1&$offset=${start + step}`, { headers: step ? {} : { "X-App-Token": "demo-app-token" } }).then((answer) => answer.text())));
  }
  const { page, check } = await own.open("/__mock/requests");
  await page.getByText("the newest 400 of 900 requests").waitFor();
  await lines(page, 400);
  await page.getByRole("button", { name: "Show 400 older ones" }).click();
  await lines(page, 800);
  await page.getByRole("button", { name: "Show 400 older ones" }).click();
  await lines(page, 900);
  await page.getByText("900 requests", { exact: true }).waitFor();
  await page.goto(`${own.url}/__mock/requests?text=offset%3D3`);
  await page.getByText("111 requests fit").waitFor();
  await page.goto(`${own.url}/__mock/requests?text=offset`);
  await page.getByText("the newest 400 of 900 that fit").waitFor();
  await page.getByRole("button", { name: "Show 400 older ones" }).click();
  await lines(page, 800);
  await page.goto(`${own.url}/__mock/requests/100`);
  await page.locator("tr.chosen").waitFor();
  await check();
});

test("bodies, row keys and row errors are searched on the server, in what comes later too", async () => {
  await own.admin("DELETE", "/requests");
  await own.write("POST", DATASET, [{ earthquake_id: "searched-1", region: "Xanthe Terra" }, { earthquake_id: "not there", ":deleted": true }]);
  for (let turn = 0; turn < 420; turn += 1) await fetch(`${own.url}${DATASET}?$limit=1`).then((answer) => answer.text());
  const { page, check } = await own.open("/__mock/requests");
  await page.getByText("the newest 400 of 421 requests").waitFor();
  await page.getByLabel("Text").fill("xanthe");
  await page.getByText("1 request fits").waitFor();
  await lines(page, 1);
  await own.write("POST", DATASET, [{ earthquake_id: "searched-2", region: "xanthe montes" }]);
  await fetch(own.url + DATASET);
  await lines(page, 3);
  await page.getByText("3 requests fit").waitFor();
  await page.getByLabel("Text").fill("");
  await page.getByLabel("Row key").fill("searched-1");
  await lines(page, 1);
  await page.getByLabel("Row key").fill("not there");
  await page.getByLabel("Row error").selectOption("true");
  await page.getByText("1 request fits").waitFor();
  await check();
});

test("failures of one kind in a row stand on one line", async () => {
  await own.admin("DELETE", "/requests");
  await own.admin("POST", "/faults/presets/rate-limited");
  for (let turn = 0; turn < 20; turn += 1) await fetch(own.url + DATASET);
  await own.admin("DELETE", "/faults");
  await fetch(own.url + DATASET);
  const { page, check } = await own.open("/__mock/requests");
  await lines(page, 2);
  const times = page.getByRole("button", { name: "20 alike" });
  assert.equal(await times.innerText(), "20 ×");
  await times.click();
  await lines(page, 21);
  await page.getByText("Fold repeats").click();
  await times.waitFor({ state: "detached" });
  await lines(page, 21);
  await page.getByText("Fold repeats").click();
  await times.click();
  await lines(page, 2);
  for (let turn = 0; turn < 2; turn += 1) await fetch(`${own.url}/resource/zzzz-zzzz.json`);
  await lines(page, 4);
  await fetch(`${own.url}/resource/zzzz-zzzz.json`);
  await lines(page, 3);
  await page.getByRole("button", { name: "3 alike" }).waitFor();
  await page.getByText("24 requests", { exact: true }).waitFor();
  await check();
});

test("a request is sent changed and as somebody else, and compared with the one before", async () => {
  const { request } = await own.write("POST", DATASET, [{ earthquake_id: "changed", magnitude: 1 }]);
  const { page, check } = await own.open(`/__mock/requests/${request}`, { refusals: true });
  await page.getByRole("button", { name: "Send changed" }).click();
  const form = page.getByRole("form", { name: "Send changed" });
  await form.getByRole("textbox", { name: "Body" }).fill('[{"earthquake_id":"changed","magnitude":2}]');
  await form.getByRole("button", { name: "Send" }).click();
  await page.getByText(/Replayed as/).getByRole("link").click();
  await page.waitForURL((url) => !url.pathname.endsWith(`/${request}`));
  await article(page).locator(".after", { hasText: /^2$/ }).waitFor();
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await page.getByText(`${request} is the one before`).waitFor();
  await page.getByRole("form", { name: "Compare" }).getByRole("button", { name: "Compare" }).click();
  const comparison = page.getByRole("region", { name: `Compared with request ${request}` });
  await comparison.locator(".line-diff .out", { hasText: '"magnitude": 1' }).waitFor();
  await comparison.locator(".line-diff .in", { hasText: '"magnitude": 2' }).waitFor();
  await page.getByRole("button", { name: "Send changed" }).click();
  await form.getByRole("combobox", { name: "As" }).selectOption("viewer@example.com");
  await form.getByRole("button", { name: "Send" }).click();
  await page.getByText(/answered 403/).waitFor();
  await check();
});

test("one write is undone, and a later change of its rows is told first", async () => {
  const { request } = await own.write("POST", DATASET, [{ earthquake_id: "undo-new", magnitude: 1 }, { earthquake_id: "00388609", magnitude: "9.9", region: null }, { earthquake_id: "c000clg5", ":deleted": true }]);
  await own.write("POST", DATASET, [{ earthquake_id: "undo-new", magnitude: 2 }]);
  const { page, check } = await own.open(`/__mock/requests/${request}`, { refusals: true });
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await page.getByRole("button", { name: "Undo this write" }).click();
  await page.getByText("1 row changed since: undo-new").waitFor();
  await page.getByRole("button", { name: "Undo all the same" }).click();
  await page.getByText(/Taken back by/).waitFor();
  const row = async (key) => (await fetch(`${own.url}/resource/4tka-6guv/${key}.json`)).json();
  assert.deepEqual([(await row("00388609")).magnitude, (await row("00388609")).region, (await row("c000clg5")).region], ["1.1", "Northern California", "Tonga"]);
  assert.equal((await row("undo-new")).errorCode, "soda.row.not-found");
  await check();
});

test("an assertion is made of a request, run, and copied as tests that run", async () => {
  const { request } = await own.write("POST", DATASET, [{ earthquake_id: "it's \"quoted\" \\ back", magnitude: 1 }]);
  const { page, check } = await own.open(`/__mock/requests/${request}`, { refusals: true });
  await page.getByRole("button", { name: "Assert this" }).click();
  const section = page.getByRole("region", { name: "Assertion" });
  await section.getByRole("button", { name: "Run now" }).click();
  await section.getByText("It holds; 1 fit").waitFor();
  const code = async (language) => {
    await section.getByLabel("As a test in").selectOption(language);
    await section.locator("figure").getByRole("button").click();
    return clipboard(page);
  };
  const env = { ...process.env, SODA_MOCK_URL: own.url };
  const bash = (text) => execFileSync("bash", ["-c", text], { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  assert.match(bash(await code("curl")), /"ok":\s*true/);
  const python = async () => execFileSync("python3", ["-c", `${await code("pytest")}\n[value() for name, value in list(globals().items()) if name.startswith("test_")]`], { env, stdio: ["ignore", "pipe", "pipe"] });
  await python();
  const vitest = async () => `const expect = (value, text) => ({ toBe: (wanted) => { if (value !== wanted) throw new Error(text); } });\nconst test = async (name, run) => run();\n${(await code("Vitest")).replace(/^import .*\n/, "").replace(/^test\(/m, "await test(")}`;
  execFileSync(process.execPath, ["--input-type=module", "-e", await vitest()], { env, stdio: ["ignore", "pipe", "pipe"] });
  for (const [language, part] of [["JUnit", "@Test"], ["testthat", "test_that("], ["Rust", "#[test]"]]) assert.ok((await code(language)).includes(part), language);
  await section.getByLabel(/What has to hold/).fill('{"match": {"method": "PATCH"}, "times": {"exactly": 2}}');
  await section.getByRole("button", { name: "Run now" }).click();
  await section.getByText("method is POST, expected PATCH").first().waitFor();
  await assert.rejects(python());
  await check();
});
