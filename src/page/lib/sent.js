// The rows of a request's body, by their position in it.
import { records } from "./csv.js";

/** A function from a row's position to what was sent for it as text; it answers undefined where the body was not kept whole. */
export function sentRows({ headers, body }) {
  const type = headers.find(([name]) => name === "content-type")?.[1] ?? "";
  const text = body.text;
  if (body.truncated || !text) return () => undefined;
  if (/csv|tab-separated/.test(type)) {
    const [, ...rows] = records(text, { separator: /tab/.test(type) ? "\t" : "," });
    return (index) => rows[index]?.join(", ");
  }
  try {
    const parsed = JSON.parse(text);
    const list = Array.isArray(parsed) ? parsed : [parsed];
    return (index) => (list[index] === undefined ? undefined : JSON.stringify(list[index]));
  } catch {
    return () => undefined;
  }
}
