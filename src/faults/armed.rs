//! The rules of a space, and what they decide.

use super::chance::Chance;
use super::check::check_id;
use super::request::FaultRequest;
use super::rule::{Action, Rule, RuleError, StaleReads};
use super::stale::Hidden;
use crate::clock::iso;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many rules a space holds.
const MOST: usize = 1000;

/// The rules of a space; `T` is data as it was before a write.
#[derive(Debug)]
pub struct Faults<T> {
    /// All that a request without faults pays for.
    any: AtomicBool,
    inner: Mutex<Inner<T>>,
}

#[derive(Debug)]
struct Inner<T> {
    armed: Vec<Armed<T>>,
    named: u64,
}

#[derive(Debug)]
struct Armed<T> {
    id: String,
    rule: Rule,
    /// Requests that match, those that were not hit included.
    seen: u64,
    hits: u64,
    last: Option<LastRequest>,
    chance: Chance,
    hidden: Hidden<T>,
}

/// A rule as it was written, with what became of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ArmedFault {
    /// The name of the rule.
    pub id: String,
    /// The rule; its own `id` stands before it.
    #[serde(flatten)]
    pub rule: Rule,
    /// How often it struck.
    pub hits: u64,
    /// Requests that matched, those that were not hit included.
    pub seen: u64,
    /// Whether it has struck as often as it may.
    pub used_up: bool,
    /// The last request that it struck.
    pub last_request: Option<LastRequest>,
}

/// The faults of a space in the order in which they are asked.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FaultList {
    /// Each with its hits.
    pub faults: Vec<ArmedFault>,
}

/// A request that a fault struck.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LastRequest {
    /// Its number in the journal, once it is there.
    pub request: Option<u64>,
    /// `X-Socrata-RequestId`.
    pub request_id: String,
    /// The HTTP method.
    pub method: String,
    /// The path, without its query.
    pub path: String,
    /// When it came, by the clock of the space.
    pub at: String,
}

/// What is decided about one request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FaultDecision {
    /// The fault that strikes.
    pub fault: Option<ChosenFault>,
    /// Rules that hide this write from readers, and for how long.
    pub hide: Vec<(String, StaleReads)>,
}

/// A fault that strikes a request.
#[derive(Clone, Debug, PartialEq)]
pub struct ChosenFault {
    pub id: String,
    /// What happens.
    pub action: Action,
    /// How long the answer is held back.
    pub delay_ms: u64,
    /// Only when so many rows of the body were read; then [`Faults::hit_after_rows`] counts the hit.
    pub after_rows: Option<u64>,
}

impl<T> Default for Faults<T> {
    fn default() -> Self {
        Self { any: AtomicBool::new(false), inner: Mutex::new(Inner { armed: Vec::new(), named: 0 }) }
    }
}

impl<T> Faults<T> {
    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is no rule.
    pub fn none(&self) -> bool {
        !self.any.load(Ordering::Acquire)
    }

    /// Decides about a request. Every rule counts the requests that match it; the first one in the
    /// list that hits is the one that strikes. Rules about stale reads hit beside it.
    pub fn decide(&self, request: &FaultRequest<'_>) -> FaultDecision {
        let mut decision = FaultDecision::default();
        for armed in &mut self.lock().armed {
            let is_stale = armed.rule.actions.iter().any(|a| a.stale_reads.is_some());
            if is_stale && !request.operation.writes_rows() {
                continue;
            }
            if !armed.counts(request) || (decision.fault.is_some() && !is_stale) {
                continue;
            }
            let Some((action, delay_ms)) = armed.draw() else { continue };
            let after_rows = armed.rule.matching.after_rows;
            if after_rows.is_none() {
                armed.hit(request);
            }
            match action.stale_reads {
                Some(still) => decision.hide.push((armed.id.clone(), still)),
                None => {
                    decision.fault = Some(ChosenFault { id: armed.id.clone(), action, delay_ms, after_rows })
                }
            }
        }
        decision
    }

    /// Counts the hit of a rule about rows.
    pub fn hit_after_rows(&self, id: &str, request: &FaultRequest<'_>) {
        if let Some(armed) = self.lock().armed.iter_mut().find(|a| a.id == id) {
            armed.hit(request);
        }
    }

    /// Tells under which number the journal keeps the last request that a rule hit.
    pub fn recorded(&self, id: &str, request_id: &str, number: u64) {
        let mut inner = self.lock();
        let last = inner.armed.iter_mut().find(|a| a.id == id).and_then(|a| a.last.as_mut());
        if let Some(last) = last.filter(|last| last.request_id == request_id) {
            last.request = Some(number);
        }
    }

    /// Hides a write that was made.
    pub fn hide(&self, id: &str, dataset: &str, before: Arc<T>, still: StaleReads, now_ms: i64) {
        if let Some(armed) = self.lock().armed.iter_mut().find(|a| a.id == id) {
            armed.hidden.hide(dataset, before, still, now_ms);
        }
    }

