// A question before what cannot be taken back.
import { html, useState } from "../lib/html.js";
import { Dialog } from "./basics.js";

/**
 * `[ask, dialog]`: `ask({ title, text, verb, option, run })` opens the question and `run(checked)` is called when it is
 * confirmed; `option` is the text of a check that is set at first.
 */
export function useConfirm() {
  const [question, ask] = useState(null);
  const dialog = question && html`<${Question} key=${question.title} ...${question} onClose=${() => ask(null)} />`;
  return [ask, dialog];
}

function Question({ title, text, verb, option, run, onClose }) {
  const [checked, setChecked] = useState(true);
  const confirm = () => {
    onClose();
    run(checked);
  };
  return html`<${Dialog} title=${title} onClose=${onClose}><p>${text}</p>
    ${option && html`<p><label><input type="checkbox" checked=${checked} onChange=${(event) => setChecked(event.currentTarget.checked)} /> ${option}</label></p>`}
    <div class="actions"><button type="button" class="danger" onClick=${confirm}>${verb}</button><button type="button" onClick=${onClose}>Cancel</button></div><//>`;
}
