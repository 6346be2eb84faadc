// Failures of one kind, one after the other, as one line. The server folds what it lists; requests that come later join here.
import { clientOf } from "./filters.js";

/** So many in a row are folded. */
const LEAST = 3;

const kindOf = (entry) => (entry.status >= 400 || !entry.status ? [entry.method, entry.path, entry.status, clientOf(entry), entry.error?.code, entry.fault?.id].join("\n") : undefined);

/** How many requests an entry of a list stands for. */
export const timesOf = (entry) => entry.folded?.times ?? 1;

/** The number of the oldest of them. */
export const firstOf = (entry) => entry.folded?.first ?? entry.id;

/** Entries, newest first, as lines `{ entry, members, times }`: `members` are the entries that the line stands for, its own first. */
export function folded(entries) {
  const lines = [];
  for (const entry of entries) {
    const kind = kindOf(entry);
    const last = lines.at(-1);
    if (kind !== undefined && last?.kind === kind) {
      last.members.push(entry);
      last.times += timesOf(entry);
    } else lines.push({ entry, kind, members: [entry], times: timesOf(entry) });
  }
  return lines.flatMap((line) => (line.times >= LEAST ? [line] : line.members.map(alone)));
}

/** A line for one entry. */
export const alone = (entry) => ({ entry, members: [entry], times: timesOf(entry) });
