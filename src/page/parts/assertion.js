// An assertion as code of a test, and what the server says to it now.
import { html, useState } from "../lib/html.js";
import { Refusal, post } from "../lib/api.js";
import { useKept } from "../lib/kept.js";
import { codeOf, languages } from "../lib/assertions.js";
import { Code, Dialog, Failure, Field, Icon } from "./basics.js";

export function Assertion({ assertion }) {
  const [language, setLanguage] = useKept("language", languages[0]);
  const [text, setText] = useState(JSON.stringify(assertion.body, null, 2));
  const [outcome, setOutcome] = useState(null);
  const body = parsed(text);
  const run = () => post(`/${assertion.call}`, body).then((answer) => setOutcome({ answer }), (error) => setOutcome({ error }));
  return html`<section class="assertion" aria-label="Assertion"><h3>Assert this</h3>
    <${Field} label="What has to hold; take out what does not matter"><textarea class="mono wide" rows=${Math.min(14, text.split("\n").length + 1)} spellcheck=${false} value=${text} onInput=${(event) => setText(event.currentTarget.value)}></textarea><//>
    ${body === undefined && html`<p class="editor-error" role="alert">This is no JSON.</p>`}
    <div class="form"><button type="button" class="main" disabled=${body === undefined} onClick=${run}><${Icon} name="play" />Run now</button>
      <${Field} label="As a test in"><select value=${language} onChange=${(event) => setLanguage(event.currentTarget.value)}>${languages.map((name) => html`<option>${name}</option>`)}</select><//></div>
    <div role="status">${outcome && html`<${Outcome} ...${outcome} />`}</div>
    ${body !== undefined && html`<${Code} label=${`Test in ${language}`} text=${codeOf(language, { ...assertion, body })} />`}</section>`;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function Outcome({ answer, error }) {
  if (answer) return html`<p class="said">It holds${answer.count === undefined ? "" : `; ${answer.count} fit`}.</p>`;
  if (!(error instanceof Refusal) || error.status !== 409) return html`<${Failure} error=${error} />`;
  const { nearest = [], difference } = error.body;
  return html`<div class="failure"><strong>${error.message}</strong>
    ${nearest.map(({ id, method, path, status, differences }) => html`<p><b>Request ${id}</b> <span class="mono">${method} ${path} ${status}</span></p><ul>${differences.map(({ says }) => html`<li>${says}</li>`)}</ul>`)}
    ${difference && html`<pre class="body" tabindex="0" aria-label="Difference">${JSON.stringify(difference, null, 2)}</pre>`}</div>`;
}

export function AssertionDialog({ assertion, onClose }) {
  return html`<${Dialog} title=${assertion.name} wide onClose=${onClose}><${Assertion} assertion=${assertion} /><//>`;
}
