// The name that a person may have meant.

/** Letters to insert, remove or change between two words; more than `most` is told as `most + 1`. */
export function distance(a, b, most) {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return Math.min(row[b.length], most + 1);
}

/** The nearest of some names to a word, if it is near enough to be a slip; a name that begins with the word is near. */
export function nearest(word, names) {
  const wanted = word.toLowerCase();
  const most = Math.max(1, Math.floor(wanted.length / 4));
  const measured = names.map((name) => ({ name, off: name.toLowerCase().startsWith(wanted) && wanted.length > 2 ? 0.5 : distance(wanted, name.toLowerCase(), most) }));
  const best = measured.reduce((a, b) => (b.off < a.off ? b : a), { off: most + 1 });
  return best.off > 0 && best.off <= most ? best.name : undefined;
}
