// The shell of the page: navigation, theme, keys, and the view that the address names.
import { html, render, useEffect, useLayoutEffect, useState } from "./lib/html.js";
import { useFeed } from "./lib/feed.js";
import { useGet } from "./lib/reading.js";
import { setWirePort } from "./lib/copy.js";
import { address, current, followLinks, go, useRoute } from "./lib/route.js";
import { Banner } from "./parts/banner.js";
import { Dialog, Icon } from "./parts/basics.js";
import { Lazy } from "./parts/lazy.js";
import { StateMarks } from "./parts/state_marks.js";
import { Datasets } from "./views/datasets.js";
import { Dataset } from "./views/dataset.js";
import { Start } from "./views/start.js";
import { Requests } from "./views/requests/index.js";
import { Token } from "./views/token.js";

const AREAS = [
  ["datasets", "Datasets", []], ["requests", "Requests", ["requests"]], ["query", "Query", ["query"]],
  ["controls", "Controls", ["controls"]], ["start", "Start", ["start"]],
];

const KEYS = [
  ["g d", "Datasets"], ["g r", "Requests"], ["g q", "Query console"], ["g c", "Controls"], ["g s", "Start"],
  ["/", "Search or filter"], ["t", "Theme"], ["?", "These keys"], ["Arrow keys, Page, Home, End", "Move in a table"], ["Enter", "Open the row"],
  ["Ctrl K", "Go to a dataset, row, request or command"], ["Space", "Show the whole value of a cell"], ["Ctrl C", "Copy a cell"], ["Shift F10", "Menu of a cell"], ["Ctrl Space", "Complete a word of SoQL"], ["Ctrl Enter", "Run the query"],
];
const PLACES = { d: [], r: ["requests"], q: ["query"], c: ["controls"], s: ["start"] };

function viewOf({ segments, params }) {
  const [area = "datasets", first, second, ...rest] = segments;
  switch (area) {
    case "datasets":
      if (first === "new") return html`<${Lazy} name="new" load=${() => import("./views/new/index.js")} part="NewDataset" />`;
      return first ? html`<${Dataset} key=${first} id=${first} tab=${second} rest=${rest} params=${params} />` : html`<${Datasets} />`;
    case "requests": return html`<${Requests} id=${first} params=${params} />`;
    case "query": return html`<${Lazy} name="query" load=${() => import("./views/query/index.js")} part="Query" params=${params} />`;
    case "controls": return html`<${Lazy} key=${first} name="controls" load=${() => import("./views/controls/index.js")} part="Controls" what=${first} rest=${second ? [second, ...rest] : []} params=${params} />`;
    case "start": return html`<${Start} />`;
    default: return html`<section class="page-width"><h1>No such view</h1><p><a href=${address([])}>Datasets</a></p></section>`;
  }
}

const THEMES = { auto: ["light", "As the system", "auto"], light: ["dark", "Light", "sun"], dark: ["auto", "Dark", "moon"] };

function useTheme() {
  const [theme, setTheme] = useState(document.documentElement.dataset.theme ?? "auto");
  const next = () => {
    const [chosen] = THEMES[theme];
    if (chosen === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = chosen;
    try {
      localStorage.setItem("soda-mock.theme", chosen);
    } catch {
      // The choice lasts as long as the page.
    }
    setTheme(chosen);
  };
  return [theme, next];
}

const isTyping = (target) => target.closest?.("input, textarea, select, [contenteditable]");

function useKeys({ onHelp, onTheme, onPalette }) {
  // With the drawing, not after it: a key that is pressed at once counts.
  useLayoutEffect(() => {
    let before = "";
    const onKey = (event) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        onPalette();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const place = before === "g" ? PLACES[event.key] : undefined;
      before = event.key;
      if (place) go(address(place));
      else if (event.key === "?") onHelp();
      else if (event.key === "t") onTheme();
      else if (event.key === "/") document.querySelector("[data-shortcut='/']")?.focus();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
}

function App() {
  const route = useRoute();
  const [help, setHelp] = useState(false);
  const [theme, nextTheme] = useTheme();
  const [palette, setPalette] = useState(false);
  useKeys({ onHelp: () => setHelp(true), onTheme: nextTheme, onPalette: () => setPalette(true) });
  const [locked, setLocked] = useState(false);
  useEffect(() => {
    const lock = () => setLocked(true);
    addEventListener("soda-mock:token", lock);
    return () => removeEventListener("soda-mock:token", lock);
  }, []);
  useFeed(locked ? undefined : route.params.space ?? "");
  const area = route.segments[0] ?? "datasets";
  useEffect(() => {
    const words = route.segments.length ? route.segments.join(" / ") : "datasets";
    document.title = `${words} · soda-mock`;
  }, [route]);
  const [, themeName, themeIcon] = THEMES[theme];
  return html`<a class="skip" href="#main">Skip to the content</a>
    <header class="bar"><a class="brand" href=${address([])}><svg viewBox="0 0 32 32" aria-hidden="true"><path d="M7 8h18v4H7zM7 14h8v4H7zM17 14h8v4h-8zM7 20h8v4H7zM17 20h8v4h-8z" /></svg>soda-mock</a>
      <nav aria-label="Areas">${AREAS.map(([name, text, segments]) => html`<a href=${address(segments)} aria-current=${area === name ? "page" : undefined}>${text}</a>`)}</nav>
      <div class="bar-end"><${Status} />
        <button type="button" class="quiet" aria-label="Go to" title="Go to a dataset, row, request or command (Ctrl K)" onClick=${() => setPalette(true)}><${Icon} name="search" /></button>
        <button type="button" class="quiet" aria-label=${`Theme: ${themeName}`} title=${`Theme: ${themeName} (t)`} onClick=${nextTheme}><${Icon} name=${themeIcon} /></button>
        <button type="button" class="quiet" aria-label="Keys" title="Keys (?)" onClick=${() => setHelp(true)}>?</button></div></header>
    <${Banner} />
    <main id="main" tabindex="-1">${locked ? html`<${Token} />` : viewOf(route)}</main>
    ${palette && html`<${Lazy} name="palette" load=${() => import("./parts/palette.js")} part="Palette" commands=${[{ text: "Change the theme", note: "t", run: nextTheme }, { text: "Show the keys", note: "?", run: () => setHelp(true) }]} onClose=${() => setPalette(false)} />`}
    ${help && html`<${Dialog} title="Keys" onClose=${() => setHelp(false)}><dl class="keys">${KEYS.map(([keys, what]) => html`<div><dt><kbd>${keys}</kbd></dt><dd>${what}</dd></div>`)}</dl><//>`}`;
}

function Status() {
  const { data: info } = useGet("/info");
  useEffect(() => setWirePort(info?.wire_port), [info]);
  const { space } = current().params;
  return html`<span class="status"><${StateMarks} key=${space} space=${space} />${info && html`<span class="faint wide-only">${info.version}</span>`}</span>`;
}

followLinks();
const root = document.getElementById("app");
root.replaceChildren();
render(html`<${App} />`, root);
