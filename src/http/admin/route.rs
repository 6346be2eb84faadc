//! One call of the admin API together with its description.
//!
//! The router, the OpenAPI document and the coverage matrix are built from the same list, so that a
//! call cannot exist without its description.

use axum::Router;
use axum::handler::Handler;
use axum::routing::MethodRouter;
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// What a request carries.
pub enum Takes {
    /// JSON of a type's shape; `bool` tells whether it may be left out.
    Json(fn(&mut SchemaGenerator) -> Schema, bool),
    /// Something else, by its media type.
    Media(&'static str),
}

/// What an answer carries.
#[derive(Clone, Copy)]
pub enum Answers {
    /// JSON of a type's shape, with an example. A test compares its members and their types with real
    /// answers.
    Json(&'static str, fn(&mut SchemaGenerator) -> Schema),
    /// Something else, by its media types.
    Media(&'static [&'static str]),
}

/// One call of the admin API.
pub struct Route {
    /// In capitals.
    pub method: &'static str,
    /// Below `/__mock/v1`, with axum's `{parameters}`.
    pub path: &'static str,
    pub summary: &'static str,
    /// Parameters of the query with what they say.
    pub query: Vec<(&'static str, &'static str)>,
    /// What the request carries, if anything.
    pub takes: Option<Takes>,
    /// What the answer carries.
    pub answers: Answers,
    /// Media types that it has when a parameter asks for them.
    pub also: &'static [&'static str],
    /// Statuses of refusals beside 400, 403 and 413, which every call may give.
    pub refuses: &'static [u16],
    /// Names of the tests that show it: `module::name` below `tests/it` or `src`.
    pub shown_by: &'static [&'static str],
    service: MethodRouter,
}

impl Route {
    fn new(method: &'static str, path: &'static str, summary: &'static str, service: MethodRouter) -> Self {
        let answers = Answers::Media(&[]);
        Self {
            method,
            path,
            summary,
            query: Vec::new(),
            takes: None,
            answers,
            also: &[],
            refuses: &[],
            shown_by: &[],
            service,
        }
    }

    /// A parameter of the query.
    pub fn query(mut self, name: &'static str, what: &'static str) -> Self {
        self.query.push((name, what));
        self
    }

    /// The request carries JSON of this shape.
    pub fn takes<T: JsonSchema>(mut self) -> Self {
        self.takes = Some(Takes::Json(SchemaGenerator::subschema_for::<T>, false));
        self
    }

    /// The request may carry JSON of this shape.
    pub fn may_take<T: JsonSchema>(mut self) -> Self {
        self.takes = Some(Takes::Json(SchemaGenerator::subschema_for::<T>, true));
        self
    }

    /// The request carries something of this media type.
    pub fn takes_media(mut self, media: &'static str) -> Self {
        self.takes = Some(Takes::Media(media));
        self
    }

    /// The answer is JSON of this shape, such as the example.
    pub fn answers<T: JsonSchema>(mut self, example: &'static str) -> Self {
        self.answers = Answers::Json(example, SchemaGenerator::subschema_for::<T>);
        self
    }

    /// The answer is of one of these media types.
    pub fn answers_media(mut self, media: &'static [&'static str]) -> Self {
        self.answers = Answers::Media(media);
        self
    }

    /// A parameter may ask for one of these media types in its place.
    pub fn also_answers(mut self, media: &'static [&'static str]) -> Self {
        self.also = media;
        self
    }

    /// Statuses of refusals beside 400, 403 and 413.
    pub fn refuses(mut self, statuses: &'static [u16]) -> Self {
        self.refuses = statuses;
        self
    }

    /// The tests that show it.
    pub fn shown_by(mut self, tests: &'static [&'static str]) -> Self {
        self.shown_by = tests;
        self
    }

    /// The names in the path.
    pub fn path_parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    /// Adds it to a router.
    pub fn join(self, router: Router) -> Router {
        router.route(self.path, self.service)
    }
}

/// A call that reads.
pub fn get<H: Handler<T, ()>, T: 'static>(path: &'static str, summary: &'static str, handler: H) -> Route {
    Route::new("GET", path, summary, axum::routing::get(handler))
}

/// A call that acts.
pub fn post<H: Handler<T, ()>, T: 'static>(path: &'static str, summary: &'static str, handler: H) -> Route {
    Route::new("POST", path, summary, axum::routing::post(handler))
}

/// A call that sets.
pub fn put<H: Handler<T, ()>, T: 'static>(path: &'static str, summary: &'static str, handler: H) -> Route {
    Route::new("PUT", path, summary, axum::routing::put(handler))
}

/// A call that removes.
pub fn delete<H: Handler<T, ()>, T: 'static>(path: &'static str, summary: &'static str, handler: H) -> Route {
    Route::new("DELETE", path, summary, axum::routing::delete(handler))
}
