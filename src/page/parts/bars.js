// Small charts of one column: bars with their values as text beside them, or a histogram.
import { html } from "../lib/html.js";
import { count } from "../lib/format.js";

/**
 * Values with their counts; `onPick(item)` and `onExclude(item)` when one is chosen or excluded, `choice` those that are.
 */
export function ValueBars({ items, total, choice, onPick, onExclude, label }) {
  const most = Math.max(1, ...items.map((item) => item.count));
  const held = (item) => choice && (item.literal === undefined ? choice.empty && (!choice.not || !choice.values.length) : choice.values.includes(item.literal));
  return html`<ul class="value-bars" aria-label=${label}>${items.map((item) => {
    const state = held(item) ? (choice.not ? "out" : "in") : "";
    return html`<li class=${state}><button type="button" class="pick" disabled=${!onPick} aria-pressed=${onExclude ? String(state === "in") : undefined} onClick=${() => onPick(item)} title=${`${item.title ?? ""} ${share(item.count, total)}`}>
      <span class="bar" style=${{ width: `${(item.count / most) * 100}%` }}></span>
      <span class="value">${item.shown}</span><span class="count">${count(item.count)}</span></button>
      ${onExclude && html`<button type="button" class="quiet not" aria-pressed=${String(state === "out")} aria-label=${`not ${item.title || "null"}`} title="Without these rows" onClick=${() => onExclude(item)}>not</button>`}</li>`;
  })}</ul>`;
}

const share = (n, total) => (total ? `${((n / total) * 100).toFixed(1)} %` : "");

/** Counts of neighbouring ranges as one drawing; each bar has its range as a title. */
export function Histogram({ bins, label, height = 56, onPick }) {
  const most = Math.max(1, ...bins.map((bin) => bin.count));
  const width = 100 / bins.length;
  const bars = bins.map((bin, index) => {
    const tall = bin.count ? Math.max(1, (bin.count / most) * height) : 0;
    return html`<g onClick=${() => onPick?.(bin)} class=${onPick ? "pick" : ""}><title>${`${bin.label}: ${count(bin.count)}`}</title>
      <rect class="room" x=${index * width} y="0" width=${width} height=${height} />
      <rect x=${index * width + width * 0.06} y=${height - tall} width=${width * 0.88} height=${tall} /></g>`;
  });
  return html`<figure class="histogram"><svg viewBox=${`0 0 100 ${height}`} preserveAspectRatio="none" role="img" aria-label=${label}>${bars}</svg>
    <figcaption><span>${bins[0]?.from}</span><span>${bins.at(-1)?.to}</span></figcaption></figure>`;
}
