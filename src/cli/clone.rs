//! `clone`: a dataset of a real site as a seed.

use super::screen::{Form, Shown};
use super::server::query;
use super::{CliError, net};
use crate::soda::FourByFour;
use serde_json::{Value, json};
use std::path::PathBuf;
use ureq::http::Request;

/// Options of `clone`.
#[derive(clap::Args, Debug)]
pub(super) struct CloneOptions {
    /// The site, such as https://data.seattle.gov.
    #[arg(value_name = "https://DOMAIN")]
    site: String,
    /// The dataset's id.
    #[arg(value_name = "4x4")]
    dataset: String,
    /// Rows at most, the first.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    rows: u32,
    /// The folder that the seed is written to.
    #[arg(long, short, value_name = "DIR", default_value = "seeds")]
    output: PathBuf,
    /// Write over the files of an earlier clone.
    #[arg(long)]
    force: bool,
    /// An application token of the site: without one it may answer 429.
    #[arg(long, value_name = "TOKEN", env = "SODA_MOCK_CLONE_APP_TOKEN", hide_env_values = true)]
    app_token: Option<String>,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// `clone`: `4x4.json` with the site's metadata and `4x4.rows.json` with its first rows.
pub(super) fn run(options: &CloneOptions) -> Result<Shown, CliError> {
    let id = FourByFour::parse(&options.dataset).ok_or_else(|| {
        CliError::Usage(format!(
            "{} is no 4x4 id; it is the last part of a dataset's address",
            options.dataset
        ))
    })?;
    let definition = options.output.join(format!("{id}.json"));
    let beside = options.output.join(format!("{id}.rows.json"));
    if let Some(there) = [&definition, &beside].into_iter().find(|path| path.exists() && !options.force) {
        let shown = there.display();
        return Err(CliError::Data(format!(
            "{shown} is there already; --force writes over it, --output names another folder"
        )));
    }
    let site = options.site.trim_end_matches('/');
    let site = if site.contains("://") { site.to_owned() } else { format!("https://{site}") };
    let view = fetch(options, &format!("{site}/api/views/{id}.json"))?;
    let name = view.get("name").cloned().unwrap_or_default();
    if !view.get("columns").is_some_and(Value::is_array) {
        return Err(CliError::Refused(format!("{site}/api/views/{id}.json is no dataset with columns")));
    }
    let parameters = query(&[("$limit", Some(options.rows.to_string())), ("$order", Some(":id".to_owned()))]);
    let rows = fetch(options, &format!("{site}/resource/{id}.json{}", parameters))?;
    let count = rows
        .as_array()
        .map(Vec::len)
        .ok_or_else(|| CliError::Refused(format!("{site}/resource/{id}.json answers no list of rows")))?;
    let fault = |path: &std::path::Path, e: &dyn std::fmt::Display| {
        CliError::Data(format!("{}: {e}; choose another --output", path.display()))
    };
    std::fs::create_dir_all(&options.output).map_err(|e| fault(&options.output, &e))?;
    for (path, value) in [(&definition, &view), (&beside, &rows)] {
        let text = serde_json::to_string_pretty(value).map_err(|e| fault(path, &e))?;
        std::fs::write(path, text + "\n").map_err(|e| fault(path, &e))?;
    }
    let text = format!(
        "{}: {count} rows of {id}, {}\n\nsoda-mock serve {}   or, into a running server   soda-mock seed {}",
        options.output.display(),
        name.as_str().unwrap_or(""),
        options.output.display(),
        definition.display(),
    );
    let files = json!([definition.display().to_string(), beside.display().to_string()]);
    let data = json!({ "id": id.as_str(), "name": name, "rows": count, "files": files });
    Ok(Shown::sentence(data, text))
}

fn fetch(options: &CloneOptions, url: &str) -> Result<Value, CliError> {
    let mut request = Request::get(url);
    if let Some(token) = &options.app_token {
        request = request.header("X-App-Token", token);
    }
    let request = request.body(()).map_err(|e| CliError::Usage(format!("{url}: {e}")))?;
    let agent = net::agent(url.starts_with("https:"), true);
    let mut response = agent.run(request).map_err(|e| {
        CliError::NoServer(format!(
            "{url}: {}; check the name, the network and https_proxy",
            net::cause_of(&e)
        ))
    })?;
    let status = response.status().as_u16();
    let text = response.body_mut().with_config().limit(1 << 30).read_to_string();
    let text = text.map_err(|e| CliError::NoServer(format!("{url}: {e}")))?;
    let value: Result<Value, _> = serde_json::from_str(&text);
    match (status, value) {
        (200, Ok(value)) => Ok(value),
        (200, Err(error)) => Err(CliError::Refused(format!("{url} answers no JSON: {error}"))),
        (429, _) => {
            Err(CliError::Refused(format!("{url} answers 429: too many requests; give an --app-token")))
        }
        (status, value) => {
            let message =
                value.ok().and_then(|v| v.get("message")?.as_str().map(str::to_owned)).unwrap_or_default();
            Err(CliError::Refused(format!("{url} answers {status} {message}").trim_end().to_owned()))
        }
    }
}
