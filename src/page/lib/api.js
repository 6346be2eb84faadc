// The admin API.
export const API = "/__mock/v1";

/** A refusal, whichever envelope it came in. */
export class Refusal extends Error {
  constructor(status, body, hint, request) {
    super(sentence(body) ?? `The server answered ${status}`);
    this.status = status;
    this.code = body?.errorCode ?? body?.code;
    this.hint = hint;
    this.position = place(body);
    this.body = body;
    this.request = request;
  }
}

/** No answer came at all: the server is stopped, or the network is. */
export class Unreachable extends Error {
  constructor() {
    super("The server does not answer.");
  }
}

/** The words of an error for a person; those of SoQL stand between a prefix and a position. */
function sentence(body) {
  const text = body?.detail ?? body?.message;
  if (typeof text !== "string") return undefined;
  const inner = text.match(/^Query coordinator error: [\w.-]+; ([\s\S]*?)(; position: Map\([\s\S]*)?$/);
  if (inner) return inner[1];
  const parse = text.match(/^Could not parse SoQL query "[\s\S]*" at line \d+ character \d+: ([\s\S]*)$/);
  return parse ? parse[1] : text;
}

/** Line and character of an error in its query, one-based. */
function place(body) {
  const position = body?.data?.position;
  if (position?.row) return { row: position.row, column: position.column };
  const text = typeof body?.message === "string" ? body.message : "";
  const match = text.match(/" at line (\d+) character (\d+): /);
  return match ? { row: Number(match[1]), column: Number(match[2]) } : undefined;
}

function headers(extra) {
  const space = new URLSearchParams(location.search).get("space");
  return space ? { ...extra, "X-Mock-Space": space } : extra;
}

/** The address of a twin of a view: what the page shows, for a program. */
export function twin(path) {
  const space = new URLSearchParams(location.search).get("space");
  const local = /^(localhost|127\.|\[::1\])/.test(location.hostname);
  return space && local ? `//${space}.localhost:${location.port}${API}${path}` : API + path;
}

/** Sends a request; answers the response or throws a Refusal. */
export async function send(method, path, { body, signal, accept } = {}) {
  const text = body === undefined || body instanceof Blob ? body : JSON.stringify(body);
  const type = typeof text === "string" ? { "Content-Type": "application/json" } : {};
  const response = await call(API + path, { method, body: text, signal, headers: headers({ ...type, Accept: accept ?? "application/json" }) });
  if (method !== "GET") dispatchEvent(new Event("soda-mock:changed"));
  return response;
}

/** A request to any address of this server; answers the response or throws a Refusal or Unreachable. */
export async function call(url, options) {
  // Without it a browser would keep for days what was written long ago by the server's clock.
  const response = await fetch(url, { cache: "no-cache", ...options }).catch((error) => {
    throw error.name === "AbortError" ? error : new Unreachable();
  });
  if (response.ok) return response;
  const refusal = refusalOf(response.status, await response.text(), response.headers.get("x-mock-hint"), response.headers.get("x-mock-request"));
  if (refusal.code === "admin_token_required") dispatchEvent(new Event("soda-mock:token"));
  throw refusal;
}

/** The Refusal that an answer stands for. */
export function refusalOf(status, text, hint, request) {
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    body = { message: text.slice(0, 300) };
  }
  return new Refusal(status, body, hint, request);
}

async function json(method, path, options) {
  const response = await send(method, path, options);
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}

export const get = (path, options) => json("GET", path, options);
export const post = (path, body, options) => json("POST", path, { ...options, body });
export const put = (path, body, options) => json("PUT", path, { ...options, body });
export const remove = (path, options) => json("DELETE", path, options);

/** A path below the API with its segments and parameters encoded. */
export function path(segments, params = {}) {
  const given = Object.entries(params).filter(([, value]) => value !== undefined && value !== "" && value !== null);
  const search = new URLSearchParams(given).toString();
  return `/${segments.map(encodeURIComponent).join("/")}${search ? `?${search}` : ""}`;
}
