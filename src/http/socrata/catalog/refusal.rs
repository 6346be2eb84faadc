//! How the catalogue refuses: one member, `error`, that is a text (documented; the texts are the
//! source's where it has one).

use crate::http::error::ApiError;
use crate::soda::{ErrorCode, SodaError};
use http::StatusCode;
use serde::Serialize;

#[derive(Serialize)]
struct Body<'m> {
    error: &'m str,
}

fn refusal(status: StatusCode, message: &str, hint: String) -> ApiError {
    let body = crate::soda::pretty::to_vec(&Body { error: message });
    ApiError::from(SodaError::new(ErrorCode::InvalidRequest, message).hint(hint)).status(status).body(body)
}

/// 400 for a parameter.
pub fn bad(message: impl AsRef<str>, hint: impl Into<String>) -> ApiError {
    refusal(StatusCode::BAD_REQUEST, message.as_ref(), hint.into())
}

/// 400 for a value that a parameter cannot have.
pub fn bad_value(name: &str, known: &str, got: &str) -> ApiError {
    bad(
        format!("'{name}' must be {known}; got {got}"),
        format!("Send {name} with a value of these: {known}."),
    )
}

/// 404 for a domain that is not this site.
pub fn unknown_domain(domain: &str, own: &str) -> ApiError {
    let message = format!("Domain not found: {domain}");
    refusal(StatusCode::NOT_FOUND, &message, format!("The site of this request is {own}."))
}

/// 401 for who looks at what was shared with somebody else.
pub fn not_your_shares(user: &str) -> ApiError {
    let message = format!("Not authorized to search for assets shared to {user}");
    refusal(
        StatusCode::UNAUTHORIZED,
        &message,
        "Name your own id in shared_to (GET /api/users/current.json), or sign in as an administrator."
            .to_owned(),
    )
}

/// 501 for a parameter that production has and this catalogue has not, in core's envelope.
pub fn not_emulated(name: &str) -> ApiError {
    SodaError::not_emulated(&format!("the catalogue's parameter {name}")).into()
}
