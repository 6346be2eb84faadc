//! A running server, asked through its admin API.

use super::CliError;
use super::address::Address;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::io::Read;
use std::time::Duration;
use ureq::Agent;
use ureq::http::{Request, Response};

/// What stays as it is in a part of a path or query.
const KEPT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'@').remove(b':');

/// Which server, and which of its spaces.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Server")]
pub(super) struct Target {
    #[command(flatten)]
    pub address: Address,
    /// The space, if it is not the default one.
    #[arg(long, global = true, value_name = "NAME", env = "SODA_MOCK_SPACE")]
    pub space: Option<String>,
    /// The token that the server was started with.
    #[arg(long, global = true, value_name = "TOKEN", env = "SODA_MOCK_ADMIN_TOKEN", hide_env_values = true)]
    pub admin_token: Option<String>,
}

/// A running server.
pub(super) struct Server {
    agent: Agent,
    admin: String,
    space: Option<String>,
    token: Option<String>,
}

impl Server {
    /// The server of these options. Nothing is sent yet.
    pub(super) fn find(target: &Target) -> Result<Self, CliError> {
        let admin = target.address.admin()?;
        Ok(Self {
            agent: super::net::agent(admin.starts_with("https:"), false),
            admin,
            space: target.space.clone(),
            token: target.admin_token.clone(),
        })
    }

    /// The server's address without the path of the admin API.
    pub(super) fn root(&self) -> &str {
        self.admin.trim_end_matches("/__mock/v1")
    }

    /// Reads.
    pub(super) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, CliError> {
        self.call("GET", path, None)
    }

    /// Acts; `body` is JSON.
    pub(super) fn call<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, CliError> {
        let (status, value) = self.ask(method, path, body)?;
        if status < 400 { self.read_as(path, value) } else { Err(self.refusal(path, status, value)) }
    }

    /// An answer as the struct that it has to be.
    pub(super) fn read_as<T: DeserializeOwned>(&self, path: &str, value: Value) -> Result<T, CliError> {
        serde_path_to_error::deserialize(value).map_err(|error| {
            CliError::NoServer(format!(
                "{}{path} answers something else than this version of soda-mock reads: {error}",
                self.admin
            ))
        })
    }

    /// The status and the body, whatever they are.
    pub(super) fn ask(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(u16, Value), CliError> {
        let mut response =
            self.send(method, path, "application/json", body.map(|b| b.to_string().into_bytes()))?;
        let status = response.status().as_u16();
        let text = response.body_mut().with_config().limit(u64::MAX).read_to_string();
        let text = text.map_err(|e| self.unreached(&e))?;
        let value = serde_json::from_str(&text);
        match value {
            Ok(value) => Ok((status, value)),
            Err(_) if status < 400 && text.is_empty() => Ok((status, Value::Null)),
            Err(_) => Err(CliError::NoServer(format!(
                "{} answers {status}, but not as soda-mock's admin API does; is --url right?",
                self.root()
            ))),
        }
    }

    /// The body of an answer as it comes.
    pub(super) fn read(&self, path: &str) -> Result<Box<dyn Read>, CliError> {
        let mut response = self.send("GET", path, "*/*", None)?;
        let status = response.status().as_u16();
        if status >= 400 {
            let text = response.body_mut().read_to_string().unwrap_or_default();
            return Err(self.refusal(path, status, serde_json::from_str(&text).unwrap_or_default()));
        }
        Ok(Box::new(response.into_body().into_with_config().limit(u64::MAX).reader()))
    }

    /// Sends a file of some media type.
    pub(super) fn upload<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        media: &str,
        file: std::fs::File,
    ) -> Result<T, CliError> {
        let request = self.request(method, path, Some(media));
        let request = request.body(ureq::SendBody::from_owned_reader(file));
        let request = request.map_err(|e| CliError::Usage(format!("{}{path}: {e}", self.admin)))?;
        let mut response = self.agent.run(request).map_err(|e| self.unreached(&e))?;
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string().map_err(|e| self.unreached(&e))?;
        let value: Value = serde_json::from_str(&text).unwrap_or_default();
        if status < 400 { self.read_as(path, value) } else { Err(self.refusal(path, status, value)) }
    }

    fn request(&self, method: &str, path: &str, media: Option<&str>) -> ureq::http::request::Builder {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.admin));
        if let Some(media) = media {
            request = request.header("Content-Type", media);
        }
        if let Some(space) = &self.space {
            request = request.header("X-Mock-Space", space);
        }
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        request
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        media: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Response<ureq::Body>, CliError> {
        let request = self.request(method, path, body.is_some().then_some(media));
        let wrong = |e: &dyn std::fmt::Display| CliError::Usage(format!("{}{path}: {e}", self.admin));
        let sent = match body {
            Some(body) => self.agent.run(request.body(body).map_err(|e| wrong(&e))?),
            None => self.agent.run(request.body(()).map_err(|e| wrong(&e))?),
        };
        sent.map_err(|e| self.unreached(&e))
    }

    fn unreached(&self, cause: &ureq::Error) -> CliError {
        let cause = super::net::cause_of(cause);
        CliError::NoServer(format!(
            "no server at {}: {cause}. Start one with `soda-mock serve`, or name it with --url or SODA_MOCK_URL.",
            self.root()
        ))
    }

    fn refusal(&self, path: &str, status: u16, problem: Value) -> CliError {
        let Refusal { detail, message, code, error_code } =
            serde_json::from_value(problem).unwrap_or_default();
        match (detail.or(message), code.or(error_code)) {
            (Some(message), Some(code)) => CliError::Api { code, message },
            (Some(why), None) => CliError::Refused(why),
            (None, _) => CliError::Refused(format!("{}{path} answers {status}", self.admin)),
        }
    }
}

/// What the admin API's own problems and those of queries, in the form of the emulated API, say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    detail: Option<String>,
    message: Option<String>,
    code: Option<String>,
    #[serde(rename = "errorCode")]
    error_code: Option<String>,
}

/// A name as a part of a path or a value in a query.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

/// `?name=value&…` of what is given.
pub(super) fn query(pairs: &[(&str, Option<String>)]) -> String {
    let given = pairs.iter().filter_map(|(name, value)| Some(format!("{name}={}", encoded(value.as_ref()?))));
    let given: Vec<String> = given.collect();
    if given.is_empty() { String::new() } else { format!("?{}", given.join("&")) }
}

/// `90s`, `1h 30m`, `500ms`, `PT1H`, `10`: a number alone is seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds)
            .map_err(|_| "write it as 10s, 500ms or 1h 30m".to_owned());
    }
    let span: jiff::SignedDuration =
        text.parse().map_err(|_| "write it as 10s, 500ms or 1h 30m".to_owned())?;
    Duration::try_from(span).map_err(|_| "a time cannot be negative here".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{duration, encoded, query};
    use std::time::Duration;

    #[test]
    fn names_are_encoded_for_paths_and_queries() {
        assert_eq!(encoded("a/b?é"), "a%2Fb%3F%C3%A9");
        assert_eq!(query(&[("a", Some("x y".to_owned())), ("b", None)]), "?a=x%20y");
    }

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("10"), Ok(Duration::from_secs(10)));
        assert_eq!(duration("1m"), Ok(Duration::from_secs(60)));
        assert!(duration("soon").is_err() && duration("-1s").is_err());
    }
}
