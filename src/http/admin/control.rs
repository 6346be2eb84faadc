//! Life, facts, reset, clock, ids, throttle.

use super::input::{body, body_or_default};
use super::route::{Route, get, post, put};
use super::snapshots::no_snapshot;
use super::{Answer, Problem};
use crate::access::Limits;
use crate::api;
use crate::clock::{Clock as _, ClockMode, iso, system_ms};
use crate::http::state::AppState;
use crate::memory::{self, Memory, Room};
use crate::space::check_name;
use axum::Json;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use schemars::JsonSchema;
use serde::Deserialize;

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    vec![
        get("/live", "Whether the process answers.", live)
            .answers::<api::Live>(r#"{"live": true}"#)
            .shown_by(&["publish::every_answer_has_a_request_id_and_a_clients_own_is_kept"]),
        get("/ready", "Whether it can work: seeds are loaded and the writer answers.", ready)
            .answers::<api::Ready>(r#"{"ready": true, "waiting_on": [], "instance": "0123456789abcdef0123456789abcdef"}"#)
            .refuses(&[503])
            .shown_by(&["coverage::every_example_of_an_answer_has_the_members_of_the_real_one"]),
        get("/info", "Versions, and every option with its origin.", info)
            .answers::<api::Info>(r#"{"name": "soda-mock", "version": "0.1.0", "sqlite": "3.50.4", "pid": 1, "instance": "0123456789abcdef0123456789abcdef", "space": "default", "data": null, "datasets": 1, "strict": false, "wire_port": null, "memory": {"bound": 268435456, "resident": 12582912, "peak": 13631488, "shares": {"rows": {"used": 0, "bound": 16777216}, "partial_rows": {"used": 0, "bound": 16777216}, "aggregates": {"used": 0, "bound": 25165824}, "orders": {"used": 0, "bound": 12582912}, "records": {"used": 0, "bound": 50331648}, "spilled": {"used": 0, "bound": 4294967296}}}, "options": {}}"#)
            .shown_by(&["accounts::the_admin_api_answers_this_machine_only"]),
        get("/ca.pem", "The certificate of the local CA, to be trusted.", ca_pem)
            .answers_media(&["application/x-pem-file"])
            .shown_by(&["coverage::the_router_knows_each_endpoint_and_no_other"]),
        post("/reset", "Gives the space its beginning back.", reset)
            .may_take::<ResetRequest>()
            .answers::<api::ResetDone>(r#"{"space": "default", "to": "seed", "reset": {"datasets_removed": 1, "datasets_loaded": 1}, "cleared": ["data"], "counts": {"accounts": 0}, "kept": null}"#)
            .refuses(&[404, 409])
            .shown_by(&["admin::reset_gives_the_seed_back_and_empty_takes_it_away"]),
        get("/clock", "The space's clock.", clock)
            .answers::<api::Clock>(r#"{"mode": "frozen", "now": "2023-11-14T22:13:20Z", "now_ms": 1700000000000, "offset_ms": 0, "step_ms": 0, "rate": 0.0}"#)
            .shown_by(&["coverage::every_example_of_an_answer_has_the_members_of_the_real_one"]),
        put("/clock", "Freezes, shifts or frees the clock.", set_clock)
            .takes::<ClockRequest>()
            .answers::<api::Clock>(r#"{"mode": "frozen", "now": "2023-11-14T22:13:20Z", "now_ms": 1700000000000, "offset_ms": 0, "step_ms": 0, "rate": 0.0}"#)
            .shown_by(&["admin::the_clock_is_frozen_moved_shifted_and_freed"]),
        post("/clock/advance", "Moves the clock.", advance_clock)
            .takes::<AdvanceRequest>()
            .answers::<api::Clock>(r#"{"mode": "frozen", "now": "2023-11-14T22:13:20Z", "now_ms": 1700000000000, "offset_ms": 0, "step_ms": 0, "rate": 0.0}"#)
            .shown_by(&["admin::the_clock_is_frozen_moved_shifted_and_freed"]),
        put("/ids", "Seeds the ids: the same seed gives the same ids.", set_ids)
            .takes::<api::IdSeed>()
            .answers::<api::IdSeed>(r#"{"seed": 1}"#)
            .shown_by(&["admin::the_same_seed_of_ids_gives_the_same_ids"]),
        get("/throttle", "The limits of the pools.", throttle)
            .answers::<api::Throttle>(r#"{"anonymous": "1000/1h", "token": "off"}"#)
            .shown_by(&["admin::limits_of_pools_are_set_and_told"]),
        put("/throttle", "Sets the limits of the pools and fills them.", set_throttle)
            .takes::<ThrottleRequest>()
            .answers::<api::Throttle>(r#"{"anonymous": "1000/1h", "token": "off"}"#)
            .shown_by(&["admin::limits_of_pools_are_set_and_told"]),
    ]
}

/// `GET /live`.
async fn live() -> Json<api::Live> {
    Json(api::Live { live: true })
}

/// What the server waits for before it can work. Connections are accepted only once every seed is
/// loaded; the writer has to answer.
pub async fn waiting_on(state: &AppState) -> Vec<&'static str> {
    let works = state.space.store().write(|_| Ok(())).await.is_ok();
    if works { Vec::new() } else { vec!["store"] }
}

/// `GET /ready`.
async fn ready(state: AppState) -> Response {
    let waiting = waiting_on(&state).await;
    let works = waiting.is_empty();
    let status = if works { http::StatusCode::OK } else { http::StatusCode::SERVICE_UNAVAILABLE };
    let waiting_on = waiting.into_iter().map(str::to_owned).collect();
    let instance = state.process.instance.as_str().to_owned();
    (status, Json(api::Ready { ready: works, waiting_on, instance })).into_response()
}

/// `GET /info`: versions, and every option with its origin.
async fn info(state: AppState) -> Json<api::Info> {
    let process = &state.process;
    let option = |(name, value, origin): &(String, String, String)| {
        (name.clone(), api::OptionValue { value: value.clone(), origin: origin.clone() })
    };
    Json(api::Info {
        name: "soda-mock".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        sqlite: crate::store::sqlite_version().to_owned(),
        pid: std::process::id(),
        instance: process.instance.as_str().to_owned(),
        space: state.space.name.clone(),
        data: process.data.clone(),
        datasets: state.space.store().catalogue().all().len(),
        strict: state.options.strict,
        wire_port: process.wire_port,
        memory: memory(state.spaces.template().memory()),
        options: process.settings.iter().map(option).collect(),
    })
}

/// The bound of memory, what the process takes as far as the system tells it, and the shares that
/// can be looked at.
fn memory(memory: &Memory) -> api::MemoryUse {
    let resident = memory::resident();
    let share = |(name, room): (&str, &Room)| {
        (name.to_owned(), api::Share { used: room.used(), bound: room.limit() })
    };
    api::MemoryUse {
        bound: memory.bound(),
        resident: resident.map(|r| r.now),
        peak: resident.map(|r| r.peak),
        shares: memory.rooms().into_iter().map(share).collect(),
    }
}

/// `GET /ca.pem`.
async fn ca_pem(state: AppState) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/x-pem-file"),
        (CONTENT_DISPOSITION, "attachment; filename=\"soda-mock-ca.pem\""),
    ];
    (headers, state.process.ca_pem.clone()).into_response()
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
struct ResetRequest {
    to: Option<String>,
    keep: Option<String>,
}

/// `POST /reset` with `{"to":"seed"|"empty"|SNAPSHOT}`; with `"keep":NAME` the data of before stays
/// as a snapshot.
async fn reset(state: AppState, bytes: Bytes) -> Answer<api::ResetDone> {
    let request: ResetRequest = body_or_default(&bytes)?;
    let space = &state.space;
    let to = request.to.as_deref().unwrap_or("seed");
    let target = space.target(to).ok_or_else(|| no_snapshot(&state, to))?;
    if let Some(name) = &request.keep {
        check_name(name).map_err(|e| Problem::bad_request(format!("keep: {e}")))?;
        space.take_snapshot(name).await?;
    }
    let reset = space.reset(&target).await?;
    let names = std::iter::once("data").chain(reset.cleared.iter().map(|c| c.name));
    Ok(Json(api::ResetDone {
        space: space.name.clone(),
        to: to.to_owned(),
        reset: api::ResetRows { datasets_removed: reset.removed, datasets_loaded: reset.loaded },
        cleared: names.map(str::to_owned).collect(),
        counts: reset.cleared.iter().map(|cleared| (cleared.name.to_owned(), cleared.count)).collect(),
        kept: request.keep,
    }))
}

fn clock_shown(state: &AppState) -> api::Clock {
    let clock = &state.space.clock;
    let now_ms = clock.now_ms();
    let (mode, offset_ms, rate) = match clock.mode() {
        ClockMode::Real => ("real", 0, 1.0),
        ClockMode::Offset(ms) => ("offset", ms, 1.0),
        ClockMode::Frozen(_) => ("frozen", 0, 0.0),
        ClockMode::Scaled { per_second, .. } => ("scaled", 0, per_second as f64 / 1000.0),
    };
    api::Clock { mode: mode.to_owned(), now: iso(now_ms), now_ms, offset_ms, step_ms: clock.step_ms(), rate }
}

/// `GET /clock`.
async fn clock(state: AppState) -> Json<api::Clock> {
    Json(clock_shown(&state))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ClockRequest {
    mode: String,
    now: Option<String>,
    offset_ms: Option<i64>,
    step_ms: Option<i64>,
    rate: Option<f64>,
}

const CLOCK_FORMS: &str = "write {\"mode\":\"real\"}, {\"mode\":\"frozen\",\"now\":…,\"step_ms\":n}, {\"mode\":\"offset\",\"offset_ms\":n} or {\"mode\":\"scaled\",\"rate\":60,\"now\":…}";

/// `PUT /clock`: `{"mode":"real"}`; `{"mode":"frozen","now":ISO?,"step_ms":n?}`, which moves on by
/// `step_ms` with each request outside the admin API; `{"mode":"offset"}` with `offset_ms` or `now`;
/// `{"mode":"scaled","rate":n,"now":ISO?}`, which runs `rate` times as fast.
async fn set_clock(state: AppState, bytes: Bytes) -> Answer<api::Clock> {
    let request: ClockRequest = body(&bytes)?;
    let clock = &state.space.clock;
    let now = match &request.now {
        None => None,
        Some(text) => {
            let parsed: Result<jiff::Timestamp, _> = text.parse();
            let wrong = |e| Problem::bad_request(format!("now: {e}; write it as 2025-01-31T12:00:00Z"));
            Some(parsed.map_err(wrong)?.as_millisecond())
        }
    };
    let step_ms = request.step_ms.unwrap_or(0);
    if !(0..=86_400_000).contains(&step_ms) || (step_ms > 0 && request.mode != "frozen") {
        return Err(Problem::bad_request("step_ms goes with mode frozen and is 0 to 86400000, one day"));
    }
    let mode = match (request.mode.as_str(), request.offset_ms, now, request.rate) {
        ("real", None, None, None) => ClockMode::Real,
        ("frozen", None, now, None) => ClockMode::Frozen(now.unwrap_or_else(|| clock.now_ms())),
        ("offset", Some(ms), None, None) => ClockMode::Offset(ms),
        ("offset", None, Some(now), None) => ClockMode::Offset(now - system_ms()),
        ("scaled", None, now, Some(rate)) if (0.001..=1e6).contains(&rate) => ClockMode::Scaled {
            from_ms: now.unwrap_or_else(|| clock.now_ms()),
            since_ms: system_ms(),
            per_second: (rate * 1000.0).round() as i64,
        },
        ("scaled", ..) => return Err(Problem::bad_request("mode scaled takes a rate from 0.001 to 1000000")),
        _ => return Err(Problem::bad_request(CLOCK_FORMS)),
    };
    clock.set_stepping(mode, step_ms);
    Ok(Json(clock_shown(&state)))
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
struct AdvanceRequest {
    ms: i64,
    seconds: i64,
    by: Option<String>,
}

/// `POST /clock/advance`: `{"ms":n}`, `{"seconds":n}` or `{"by":"1h 30m"}`.
async fn advance_clock(state: AppState, bytes: Bytes) -> Answer<api::Clock> {
    let request: AdvanceRequest = body(&bytes)?;
    let by = match &request.by {
        None => 0,
        Some(text) => {
            let wrong = |e| Problem::bad_request(format!("by: {e}; write it as 90s, 1h 30m or PT1H"));
            let duration: jiff::SignedDuration = text.parse().map_err(wrong)?;
            i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
        }
    };
    let ms = request.ms.saturating_add(request.seconds.saturating_mul(1000)).saturating_add(by);
    state.space.clock.advance(ms);
    Ok(Json(clock_shown(&state)))
}

/// `PUT /ids` with `{"seed":n}`: the same ids from here on as with the same seed before.
async fn set_ids(state: AppState, bytes: Bytes) -> Answer<api::IdSeed> {
    let request: api::IdSeed = body(&bytes)?;
    state.space.ids.reseed(request.seed);
    Ok(Json(request))
}

fn limits_shown(limits: Limits) -> api::Throttle {
    let shown =
        |limit: Option<crate::access::Limit>| limit.map_or_else(|| "off".to_owned(), |l| l.to_string());
    api::Throttle { anonymous: shown(limits.anonymous), token: shown(limits.token) }
}

/// `GET /throttle`.
async fn throttle(state: AppState) -> Json<api::Throttle> {
    Json(limits_shown(state.space.accounts.throttle.limits()))
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
struct ThrottleRequest {
    anonymous: Option<String>,
    token: Option<String>,
}

/// `PUT /throttle` with `{"anonymous":"1000/1h","token":"off"}`; the pools are full again.
async fn set_throttle(state: AppState, bytes: Bytes) -> Answer<api::Throttle> {
    let request: ThrottleRequest = body(&bytes)?;
    let throttle = &state.space.accounts.throttle;
    let mut limits = throttle.limits();
    for (pool, value) in [("anonymous", request.anonymous), ("token", request.token)] {
        if let Some(value) = value {
            limits = limits.parse(&format!("{pool}={value}")).map_err(Problem::bad_request)?;
        }
    }
    throttle.set(limits);
    Ok(Json(limits_shown(limits)))
}
