// What this browser remembers for a person: layouts of tables, saved queries, the account that edits. Without storage it
// lasts as long as the page.
import { useCallback, useEffect, useState } from "./html.js";

const PREFIX = "soda-mock.";
const listeners = new Set();
const memory = new Map();

/** The value under a name, or `otherwise`. */
export function kept(name, otherwise) {
  try {
    const text = memory.get(name) ?? localStorage.getItem(PREFIX + name);
    return text === null ? otherwise : JSON.parse(text);
  } catch {
    return otherwise;
  }
}

/** Remembers a value; undefined forgets it. */
export function keep(name, value) {
  const text = value === undefined ? undefined : JSON.stringify(value);
  try {
    if (text === undefined) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, text);
    memory.delete(name);
  } catch {
    memory.set(name, text ?? "null");
  }
  for (const listener of [...listeners]) listener(name);
}

/** `[value, set]` of a name; every component that shows it is drawn again with it. */
export function useKept(name, otherwise) {
  const [state, setState] = useState(() => ({ name, value: kept(name, otherwise) }));
  useEffect(() => {
    const listener = (changed) => changed === name && setState({ name, value: kept(name, otherwise) });
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, [name]);
  const set = useCallback((value) => keep(name, value), [name]);
  return [state.name === name ? state.value : kept(name, otherwise), set];
}
