// The address of the page: path segments and parameters. Every view can be named by it.
import { useEffect, useState } from "./html.js";

const BASE = "/__mock";
const listeners = new Set();
const leavers = new Set();

/** The address as `{ segments, params }`. */
export function current() {
  const rest = location.pathname.slice(BASE.length).split("/").filter(Boolean);
  const segments = rest.map((segment) => {
    try {
      return decodeURIComponent(segment);
    } catch {
      return segment;
    }
  });
  return { segments, params: Object.fromEntries(new URLSearchParams(location.search)) };
}

/** The parameter that stays while a person goes from view to view. */
function space() {
  return new URLSearchParams(location.search).get("space");
}

/** The address of a view; parameters without a value are left out. */
export function address(segments, params = {}) {
  const path = [BASE, ...segments.map((segment) => encodeURIComponent(segment))].join("/");
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries({ space: space(), ...params })) {
    if (value !== undefined && value !== null && value !== "" && value !== false) search.set(name, value);
  }
  const text = search.toString();
  return (segments.length ? path : `${BASE}/`) + (text ? `?${text}` : "");
}

/** Calls back before the page goes to another address, while the present one is still in the history. */
export function onLeave(listener) {
  leavers.add(listener);
  return () => leavers.delete(listener);
}

/** Keeps where a part of the view stands, for when a person comes back by the history. */
export const rememberPlace = (name, place) => history.replaceState({ ...history.state, [name]: place }, "");

/** What `rememberPlace` kept with the present step of the history. */
export const placeOf = (name) => history.state?.[name];

/** Goes to an address; `replace` leaves no step in the history. */
export function go(url, { replace = false } = {}) {
  if (url === location.pathname + location.search) return;
  if (!replace) for (const leaver of leavers) leaver();
  history[replace ? "replaceState" : "pushState"](replace ? history.state : null, "", url);
  for (const listener of listeners) listener(current());
}

/** Changes parameters of the present view. */
export function setParams(changes, options) {
  const { segments, params } = current();
  go(address(segments, { ...params, ...changes }), options);
}

/** The present address; the component is drawn again when it changes. */
export function useRoute() {
  const [route, setRoute] = useState(current);
  useEffect(() => {
    listeners.add(setRoute);
    return () => listeners.delete(setRoute);
  }, []);
  return route;
}

function isOwn(link, event) {
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  const path = link.pathname;
  const view = /^\/__mock\/?($|(datasets|requests|query|controls|start)(\/|$))/.test(path);
  return plain && link.origin === location.origin && view && !link.target && !link.hasAttribute("download");
}

/** Follows links between views without loading the page again. */
export function followLinks() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || !isOwn(link, event) || (link.hash && link.pathname === location.pathname)) return;
    event.preventDefault();
    go(link.pathname + link.search);
    scrollTo(0, 0);
  });
  addEventListener("popstate", () => {
    for (const listener of listeners) listener(current());
  });
}
