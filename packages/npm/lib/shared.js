"use strict";
// One server for a run, and a space for each test.
const { Server } = require("./server.js");

/** The ready line of the run's server, where `soda-mock/setup` has started one. */
const READY = "SODA_MOCK_READY";

let server;

/** The run's server: that of `soda-mock/setup`, else that of SODA_MOCK_URL, else one for this process. */
function shared() {
  const { [READY]: ready, SODA_MOCK_URL: url } = process.env;
  server ??= ready ? Promise.resolve(Server.at(JSON.parse(ready))) : url ? Promise.resolve(Server.at(url)) : Server.start();
  return server;
}

/** A test's function with a space of its own: `test("…", withSpace(async (space) => { … }))`. When it fails, its error
 * says what was sent and what became of each row. */
function withSpace(test, options = {}) {
  // Without a named parameter, which Jest takes for a callback.
  return async function inSpace(...context) {
    const space = await (await shared()).space(options);
    try {
      return await test(space, ...context);
    } catch (error) {
      throw await told(error, space);
    } finally {
      await space.remove();
    }
  };
}

/** The error with the space's report behind its message. */
async function told(error, space) {
  const report = await space.report().catch((reason) => `the journal cannot be read: ${reason.message}`);
  const text = `\n\nsoda-mock: what was sent to ${space.name}\n${report}`;
  if (!(error instanceof Error) && typeof error?.message !== "string") return new Error(String(error) + text);
  const before = error.message;
  error.message += text;
  // The stack was written with the message of before.
  if (error.stack?.includes(before)) error.stack = error.stack.replace(before, () => error.message);
  return error;
}

module.exports = { READY, shared, told, withSpace };
