// "Copy as": the same row or request for another program.
import { current } from "./route.js";

const shell = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The port of the emulated API where it is not the page's own (`--admin-listen`). */
let ownPort;

export function setWirePort(port) {
  ownPort = port ?? undefined;
}

export const wirePort = () => ownPort;

function hostAs(name) {
  const port = ownPort ?? location.port;
  return port ? `${name}:${port}` : name;
}

/** The server's address as programs write it: https, under a name that its certificate has. */
export function origin() {
  const local = ["127.0.0.1", "[::1]", "localhost"].includes(location.hostname);
  return `https://${hostAs(local ? "localhost" : location.hostname)}`;
}

/** The same without TLS. */
export const plainOrigin = () => `http://${hostAs(location.hostname)}`;

/** The header that names the space, when the page shows another one than the first. */
export function spaceHeader() {
  const { space } = current().params;
  return space ? ["X-Mock-Space", space] : undefined;
}

/** A request as a curl command. */
export function curl({ method = "GET", url, headers = [], body, user }) {
  const lines = [`curl${method === "GET" ? "" : ` -X ${method}`} ${shell(url)}`];
  if (user) lines.push(`-u ${shell(user)}`);
  const space = spaceHeader();
  for (const [name, value] of space ? [...headers, space] : headers) lines.push(`-H ${shell(`${name}: ${value}`)}`);
  if (body !== undefined) lines.push(`--data-binary ${shell(body)}`);
  return lines.join(" \\\n  ");
}

/** A JSON value as a Python literal. */
export function literal(value, depth = 0) {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") {
    return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  }
  if (typeof value !== "object") return String(value);
  const inner = Array.isArray(value)
    ? value.map((item) => literal(item, depth + 1))
    : Object.entries(value).map(([name, item]) => `${literal(name)}: ${literal(item, depth + 1)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}${inner.join(", ")}${close}`;
}

/** An upsert of one row with sodapy. */
export function sodapy(id, row, user, token) {
  const [name, ...rest] = user.split(":");
  return [
    "from sodapy import Socrata", "",
    `soda = Socrata(${literal(new URL(origin()).host)}, ${literal(token)},`,
    `               username=${literal(name)}, password=${literal(rest.join(":"))})`,
    `print(soda.upsert(${literal(id)}, [${literal(row)}]))`,
  ].join("\n");
}

/** A row without its system fields. */
export const withoutSystemFields = (row) => Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith(":")));
