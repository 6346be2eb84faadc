// A filter as conditions that AND joins, and those that are a choice among a column's values.
import { identifier, tokens } from "./soql.js";

const words = (text) => tokens(text).filter(({ kind }) => kind !== "space");
const isWord = (token, word) => token?.kind === "keyword" && token.text.toLowerCase() === word;

/** The texts that AND joins on the outermost level; an OR there, or a comment, leaves the whole as one. */
export function conjuncts(where) {
  const text = where?.trim() ?? "";
  if (!text) return [];
  const list = tokens(text);
  const cuts = [];
  let depth = 0;
  let between = false;
  for (const token of list) {
    if (token.kind === "comment") return [text];
    if (token.text === "(" || isWord(token, "case")) depth += 1;
    else if (token.text === ")" || isWord(token, "end")) depth -= 1;
    else if (depth > 0) continue;
    else if (isWord(token, "or")) return [text];
    else if (isWord(token, "between")) between = true;
    else if (isWord(token, "and")) {
      if (!between) cuts.push(token);
      between = false;
    }
  }
  const starts = [0, ...cuts.map((token) => token.at + token.text.length)];
  return starts.map((start, index) => text.slice(start, cuts[index]?.at ?? text.length).trim()).filter(Boolean);
}

/** Conditions as one text; one that holds an OR of its own stands in brackets. */
export function joined(conditions) {
  const list = conditions.filter((text) => text.trim());
  return list.length < 2 ? list.join("") : list.map((text) => (hasOuterOr(text) ? `(${text})` : text)).join(" AND ");
}

function hasOuterOr(text) {
  let depth = 0;
  return tokens(text).some((token) => {
    if (token.text === "(") depth += 1;
    if (token.text === ")") depth -= 1;
    return token.kind === "comment" || (depth === 0 && isWord(token, "or"));
  });
}

const NAME = new Set(["name"]);
const LITERAL = new Set(["string", "number"]);
const isLiteral = (token) => LITERAL.has(token?.kind) || isWord(token, "true") || isWord(token, "false");
const unquoted = (name) => name.replace(/^`|`$/g, "");

/** The literals of `( a, b )` at the end of a list of tokens; undefined when it is anything else. */
function literalsIn(list) {
  if (list[0]?.text !== "(" || list.at(-1)?.text !== ")") return undefined;
  const inner = signed(list.slice(1, -1));
  const fits = inner.length % 2 === 1 && inner.every((token, index) => (index % 2 ? token.text === "," : isLiteral(token)));
  return fits ? inner.filter((_, index) => index % 2 === 0).map(({ text }) => text) : undefined;
}

/** A minus before a number belongs to it. */
function signed(list) {
  const result = [];
  for (const token of list) {
    const last = result.at(-1);
    if (token.kind === "number" && last?.text === "-" && (result.length === 1 || !isLiteral(result.at(-2)))) result[result.length - 1] = { ...token, text: `-${token.text}` };
    else result.push(token);
  }
  return result;
}

function simple(list) {
  const [name, ...rest] = list;
  if (!NAME.has(name?.kind)) return undefined;
  const column = unquoted(name.text);
  const sign = rest.slice(0, -1).map(({ text }) => text).join("");
  const [value] = signed(rest.slice(/^(=|!=|<>)-?$/.test(sign) ? (sign.startsWith("=") ? 1 : 2) : rest.length));
  if (/^=-?$/.test(sign) && isLiteral(value)) return { name: column, not: false, values: [value.text], empty: false };
  if (/^(!=|<>)-?$/.test(sign) && isLiteral(value)) return { name: column, not: true, values: [value.text], empty: true };
  if (isWord(rest[0], "is") && isWord(rest.at(-1), "null") && rest.length <= 3) {
    if (rest.length === 2) return { name: column, not: false, values: [], empty: true };
    return isWord(rest[1], "not") ? { name: column, not: true, values: [], empty: true } : undefined;
  }
  const not = isWord(rest[0], "not");
  if (!isWord(rest[not ? 1 : 0], "in")) return undefined;
  const values = literalsIn(rest.slice(not ? 2 : 1));
  return values && { name: column, not, values, empty: not };
}

/**
 * A condition as a choice `{ name, not, values, empty }`: rows whose column has one of `values` (texts of literals), or no
 * value where `empty`; with `not` rows that have none of these. Undefined when the condition is another.
 */
export function choiceOf(condition) {
  const list = words(condition);
  const whole = simple(list);
  if (whole) return whole;
  const inner = list[0]?.text === "(" && list.at(-1)?.text === ")" ? list.slice(1, -1) : list;
  let depth = 0;
  const at = inner.findIndex((token) => {
    depth += token.text === "(" ? 1 : token.text === ")" ? -1 : 0;
    return depth === 0 && isWord(token, "or");
  });
  if (at < 0) return undefined;
  const [left, right] = [simple(inner.slice(0, at)), simple(inner.slice(at + 1))];
  const onlyEmpty = right && !right.not && right.empty && right.values.length === 0;
  if (!left || !onlyEmpty || left.name !== right.name || left.values.length === 0) return undefined;
  return { ...left, empty: !left.not };
}

/** The condition of a choice; undefined when it chooses nothing. */
export function conditionOf({ name, not, values, empty }) {
  const column = identifier(name);
  const among = values.length === 1 ? `${column} ${not ? "!=" : "="} ${values[0]}` : `${column} ${not ? "NOT IN" : "IN"} (${values.join(", ")})`;
  if (!values.length) return empty ? `${column} IS ${not ? "NOT " : ""}NULL` : undefined;
  // A comparison with no value is neither true nor false, so rows without one have to be named.
  if (not) return empty ? among : `(${among} OR ${column} IS NULL)`;
  return empty ? `(${among} OR ${column} IS NULL)` : among;
}

/** The filter with one value of a column chosen, excluded or let go of; `value` is a literal's text, undefined for none. */
export function toggled(where, name, value, not) {
  const list = conjuncts(where);
  const at = list.findIndex((text) => choiceOf(text)?.name === name);
  const old = at < 0 ? undefined : choiceOf(list[at]);
  const start = old && old.not === not ? old : { name, not, values: [], empty: false };
  const next = value === undefined
    ? { ...start, empty: !start.empty }
    : { ...start, values: start.values.includes(value) ? start.values.filter((item) => item !== value) : [...start.values, value] };
  const condition = conditionOf(next);
  const rest = at < 0 ? [...list, condition] : list.map((text, index) => (index === at ? condition : text));
  return joined(rest.filter(Boolean));
}

/** The filter without the choice among a column's values, and that choice. */
export function withoutChoice(where, name) {
  const list = conjuncts(where);
  const at = list.findIndex((text) => choiceOf(text)?.name === name);
  return at < 0 ? { rest: where, choice: undefined } : { rest: joined(list.filter((_, index) => index !== at)), choice: choiceOf(list[at]) };
}
