// An action of a person: one at a time, its failure shown, its end told.
import { html, useState } from "../../lib/html.js";
import { Failure } from "../../parts/basics.js";

/** `[act, said]`: `act(promise-making function, words)` runs it; `said` is what to draw. */
export function useAction(after) {
  const [state, setState] = useState({});
  const act = async (run, words) => {
    setState({ busy: true });
    try {
      const result = await run();
      setState({ words: typeof words === "function" ? words(result) : words });
      after?.(result);
    } catch (error) {
      setState({ error });
    }
  };
  const said = html`<div role="status" class="said">${state.words}</div><${Failure} error=${state.error} />`;
  return [act, said, Boolean(state.busy)];
}

/** The fields of a form as an object; what is empty is left out. */
export function fieldsOf(event) {
  event.preventDefault();
  return Object.fromEntries([...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value).trim()]).filter(([, value]) => value !== ""));
}
