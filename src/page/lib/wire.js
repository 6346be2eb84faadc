// Requests to the emulated API itself, as one of its accounts: what a publisher's program would send.
import { API, call, post, refusalOf } from "./api.js";
import { spaceHeader, wirePort } from "./copy.js";

/** A token for each request: one that was kept might have ended, by the clock of the server or a reset. */
const authorization = async (account) => `OAuth ${(await post("/tokens", { user: account })).token}`;

/** Sends a request; answers `{ status, request, text }`, its number in the journal among them, or throws a Refusal. */
export async function asAccount(account, method, path, body, { type = "application/json" } = {}) {
  if (path.startsWith(API)) throw new Error(`${path} is no address of the emulated API`);
  if (wirePort()) return byAdmin(account, method, path, body, type);
  const headers = Object.fromEntries([["Authorization", account && (await authorization(account))], ["Content-Type", body === undefined ? undefined : type], spaceHeader() ?? []].filter(([, value]) => value));
  const text = body === undefined || typeof body === "string" || body instanceof Blob ? body : JSON.stringify(body);
  const response = await call(path, { method, body: text, headers });
  return { status: response.status, request: response.headers.get("x-mock-request"), text: await response.text() };
}

/** The same where the emulated API listens on another address than the page, which may ask only its own server. */
async function byAdmin(account, method, path, body, type) {
  const text = body instanceof Blob ? await body.text() : typeof body === "string" ? body : JSON.stringify(body);
  const { status, request, hint, body: answer } = await post("/requests", { method, path, body: text, content_type: type, ...(account ? { user: account } : {}) });
  if (!(status < 400)) throw refusalOf(status, answer ?? "", hint, request);
  return { status, request: String(request), text: answer ?? "" };
}

/** The address of a dataset's rows, or of one of them. */
export const resource = (id, key) => `/resource/${id}${key === undefined ? "" : `/${encodeURIComponent(key)}`}.json`;

/** What an upsert's answer says about its rows. */
export function reportOf(text) {
  const report = JSON.parse(text);
  return { errors: report.Errors ?? 0, created: report["Rows Created"] ?? 0, updated: report["Rows Updated"] ?? 0, deleted: report["Rows Deleted"] ?? 0 };
}
