#!/usr/bin/env node
"use strict";
// The command: the binary of this platform, with its arguments, signals and exit code.
const { spawn } = require("node:child_process");
const { constants } = require("node:os");
const { findBinary } = require("../lib/binary.js");

let binary;
try {
  binary = findBinary();
} catch (missing) {
  console.error(`soda-mock: ${missing.message}`);
  process.exit(1);
}
const child = spawn(binary, process.argv.slice(2), { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (reason) => {
  console.error(`soda-mock: ${reason.message}`);
  process.exit(1);
});
child.on("exit", (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
