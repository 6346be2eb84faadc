// Fault rules: as fields of a form, what hides what, and a rule that hits a request like one that was made.

/** Operations that rules are written for most; any other name is allowed. */
export const OPERATIONS = ["query", "row.get", "upsert", "replace", "truncate", "row.upsert", "row.replace", "row.delete"];

const list = (value) => (value === undefined || value === null ? [] : [value].flat());
const covers = (a, b) => list(a).length === 0 || (list(b).length > 0 && list(b).every((item) => list(a).some((own) => String(own).toLowerCase() === String(item).toLowerCase())));

/** Whether a pattern with `*` stands for everything that another one stands for, as far as it can be told. */
function globCovers(pattern, other) {
  if (pattern === undefined || pattern === "*") return true;
  if (other === undefined) return false;
  return new RegExp(`^${pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`, "s").test(other);
}

/** Whether a rule hits every request that a later one would hit, so that the later one never does. */
function hides(rule, later) {
  const { match = {} } = rule;
  const other = later.match ?? {};
  if (rule.used_up || rule.times || rule.probability || match.nth || match.every || match.after_rows || Object.keys(match.headers ?? {}).length) return false;
  if (list(rule.do).some((action) => action.stale_reads)) return false;
  return covers(match.method, other.method) && covers(match.dataset, other.dataset) && covers(match.operation, other.operation) && globCovers(match.path, other.path) && globCovers(match.client, other.client);
}

/** The first rule before this one that hides it. */
export const hiddenBy = (faults, index) => faults.slice(0, index).find((rule) => hides(rule, faults[index]));

/** Members that are shown with a rule and are not part of it. */
const SHOWN_ONLY = ["hits", "seen", "used_up", "last_request"];
export const ruleOf = (fault) => Object.fromEntries(Object.entries(fault).filter(([name]) => !SHOWN_ONLY.includes(name)));

/** A rule that makes the next request like this one fail once. */
export const ruleFrom = ({ method, path, operation, dataset }) => ({
  match: { method, path, ...(operation ? { operation } : {}), ...(dataset ? { dataset } : {}) }, times: 1, do: { status: 503 },
});

/** What can happen to a request, with the members of a rule that say so. */
export const KINDS = {
  status: { text: "is answered with an error", first: { status: 503 } },
  slow: { text: "is answered late", first: { delay_ms: 2000 } },
  thin: { text: "is read and answered slowly", first: { bandwidth_bytes_per_s: 65536 } },
  drop: { text: "loses its connection", first: { drop: "before_headers" } },
  truncate: { text: "has its answer cut", first: { truncate_at: 100 } },
  corrupt: { text: "has its answer broken", first: { corrupt: "json" } },
};

/** The kind of a rule's action; undefined for one that only JSON can say. */
export function kindOf(rule) {
  if (Array.isArray(rule.do)) return undefined;
  const action = rule.do ?? {};
  if (action.status !== undefined || action.html_error) return "status";
  if (action.drop) return "drop";
  if (action.truncate_at !== undefined) return "truncate";
  if (action.corrupt) return "corrupt";
  if (action.bandwidth_bytes_per_s !== undefined) return "thin";
  return typeof action.delay_ms === "number" ? "slow" : undefined;
}

/** The object with a member set, or without it where the value says nothing. */
export function withMember(object, name, value) {
  const { [name]: _, ...rest } = object ?? {};
  return value === "" || value === undefined || value === false || Number.isNaN(value) ? rest : { ...rest, [name]: value };
}
