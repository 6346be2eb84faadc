"use strict";
// What a program sent and what became of each row, short enough to read in a failed test.

const LINES = 10;
const WIDTH = 110;

const fitting = (text) => (text.length <= WIDTH ? text : `${text.slice(0, WIDTH - 1)}…`);

/** One line for a request: number, method, path, status, counts, fault. */
function head(request) {
  const counts = request.rows ?? {};
  const told = ["created", "updated", "deleted", "errors"].filter((name) => counts[name]);
  const parts = [`#${request.id}`, request.method, request.path, request.status ?? "no answer"];
  parts.push(...told.map((name) => `${counts[name]} ${name}`));
  if (request.fault) parts.push(`(fault ${request.fault.id ?? request.fault})`);
  if (request.error) parts.push(`${request.error.code}: ${request.error.message}`);
  return fitting(parts.join(" "));
}

/** One line for all rows that fared alike, those that failed first. */
function rows(fates) {
  const groups = new Map();
  for (const { fate, reason, key, index } of fates) {
    // A reason may end in the key of its row.
    const what = reason?.split(": key ")[0] || fate;
    if (!groups.has(what)) groups.set(what, { fate, keys: [] });
    groups.get(what).keys.push(key ?? `row ${index}`);
  }
  const failed = ([, group]) => (group.fate === "error" ? 0 : 1);
  return [...groups].sort((a, b) => failed(a) - failed(b)).map(([what, { keys }]) => {
    const shown = keys.length > 10 ? [...keys.slice(0, 10), "…"] : keys;
    return fitting(`    ${keys.length} row${keys.length === 1 ? "" : "s"} ${what}: ${shown.join(", ")}`);
  });
}

/** At most ten lines about the newest requests; `fates` tells those of a request's rows. */
async function describe(requests, fates) {
  if (!requests.length) return "no request reached this space: was the program given its url, user and password?";
  const blocks = [];
  let left = LINES - 1;
  for (const request of [...requests].reverse()) {
    const detail = request.rows ? rows(await fates(request.id)) : [];
    if (request.hint) detail.push(fitting(`    ${request.hint}`));
    let block = [head(request), ...detail];
    if (block.length > left && left < 2) break;
    if (block.length > left) block = [...block.slice(0, left - 1), "    …"];
    blocks.unshift(block);
    left -= block.length;
  }
  const hidden = requests.length - blocks.length;
  return [...(hidden ? [`${hidden} requests before:`] : []), ...blocks.flat()].join("\n");
}

/** Why `verify` or `expect` said no. */
function explain(problem) {
  const lines = [problem.detail];
  for (const { id, method, path, status, differences } of problem.nearest ?? []) {
    const says = differences.map((difference) => difference.says).join("; ");
    lines.push(`nearest #${id} ${method} ${path} ${status ?? "no answer"}: ${says}`);
  }
  if (problem.difference) lines.push(JSON.stringify(problem.difference, null, 2));
  return lines.join("\n");
}

module.exports = { LINES, describe, explain };
