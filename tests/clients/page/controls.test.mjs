// Each control does what it says, seen from outside.
import assert from "node:assert/strict";
import { test } from "node:test";
import { world } from "./support.mjs";

const own = world();
/** Answers the question that is open. */
const confirm = (page, verb) => page.getByRole("dialog").getByRole("button", { name: verb }).click();

const DATASET = "/resource/4tka-6guv.json";

test("the clock is frozen, advanced and freed", async () => {
  const { page, check } = await own.open("/__mock/controls/clock");
  await page.getByLabel("Freeze at (UTC)").fill("2030-01-31T12:00:30");
  await page.getByRole("button", { name: "Freeze there" }).click();
  await page.getByText("2030-01-31 12:00:30 Z").waitFor();
  await page.locator("header .status", { hasText: "clock frozen" }).waitFor();
  await page.getByLabel("Advance by").fill("1h 30m");
  await page.getByRole("button", { name: "Advance", exact: true }).click();
  await page.getByText("2030-01-31 13:30:30 Z").waitFor();
  assert.equal((await own.admin("GET", "/clock")).now, "2030-01-31T13:30:30Z");
  await page.getByRole("button", { name: "Real time" }).click();
  await page.getByText("Real time again.").waitFor();
  assert.equal((await own.admin("GET", "/clock")).mode, "real");
  await check();
});

test("throttling is set and felt", async () => {
  const { page, check } = await own.open("/__mock/controls/throttle");
  await page.getByLabel("Without an app token, per address").fill("1/1h");
  await page.getByRole("button", { name: "Set", exact: true }).click();
  await page.getByText("the pools are full again").waitFor();
  const statuses = [await fetch(own.url + DATASET), await fetch(own.url + DATASET)].map((response) => response.status);
  assert.deepEqual(statuses, [200, 429]);
  await page.getByRole("button", { name: "Off", exact: true }).click();
  await page.waitForFunction(() => document.querySelector("[name=anonymous]")?.value === "off");
  assert.equal((await fetch(own.url + DATASET)).status, 200);
  await check();
});

test("an account is made, signs in, and is removed", async () => {
  const { page, check } = await own.open("/__mock/controls/accounts");
  await page.getByLabel("Name", { exact: true }).fill("new@example.com");
  await page.getByLabel("Password").fill("secret");
  await page.getByRole("button", { name: "Add or change" }).click();
  await page.getByRole("row", { name: /new@example\.com/ }).waitFor();
  const write = () => fetch(own.url + DATASET, { method: "POST", body: "[]", headers: { "Content-Type": "application/json", Authorization: `Basic ${btoa("new@example.com:secret")}` } });
  assert.equal((await write()).status, 200);
  await page.getByRole("button", { name: "Remove new@example.com" }).click();
  await confirm(page, "Remove");
  await page.getByRole("row", { name: /new@example\.com/ }).waitFor({ state: "detached" });
  assert.equal((await write()).status, 403);
  await page.getByLabel("App token").fill("my-token");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("row", { name: /my-token/ }).waitFor();
  assert.equal((await fetch(own.url + DATASET, { headers: { "X-App-Token": "my-token" } })).status, 200);
  await page.getByLabel("For").selectOption("publisher@example.com");
  await page.getByRole("button", { name: "Make", exact: true }).click();
  const header = await page.locator("pre", { hasText: "Authorization: OAuth" }).innerText();
  const answer = await fetch(own.url + DATASET, { method: "POST", body: "[]", headers: { "Content-Type": "application/json", Authorization: header.split(": ")[1] } });
  assert.equal(answer.status, 200);
  await check();
});

test("an API key is made, signs in, and is removed", async () => {
  const { page, check } = await own.open("/__mock/controls/accounts");
  await page.getByLabel("Name of the key").fill("laptop");
  await page.getByRole("button", { name: "Make a key" }).click();
  const [id, secret] = (await page.getByLabel("Key id and secret").innerText()).split(":");
  await page.getByRole("row", { name: /^laptop/ }).getByText(id).waitFor();
  const write = () => fetch(own.url + DATASET, { method: "POST", body: "[]", headers: { "Content-Type": "application/json", Authorization: `Basic ${btoa(`${id}:${secret}`)}` } });
  assert.equal((await write()).status, 200);
  await page.getByRole("button", { name: "Remove laptop" }).click();
  await confirm(page, "Remove");
  await page.getByRole("row", { name: /^laptop/ }).waitFor({ state: "detached" });
  assert.equal((await write()).status, 403);
  await check();
});

