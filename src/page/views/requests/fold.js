// Failures of one kind, one after the other, as one line.
import { clientOf } from "./filters.js";

/** So many in a row are folded. */
const LEAST = 3;

const kindOf = (entry) => (entry.status >= 400 || !entry.status ? [entry.method, entry.path, entry.status, clientOf(entry), entry.error?.code, entry.fault?.id].join("\n") : undefined);

/** The entries as lines `{ entry, others }`; `others` are those that the line stands for beside its own. */
export function folded(entries) {
  const lines = [];
  for (const entry of entries) {
    const kind = kindOf(entry);
    const last = lines.at(-1);
    if (kind !== undefined && last?.kind === kind) last.others.push(entry);
    else lines.push({ entry, kind, others: [] });
  }
  return lines.flatMap((line) => (line.others.length + 1 >= LEAST ? [line] : [line.entry, ...line.others].map((entry) => ({ entry, others: [] }))));
}
