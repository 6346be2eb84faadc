// Accounts, app tokens, access tokens.
import { html, useEffect, useState } from "../../lib/html.js";
import { path, post, put, remove, twin } from "../../lib/api.js";
import { useGet } from "../../lib/reading.js";
import { asAccount } from "../../lib/wire.js";
import { Account, useAccount } from "../../parts/account.js";
import { Ago, Code, Copy, Failure, Field, Icon, Mark, Twins } from "../../parts/basics.js";
import { useConfirm } from "../../parts/confirm.js";
import { fieldsOf, useAction } from "./act.js";

const ROLES = ["publisher", "viewer", "contributor", "editor", "administrator", "community"];

/** `/__mock/controls/accounts`. */
export function Accounts() {
  return html`<${Users} /><${ApiKeys} /><${AppTokens} /><${Mint} />`;
}

function Users() {
  const { data, error, reload } = useGet("/users");
  const [act, said] = useAction(reload);
  const [ask, question] = useConfirm();
  const add = (event) => {
    const { name, password = "", role } = fieldsOf(event);
    act(() => put(path(["users", name]), { password, role }), `${name} may sign in as ${role}.`);
    event.currentTarget.reset();
  };
  return html`<header class="view-head"><h2>Accounts</h2><${Twins} links=${[["JSON", twin("/users")]]} /></header><${Failure} error=${error} />
    ${data && html`<div class="table-wrap"><table class="list"><thead><tr><th scope="col">Name</th><th scope="col">Role</th><th scope="col"><span class="hidden">Actions</span></th></tr></thead>
      <tbody>${data.map((user) => html`<tr key=${user.name}><th scope="row" class="mono break">${user.name}</th><td><${Mark}>${user.role}<//></td>
        <td class="right"><button type="button" class="quiet danger" aria-label=${`Remove ${user.name}`} onClick=${() => ask({ title: `Remove ${user.name}?`, verb: "Remove", text: "The account can no longer sign in; its access tokens end. Its password is not kept.", run: () => act(() => remove(path(["users", user.name])), `${user.name} is removed.`) })}><${Icon} name="trash" /></button></td></tr>`)}</tbody></table></div>`}
    <form class="form" onSubmit=${add}><${Field} label="Name"><input name="name" required autocomplete="off" /><//><${Field} label="Password"><input name="password" required autocomplete="off" /><//>
      <${Field} label="Role"><select name="role">${ROLES.map((role) => html`<option value=${role}>${role}</option>`)}</select><//><button>Add or change</button></form>${said}${question}`;
}

/** The API keys of one account, by the emulated API as that account. */
function ApiKeys() {
  const [account] = useAccount();
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState({});
  const [made, setMade] = useState(null);
  const [act, said] = useAction(() => setTurn(turn + 1));
  const [ask, question] = useConfirm();
  useEffect(() => {
    let left = false;
    const show = (next) => left || setState(next);
    if (account) asAccount(account, "GET", "/api/api_keys?limit=100").then(({ text }) => show({ keys: JSON.parse(text) }), (error) => show({ error }));
    return () => void (left = true);
  }, [account, turn]);
  const add = (event) => {
    const { name } = fieldsOf(event);
    act(async () => setMade(JSON.parse((await asAccount(account, "POST", "/api/api_keys", { keyName: name })).text)), `${name} is made.`);
    event.currentTarget.reset();
  };
  const remove = ({ keyId, keyName }) => ask({ title: `Remove ${keyName}?`, verb: "Remove", text: "Programs that sign in with this key are refused from then on.", run: () => act(() => asAccount(account, "DELETE", `/api/api_keys/${encodeURIComponent(keyId)}`), `${keyName} is removed.`) });
  return html`<h2>API keys</h2><div class="form"><${Account} label="Of" /></div><${Failure} error=${state.error} />
    ${state.keys && html`<div class="table-wrap"><table class="list"><thead><tr><th scope="col">Name</th><th scope="col">Key id</th><th scope="col" class="wide-only">Made</th><th scope="col" class="wide-only">Used last</th><th scope="col"><span class="hidden">Actions</span></th></tr></thead>
      <tbody>${state.keys.map((key) => html`<tr key=${key.keyId}><th scope="row" class="break">${key.keyName}</th><td class="mono break">${key.keyId} <${Copy} text=${key.keyId} quiet /></td>
        <td class="wide-only"><${Ago} iso=${key.createdAtTimestamp} /></td><td class="wide-only"><${Ago} iso=${key.lastUsedAtTimestamp} /></td>
        <td class="right"><button type="button" class="quiet danger" aria-label=${`Remove ${key.keyName}`} onClick=${() => remove(key)}><${Icon} name="trash" /></button></td></tr>`)}</tbody></table></div>`}
    <form class="form" onSubmit=${add}><${Field} label="Name of the key"><input name="name" required autocomplete="off" maxlength="255" /><//><button disabled=${!account}>Make a key</button></form>${said}${question}
    ${made && html`<${Code} label="Key id and secret" text=${`${made.keyId}:${made.keySecret}`} /><p class="faint">The secret is told only now. Programs send both as user and password.</p>`}`;
}

function AppTokens() {
  const { data, error, reload } = useGet("/app-tokens");
  const [act, said] = useAction(reload);
  const add = (event) => {
    const { token, ...rest } = fieldsOf(event);
    act(() => put(path(["app-tokens", token]), rest), `${token} is known.`);
    event.currentTarget.reset();
  };
  return html`<header class="view-head"><h2>App tokens</h2><${Twins} links=${[["JSON", twin("/app-tokens")]]} /></header><${Failure} error=${error} />
    ${data && html`<div class="table-wrap"><table class="list"><thead><tr><th scope="col">Token</th><th scope="col" class="wide-only">OAuth callback</th><th scope="col"><span class="hidden">Actions</span></th></tr></thead>
      <tbody>${data.map(({ token, callback_prefix: callback }) => html`<tr key=${token}><th scope="row" class="mono break">${token} <${Copy} text=${token} label="Copy" quiet /></th><td class="mono break wide-only">${callback}</td>
        <td class="right"><button type="button" class="quiet danger" aria-label=${`Remove ${token}`} onClick=${() => act(() => remove(path(["app-tokens", token])), `${token} is removed.`)}><${Icon} name="trash" /></button></td></tr>`)}</tbody></table></div>`}
    <form class="form" onSubmit=${add}><${Field} label="App token"><input name="token" required autocomplete="off" /><//><button>Add</button></form>${said}`;
}

function Mint() {
  const { data: users } = useGet("/users");
  const [token, setToken] = useState(null);
  const [act, said] = useAction(setToken);
  const mint = (event) => {
    const { user, hours } = fieldsOf(event);
    act(() => post("/tokens", { user, expires_in: Math.round(Number(hours) * 3600) }), "Made.");
  };
  return html`<h2>OAuth access token</h2><form class="form" onSubmit=${mint}>
      <${Field} label="For"><select name="user">${users?.map((user) => html`<option value=${user.name}>${user.name}</option>`)}</select><//>
      <${Field} label="Hours"><input name="hours" type="number" min="0" step="any" value="1" required /><//><button>Make</button></form>${said}
    ${token?.token && html`<${Code} label="Header with the access token" text=${`Authorization: OAuth ${token.token}`} /><p class="faint">Until ${token.expires_at}, by the clock of this server.</p>`}`;
}