test("a fault is armed from a preset, hits, and is removed", async () => {
  const { page, check } = await own.open("/__mock/controls/faults");
  await page.getByText("No fault is armed.").waitFor();
  await page.getByRole("button", { name: "upsert-applied-but-502" }).click();
  const line = page.getByRole("row", { name: /upsert-applied-but-502/ });
  await line.waitFor();
  assert.equal((await own.write("POST", DATASET, [{ earthquake_id: "fault" }])).status, 502);
  await page.waitForFunction(() => /^1/.test(document.querySelector("tbody tr .number")?.textContent ?? ""));
  await page.getByRole("button", { name: "Remove upsert-applied-but-502" }).click();
  await line.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Arm", exact: true }).click();
  await page.locator("tbody tr").first().waitFor();
  assert.equal((await own.admin("GET", "/faults")).faults.length, 1);
  await page.getByRole("button", { name: "Remove all" }).click();
  await confirm(page, "Remove all");
  await page.getByText("Every request is answered as it should be").waitFor();
  await check();
});

test("a fault is written in fields, ordered, changed, switched off, and told where it is never reached", async () => {
  const { page, check } = await own.open("/__mock/controls/faults");
  const form = page.getByRole("form", { name: "Fault rule" });
  const arm = () => form.getByRole("button", { name: "Arm", exact: true }).click();
  await form.getByLabel("Operation").fill("query");
  await form.getByLabel("So many times").fill("");
  await form.getByRole("combobox", { name: "It", exact: true }).selectOption("corrupt");
  await form.getByRole("combobox", { name: "How", exact: true }).selectOption("empty");
  await arm();
  await page.getByText(/f-\d+ is armed\./).waitFor();
  await form.getByLabel("Dataset").selectOption("4tka-6guv");
  await form.getByLabel("So many times").fill("2");
  await arm();
  await page.getByText(/^never reached: f-\d+ is first$/).waitFor();
  const ids = async () => (await own.admin("GET", "/faults")).faults.map(({ id }) => id);
  const [first, second] = await ids();
  await page.getByRole("button", { name: `Move up ${second}` }).click();
  await page.getByText("never reached").waitFor({ state: "detached" });
  assert.deepEqual(await ids(), [second, first]);
  await page.getByRole("button", { name: `Change ${second}` }).click();
  await form.getByRole("combobox", { name: "It", exact: true }).selectOption("status");
  await form.getByLabel("Status").fill("418");
  await form.getByRole("button", { name: "Save" }).click();
  await page.getByText(`${second} is changed`).waitFor();
  assert.equal((await fetch(own.url + DATASET)).status, 418);
  await page.getByRole("button", { name: `Switch off ${second}` }).click();
  await page.getByRole("button", { name: `Arm ${second}` }).waitFor();
  assert.deepEqual(await ids(), [first]);
  await page.reload();
  await page.getByRole("button", { name: `Arm ${second}` }).click();
  await page.getByText(`${second} is armed.`).waitFor();
  await own.admin("DELETE", "/faults");
  await check();
});

test("a request is made to fail the next time", async () => {
  const { request } = await own.write("POST", DATASET, [{ earthquake_id: "fail-next" }]);
  const { page, check } = await own.open(`/__mock/requests/${request}`);
  await page.getByRole("link", { name: "Fail it next time" }).click();
  await page.getByRole("heading", { name: `Fail the next one like request ${request}` }).waitFor();
  await page.getByRole("button", { name: "Arm", exact: true }).click();
  await page.getByText(/f-\d+ is armed\./).waitFor();
  const again = () => own.write("POST", DATASET, [{ earthquake_id: "fail-next" }]);
  assert.deepEqual([(await again()).status, (await again()).status], [503, 200]);
  await own.admin("DELETE", "/faults");
  await check();
});

