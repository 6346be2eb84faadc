// How wide a column has to be for what is in it.
import { plain } from "../../lib/cell.js";
import { clamp } from "./measures.js";

/** A width that fits the name and the first rows. */
export function fittingWidth({ label, note = "", type, mark }, values) {
  const letters = Math.max(0, ...values.map((value) => lettersOf(plain(value, type))));
  const head = Math.max(label.length * 8.2 + (mark ? 58 : 42), note.length * 6.6 + 38);
  return Math.round(clamp(Math.max(head, letters * 7.4 + 24), 72, 320));
}

/** Wide letters count twice. */
function lettersOf(text) {
  const start = text.slice(0, 60);
  return start.length + (start.match(/[\u1100-\uffef]/g)?.length ?? 0);
}
