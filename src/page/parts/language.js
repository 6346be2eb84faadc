// The words of SoQL for completion: from the server where it tells them, else the commonest ones.
import { useEffect, useState } from "../lib/html.js";
import { get } from "../lib/api.js";

const KEYWORDS = "SELECT DISTINCT WHERE GROUP BY HAVING ORDER BY ASC DESC LIMIT OFFSET SEARCH AND OR NOT IN LIKE BETWEEN IS NULL TRUE FALSE CASE JOIN UNION";

let asked;

function load() {
  asked ??= get("/soql.json").then(read, () => []);
  return asked;
}

function read(answer) {
  const functions = Array.isArray(answer) ? answer : answer.functions ?? [];
  const seen = new Map();
  for (const item of functions) {
    const name = item.name ?? "";
    if (/^[a-z]\w*$/i.test(name) && !seen.has(name)) {
      seen.set(name, { text: name, kind: "function", note: item.signature ?? item.signatures?.[0] ?? item.kind ?? "function" });
    }
  }
  return [...seen.values()].sort((a, b) => a.text.localeCompare(b.text));
}

/** Functions and keywords. */
export function useLanguage() {
  const [words, setWords] = useState([]);
  useEffect(() => {
    load().then((functions) => setWords([...functions, ...KEYWORDS.split(" ").map((text) => ({ text, kind: "keyword", note: "" }))]));
  }, []);
  return words;
}
