//! Isolated spaces in one process.

use super::input::body_or_default;
use super::route::{Route, delete, get, post};
use super::snapshots::image_named;
use super::{Answer, Problem};
use crate::access::{Account, AppToken, Directory, Role};
use crate::api::{self, Deleted, SpaceBinding, SpaceList};
use crate::http::state::AppState;
use crate::space::{BoundTo, RegistryError, SpaceName};
use crate::space::{DEFAULT, Space};
use axum::Json;
use axum::extract::Path;
use bytes::Bytes;
use http::header::HOST;
use http::{HeaderMap, StatusCode};
use schemars::JsonSchema;
use serde::Deserialize;

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    const SHOWN: &str = r#"{"name": "t1", "header": "X-Mock-Space: t1", "http": "http://t1.localhost:7632", "https": "https://t1.localhost:7632", "ephemeral": true, "datasets": 1, "bind": {"users": [], "app_tokens": 0}}"#;
    vec![
        get("/spaces", "All spaces of the process.", list)
            .answers::<SpaceList>(r#"{"spaces": []}"#)
            .shown_by(&["spaces::sixty_four_tests_in_parallel_do_not_see_each_other"]),
        post("/spaces", "Makes an isolated space and tells how to reach it.", create)
            .may_take::<SpaceRequest>()
            .answers::<api::Space>(SHOWN)
            .refuses(&[404, 409])
            .shown_by(&[
                "spaces::a_new_space_tells_how_to_reach_it",
                "spaces::there_are_as_many_spaces_as_may_be",
            ]),
        get("/spaces/{name}", "One space.", show)
            .answers::<api::Space>(SHOWN)
            .refuses(&[404])
            .shown_by(&["spaces::a_new_space_tells_how_to_reach_it"]),
        delete("/spaces/{name}", "Removes a space with all that is in it.", remove)
            .answers::<Deleted<String>>(r#"{"deleted": "t1"}"#)
            .refuses(&[404, 409])
            .shown_by(&["spaces::what_is_bound_survives_a_reset_and_ends_with_the_space"]),
    ]
}

impl From<RegistryError> for Problem {
    fn from(error: RegistryError) -> Self {
        let (code, advice) = match &error {
            RegistryError::Exists(name) => {
                ("space_exists", format!("; DELETE /__mock/v1/spaces/{name} first, or choose another name"))
            }
            RegistryError::TooMany(_) => (
                "too_many_spaces",
                "; DELETE /__mock/v1/spaces/{name} removes one, serve --max-spaces allows more".to_owned(),
            ),
            RegistryError::Bound(_) => ("already_bound", String::new()),
        };
        Self::conflict(code, format!("{error}{advice}"))
    }
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
struct SpaceRequest {
    name: Option<String>,
    from: Option<String>,
    bind: Bind,
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
struct Bind {
    users: Vec<BoundUser>,
    app_tokens: Vec<String>,
}

/// A user that exists, by name, or one that the space gets.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum BoundUser {
    Name(String),
    New { name: String, password: String, role: Option<String> },
}

/// `POST /spaces` with `{"name","from":"seed"|"empty"|SNAPSHOT,"bind":{"users":[…],"app_tokens":[…]}}`;
/// everything may be left out. A snapshot is one of the space that the call is made in.
async fn create(
    state: AppState,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<(StatusCode, Json<api::Space>), Problem> {
    let request: SpaceRequest = body_or_default(&bytes)?;
    let name = request.name.as_deref().map(SpaceName::parse).transpose();
    let name = name.map_err(|e| Problem::bad_request(e.to_string()))?;
    let image = image_named(&state, request.from.as_deref().unwrap_or("seed")).await?;
    let (bound, own) = bound(&state, request.bind)?;
    let space = state.spaces.create(name, &image, &bound, own)?;
    Ok((StatusCode::CREATED, Json(shown(&state, &space, &headers))))
}

/// What leads to the space, and the accounts that it gets for it.
fn bound(state: &AppState, bind: Bind) -> Result<(BoundTo, Directory), Problem> {
    let mut bound = BoundTo { users: Vec::new(), app_tokens: bind.app_tokens };
    let mut own = Directory::default();
    for user in bind.users {
        match user {
            BoundUser::Name(name) => {
                if !state.spaces.default_space().accounts.directory().users.contains_key(&name) {
                    let detail = format!(
                        "bind: there is no user {name}; to give the space one write {{\"name\":{name:?},\"password\":\"…\"}}"
                    );
                    return Err(Problem::bad_request(detail));
                }
                bound.users.push(name);
            }
            BoundUser::New { name, password, role } => {
                let role = role.as_deref().unwrap_or("publisher");
                let known = Role::NAMES.map(|(_, name)| name).join(", ");
                let role = Role::parse(role)
                    .ok_or_else(|| Problem::bad_request(format!("bind: no role {role}; use {known}")))?;
                own.users.insert(name.clone(), Account { password, role });
                bound.users.push(name);
            }
        }
    }
    if bound.app_tokens.iter().any(String::is_empty) || bound.users.iter().any(String::is_empty) {
        return Err(Problem::bad_request("bind: a user name or app token is empty"));
    }
    own.app_tokens = bound.app_tokens.iter().map(|token| (token.clone(), AppToken::default())).collect();
    Ok((bound, own))
}

/// 404, with the nearest name of a space.
pub fn no_space(state: &AppState, name: &str) -> Problem {
    let all = state.spaces.all();
    Problem::no_such("space", name, all.iter().map(|space| &*space.name))
}

/// `GET /spaces`.
async fn list(state: AppState, headers: HeaderMap) -> Json<SpaceList> {
    let all = state.spaces.all();
    Json(SpaceList { spaces: all.iter().map(|space| shown(&state, space, &headers)).collect() })
}

/// `GET /spaces/{name}`.
async fn show(state: AppState, Path(name): Path<String>, headers: HeaderMap) -> Answer<api::Space> {
    let space = SpaceName::parse(&name).ok().and_then(|name| state.spaces.find(name.as_str()));
    let space = space.ok_or_else(|| no_space(&state, &name))?;
    Ok(Json(shown(&state, &space, &headers)))
}

/// `DELETE /spaces/{name}`.
async fn remove(state: AppState, Path(name): Path<String>) -> Answer<Deleted<String>> {
    if name.eq_ignore_ascii_case(DEFAULT) {
        let detail = "The default space cannot be removed; POST /__mock/v1/reset empties it";
        return Err(Problem::new(StatusCode::CONFLICT, "default_space", detail));
    }
    let removed = SpaceName::parse(&name).ok().and_then(|name| state.spaces.remove(name.as_str()));
    let removed = removed.ok_or_else(|| no_space(&state, &name))?;
    let name = removed.name.clone();
    // Closing and removing files takes time that nobody has to wait for.
    tokio::task::spawn_blocking(move || drop(removed));
    Ok(Json(Deleted { deleted: name }))
}

/// Where the space is reached. App tokens are secrets of a kind: only their number is told.
fn shown(state: &AppState, space: &Space, headers: &HeaderMap) -> api::Space {
    let host = headers.get(HOST).and_then(|v| v.to_str().ok()).unwrap_or("localhost");
    let port = host.rsplit_once(':').map_or("", |(_, port)| port).trim_end_matches(']');
    let port = if port.is_empty() || !port.bytes().all(|b| b.is_ascii_digit()) {
        String::new()
    } else {
        format!(":{port}")
    };
    let label = if space.name == DEFAULT { String::new() } else { format!("{}.", space.name) };
    let bound = state.spaces.bound_to(&space.name);
    api::Space {
        name: space.name.clone(),
        header: format!("X-Mock-Space: {}", space.name),
        http: format!("http://{label}localhost{port}"),
        https: format!("https://{label}localhost{port}"),
        ephemeral: space.store().is_ephemeral(),
        datasets: space.store().catalogue().all().len(),
        bind: SpaceBinding { users: bound.users, app_tokens: bound.app_tokens.len() },
    }
}
