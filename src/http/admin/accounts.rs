//! Accounts, application tokens and access tokens.

use super::input::{body, body_or_default};
use super::route::{Route, delete, get, post, put};
use super::{Answer, Problem};
use crate::access::{Account, AppToken, CallbackPrefix, LIFETIME, Role};
use crate::api::{self, Deleted};
use crate::clock::{Clock as _, iso};
use crate::http::state::AppState;
use axum::Json;
use axum::extract::Path;
use bytes::Bytes;
use schemars::JsonSchema;
use serde::Deserialize;

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    vec![
        post("/tokens", "Mints an OAuth access token for an account.", mint)
            .takes::<MintRequest>()
            .answers::<api::Token>(
                r#"{"token": "eyJ…", "token_type": "OAuth", "expires_at": "2023-11-14T23:13:20Z"}"#,
            )
            .refuses(&[404])
            .shown_by(&["accounts::a_minted_token_writes_until_it_expires"]),
        get("/users", "The accounts.", users)
            .answers::<Vec<api::User>>(r#"[{"name": "publisher@example.com", "role": "publisher"}]"#)
            .shown_by(&["admin::accounts_are_made_used_changed_and_removed"]),
        get("/users/{name}", "One account; passwords are not told.", user)
            .answers::<api::User>(r#"{"name": "publisher@example.com", "role": "publisher"}"#)
            .shown_by(&["admin::accounts_are_made_used_changed_and_removed"]),
        put("/users/{name}", "Makes or changes an account.", put_user)
            .takes::<UserRequest>()
            .answers::<api::User>(r#"{"name": "publisher@example.com", "role": "publisher"}"#)
            .shown_by(&["admin::accounts_are_made_used_changed_and_removed"]),
        delete("/users/{name}", "Removes an account.", remove_user)
            .answers::<Deleted<String>>(r#"{"deleted": "publisher@example.com"}"#)
            .shown_by(&["admin::accounts_are_made_used_changed_and_removed"]),
        get("/app-tokens", "The application tokens.", app_tokens)
            .answers::<Vec<api::AppToken>>(r#"[{"token": "demo-app-token", "callback_prefix": ""}]"#)
            .shown_by(&["coverage::every_example_of_an_answer_has_the_members_of_the_real_one"]),
        get("/app-tokens/{token}", "One application token; its secret is not told.", app_token)
            .answers::<api::AppToken>(r#"{"token": "demo-app-token", "callback_prefix": ""}"#)
            .shown_by(&["admin::application_tokens_are_made_and_removed"]),
        put("/app-tokens/{token}", "Makes or changes an application token.", put_app_token)
            .may_take::<AppTokenRequest>()
            .answers::<api::AppToken>(r#"{"token": "demo-app-token", "callback_prefix": ""}"#)
            .shown_by(&["admin::application_tokens_are_made_and_removed"]),
        delete("/app-tokens/{token}", "Removes an application token.", remove_app_token)
            .answers::<Deleted<String>>(r#"{"deleted": "demo-app-token"}"#)
            .shown_by(&["admin::application_tokens_are_made_and_removed"]),
    ]
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MintRequest {
    user: String,
    expires_in: Option<i64>,
}

/// `POST /tokens`: an OAuth access token for an account.
async fn mint(state: AppState, bytes: Bytes) -> Answer<api::Token> {
    let request: MintRequest = body(&bytes)?;
    let accounts = &state.space.accounts;
    if !accounts.directory().users.contains_key(&request.user) {
        return Err(Problem::not_found(&format!("user {}; PUT /users/{{name}} makes one", request.user)));
    }
    let now = state.space.clock.now_ms() / 1000;
    let expires = now.saturating_add(request.expires_in.unwrap_or(LIFETIME));
    let token = accounts.tokens.mint(&request.user, state.space.ids.hex32(), now, expires);
    let token = token.ok_or_else(|| Problem::bad_request("The token could not be signed"))?;
    let expires_at = iso(expires.saturating_mul(1000));
    Ok(Json(api::Token { token, token_type: "OAuth".to_owned(), expires_at }))
}

fn shown(name: &str, account: &Account) -> api::User {
    api::User { name: name.to_owned(), role: account.role.name().to_owned() }
}

/// `GET /users`.
async fn users(state: AppState) -> Json<Vec<api::User>> {
    let directory = state.space.accounts.directory();
    Json(directory.users.iter().map(|(name, account)| shown(name, account)).collect())
}

/// `GET /users/{name}`; passwords are not told.
async fn user(state: AppState, Path(name): Path<String>) -> Answer<api::User> {
    let directory = state.space.accounts.directory();
    let account = directory
        .users
        .get(&name)
        .ok_or_else(|| Problem::no_such("user", &name, directory.users.keys().map(String::as_str)))?;
    Ok(Json(shown(&name, account)))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UserRequest {
    password: String,
    role: Option<String>,
}

/// `PUT /users/{name}` with `{"password","role"}`.
async fn put_user(state: AppState, Path(name): Path<String>, bytes: Bytes) -> Answer<api::User> {
    let request: UserRequest = body(&bytes)?;
    let role = match request.role.as_deref() {
        None => Role::Publisher,
        Some(text) => Role::parse(text).ok_or_else(|| {
            let known = Role::NAMES.map(|(_, name)| name).join(", ");
            Problem::bad_request(format!("{text} is no role: {known}"))
        })?,
    };
    if name.contains(':') {
        return Err(Problem::bad_request(
            "A user name cannot hold a colon: Basic credentials end the name with it",
        ));
    }
    let account = Account { password: request.password, role };
    let answer = shown(&name, &account);
    state.space.accounts.directory_mut().users.insert(name, account);
    Ok(Json(answer))
}

/// `DELETE /users/{name}`.
async fn remove_user(state: AppState, Path(name): Path<String>) -> Answer<Deleted<String>> {
    let removed = state.space.accounts.directory_mut().users.remove(&name);
    removed
        .map(|_| Json(Deleted { deleted: name.clone() }))
        .ok_or_else(|| Problem::not_found(&format!("user {name}")))
}

fn app_token_shown(token: &str, app: &AppToken) -> api::AppToken {
    let callback_prefix = app.callback_prefix.as_ref().map(ToString::to_string).unwrap_or_default();
    api::AppToken { token: token.to_owned(), callback_prefix }
}

/// `GET /app-tokens`.
async fn app_tokens(state: AppState) -> Json<Vec<api::AppToken>> {
    let directory = state.space.accounts.directory();
    Json(directory.app_tokens.iter().map(|(token, app)| app_token_shown(token, app)).collect())
}

/// `GET /app-tokens/{t}`.
async fn app_token(state: AppState, Path(token): Path<String>) -> Answer<api::AppToken> {
    let directory = state.space.accounts.directory();
    let app = directory.app_tokens.get(&token).ok_or_else(|| Problem::not_found("such app token"))?;
    Ok(Json(app_token_shown(&token, app)))
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
struct AppTokenRequest {
    secret: String,
    callback_prefix: String,
}

/// `PUT /app-tokens/{t}`; `{"secret","callback_prefix"}` make it an OAuth application.
async fn put_app_token(state: AppState, Path(token): Path<String>, bytes: Bytes) -> Answer<api::AppToken> {
    let request: AppTokenRequest = body_or_default(&bytes)?;
    let prefix = CallbackPrefix::parse(&request.callback_prefix);
    let callback_prefix = prefix.map_err(|error| {
        Problem::bad_request(format!("callback_prefix {:?} {error}", request.callback_prefix))
    })?;
    let app = AppToken { secret: request.secret, callback_prefix };
    let answer = app_token_shown(&token, &app);
    state.space.accounts.directory_mut().app_tokens.insert(token, app);
    Ok(Json(answer))
}

/// `DELETE /app-tokens/{t}`.
async fn remove_app_token(state: AppState, Path(token): Path<String>) -> Answer<Deleted<String>> {
    let removed = state.space.accounts.directory_mut().app_tokens.remove(&token);
    removed.map(|_| Json(Deleted { deleted: token })).ok_or_else(|| Problem::not_found("such app token"))
}
