// Parts of the page that are loaded when they are first shown.
import { html, useEffect, useReducer } from "../lib/html.js";
import { Failure } from "./basics.js";

const loaded = new Map();

/** The component `part` of the module that `load()` imports; `name` tells modules apart, everything else is handed on. */
export function Lazy({ name, load, part, ...rest }) {
  const [, redraw] = useReducer((n) => n + 1, 0);
  const module = loaded.get(name);
  useEffect(() => {
    if (module?.[part]) return;
    load().then((found) => loaded.set(name, found), (error) => loaded.set(name, { error })).then(redraw);
  }, [name]);
  if (module?.error) return html`<${Failure} error=${module.error} again=${() => location.reload()} />`;
  return module ? html`<${module[part]} ...${rest} />` : html`<p class="loading" role="status">Loading</p>`;
}
