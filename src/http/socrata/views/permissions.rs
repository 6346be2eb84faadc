//! `/api/views/4x4/permissions` and `?method=setPermission`: who sees a dataset and with whom it is
//! shared (documented).

use super::shape;
use crate::access::{Directory, display_name, user_id};
use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::http::socrata::answer::{Answered, answer, empty, not_found};
use crate::producer::{PermissionChange, Users, change_permissions};
use crate::soda::{AccessLevel, Dataset, Permissions, Scope, Share, SodaError};
use crate::store::{Entry, WriteTx};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// What a `PUT` may hold, for hints.
const FORM: &str = "{\"scope\": \"private\", \"users\": [{\"id\": …, \"accessLevels\": [{\"name\": \"current_owner\", \"version\": \"all\"}]}]}";

/// The levels that a user may be given (documented for open-data sites).
const LEVELS: [AccessLevel; 3] = [AccessLevel::Viewer, AccessLevel::Contributor, AccessLevel::Owner];

/// A level with the versions of the dataset that it is for, which on open-data sites is always `all`.
#[derive(Serialize, Deserialize)]
struct Level {
    name: String,
    version: String,
}

/// The permissions object as it is sent. Members beside these are for information and are ignored
/// (documented).
#[derive(Deserialize)]
struct Sent {
    scope: Option<Scope>,
    users: Option<Vec<SentUser>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SentUser {
    id: Option<String>,
    email: Option<String>,
    access_levels: Vec<Level>,
}

/// The permissions object as it is answered.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    scope: Scope,
    access_levels: Vec<Level>,
    users: Vec<ShownUser>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownUser {
    /// None of an e-mail address without an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    email: String,
    #[serde(rename = "type")]
    kind: &'static str,
    access_levels: [Level; 1],
}

fn level(level: AccessLevel) -> Level {
    Level { name: level.name().to_owned(), version: "all".to_owned() }
}

fn shown(dataset: &Dataset, directory: &Directory) -> Shown {
    let user = |name: &str, held: AccessLevel, known: bool| ShownUser {
        id: known.then(|| user_id(name)),
        display_name: known.then(|| display_name(name).to_owned()),
        email: name.to_owned(),
        kind: "interactive",
        access_levels: [level(held)],
    };
    let owner = user(shape::owner(dataset), AccessLevel::CurrentOwner, true);
    let shares = dataset.permissions.shares.iter();
    let shares = shares.map(|s| user(&s.user, s.level, directory.account_name(&s.user).is_some()));
    Shown {
        scope: dataset.permissions.scope,
        access_levels: LEVELS.map(level).into(),
        users: std::iter::once(owner).chain(shares).collect(),
    }
}

/// `GET …/permissions`, for any account that may read the dataset.
pub fn show(context: &RequestContext, id: &str) -> Answered {
    context.user()?;
    let entry = context.entry(id)?;
    Ok(answer(&shown(&entry.dataset, &context.state.space.accounts.directory())))
}

/// `PUT …/permissions`: what is left out, of `scope` and `users`, stays.
pub async fn put(context: &RequestContext, id: &str) -> Answered {
    let entry = context.writable(id)?;
    let sent: Sent = context.typed(FORM)?;
    if sent.scope.is_none() && sent.users.is_none() {
        return Err(SodaError::invalid("Neither scope nor users was sent")
            .hint(format!("Send {FORM}; either may be left out. Nothing was changed."))
            .into());
    }
    let users =
        sent.users.map(|users| named(&users, &context.state.space.accounts.directory())).transpose()?;
    let id = entry.dataset.id.clone();
    store(context, entry, PermissionChange { scope: sent.scope, users }).await?;
    show(context, id.as_str())
}

/// `PUT …?method=setPermission&value=public.read`; the value may be the body, a JSON text.
pub async fn set_permission(context: &RequestContext, id: &str) -> Answered {
    let entry = context.writable(id)?;
    let in_body: Option<Value> = serde_json::from_slice(context.body()).ok();
    let in_body = in_body.as_ref().and_then(Value::as_str);
    let value = context.head.parameter("value").or(in_body).unwrap_or("");
    let scope = match value {
        "public.read" | "public" => Scope::Public,
        "private" => Scope::Private,
        "site" => Scope::Site,
        _ => {
            let text = format!("setPermission does not know the value {value:?}");
            return Err(SodaError::invalid(text).hint("Use public.read, private or site.").into());
        }
    };
    store(context, entry, PermissionChange { scope: Some(scope), users: None }).await?;
    Ok(empty())
}

/// Who is named, with what: the owner among them, exactly once.
fn named(users: &[SentUser], directory: &Directory) -> Result<Users, ApiError> {
    let mut owner = None;
    let mut shares: Vec<Share> = Vec::new();
    for (index, user) in users.iter().enumerate() {
        let at = format!("users[{index}]");
        let level = level_of(user, &at)?;
        let name = name_of(user, &at, directory)?;
        let twice = |other: &str| other.eq_ignore_ascii_case(&name);
        if owner.as_deref().is_some_and(twice) || shares.iter().any(|share| twice(&share.user)) {
            return Err(wrong(format!("{at} names {name} a second time"), "Name each user once."));
        }
        if level != AccessLevel::CurrentOwner {
            shares.push(Share { user: name, level });
        } else if owner.is_some() {
            return Err(one_owner());
        } else if directory.account_name(&name).is_none() && !is_site_owner(&name) {
            return Err(wrong(
                format!("{at} has no account and cannot own the dataset"),
                "Name an account: GET /__mock/v1/users lists them.",
            ));
        } else {
            owner = Some(name);
        }
    }
    if shares.len() > Permissions::MAX_SHARES {
        let most = Permissions::MAX_SHARES;
        return Err(wrong(format!("users has more than {most} entries"), "Share with fewer users."));
    }
    Ok(Users { owner: owner.ok_or_else(one_owner)?, shares })
}

fn wrong(message: String, hint: &str) -> ApiError {
    SodaError::invalid(message).hint(format!("{hint} Nothing was changed.")).into()
}

fn one_owner() -> ApiError {
    wrong(
        "users must have exactly one user with the access level current_owner".to_owned(),
        "GET the permissions, change the list and PUT it back; {\"name\":\"current_owner\",\"version\":\"all\"} marks the owner.",
    )
}

fn level_of(user: &SentUser, at: &str) -> Result<AccessLevel, ApiError> {
    let [level] = user.access_levels.as_slice() else {
        let found = user.access_levels.len();
        return Err(wrong(
            format!("{at}.accessLevels has {found} levels"),
            "Send exactly one access level for each user.",
        ));
    };
    let known = AccessLevel::parse(&level.name).filter(|_| level.version == "all");
    known.ok_or_else(|| {
        let names = AccessLevel::NAMES.map(|(_, name)| name).join(", ");
        let message =
            format!("{at}.accessLevels: {} of version {} is not available", level.name, level.version);
        wrong(message, &format!("The names are {names}, each with the version all."))
    })
}

/// The e-mail address counts before the id; an address without an account is taken as it is, an id
/// without one is 404 (documented).
fn name_of(user: &SentUser, at: &str, directory: &Directory) -> Result<String, ApiError> {
    if let Some(email) = user.email.as_deref().filter(|email| !email.is_empty()) {
        return match directory.account_name(email) {
            Some(name) => Ok(name.to_owned()),
            None if email.contains('@') && email.len() <= MAX_EMAIL => Ok(email.to_owned()),
            None => Err(wrong(
                format!("{at}.email {email:?} is no e-mail address"),
                "Send the address of an account or of someone who may get one.",
            )),
        };
    }
    let Some(id) = user.id.as_deref() else {
        return Err(wrong(format!("{at} has neither id nor email"), "Name the user by one of them."));
    };
    let site_owner = crate::access::SITE_OWNER;
    match directory.account_name_of_id(id) {
        Some(name) => Ok(name.to_owned()),
        None if id == user_id(site_owner) => Ok(site_owner.to_owned()),
        None => Err(not_found(id)),
    }
}

/// Bytes of an e-mail address (RFC 5321).
const MAX_EMAIL: usize = 254;

/// The owner of seeded datasets is shown, and so may be sent back, although the seed may have no such
/// account.
fn is_site_owner(name: &str) -> bool {
    name == crate::access::SITE_OWNER
}

async fn store(
    context: &RequestContext,
    entry: Arc<Entry>,
    wanted: PermissionChange,
) -> Result<(), ApiError> {
    let (now, caller) = (context.now_ms(), context.caller().clone());
    let job = move |tx: &WriteTx<'_>| change_permissions(tx, &entry.dataset, &caller, wanted, now);
    context.state.space.store().define(job).await?;
    Ok(())
}