test("a snapshot is taken, compared row by row, and restored", async () => {
  const { page, check } = await own.open("/__mock/controls/snapshots", { refusals: true });
  await page.getByLabel("Name").fill("before");
  await page.getByRole("button", { name: "Take a snapshot" }).click();
  await page.getByRole("row", { name: /before/ }).waitFor();
  await own.write("POST", DATASET, [{ earthquake_id: "00388571", magnitude: "9.9" }, { earthquake_id: "snap-new" }, { earthquake_id: "c000clg5", ":deleted": true }]);
  await page.getByRole("link", { name: "Compare with now" }).click();
  await page.locator("td.before", { hasText: "1.6" }).waitFor();
  await page.locator("td.after", { hasText: "9.9" }).waitFor();
  for (const word of ["added", "changed", "removed"]) await page.locator(".mark", { hasText: word }).first().waitFor();
  await page.goBack();
  await page.getByRole("button", { name: "Assert", exact: true }).click();
  await page.getByRole("button", { name: "Run now" }).click();
  await page.locator(".assertion .failure", { hasText: "4tka-6guv" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Restore" }).click();
  await confirm(page, "Restore");
  await page.getByText("before is restored.").waitFor();
  await page.getByRole("row", { name: /before-restore/ }).waitFor();
  assert.equal((await (await fetch(`${own.url}/resource/4tka-6guv/00388571.json`)).json()).magnitude, "1.6");
  await check();
});

test("a reset asks first, is taken back, and a second one leaves the first undo alone", async () => {
  const kept = () => fetch(`${own.url}/resource/4tka-6guv/kept.json`).then(({ status }) => status);
  await own.write("POST", DATASET, [{ earthquake_id: "kept" }]);
  const { page, check } = await own.open("/__mock/controls/snapshots");
  await page.getByRole("button", { name: "Reset to empty" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  assert.equal(await kept(), 200);
  for (const name of ["before-reset", "before-reset-2"]) {
    await page.getByRole("button", { name: "Reset to empty" }).click();
    await confirm(page, "Reset to empty");
    await page.getByRole("button", { name: `Bring back ${name}`, exact: true }).waitFor();
    assert.deepEqual(await own.admin("GET", "/datasets"), []);
  }
  await page.reload();
  await page.getByRole("button", { name: "Remove before-reset-2" }).click();
  await confirm(page, "Remove");
  await page.getByRole("button", { name: "Bring back before-reset", exact: true }).click();
  await page.getByText("The rows are back").waitFor();
  assert.equal(await kept(), 200);
  await check();
});

test("faults, throttle, clock and space are told in every view", async () => {
  await own.admin("POST", "/faults/presets/upsert-applied-but-502");
  await own.admin("PUT", "/throttle", { anonymous: "1000/1h", token: "off" });
  await own.admin("PUT", "/clock", { mode: "frozen" });
  const { page, check } = await own.open("/__mock/datasets/4tka-6guv");
  const status = page.locator("header .status");
  for (const text of ["1 fault", "throttle 1000/1h", "clock frozen"]) await status.getByText(text).waitFor();
  await status.getByText("1 fault").click();
  await page.getByRole("button", { name: "Remove all" }).click();
  await confirm(page, "Remove all");
  await status.getByText("1 fault").waitFor({ state: "detached" });
  await own.admin("PUT", "/throttle", { anonymous: "off", token: "off" });
  await own.admin("PUT", "/clock", { mode: "real" });
  await check();
});

test("a space is made, looked at, and removed", async () => {
  const { page, check } = await own.open("/__mock/controls/spaces");
  await page.getByLabel("Name").fill("t1");
  await page.getByLabel("With").selectOption("empty");
  await page.getByRole("button", { name: "Make a space" }).click();
  await page.getByRole("row", { name: /t1/ }).getByRole("link", { name: "Look at it" }).click();
  await page.getByText("No datasets yet").waitFor();
  await page.locator("header .status").getByText("space t1").click();
  await page.getByRole("button", { name: "Remove t1" }).waitFor();
  assert.match(page.url(), /space=t1/);
  await page.goto(`${own.url}/__mock/controls/spaces`);
  await page.getByRole("button", { name: "Remove t1" }).click();
  await confirm(page, "Remove");
  await page.getByRole("row", { name: /t1/ }).waitFor({ state: "detached" });
  await check();
});
