// An editor for SoQL: colours, the place of an error underlined, completion of columns and functions.
import { classes, html, useEffect, useMemo, useRef, useState } from "../lib/html.js";
import { identifier, indexOf, tokens } from "../lib/soql.js";

const MOST = 50;

/**
 * `value`, `onInput(text)`, `onSubmit()`; `error` `{ message, position, fix }` with a one-based position in the
 * text, and `fix` `{ text, action }` what may be meant; `words` what completion offers: `{ text, kind, note }`.
 */
export function Editor({ id, label, value, onInput, onSubmit, error, words = [], lines = 1, placeholder }) {
  const area = useRef();
  const mirror = useRef();
  const [completion, setCompletion] = useState(null);
  const parts = useMemo(() => painted(value, error), [value, error]);
  useEffect(() => {
    area.current.style.height = "auto";
    area.current.style.height = `${Math.min(area.current.scrollHeight + 2, 420)}px`;
  }, [value]);

  const asked = useRef(null);
  const ask = (forced) => {
    asked.current = { forced };
    setCompletion(suggest(area.current, words, forced));
  };
  const close = () => {
    asked.current = null;
    setCompletion(null);
  };
  // Words that come after something was typed are offered then.
  useEffect(() => {
    if (asked.current && document.activeElement === area.current) ask(asked.current.forced);
  }, [words.length]);
  const take = (word) => {
    const { start, end } = completion;
    const after = word.kind === "function" && value[end] !== "(" ? "(" : "";
    const text = value.slice(0, start) + word.insert + after + value.slice(end);
    const caret = start + word.insert.length + after.length;
    // At once, not with the next drawing: the next key may come before it.
    area.current.value = text;
    area.current.setSelectionRange(caret, caret);
    onInput(text);
    close();
  };
  const onKeyDown = (event) => {
    if (completion && completionKey(event, completion, setCompletion, take)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      ask(true);
    } else if (event.key === "Enter" && (lines === 1 ? !event.shiftKey : event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      close();
      onSubmit?.();
    }
  };
  const list = `${id}-words`;
  return html`<div class=${classes("editor", lines > 1 && "tall", error && "wrong")}>
    <div class="editor-text"><pre class="editor-paint" ref=${mirror} aria-hidden="true">${parts}${"\n"}</pre>
    <textarea id=${id} ref=${area} rows=${lines} value=${value} placeholder=${placeholder} aria-label=${label} spellcheck=${false}
      autocapitalize="off" autocomplete="off" role="combobox" aria-expanded=${Boolean(completion)} aria-controls=${list}
      aria-autocomplete="list" aria-invalid=${Boolean(error)} aria-describedby=${error ? `${id}-error` : undefined}
      aria-activedescendant=${completion ? `${list}-${completion.chosen}` : undefined}
      onInput=${(event) => { onInput(event.currentTarget.value); ask(false); }} onKeyDown=${onKeyDown}
      onScroll=${() => { mirror.current.scrollTop = area.current.scrollTop; }}
      onBlur=${() => setTimeout(close, 150)}></textarea></div>
    <ul id=${list} role="listbox" aria-label="Completions" class=${classes("completions", !completion && "hidden")}
      style=${completion ? caretPlace(mirror.current, completion.start) : {}}>
      ${completion?.words.map((word, index) => html`<li role="option" id=${`${list}-${index}`} aria-selected=${index === completion.chosen}
        onMouseDown=${(event) => { event.preventDefault(); take(word); }}><span class="mono">${word.text}</span><small>${word.note}</small></li>`)}
    </ul>
    ${error && html`<p class="editor-error" id=${`${id}-error`} role="alert">${error.message}${error.position
      ? html`<span class="faint">${` line ${error.position.row}, character ${error.position.column}`}</span>` : ""}
      ${error.fix && html` Did you mean <button type="button" class="fix mono" onClick=${error.fix.action}>${error.fix.text}</button>?`}</p>`}
  </div>`;
}

/** The text in coloured pieces; from the error's place to the end of its word it is underlined. */
function painted(text, error) {
  const at = error?.position ? indexOf(text, error.position) : -1;
  const list = tokens(text);
  const broken = at < 0 ? undefined : list.find((token) => at >= token.at && at < token.at + token.text.length) ?? list.at(-1);
  const atEnd = at >= text.length && at >= 0;
  const parts = list.map((token) => html`<span class=${classes(`t-${token.kind}`, token === broken && !atEnd && "broken")}>${token.text}</span>`);
  return atEnd ? [...parts, html`<span class="broken">${" "}</span>`] : parts;
}

function suggest(area, words, forced) {
  const caret = area.selectionStart;
  if (caret !== area.selectionEnd) return null;
  const inside = tokens(area.value).find((token) => caret > token.at && caret <= token.at + token.text.length);
  if (inside && ["string", "comment", "number"].includes(inside.kind)) return null;
  const isWord = inside && ["name", "keyword"].includes(inside.kind);
  const start = isWord ? inside.at : caret;
  const typed = area.value.slice(start, caret).toLowerCase().replace(/^`/, "");
  if (!typed && !forced) return null;
  const found = matching(words, typed);
  const same = found.length === 1 && found[0].text.toLowerCase() === typed;
  if (!found.length || same) return null;
  return { start, end: isWord ? inside.at + inside.text.length : caret, words: found, chosen: 0 };
}

function matching(words, typed) {
  const begins = words.filter((word) => word.text.toLowerCase().startsWith(typed));
  const holds = typed.length > 1 ? words.filter((word) => !begins.includes(word) && word.text.toLowerCase().includes(typed)) : [];
  return [...begins, ...holds].slice(0, MOST).map((word) => ({ ...word, insert: word.kind === "column" ? identifier(word.text) : word.text }));
}

function completionKey(event, completion, set, take) {
  const { chosen, words } = completion;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const step = event.key === "ArrowDown" ? 1 : words.length - 1;
    const next = (chosen + step) % words.length;
    set({ ...completion, chosen: next });
    document.getElementById(`${event.target.id}-words-${next}`)?.scrollIntoView({ block: "nearest" });
    return true;
  }
  if ((event.key === "Enter" || event.key === "Tab") && !event.ctrlKey && !event.metaKey) {
    take(words[chosen]);
    return true;
  }
  if (event.key === "Escape") {
    set(null);
    return true;
  }
  return false;
}

/** Where the list goes: below the first letter of the word, found in the coloured copy of the text. */
function caretPlace(mirror, index) {
  const range = document.createRange();
  let rest = index;
  const walker = document.createTreeWalker(mirror, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (rest <= node.length) {
      range.setStart(node, rest);
      break;
    }
    rest -= node.length;
  }
  const box = range.getBoundingClientRect();
  const outer = mirror.getBoundingClientRect();
  const left = Math.max(0, Math.min(box.left - outer.left, outer.width - 280));
  return { left: `${left}px`, top: `${(box.bottom || outer.bottom) - outer.top + 4}px` };
}

/** What completion offers for a dataset. */
export function wordsOf(columns, language) {
  const names = columns.map((column) => ({ text: column.fieldName, kind: "column", note: column.soqlType ?? column.dataTypeName }));
  const system = [[":id", "row_identifier"], [":created_at", "fixed_timestamp"], [":updated_at", "fixed_timestamp"], [":version", "row_version"]];
  const fields = system.map(([text, note]) => ({ text, kind: "column", note }));
  return [...names, ...(language ?? []), ...fields];
}
