// Coastlines, fetched when a map is first shown and kept.
import { useEffect, useState } from "../lib/html.js";

let rings;

/** The rings, each a list of `[longitude, latitude]`; none until they are there. */
export function useCoast() {
  const [known, setKnown] = useState(rings ?? []);
  useEffect(() => {
    if (rings) return;
    import("../vendor/land.js").then((land) => {
      rings = land.default.map(positions);
      setKnown(rings);
    }, () => {});
  }, []);
  return known;
}

function positions(steps) {
  const ring = [];
  let [x, y] = [0, 0];
  for (let at = 0; at < steps.length; at += 2) {
    x += steps[at];
    y += steps[at + 1];
    ring.push([x / 20, y / 20]);
  }
  return ring;
}
