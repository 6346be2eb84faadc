// In the head of every view: what makes the server answer otherwise than it would by itself.
import { html, useEffect } from "../lib/html.js";
import { useEvents } from "../lib/feed.js";
import { useGet } from "../lib/reading.js";
import { address } from "../lib/route.js";
import { plural } from "../lib/format.js";
import { Mark } from "./basics.js";

/** Changes by other programs are not told as events; they are looked for this often, in milliseconds. */
const EVERY = 15_000;

function useControl(path) {
  const { data, reload } = useGet(path);
  useEvents(({ name }) => ["fault", "reset", "opened"].includes(name) && reload());
  useEffect(() => {
    const timer = setInterval(() => document.hidden || reload(), EVERY);
    addEventListener("soda-mock:changed", reload);
    return () => {
      clearInterval(timer);
      removeEventListener("soda-mock:changed", reload);
    };
  }, [path]);
  return data;
}

export function StateMarks({ space }) {
  const clock = useControl("/clock");
  const throttle = useControl("/throttle");
  const faults = (useControl("/faults")?.faults ?? []).filter((fault) => !fault.used_up);
  const limits = throttle && [throttle.anonymous !== "off" && throttle.anonymous, throttle.token !== "off" && `${throttle.token} by token`].filter(Boolean).join(", ");
  const mark = (shown, where, text) => shown && html`<a class="state" href=${address(["controls", where])}><${Mark} kind="warn">${text}<//></a>`;
  return html`${mark(space, "spaces", `space ${space}`)}${mark(clock && clock.mode !== "real", "clock", `clock ${clock?.mode}`)}
    ${mark(limits, "throttle", `throttle ${limits}`)}${mark(faults.length > 0, "faults", plural(faults.length, "fault"))}`;
}
