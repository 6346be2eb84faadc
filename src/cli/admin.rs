//! `get`, `open`, `ids`, `replay`: single calls of the admin API and the page.

use super::CliError;
use super::screen::{Form, Shown};
use super::server::{Server, Target, encoded};
use crate::api::{IdSeed, Replayed};
use serde_json::{Map, Value, json};
use std::process::{Command, Stdio};

/// Options of `get`.
#[derive(clap::Args, Debug)]
pub(super) struct GetOptions {
    /// A path of the admin API, such as info or datasets/4tka-6guv; GET /__mock/openapi.json lists them.
    #[arg(value_name = "PATH")]
    path: String,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// `get`: the answer of the admin API as it is.
pub(super) fn get(options: &GetOptions) -> Result<Shown, CliError> {
    let path = options.path.trim_start_matches("/__mock/v1").trim_start_matches('/');
    let value: Value = Server::find(&options.target)?.get(&format!("/{path}"))?;
    Ok(Shown::new(value, |value, _| format!("{value:#}\n")))
}

/// Options of `open`.
#[derive(clap::Args, Debug)]
pub(super) struct OpenOptions {
    /// A view of the page, such as datasets/4tka-6guv, requests or controls.
    #[arg(value_name = "VIEW", default_value = "")]
    view: String,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// What opens an address in the browser that its user chose.
#[cfg(target_os = "macos")]
const OPENER: &str = "open";
#[cfg(windows)]
const OPENER: &str = "explorer";
#[cfg(not(any(target_os = "macos", windows)))]
const OPENER: &str = "xdg-open";

/// `open`: the page in the browser; where there is none, its address.
pub(super) fn open(options: &OpenOptions) -> Result<Shown, CliError> {
    let server = Server::find(&options.target)?;
    let _: Value = server.get("/ready")?;
    let address = format!("{}/__mock/{}", server.root(), options.view.trim_start_matches('/'));
    let mut opener = Command::new(OPENER);
    opener.arg(&address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let opened = opener.status().is_ok_and(|status| status.success());
    let shown = Shown::sentence(json!({ "page": address, "opened": opened }), address);
    Ok(if opened {
        shown
    } else {
        shown.warn(format!("{OPENER} opened no browser; the address is the page's"))
    })
}

/// Options of `ids`.
#[derive(clap::Args, Debug)]
pub(super) struct IdsOptions {
    /// The number that ids, keys and tokens follow from now on: the same one gives the same ids.
    #[arg(value_name = "SEED")]
    seed: u64,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// `ids`.
pub(super) fn ids(options: &IdsOptions) -> Result<Shown, CliError> {
    let body = json!({ "seed": options.seed });
    let seed: IdSeed = Server::find(&options.target)?.call("PUT", "/ids", Some(&body))?;
    let text = format!("Ids follow from {}.", seed.seed);
    Ok(Shown::sentence(seed, text))
}

/// Options of `replay`.
#[derive(clap::Args, Debug)]
pub(super) struct ReplayOptions {
    /// The request, as `soda-mock requests` numbers it.
    #[arg(value_name = "REQUEST")]
    request: String,
    /// Send it as this account, instead of the one that sent it.
    #[arg(long, value_name = "NAME", conflicts_with = "authorization")]
    user: Option<String>,
    /// Send it with this header Authorization.
    #[arg(long, value_name = "VALUE")]
    authorization: Option<String>,
    /// Send it with this application token.
    #[arg(long, value_name = "TOKEN")]
    app_token: Option<String>,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// `replay`: sends a request of the journal again.
pub(super) fn replay(options: &ReplayOptions) -> Result<Shown, CliError> {
    let given = [
        ("user", &options.user),
        ("authorization", &options.authorization),
        ("app_token", &options.app_token),
    ];
    let body: Map<String, Value> = given
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), Value::from(value.clone()?))))
        .collect();
    let path = format!("/requests/{}/replay", encoded(&options.request));
    let done: Replayed = Server::find(&options.target)?.call("POST", &path, Some(&Value::Object(body)))?;
    let left_out = done.left_out.join(", ");
    let text = match &done.request {
        Some(new) => {
            let status = new.summary.status.map_or_else(|| "no answer".to_owned(), |s| s.to_string());
            format!("Sent again as request {}: {status}", new.summary.id)
        }
        None => "Sent again.".to_owned(),
    };
    let shown = Shown::sentence(done, text);
    Ok(if left_out.is_empty() {
        shown
    } else {
        shown.warn(format!("not sent, as they were masked: {left_out}"))
    })
}
