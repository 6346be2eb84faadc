// What a tester sets: faults, clock, throttle, snapshots, spaces, accounts.
import { html } from "../../lib/html.js";
import { address } from "../../lib/route.js";
import { Tabs } from "../../parts/basics.js";
import { Faults } from "./faults/index.js";
import { Clock } from "./clock.js";
import { Throttle } from "./throttle.js";
import { Snapshots } from "./snapshots.js";
import { SnapshotDiff } from "./diff.js";
import { Spaces } from "./spaces.js";
import { Accounts } from "./accounts.js";

const VIEWS = { faults: Faults, clock: Clock, throttle: Throttle, snapshots: Snapshots, spaces: Spaces, accounts: Accounts };
const NAMES = { faults: "Faults", clock: "Clock", throttle: "Throttle", snapshots: "Snapshots and reset", spaces: "Spaces", accounts: "Accounts" };

/** `/__mock/controls/{what}`. */
export function Controls({ what = "faults", rest, params }) {
  const tabs = Object.entries(NAMES).map(([name, text]) => [name, text, address(["controls", name])]);
  const View = VIEWS[what] ?? Faults;
  const isDiff = what === "snapshots" && rest[0] === "diff";
  return html`<section class="controls"><header class="view-head"><h1>Controls</h1></header><${Tabs} label="Controls" tabs=${tabs} active=${what} />
    <div class="page-width">${isDiff ? html`<${SnapshotDiff} left=${rest[1]} right=${rest[2]} />` : html`<${View} params=${params} />`}</div></section>`;
}
