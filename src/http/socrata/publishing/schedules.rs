//! Schedules of datasets and agents in a publisher's network: kept and shown, never run (client evidence).

use super::with_status;
use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::http::socrata::answer::Answered;
use crate::publishing::{invalid, limits, missing, shape};
use crate::soda::SodaError;
use crate::store::publishing::{self as objects, Schedule};
use crate::store::{Entry, StoreError, WriteTx};
use http::StatusCode;
use serde_json::{Map, Value, json};

fn shown(schedule: &Schedule, entry: &Entry) -> Value {
    let mut cadence = schedule.cadence.clone();
    let cron = cadence.get("cron").cloned().unwrap_or(Value::Null);
    cadence.insert("cron_in_timezone".to_owned(), cron);
    let fourfour = entry.dataset.id.as_str();
    let resource = json!({
        "id": schedule.id,
        "fourfour": fourfour,
        "dataset_name": entry.dataset.name,
        "paused": schedule.paused,
        "cadence": cadence,
        "action": schedule.action,
        "runstate": { "state": "idle" },
        "quota": null,
        "has_hit_quota": false,
        "last_run": null,
        "consecutive_failures": 0,
        "paused_due_to_failure": false,
    });
    shape::enveloped(resource, json!({ "show": format!("/api/publishing/v1/schedule/{fourfour}") }))
}

/// `GET /schedule`: those of datasets that the caller may change.
pub fn list(context: &RequestContext) -> Answered {
    context.user()?;
    let store = context.state.space.store();
    let catalogue = store.catalogue();
    let schedules = store.read(objects::schedules)?;
    let seen = schedules.iter().filter_map(|schedule| {
        let entry = catalogue.numbered(schedule.dataset)?;
        context.caller().may_change(&entry.dataset).ok()?;
        Some(shown(schedule, &entry))
    });
    Ok(with_status(StatusCode::OK, &seen.collect()))
}

/// `GET /connection_agent`: nobody runs any here.
pub fn agents(context: &RequestContext) -> Answered {
    context.user()?;
    Ok(with_status(StatusCode::OK, &json!([])))
}

/// `GET /schedule/4x4`.
pub fn show(context: &RequestContext, id: &str) -> Answered {
    let entry = context.revisable(id)?;
    let number = entry.dataset.number;
    let found = context.state.space.store().read(|tx| objects::children::<Schedule>(tx, number))?;
    let schedule = found.first().ok_or_else(|| missing("schedule of dataset", id))?;
    Ok(with_status(StatusCode::OK, &shown(schedule, &entry)))
}

/// `POST` and `PUT /schedule/4x4`: what is left out stays.
pub async fn put(context: &RequestContext, id: &str) -> Answered {
    let entry = context.revisable(id)?;
    let sent = context.object()?;
    let number = entry.dataset.number;
    let job = move |tx: &WriteTx<'_>| -> Result<Schedule, StoreError> {
        let before = objects::children::<Schedule>(tx, number)?.pop();
        let is_new = before.is_none();
        let mut schedule = match before {
            Some(schedule) => schedule,
            None => Schedule {
                id: objects::new_id(tx)?,
                dataset: number,
                paused: false,
                cadence: Map::new(),
                action: Map::new(),
            },
        };
        change(&mut schedule, &sent)?;
        if is_new {
            objects::insert(tx, &schedule)?
        } else {
            objects::save(tx, &schedule)?
        }
        Ok(schedule)
    };
    let schedule = context.state.space.store().write(job).await?;
    let made = context.head.method == http::Method::POST;
    let status = if made { StatusCode::CREATED } else { StatusCode::ACCEPTED };
    Ok(with_status(status, &shown(&schedule, &entry)))
}

fn change(schedule: &mut Schedule, sent: &Map<String, Value>) -> Result<(), SodaError> {
    match sent.get("paused") {
        None | Some(Value::Null) => {}
        Some(Value::Bool(paused)) => schedule.paused = *paused,
        Some(_) => return Err(invalid("paused", "must be true or false")),
    }
    for (name, member) in [("cadence", &mut schedule.cadence), ("action", &mut schedule.action)] {
        match sent.get(name) {
            None | Some(Value::Null) => {}
            Some(value @ Value::Object(map)) if value.to_string().len() <= limits::TEXT => {
                *member = map.clone()
            }
            Some(_) => {
                return Err(invalid(name, &format!("must be an object of at most {} bytes", limits::TEXT)));
            }
        }
    }
    Ok(())
}

/// `DELETE /schedule/4x4`.
pub async fn remove(context: &RequestContext, id: &str) -> Answered {
    let entry = context.revisable(id)?;
    let (number, name) = (entry.dataset.number, id.to_owned());
    let job = move |tx: &WriteTx<'_>| -> Result<Schedule, StoreError> {
        let found = objects::children::<Schedule>(tx, number)?.pop();
        let schedule = found.ok_or_else(|| missing("schedule of dataset", &name))?;
        objects::forget::<Schedule>(tx, schedule.id)?;
        Ok(schedule)
    };
    let removed = context.state.space.store().write(job).await.map_err(ApiError::from)?;
    Ok(with_status(StatusCode::OK, &shown(&removed, &entry)))
}
