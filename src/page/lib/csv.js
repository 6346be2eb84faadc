// Reading CSV: quotes, line ends of any system, and which sign separates.

const SEPARATORS = [",", ";", "\t", "|"];

/** The sign that occurs most in the first line, outside quotes. */
export function separatorOf(text) {
  const line = text.split(/\r?\n/, 1)[0].replace(/"[^"]*"/g, "");
  return SEPARATORS.reduce((best, sign) => (line.split(sign).length > line.split(best).length ? sign : best));
}

/** All records as lists of texts; at most `most` of them. Blank lines are none. */
export function records(text, { separator = separatorOf(text), most = Infinity } = {}) {
  const result = [];
  let record = [];
  let field = "";
  let quoted = false;
  const endRecord = () => {
    record.push(field);
    if (record.length > 1 || record[0] !== "") result.push(record);
    record = [];
    field = "";
  };
  const source = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  for (let at = 0; at < source.length && result.length < most; at += 1) {
    const sign = source[at];
    if (quoted) {
      if (sign !== '"') field += sign;
      else if (source[at + 1] === '"') {
        field += '"';
        at += 1;
      } else quoted = false;
    } else if (sign === '"' && field === "") quoted = true;
    else if (sign === separator) {
      record.push(field);
      field = "";
    } else if (sign === "\n") endRecord();
    else if (sign !== "\r" || source[at + 1] !== "\n") field += sign;
  }
  if (result.length < most && (field !== "" || record.length)) endRecord();
  return result;
}
