"use strict";
// `globalSetup` of Vitest and Jest: one server for the run. SODA_MOCK_ARGS has more arguments of `soda-mock serve`.
const { Server } = require("./server.js");
const { READY } = require("./shared.js");
const teardown = require("./teardown.js");

module.exports = async function setup() {
  const more = (process.env.SODA_MOCK_ARGS ?? "").split(" ").filter(Boolean);
  globalThis.__sodaMock = await Server.start({ arguments: more });
  process.env[READY] = JSON.stringify(globalThis.__sodaMock.ready);
  // Vitest calls what is returned; Jest has `globalTeardown`.
  return teardown;
};
