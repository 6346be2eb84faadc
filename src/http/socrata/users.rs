//! `/api/users`: who the caller is, and accounts by their id.

use super::answer::{Answered, answer, name_of, not_found, reading};
use crate::access::{Role, display_name, user_id};
use crate::consumer::xml_text;
use crate::http::exchange::RequestContext;
use axum::body::Body;
use axum::extract::Path;
use axum::response::Response;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;

/// An account (recorded: the names of the members).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct User {
    id: String,
    display_name: String,
    email: String,
    screen_name: String,
    /// None of an account without a role on the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    role_name: Option<&'static str>,
    rights: Vec<&'static str>,
    flags: Vec<&'static str>,
}

fn user(name: &str, role: Role) -> User {
    let rights = [
        (Role::Viewer, "view_others_datasets"),
        (Role::Contributor, "create_datasets"),
        (Role::Editor, "edit_others_datasets"),
    ];
    User {
        id: user_id(name),
        display_name: display_name(name).to_owned(),
        email: name.to_owned(),
        screen_name: name.to_owned(),
        role_name: (role > Role::Community).then(|| role.name()),
        rights: rights.into_iter().filter(|(least, _)| role >= *least).map(|(_, right)| right).collect(),
        flags: Vec::new(),
    }
}

/// `GET /api/users/current`.
pub async fn current(context: RequestContext, body: Body) -> Answered {
    reading(context, body, |context| context.user().map(|(name, role)| answer(&user(name, role)))).await
}

/// `GET /users/current.xml`; the address without `/api` is the documented one.
pub async fn current_xml(context: RequestContext, body: Body) -> Answered {
    reading(context, body, |context| context.user().map(|(name, role)| xml(&user(name, role)))).await
}

/// The same members as elements (ours: the form is not known).
fn xml(user: &User) -> Response {
    let mut text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<user>".to_owned();
    let mut element =
        |name: &str, value: &str| text.push_str(&format!("<{name}>{}</{name}>", xml_text(value)));
    element("id", &user.id);
    element("displayName", &user.display_name);
    element("email", &user.email);
    element("screenName", &user.screen_name);
    if let Some(role) = user.role_name {
        element("roleName", role);
    }
    user.rights.iter().for_each(|right| element("rights", right));
    text.push_str("</user>\n");
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/xml;charset=utf-8"));
    response
}

/// `GET /api/users/ID`, for any account.
pub async fn by_id(context: RequestContext, Path(id): Path<String>, body: Body) -> Answered {
    reading(context, body, |context| found(context, name_of(&id))).await
}

fn found(context: &RequestContext, id: &str) -> Answered {
    context.user()?;
    let directory = context.state.space.accounts.directory();
    let account = directory.account_name_of_id(id).and_then(|name| Some((name, directory.users.get(name)?)));
    let (name, account) = account.ok_or_else(|| not_found(id))?;
    Ok(answer(&user(name, account.role)))
}
