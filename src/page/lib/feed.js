// The server's events, over one connection for the whole page, and what they tell of the server itself: whether it
// answers, and whether it is still the one that the page was loaded from.
import { useEffect, useRef, useState } from "./html.js";
import { Refusal, send } from "./api.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;

const listeners = new Set();
const watchers = new Set();
let status = { line: "connecting", restarted: false };
let instance;
let cursor;
let connection;
let wake;

/** The server has another identity than before: ids of events and requests begin anew. */
class Restarted extends Error {}

function tell(event) {
  for (const listener of [...listeners]) listener(event);
}

function become(changes) {
  status = { ...status, ...changes };
  for (const watcher of [...watchers]) watcher(status);
}

/** Takes the word "restarted" back, once a person has read it. */
export const forgetRestart = () => become({ restarted: false });

/** Does not wait for the next attempt. */
export const tryNow = () => wake?.();

function take(event) {
  if (event.name !== "instance") {
    cursor = event.id ?? cursor;
    tell(event);
    return;
  }
  const known = instance;
  instance = event.data.instance;
  if (known !== undefined && known !== instance) {
    cursor = undefined;
    become({ restarted: true });
    tell({ name: "restarted", data: {} });
    throw new Restarted();
  }
  become({ line: "live" });
  // What happened before the connection is not told as events; views compare versions.
  tell({ name: "opened", data: {} });
}

async function listen(signal) {
  let wait = FIRST_WAIT;
  while (!signal.aborted) {
    try {
      const from = cursor === undefined ? "/events" : `/events?after=${cursor}`;
      const response = await send("GET", from, { signal, accept: "text/event-stream" });
      wait = FIRST_WAIT;
      await readEvents(response.body, take);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Restarted) continue;
      if (error instanceof Refusal) cursor = undefined;
      become({ line: "gone" });
    }
    await pause(wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
}

function pause(milliseconds) {
  return new Promise((done) => {
    const timer = setTimeout(done, milliseconds);
    wake = () => {
      clearTimeout(timer);
      done();
    };
  });
}

async function readEvents(stream, onEvent) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split(/\r?\n\r?\n/);
      rest = blocks.pop();
      for (const block of blocks) {
        const event = eventOf(block);
        if (event) onEvent(event);
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function eventOf(block) {
  const event = { name: "message", data: "" };
  for (const line of block.split(/\r?\n/)) {
    const [, field, text] = line.match(/^([^:]*):? ?(.*)$/);
    if (field === "event") event.name = text;
    else if (field === "data") event.data += (event.data ? "\n" : "") + text;
    else if (field === "id") event.id = text;
  }
  if (!event.data) return undefined;
  try {
    event.data = JSON.parse(event.data);
  } catch {
    // The text itself is the event.
  }
  return event;
}

/** A page that is not seen lets go of its connection, since a browser has only six for all of its pages. */
function connect() {
  connection?.abort();
  if (document.hidden) return;
  connection = new AbortController();
  listen(connection.signal);
}

/** Follows the events of a space as long as the component is there; another space begins anew, undefined follows none. */
export function useFeed(space) {
  useEffect(() => {
    if (space === undefined) return undefined;
    cursor = undefined;
    connect();
    document.addEventListener("visibilitychange", connect);
    return () => {
      document.removeEventListener("visibilitychange", connect);
      connection?.abort();
    };
  }, [space]);
}

/** `{ line, restarted }`: "connecting", "live" or "gone", and whether another server answers than at first. */
export function useServer() {
  const [state, setState] = useState(status);
  useEffect(() => {
    watchers.add(setState);
    setState(status);
    return () => watchers.delete(setState);
  }, []);
  return state;
}

/**
 * Calls back for each event while the component is there. Beside the server's own there are "opened", when the
 * connection is made, and "restarted", when another server answers.
 */
export function useEvents(onEvent) {
  const callback = useRef(onEvent);
  callback.current = onEvent;
  useEffect(() => {
    const listener = (event) => callback.current(event);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, []);
}
