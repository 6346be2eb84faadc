// SoQL as text: names, literals, composed queries, tokens.

const PLAIN = /^[a-z_][a-z0-9_]*$/i;

const KEYWORDS = new Set(
  `select distinct as from where group by having order asc desc null nulls first last limit offset search and or
  not in like between is true false case when then else end join left right full outer inner on union all
  intersect minus over partition this`.split(/\s+/),
);

/** A column's name in a query. */
export function identifier(name) {
  if (name.startsWith(":") && PLAIN.test(name.slice(1))) return name;
  return PLAIN.test(name) && !KEYWORDS.has(name.toLowerCase()) ? name : `\`${name}\``;
}

export const quoted = (text) => `'${String(text).replaceAll("'", "''")}'`;

/** A JSON value of a column as a literal; undefined when it has none. */
export function literal(value, soqlType) {
  if (value === undefined || value === null) return undefined;
  if (soqlType === "number" || soqlType === "double") return String(value);
  if (soqlType === "boolean") return value ? "true" : "false";
  return typeof value === "object" ? undefined : quoted(value);
}

/** The condition that a column has a value. */
export function equals(name, value, soqlType) {
  const text = literal(value, soqlType);
  return text === undefined ? `${identifier(name)} IS NULL` : `${identifier(name)} = ${text}`;
}

/** Two conditions as one. */
export function both(left, right) {
  if (!left?.trim()) return right;
  const simple = !/\b(or|--)\b/i.test(left) && !left.includes("--");
  return `${simple ? left.trim() : `(${left.trim()}\n)`} AND ${right}`;
}

/**
 * The query of a view. A person's condition stands on lines of its own, so that places in it can be told
 * from places in the rest: it begins at line `WHERE_LINE`.
 */
export function compose({ select = ":*, *", where, group, order, search, limit, offset }) {
  const parts = [];
  if (group) parts.push(`GROUP BY ${group}`);
  if (order) parts.push(`ORDER BY ${order}`);
  if (search) parts.push(`SEARCH ${quoted(search)}`);
  if (limit !== undefined) parts.push(`LIMIT ${limit}`);
  if (offset) parts.push(`OFFSET ${offset}`);
  const condition = where?.trim() ? ` WHERE\n${where}\n` : " ";
  return `SELECT ${select}${condition}${parts.join(" ")}`.trim();
}

export const WHERE_LINE = 2;

const TOKEN = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'?|"(?:[^"])*"?|`[^`]*`?|:?@?[a-z_][\w]*|\d+(?:\.\d+)?(?:e[+-]?\d+)?|\s+|[\s\S]/giu;

/** The text cut into `{ kind, text, at }`, for colours and completion. */
export function tokens(source) {
  return Array.from(source.matchAll(TOKEN), (match) => ({ kind: kindOf(match[0]), text: match[0], at: match.index }));
}

function kindOf(text) {
  if (/^\s/.test(text)) return "space";
  if (text.startsWith("--") || text.startsWith("/*")) return "comment";
  if (text.startsWith("'") || text.startsWith('"')) return "string";
  if (/^\d/.test(text)) return "number";
  if (text.startsWith("`")) return "name";
  if (/^[:@a-z_]/i.test(text)) return KEYWORDS.has(text.toLowerCase()) ? "keyword" : "name";
  return "sign";
}

/** The index in a text of a one-based line and character. */
export function indexOf(text, { row, column }) {
  const lines = text.split("\n");
  let index = 0;
  for (let line = 0; line < Math.min(row - 1, lines.length); line += 1) index += lines[line].length + 1;
  const line = lines[row - 1] ?? "";
  return Math.min(index + Array.from(line).slice(0, column - 1).join("").length, text.length);
}
