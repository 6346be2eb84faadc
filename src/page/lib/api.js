// The admin API.
import { useCallback, useEffect, useRef, useState } from "./html.js";

export const API = "/__mock/v1";

/** A refusal, whichever envelope it came in. */
export class Refusal extends Error {
  constructor(status, body, hint) {
    super(sentence(body) ?? `The server answered ${status}`);
    this.status = status;
    this.code = body?.errorCode ?? body?.code;
    this.hint = hint;
    this.position = place(body);
    this.body = body;
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
  const response = await fetch(API + path, {
    method, body: text, signal, headers: headers({ ...type, Accept: accept ?? "application/json" }),
  });
  if (response.ok) return response;
  const answer = await response.text();
  let parsed;
  try {
    parsed = JSON.parse(answer);
  } catch {
    parsed = { message: answer.slice(0, 300) };
  }
  const refusal = new Refusal(response.status, parsed, response.headers.get("x-mock-hint"));
  if (refusal.code === "admin_token_required") dispatchEvent(new Event("soda-mock:token"));
  throw refusal;
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

/**
 * What a path answers: `{ data, error, loading, reload }`. Null as path asks nothing.
 * Old data stays until new data is there.
 */
export function useGet(path) {
  const [state, setState] = useState({ loading: true });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (path === null) return undefined;
    const abort = new AbortController();
    setState((old) => ({ data: old.path === path ? old.data : undefined, path, loading: true }));
    get(path, { signal: abort.signal }).then(
      (data) => setState({ data, path, loading: false }),
      (error) => error.name !== "AbortError" && setState({ error, path, loading: false }),
    );
    return () => abort.abort();
  }, [path, turn]);
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  return { ...(state.path === path ? state : { loading: true }), reload };
}

/** Reads server-sent events until it is aborted; after a break it goes on where it was. */
async function listen(path, cursor, onEvent, signal, onState) {
  let wait = 500;
  while (!signal.aborted) {
    try {
      const from = cursor.id === undefined ? path : `${path}?after=${cursor.id}`;
      const response = await send("GET", from, { signal, accept: "text/event-stream" });
      onState("live");
      wait = 500;
      await readEvents(response.body, (event) => {
        cursor.id = event.id ?? cursor.id;
        onEvent(event);
      });
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refusal) cursor.id = undefined;
    }
    onState("waiting");
    await new Promise((done) => setTimeout(done, wait));
    wait = Math.min(wait * 2, 8000);
  }
}

async function readEvents(stream, onEvent) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    const blocks = rest.split(/\r?\n\r?\n/);
    rest = blocks.pop();
    for (const block of blocks) {
      const event = { name: "message", data: "" };
      for (const line of block.split(/\r?\n/)) {
        const [, field, text] = line.match(/^([^:]*):? ?(.*)$/);
        if (field === "event") event.name = text;
        else if (field === "data") event.data += (event.data ? "\n" : "") + text;
        else if (field === "id") event.id = text;
      }
      if (!event.data) continue;
      try {
        event.data = JSON.parse(event.data);
      } catch {
        // The text itself is the event.
      }
      onEvent(event);
    }
  }
}

/**
 * Calls back for each event while the component is there; answers the state of the line. A page that is not
 * seen lets go of its connection, since a browser has only six for all of its pages.
 */
export function useEvents(path, onEvent) {
  const [state, setState] = useState("waiting");
  const callback = useRef(onEvent);
  callback.current = onEvent;
  useEffect(() => {
    if (!path) return undefined;
    const cursor = {};
    let abort;
    const follow = () => {
      abort?.abort();
      if (document.hidden) return;
      abort = new AbortController();
      listen(path, cursor, (event) => callback.current(event), abort.signal, setState);
    };
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      abort?.abort();
    };
  }, [path]);
  return state;
}