    /// The data that a read of a dataset sees instead of what is stored.
    pub fn read(&self, dataset: &str, now_ms: i64) -> Option<Arc<T>> {
        self.lock().armed.iter_mut().filter_map(|a| a.hidden.read(dataset, now_ms)).next()
    }

    /// Arms a rule; one with the same id is replaced and keeps its place.
    pub fn arm(&self, rule: Rule) -> Result<ArmedFault, RuleError> {
        rule.check()?;
        let mut inner = self.lock();
        let id = match &rule.id {
            Some(id) => id.clone(),
            None => inner.next_id(),
        };
        check_id(&id)?;
        let armed = Armed::new(id, rule);
        let shown = armed.shown();
        let full = inner.armed.len() >= MOST;
        match inner.armed.iter_mut().find(|a| a.id == armed.id) {
            Some(place) => *place = armed,
            None if full => {
                return Err(RuleError(format!("a space holds {MOST} faults; DELETE /faults removes them")));
            }
            None => inner.armed.push(armed),
        }
        self.any.store(true, Ordering::Release);
        Ok(shown)
    }

    /// Other rules in place of all: all of them or, if one is wrong, none.
    pub fn replace(&self, rules: Vec<Rule>) -> Result<(), RuleError> {
        rules.iter().try_for_each(Rule::check)?;
        self.clear();
        rules.into_iter().try_for_each(|rule| self.arm(rule).map(|_| ()))
    }

    /// Removes a rule; what it hid shows at once.
    pub fn remove(&self, id: &str) -> bool {
        let mut inner = self.lock();
        let before = inner.armed.len();
        inner.armed.retain(|a| a.id != id);
        self.any.store(!inner.armed.is_empty(), Ordering::Release);
        inner.armed.len() < before
    }

    /// Removes every rule, and how many there were. Names begin at `f-1` again.
    pub fn clear(&self) -> usize {
        let mut inner = self.lock();
        let removed = std::mem::take(&mut inner.armed).len();
        inner.named = 0;
        self.any.store(false, Ordering::Release);
        removed
    }

    /// Every rule with its hits, in the order in which they are asked.
    pub fn list(&self) -> Vec<ArmedFault> {
        self.lock().armed.iter().map(Armed::shown).collect()
    }

    /// A rule with its hits.
    pub fn find(&self, id: &str) -> Option<ArmedFault> {
        self.lock().armed.iter().find(|a| a.id == id).map(Armed::shown)
    }
}

impl<T> Inner<T> {
    fn next_id(&mut self) -> String {
        loop {
            self.named += 1;
            let id = format!("f-{}", self.named);
            if self.armed.iter().all(|a| a.id != id) {
                return id;
            }
        }
    }
}

impl<T> Armed<T> {
    fn new(id: String, rule: Rule) -> Self {
        let chance = Chance::new(rule.seed.unwrap_or(0));
        Self { id, rule, seen: 0, hits: 0, last: None, chance, hidden: Hidden::default() }
    }

    /// Counts a request that matches, and whether it is one of those that are meant.
    fn counts(&mut self, request: &FaultRequest<'_>) -> bool {
        if !request.is_meant(&self.rule.matching) {
            return false;
        }
        self.seen += 1;
        self.rule.matching.counts(self.seen) && !self.is_used_up()
    }

    fn is_used_up(&self) -> bool {
        self.rule.times.is_some_and(|times| self.hits >= times)
    }

    fn draw(&mut self) -> Option<(Action, u64)> {
        if !self.chance.hits(self.rule.probability) {
            return None;
        }
        let action = self.chance.action(&self.rule)?.clone();
        let delay_ms = self.chance.delay_ms(action.delay_ms);
        Some((action, delay_ms))
    }

    fn hit(&mut self, request: &FaultRequest<'_>) {
        self.hits += 1;
        self.last = Some(LastRequest {
            request: None,
            request_id: request.id.to_owned(),
            method: request.method.to_owned(),
            path: request.path.to_owned(),
            at: iso(request.now_ms),
        });
    }

