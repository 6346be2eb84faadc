//! Fault rules: armed, shown, removed.

use super::input::{body, body_or_default};
use super::route::{Route, delete, get, post, put as set};
use super::{Answer, Problem};
use crate::api::{Deleted, PresetList, PresetShown};
use crate::faults::{
    ArmedFault, Changes, FaultList, Faults, PRESETS, Rule, RuleError, preset, unknown_preset,
};
use crate::http::state::AppState;
use crate::space::Space;
use crate::store::HeldRead;
use axum::Json;
use axum::extract::Path;
use bytes::Bytes;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// A rule as it is shown.
const SHOWN: &str = r#"{"id": "f-1", "match": {}, "do": {"status": 503}, "hits": 0, "seen": 0, "used_up": false, "last_request": null}"#;

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    vec![
        get("/faults", "Every fault in the order in which they are asked, with its hits.", list)
            .answers::<FaultList>(r#"{"faults": []}"#)
            .shown_by(&["faults::faults_are_listed_replaced_and_removed"]),
        post("/faults", "Arms a fault after those that are there.", add)
            .takes::<Rule>()
            .answers::<ArmedFault>(SHOWN)
            .refuses(&[404])
            .shown_by(&["faults::a_skipped_request_is_not_executed_and_an_applied_one_is"]),
        set("/faults", "Puts these faults in the place of all.", put_all)
            .takes::<All>()
            .answers::<FaultList>(r#"{"faults": []}"#)
            .shown_by(&["faults::faults_are_listed_replaced_and_removed"]),
        delete("/faults", "Removes every fault.", clear)
            .answers::<Deleted<usize>>(r#"{"deleted": 0}"#)
            .shown_by(&["faults::faults_are_listed_replaced_and_removed"]),
        get("/faults/presets", "Named faults with what each imitates.", presets)
            .answers::<PresetList>(
                r#"{"presets": [{"name": "maintenance", "imitates": "planned maintenance", "rule": {}}]}"#,
            )
            .shown_by(&["faults::every_preset_can_be_armed_by_its_name"]),
        post("/faults/presets/{preset}", "Arms a named fault, with parts of it replaced.", arm_preset)
            .may_take::<Changes>()
            .answers::<ArmedFault>(SHOWN)
            .refuses(&[404])
            .shown_by(&["faults::the_presets_do_what_they_say"]),
        get("/faults/{fault}", "A fault with its hits.", show)
            .answers::<ArmedFault>(SHOWN)
            .refuses(&[404])
            .shown_by(&["faults::a_fault_is_told_in_a_stable_form_and_can_be_sent_back"]),
        set("/faults/{fault}", "Arms a fault in the place of the one with this id.", put)
            .takes::<Rule>()
            .answers::<ArmedFault>(SHOWN)
            .refuses(&[404])
            .shown_by(&["faults::a_fault_is_told_in_a_stable_form_and_can_be_sent_back"]),
        delete("/faults/{fault}", "Removes a fault; what it hid shows at once.", remove)
            .answers::<Deleted<String>>(r#"{"deleted": "f-1"}"#)
            .refuses(&[404])
            .shown_by(&["faults::faults_are_listed_replaced_and_removed"]),
    ]
}

/// Members that are shown with a rule and mean nothing in one that is sent back.
const SHOWN_ONLY: [&str; 4] = ["hits", "seen", "used_up", "last_request"];

impl From<RuleError> for Problem {
    fn from(error: RuleError) -> Self {
        Self::new(http::StatusCode::BAD_REQUEST, "bad_fault", error.to_string())
    }
}

/// A rule as it was sent; members that are only shown are left out.
fn rule(mut value: Value) -> Result<Rule, Problem> {
    if let Some(members) = value.as_object_mut() {
        members.retain(|key, _| !SHOWN_ONLY.contains(&key.as_str()));
    }
    Ok(Rule::parse(value)?)
}

/// The space that a rule names, else that of the call.
fn space(state: &AppState, rule: &Rule) -> Result<Arc<Space>, Problem> {
    match &rule.matching.space {
        None => Ok(Arc::clone(state.space.space())),
        Some(name) => state.spaces.find(name).ok_or_else(|| super::spaces::no_space(state, name)),
    }
}

fn arm(state: &AppState, rule: Rule) -> Answer<ArmedFault> {
    Ok(Json(space(state, &rule)?.faults.arm(rule)?))
}

fn missing(id: &str, faults: &Faults<HeldRead>) -> Problem {
    let known: Vec<String> = faults.list().into_iter().map(|fault| fault.id).take(20).collect();
    let armed =
        if known.is_empty() { "none is armed".to_owned() } else { format!("armed: {}", known.join(", ")) };
    Problem::not_found(&format!("fault {id}; {armed}"))
}

/// `GET /faults`: in the order in which they are asked, with their hits.
async fn list(state: AppState) -> Json<FaultList> {
    Json(FaultList { faults: state.space.faults.list() })
}

/// `POST /faults`: arms a rule, after those that are there.
async fn add(state: AppState, bytes: Bytes) -> Answer<ArmedFault> {
    arm(&state, rule(body(&bytes)?)?)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct All {
    #[schemars(with = "Vec<Rule>")]
    faults: Vec<Value>,
}

/// `PUT /faults` with `{"faults":[…]}`: these in place of all.
async fn put_all(state: AppState, bytes: Bytes) -> Answer<FaultList> {
    let all: All = body(&bytes)?;
    let rules = all.faults.into_iter().map(rule).collect::<Result<Vec<_>, _>>()?;
    if rules.iter().any(|r| r.matching.space.is_some()) {
        let detail = "a list replaces the faults of one space; leave match.space out and send X-Mock-Space";
        return Err(Problem::bad_request(detail));
    }
    state.space.faults.replace(rules)?;
    Ok(list(state).await)
}

/// `DELETE /faults`: all of them.
async fn clear(state: AppState) -> Json<Deleted<usize>> {
    Json(Deleted { deleted: state.space.faults.clear() })
}

/// `GET /faults/{id}`.
async fn show(state: AppState, Path(id): Path<String>) -> Answer<ArmedFault> {
    let faults = &state.space.faults;
    faults.find(&id).map(Json).ok_or_else(|| missing(&id, faults))
}

/// `PUT /faults/{id}`: arms a rule, in the place of the one that has the id; its hits begin at 0.
async fn put(state: AppState, Path(id): Path<String>, bytes: Bytes) -> Answer<ArmedFault> {
    let mut rule = rule(body(&bytes)?)?;
    if rule.id.as_ref().is_some_and(|own| *own != id) {
        return Err(Problem::bad_request(format!(
            "the path says {id}, the body another id; leave it out there"
        )));
    }
    rule.id = Some(id);
    arm(&state, rule)
}

/// `DELETE /faults/{id}`.
async fn remove(state: AppState, Path(id): Path<String>) -> Answer<Deleted<String>> {
    let faults = &state.space.faults;
    if faults.remove(&id) { Ok(Json(Deleted { deleted: id })) } else { Err(missing(&id, faults)) }
}

/// `GET /faults/presets`.
async fn presets() -> Json<PresetList> {
    let shown = PRESETS.iter().map(|preset| PresetShown {
        name: preset.name.to_owned(),
        imitates: preset.imitates.to_owned(),
        rule: serde_json::from_str(preset.rule).unwrap_or_default(),
    });
    Json(PresetList { presets: shown.collect() })
}

/// `POST /faults/presets/{name}`: arms a preset under its name; a body may replace `match`, `times`,
/// `probability`, `seed` and `id`.
async fn arm_preset(state: AppState, Path(name): Path<String>, bytes: Bytes) -> Answer<ArmedFault> {
    let changes: Changes = body_or_default(&bytes)?;
    let rule = preset(&name, &changes)
        .ok_or_else(|| Problem::new(http::StatusCode::NOT_FOUND, "not_found", unknown_preset(&name)))?;
    arm(&state, rule?)
}
