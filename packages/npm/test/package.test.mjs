// The installed package: what a failed test shows in each framework, the command, the container class.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { MissingBinary, Refused, Server, Space, findBinary, withSpace } from "soda-mock";

const bin = (name) => `node_modules/.bin/${name}`;
const environment = { ...process.env, NO_COLOR: "1" };
for (const name of ["NODE_OPTIONS", "NODE_TEST_CONTEXT", "FORCE_COLOR"]) delete environment[name];

/** The exit code and all output of a command. */
function run(command, options = [], env = environment) {
  return new Promise((resolve) => {
    execFile(command, options, { env }, (error, out, err) => resolve({ code: error?.code ?? 0, text: out + err }));
  });
}

const BODY = `
  const readings = await space.dataset("read-ings", READINGS);
  const rows = Array.from({ length: 12 }, (_, n) => ({ id: "r" + n, value: n }));
  await publish(space, readings, [...rows, { value: 1 }]);
  await space.expect(readings, { count: 13 });`;
const HEAD = 'const { READINGS, publish } = require("./publish.js");\nconst { withSpace } = require("soda-mock");\n';

function shows(text) {
  assert.match(text, /read-ings: 12 rows, expected exactly 13/);
  assert.match(text, /soda-mock: what was sent to space-\d+/);
  assert.match(text, /#1 POST \/resource\/read-ings\.json 200 12 created 1 errors/);
  assert.match(text, / {4}1 row [^\n]*: row 12/);
  assert.match(text, / {4}12 rows created: r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, …/);
}

test("node:test shows what a failed test had sent", async () => {
  writeFileSync("failing-node.cjs", `${HEAD}require("node:test")("it", withSpace(async (space) => {${BODY}\n}));`);
  const { code, text } = await run(process.execPath, ["--test", "failing-node.cjs"]);
  assert.equal(code, 1);
  shows(text);
});

test("Jest shows what a failed test had sent", async () => {
  writeFileSync("failing-jest.cjs", `${HEAD}test("it", withSpace(async (space) => {${BODY}\n}));`);
  writeFileSync("failing-jest.config.cjs", `module.exports = { ...require("./jest.config.cjs"), testMatch: ["**/failing-jest.cjs"] };`);
  const { code, text } = await run(bin("jest"), ["--config", "failing-jest.config.cjs"]);
  assert.equal(code, 1);
  shows(text);
});

test("Vitest shows what a failed test had sent", async () => {
  const head = 'import { test } from "soda-mock/vitest";\nimport { READINGS, publish } from "./publish.js";\n';
  writeFileSync("failing-vitest.mjs", `${head}test("it", async ({ sodaSpace: space }) => {${BODY}\n});`);
  writeFileSync("failing-vitest.config.mjs", `export default { test: { include: ["failing-vitest.mjs"], globalSetup: ["soda-mock/setup"] } };`);
  const { code, text } = await run(bin("vitest"), ["run", "--config", "failing-vitest.config.mjs"]);
  assert.equal(code, 1);
  shows(text);
});

test("a passing test's value and a failing one's error are passed on", async () => {
  assert.equal(await withSpace((space) => space.call("GET", "/live"))().then((answer) => answer.live), true);
  await assert.rejects(withSpace(() => Promise.reject(new TypeError("mine")))(), (error) => {
    return error instanceof TypeError && /^mine\n\nsoda-mock: [^\n]+\nno request reached this space/.test(error.message);
  });
});

test("a refusal has the code of the admin API, an unmet expectation the nearest request", async () => {
  await withSpace(async (space) => {
    await assert.rejects(space.fault({ status: 500 }, { operation: "upsret" }), (error) => {
      return error instanceof Refused && error.code === "bad_fault";
    });
    await fetch(`${space.url}/resource/4tka-6guv.json?$limit=1`, { headers: space.headers });
    await assert.rejects(space.verify({ method: "PUT" }), /nearest #1 GET [^\n]*: method is GET, expected PUT/);
  })();
});

test("the report has ten lines at most, with the newest request", async () => {
  const report = await import("soda-mock").then(async () => {
    const { createRequire } = await import("node:module");
    return createRequire(import.meta.url)("./node_modules/soda-mock/lib/report.js");
  });
  for (let count = 1; count < 40; count += 1) {
    const requests = Array.from({ length: count }, (_, id) => ({ id, method: "POST", path: "/a", status: 200, rows: {} }));
    const fates = Array.from({ length: 20 }, (_, n) => ({ fate: `f${n % 7}`, reason: null, key: String(n), index: n }));
    const lines = (await report.describe(requests, async () => fates)).split("\n");
    assert.ok(lines.length <= report.LINES, `${lines.length} lines`);
    assert.ok(lines.some((line) => line.startsWith(`#${count - 1} `)));
  }
});

test("a server ends with stop, and a server elsewhere is used by its URL", async () => {
  const server = await Server.start({ arguments: ["--ids", "7"] });
  const space = await Server.at(server.url).space();
  assert.ok(space instanceof Space);
  assert.equal((await space.rows("4tka-6guv")).length, 12);
  await space.remove();
  await server.stop();
  await assert.rejects(fetch(server.url));
  await assert.rejects(Server.start({ arguments: ["--no-such-option"] }), /did not start: .*--no-such-option/);
});

test("a missing binary says how to get it", () => {
  assert.throws(() => findBinary("/nowhere/soda-mock"), MissingBinary);
  assert.match(findBinary(undefined), /@soda-mock/);
});

test("the command passes arguments, exit codes and signals on", async () => {
  assert.equal((await run(bin("soda-mock"), ["no-such-command"])).code, 2);
  assert.equal((await run(bin("soda-mock"), ["--version"], { ...environment, SODA_MOCK: "/nowhere" })).code, 1);
  const child = spawn(bin("soda-mock"), ["serve", "--port", "0", "--ca-dir", "memory"], { env: environment });
  await once(createInterface(child.stdout), "line");
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

test("a container is a server too", async () => {
  const { SodaMockContainer, StartedSodaMockContainer } = await import("soda-mock/testcontainers");
  assert.ok(new SodaMockContainer("soda-mock"));
  const process = await Server.start();
  // A container whose port is that of a process: no Docker is needed.
  const started = { getHost: () => "localhost", getMappedPort: (port) => port === 7632 && process.ready.port };
  const space = await new StartedSodaMockContainer(started).server().space();
  assert.equal((await space.rows("4tka-6guv")).length, 12);
  await space.remove();
  await process.stop();
});