    fn shown(&self) -> ArmedFault {
        ArmedFault {
            id: self.id.clone(),
            rule: Rule { id: None, ..self.rule.clone() },
            hits: self.hits,
            seen: self.seen,
            used_up: self.is_used_up(),
            last_request: self.last.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Operation;
    use http::HeaderMap;
    use serde_json::{Value, json};

    fn faults(rules: &[Value]) -> Faults<&'static str> {
        let faults = Faults::default();
        for rule in rules {
            faults.arm(Rule::parse(rule.clone()).unwrap()).unwrap();
        }
        faults
    }

    fn ask(faults: &Faults<&'static str>, operation: Operation) -> FaultDecision {
        let headers = HeaderMap::new();
        faults.decide(&FaultRequest {
            id: "r1",
            method: "POST",
            path: "/resource/4tka-6guv",
            operation,
            dataset: &["4tka-6guv".to_owned()],
            headers: &headers,
            client: &[],
            now_ms: 0,
        })
    }

    fn struck(faults: &Faults<&'static str>, times: usize) -> Vec<Option<String>> {
        (0..times).map(|_| ask(faults, Operation::Upsert).fault.map(|s| s.id)).collect()
    }

    #[test]
    fn the_first_rule_that_hits_strikes_and_the_next_ones_only_count() {
        let faults = faults(&[
            json!({ "id": "a", "match": { "nth": 2 }, "do": { "status": 500 } }),
            json!({ "id": "b", "match": { "every": 2 }, "do": { "status": 502 } }),
        ]);
        let id = |s: &str| Some(s.to_owned());
        assert_eq!(struck(&faults, 4), [None, id("a"), None, id("b")]);
        let b = faults.find("b").unwrap();
        assert_eq!((b.hits, b.seen), (1, 4));
    }

    #[test]
    fn a_rule_rests_after_its_times() {
        let faults = faults(&[json!({ "times": 2, "do": { "status": 500 } })]);
        let hits = struck(&faults, 4).iter().filter(|s| s.is_some()).count();
        assert_eq!(hits, 2);
        let shown = faults.find("f-1").unwrap();
        assert_eq!((shown.used_up, shown.last_request.unwrap().request_id.as_str()), (true, "r1"));
    }

    #[test]
    fn rows_are_counted_as_hits_only_when_they_were_read() {
        let faults = faults(&[json!({ "times": 1, "match": { "after_rows": 3 }, "do": { "status": 500 } })]);
        assert_eq!(ask(&faults, Operation::Upsert).fault.unwrap().after_rows, Some(3));
        assert_eq!(faults.find("f-1").unwrap().hits, 0);
    }

    #[test]
    fn stale_reads_go_beside_another_fault_and_reads_do_not_count() {
        let faults = faults(&[
            json!({ "id": "err", "do": { "status": 502, "then": "apply" } }),
            json!({ "id": "late", "match": {}, "do": { "stale_reads": { "reads": 1 } } }),
        ]);
        assert_eq!(ask(&faults, Operation::Query).hide, []);
        let decision = ask(&faults, Operation::Upsert);
        assert_eq!(decision.fault.unwrap().id, "err");
        assert_eq!(decision.hide, [("late".to_owned(), StaleReads::Reads(1))]);
        faults.hide("late", "4tka-6guv", Arc::new("old"), StaleReads::Reads(1), 0);
        assert!(faults.read("4tka-6guv", 0).is_some() && faults.read("4tka-6guv", 0).is_none());
    }

    #[test]
    fn what_a_rule_hid_shows_when_the_rule_goes() {
        let faults = faults(&[json!({ "id": "late", "do": { "stale_reads": { "reads": 9 } } })]);
        faults.hide("late", "4tka-6guv", Arc::new("old"), StaleReads::Reads(9), 0);
        assert!(faults.remove("late") && faults.none());
        assert!(faults.read("4tka-6guv", 0).is_none());
    }

    #[test]
    fn one_of_several_actions_is_chosen_and_the_choice_repeats() {
        let rule = json!({ "seed": 3, "do": [{ "status": 500 }, { "status": 502 }, { "status": 504 }] });
        let statuses = || -> Vec<Option<u16>> {
            let faults = faults(std::slice::from_ref(&rule));
            (0..30).map(|_| ask(&faults, Operation::Upsert).fault.unwrap().action.status).collect()
        };
        let drawn = statuses();
        assert_eq!(drawn, statuses());
        assert!([500, 502, 504].iter().all(|s| drawn.contains(&Some(*s))), "{drawn:?}");
    }

    #[test]
    fn a_list_with_one_wrong_rule_changes_nothing() {
        let faults = faults(&[json!({ "id": "kept", "do": { "status": 500 } })]);
        let good = Rule::parse(json!({ "do": { "status": 500 } })).unwrap();
        let wrong = Rule { times: Some(0), ..good.clone() };
        assert!(faults.replace(vec![good, wrong]).is_err());
        assert!(faults.find("kept").is_some());
    }

    #[test]
    fn ids_are_given_in_order_and_replaced_in_place() {
        let faults = faults(&[json!({ "do": { "status": 500 } }), json!({ "do": { "status": 501 } })]);
        faults.arm(Rule::parse(json!({ "id": "f-1", "do": { "status": 503 } })).unwrap()).unwrap();
        let list = faults.list();
        assert_eq!((list.len(), list[0].rule.actions[0].status, list[1].id.as_str()), (2, Some(503), "f-2"));
        assert_eq!(faults.clear(), 2);
        assert!(faults.none());
    }
}
