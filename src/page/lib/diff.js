// The lines in which two texts differ.

/** With more lines than this in the middle no line of it is looked for in the other: that takes time by their product. */
const MOST = 1500;

/** Lines `{ kind: "same"|"out"|"in", text }`: what has to leave `left` and to come in so that it becomes `right`. */
export function lineDiff(left, right) {
  const [a, b] = [left.split("\n"), right.split("\n")];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const same = (lines) => lines.map((text) => ({ kind: "same", text }));
  const middle = between(a.slice(start, a.length - end), b.slice(start, b.length - end));
  return [...same(a.slice(0, start)), ...middle, ...same(a.slice(a.length - end))];
}

function between(a, b) {
  const out = (text) => ({ kind: "out", text });
  const into = (text) => ({ kind: "in", text });
  if (a.length > MOST || b.length > MOST) return [...a.map(out), ...b.map(into)];
  // The longest common sequence of the rest, from each place on.
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) common[i][j] = a[i] === b[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
  }
  const lines = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: "same", text: a[i] });
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && common[i + 1][j] >= common[i][j + 1])) lines.push(out(a[i++]));
    else lines.push(into(b[j++]));
  }
  return lines;
}

/** The differing lines with a few of those around them; null stands where some were left out. */
export function hunks(lines, around = 2) {
  const near = lines.map(() => false);
  lines.forEach(({ kind }, index) => {
    if (kind !== "same") near.fill(true, Math.max(0, index - around), index + around + 1);
  });
  return lines.flatMap((line, index) => (near[index] ? [line] : index > 0 && near[index - 1] ? [null] : []));
}
