"use strict";
// A space: data, journal, faults, clock, ids and accounts that no other space sees.
const { randomBytes } = require("node:crypto");
const { describe, explain } = require("./report.js");

/** The admin API does not take what was asked; `code` is its code. */
class Refused extends Error {
  constructor(method, path, problem) {
    super(`${method} ${path}: ${problem.detail ?? JSON.stringify(problem)}`);
    this.code = problem.code;
  }
}

/** What `verify` and `expect` fail with. */
class Unmet extends Error {
  constructor(problem) {
    super(explain(problem));
    this.name = "AssertionError";
  }
}

/** A world of its own. A program reaches it without any change by `user` and `password`, or by `appToken`; `headers` are
 * for one that sends neither. */
class Space {
  constructor(server, { name, user, password, appToken }) {
    Object.assign(this, { server, name, user, password, appToken, url: server.url, https: server.https });
    this.headers = name ? { "X-Mock-Space": name } : {};
  }

  static async create(server, options) {
    const mark = randomBytes(6).toString("hex");
    const login = { user: `publisher-${mark}`, password: "secret", appToken: `app-token-${mark}` };
    const bind = { users: [{ name: login.user, password: login.password }], app_tokens: [login.appToken] };
    const { name } = await new Space(server, login).call("POST", "/spaces", { bind, ...options });
    return new Space(server, { name, ...login });
  }

  /** One call of the admin API in this space. */
  async call(method, path, body) {
    const headers = { "Content-Type": "application/json", ...this.headers };
    const answer = await fetch(this.server.admin + path, { method, headers, body: body && JSON.stringify(body) });
    const told = await answer.json();
    if (answer.ok) return told;
    throw ["verify_failed", "expect_failed"].includes(told.code) ? new Unmet(told) : new Refused(method, path, told);
  }

  /** Creates or replaces a dataset; the definition is the short form of a seed. */
  async dataset(id, definition) {
    await this.call("PUT", `/datasets/${id}`, definition);
    return id;
  }

  /** The stored rows. */
  rows(dataset) {
    return this.call("GET", `/datasets/${dataset}/rows?format=json`);
  }

  /** What each write did to each row. */
  async changes(dataset) {
    return (await this.call("GET", `/datasets/${dataset}/changes`)).changes;
  }

  /** Arms a fault for the requests that match: `fault({ status: 503 }, { times: 2, operation: "upsert" })`. */
  fault(what, { times, ...match } = {}) {
    return this.call("POST", "/faults", { match, do: what, times });
  }

  /** Arms a named fault, such as `upsert-applied-but-502`. */
  preset(name, changes = {}) {
    return this.call("POST", `/faults/presets/${name}`, changes);
  }

  /** How many requests a fault has struck. */
  async hits(fault) {
    return (await this.call("GET", `/faults/${fault.id}`)).hits;
  }

  /** Fails unless requests like this were made: `verify({ operation: "upsert", rows: { errors: 0 }, times: 3 })`. */
  verify({ times, wait_ms, ...match } = {}) {
    return this.call("POST", "/verify", { match, times, wait_ms });
  }

  /** Fails unless this is stored: `expect("4tka-6guv", { count: 13 })`, `{ rows: […] }`, `{ where: "…" }`. */
  expect(dataset, expected) {
    return this.call("POST", "/expect", { dataset, ...expected });
  }

  /** The journal's entries. */
  async requests(filters = {}) {
    return (await this.call("GET", `/requests?${new URLSearchParams(filters)}`)).requests;
  }

  /** Throttles on a clock that stands still until `advance` moves it: `throttle("2/60s")`. */
  async throttle(limits) {
    await this.call("PUT", "/clock", { mode: "frozen" });
    return this.call("PUT", "/throttle", { anonymous: limits });
  }

  /** Moves the clock of this space alone. */
  advance(seconds) {
    return this.call("POST", "/clock/advance", { ms: Math.round(seconds * 1000) });
  }

  /** Names the state of the data, for `restore` and for `expect(…, { unchanged_since })`. */
  snapshot(name) {
    return this.call("PUT", `/snapshots/${name}`);
  }

  /** Gives the data of a snapshot back. */
  restore(name) {
    return this.call("POST", `/snapshots/${name}/restore`);
  }

  /** Everything as at the beginning. */
  reset(to = "seed") {
    return this.call("POST", "/reset", { to });
  }

  /** What the program sent and what became of each row, in ten lines at most. */
  async report() {
    return describe(await this.requests(), async (id) => (await this.call("GET", `/requests/${id}`)).fates);
  }

  /** Ends the space. */
  remove() {
    return this.call("DELETE", `/spaces/${this.name}`);
  }
}

module.exports = { Refused, Space, Unmet };
