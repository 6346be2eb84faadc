//! What the routes beside the rows have in common: the checks before a route, rights on datasets, bodies that are
//! read whole, and the forms of answers.

use crate::access::Role;
use crate::clock::Clock as _;
use crate::http::error::ApiError;
use crate::http::exchange::{Becomes, HeldBody, RequestContext, login_error};
use crate::http::state::AppState;
use crate::path::split_extension;
use crate::soda::{ErrorCode, SodaError};
use crate::store::Entry;
use crate::store::versions::Versions;
use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Metadata is small; more than this is a mistake.
const MAX_BODY: usize = 16 << 20;

/// What becomes of a request.
pub type Answered = Result<Response, ApiError>;

impl RequestContext {
    /// Lets a request in and reads its body.
    pub async fn enter(&self, body: Body) -> Result<(), ApiError> {
        self.admit()?;
        self.set_body(read_body(&self.state, body, MAX_BODY, "body").await?);
        Ok(())
    }

    /// The time, in Unix milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.state.space.clock.now_ms()
    }

    /// The account that calls, or the refusal of someone who has none.
    pub fn user(&self) -> Result<(&str, Role), ApiError> {
        self.caller().user().map_err(|error| login_error(&self.state, error))
    }

    /// The dataset of an id or resource name, for someone who may read it.
    pub fn entry(&self, name: &str) -> Result<Arc<Entry>, ApiError> {
        let found = self.state.space.store().catalogue().find(name).cloned();
        let entry = found.ok_or_else(|| not_found(name))?;
        self.allowed(self.caller().may_read(&entry.dataset))?;
        Ok(entry)
    }

    /// The dataset, for someone who may change its columns, metadata, stage and permissions.
    pub fn writable(&self, name: &str) -> Result<Arc<Entry>, ApiError> {
        let entry = self.entry(name)?;
        self.allowed(self.caller().may_change(&entry.dataset))?;
        Ok(entry)
    }

    /// The dataset, for someone who may delete it.
    pub fn deletable(&self, name: &str) -> Result<Arc<Entry>, ApiError> {
        let entry = self.entry(name)?;
        self.allowed(self.caller().may_delete(&entry.dataset))?;
        Ok(entry)
    }

    /// A check of rights as an answer.
    pub fn allowed(&self, result: Result<(), SodaError>) -> Result<(), ApiError> {
        result.map_err(|error| login_error(&self.state, error))
    }

    /// The body as a JSON object; nothing and `null` count as an empty one, since clients send those
    /// where nothing needs to be said. Anything else would be dropped without a word.
    pub fn object(&self) -> Result<Map<String, Value>, ApiError> {
        if self.body().trim_ascii().is_empty() {
            return Ok(Map::new());
        }
        match self.json()? {
            Value::Object(map) => Ok(map),
            Value::Null => Ok(Map::new()),
            _ => Err(SodaError::new(
                ErrorCode::ContentJsonInvalid,
                "The json content of the request is not an array or object",
            )
            .data(json!({ "expected": "object" }))
            .hint("Send one JSON object, {\"member\": value}, not a list or a plain value. Nothing was changed.")
            .into()),
        }
    }

    /// The body's object as a structure; `form` shows what is expected.
    pub fn typed<T: DeserializeOwned>(&self, form: &str) -> Result<T, ApiError> {
        serde_json::from_value(Value::Object(self.object()?)).map_err(|error| {
            SodaError::invalid(format!("The body is not what is expected: {error}"))
                .hint(format!("Send {form}. Nothing was changed."))
                .into()
        })
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<Value, ApiError> {
        // Places count from one; the parser's column is zero at the end of a line.
        serde_json::from_slice(self.body()).map_err(|e| {
            let (row, column) = ((e.line() as u64).max(1), (e.column() as u64).max(1));
            let what = match e.classify() {
                serde_json::error::Category::Eof => "The JSON ends before it is complete",
                _ => "This is no JSON: texts and names stand in double quotes, and commas between members",
            };
            SodaError::malformed_json(row, column, what).into()
        })
    }

    /// Versions change with every write, so they are never kept with the dataset.
    pub fn versions(&self, entry: &Entry) -> Result<Versions, ApiError> {
        Ok(self.state.space.store().versions_of(&entry.dataset)?)
    }

    /// 405.
    pub fn wrong_method(&self, allowed: &str) -> ApiError {
        ApiError::method_not_allowed(&self.head.method, allowed)
    }

    /// 405 for a path below a dataset, after the dataset and the rights on it were checked.
    pub fn wrong_method_on(&self, id: &str, allowed: &str) -> ApiError {
        let checked = if self.head.reads() { self.entry(id) } else { self.writable(id) };
        checked.map_or_else(|error| error, |_| self.wrong_method(allowed))
    }
}

/// Reads a body of JSON with `limit` bytes at most; `what` it is called where it is larger.
pub async fn read_body(
    state: &AppState,
    body: Body,
    limit: usize,
    what: &'static str,
) -> Result<HeldBody, SodaError> {
    let read = HeldBody::read(body, limit, Becomes::Values, &state.space.store().memory().partial).await;
    read.map_err(|unread| unread.refusal(limit, what))
}

/// Answers a request that only reads.
pub async fn reading(
    context: RequestContext,
    body: Body,
    answered: impl FnOnce(&RequestContext) -> Answered,
) -> Answered {
    context.enter(body).await?;
    if context.head.reads() { answered(&context) } else { Err(context.wrong_method("GET,HEAD")) }
}

/// 404 for something that is not there.
pub fn not_found(id: &str) -> ApiError {
    SodaError::new(ErrorCode::NotFound, "Not found").data(json!({ "id": id })).into()
}

/// 200 with a value in core's layout.
pub fn answer(value: &impl Serialize) -> Response {
    with_type(Body::from(crate::soda::pretty::to_vec(value)))
}

/// 200 without a body. One client reads the type of every answer (client evidence).
pub fn empty() -> Response {
    with_type(Body::empty())
}

fn with_type(body: Body) -> Response {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

/// A path segment without `.json`; 501 for another extension, since the site's objects are answered in JSON only.
pub fn json_name(segment: &str) -> Result<&str, ApiError> {
    match split_extension(segment) {
        (name, None | Some("json")) => Ok(name),
        (_, Some(other)) => {
            Err(SodaError::not_emulated(&format!("this address as .{other}, only as .json")).into())
        }
    }
}

/// A path segment without its extension.
pub fn name_of(segment: &str) -> &str {
    split_extension(segment).0
}
