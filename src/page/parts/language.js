// The words of SoQL for completion, as the server tells them.
import { useEffect, useState } from "../lib/html.js";
import { get } from "../lib/api.js";

let asked;

function load() {
  asked ??= get("/soql.json").then(read, () => []);
  return asked;
}

function read({ functions, keywords }) {
  const seen = new Map();
  for (const { name, emulated, signatures, kind } of functions) {
    if (/^[a-z]\w*$/i.test(name) && emulated && !seen.has(name)) seen.set(name, { text: name, kind: "function", note: signatures[0] ?? kind });
  }
  const words = keywords.map((text) => ({ text, kind: "keyword", note: "" }));
  return [...[...seen.values()].sort((a, b) => a.text.localeCompare(b.text)), ...words];
}

/** Functions and keywords; asked for when an editor has the focus for the first time. */
export function useLanguage() {
  const [words, setWords] = useState([]);
  useEffect(() => {
    const begin = ({ target }) => target.matches?.(".editor textarea") && load().then(setWords);
    document.addEventListener("focusin", begin);
    return () => document.removeEventListener("focusin", begin);
  }, []);
  return words;
}
