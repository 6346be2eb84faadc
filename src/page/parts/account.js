// The account that writes from this page.
import { html } from "../lib/html.js";
import { useKept } from "../lib/kept.js";
import { useGet } from "../lib/reading.js";
import { Field } from "./basics.js";

/** `[account, setAccount, users]`; the first publisher until another one is chosen. */
export function useAccount() {
  const { data: users } = useGet("/users");
  const [chosen, choose] = useKept("account");
  const known = users?.some((user) => user.name === chosen);
  const account = known ? chosen : (users?.find((user) => user.role === "publisher") ?? users?.[0])?.name;
  return [account, choose, users ?? []];
}

/** A choice among the accounts. */
export function Account({ label = "As" }) {
  const [account, choose, users] = useAccount();
  return html`<${Field} label=${label}><select value=${account} onChange=${(event) => choose(event.currentTarget.value)}>
    ${users.map((user) => html`<option value=${user.name}>${user.name} (${user.role})</option>`)}</select><//>`;
}
