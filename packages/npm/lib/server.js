"use strict";
// A server process that ends with its owner, however that ends.
const { spawn } = require("node:child_process");
const { mkdtempSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { createInterface } = require("node:readline");
const { findBinary } = require("./binary.js");
const { Space } = require("./space.js");

/** A running server: `url`, `https`, `admin`, `page` and `ca` are those of its ready line, which is `ready`. */
class Server {
  #stop = async () => {};

  constructor(ready) {
    this.ready = ready;
    ({ http: this.url, https: this.https, admin: this.admin, page: this.page, ca: this.ca } = ready);
  }

  /** Starts one on a free port; `arguments` are those of `soda-mock serve`. */
  static async start({ arguments: more = [], binary } = {}) {
    const folder = mkdtempSync(join(tmpdir(), "soda-mock-"));
    const options = ["serve", "--port", "0", "--ca-dir", folder, "--exit-with-stdin", ...more];
    const child = spawn(findBinary(binary), options, { stdio: ["pipe", "pipe", "pipe"] });
    let log = "";
    child.stderr.on("data", (text) => (log = (log + text).slice(-4096)));
    const ended = new Promise((resolve) => child.once("close", resolve));
    const line = await new Promise((resolve, reject) => {
      // The line comes when the server can work, so there is nothing to poll.
      createInterface(child.stdout).once("line", resolve);
      child.once("error", reject);
      ended.then(() => reject(new Error(`soda-mock did not start: ${log.trim()}`)));
    }).catch((reason) => {
      rmSync(folder, { recursive: true, force: true });
      throw reason;
    });
    // The process of the tests ends when they have ended, and the server with it.
    for (const handle of [child, child.stdin, child.stdout, child.stderr]) handle.unref();
    const server = new Server(JSON.parse(line));
    const clean = () => rmSync(folder, { recursive: true, force: true });
    process.once("exit", clean);
    server.#stop = async () => {
      child.ref();
      child.stdin.end();
      await ended;
      clean();
    };
    return server;
  }

  /** A server that somebody else runs: its ready line, or its URL. */
  static at(ready) {
    if (typeof ready !== "string") return new Server(ready);
    const url = ready.replace(/\/+$/, "");
    return new Server({ http: url, https: null, admin: `${url}/__mock/v1`, page: `${url}/__mock/`, ca: null });
  }

  /** A new space: a world of its own in this server. */
  space(options = {}) {
    return Space.create(this, options);
  }

  /** Ends the process, if it is ours. */
  stop() {
    return this.#stop();
  }
}

module.exports = { Server };
