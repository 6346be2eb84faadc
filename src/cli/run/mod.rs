//! `soda-mock run`: one command in the environment of `soda-mock env`, with nothing left behind.
//!
//! The server is the one that the caller names (`--url`, `--ready-file`), else the one at the default address,
//! else a new one for the time of the command, as the options of `serve` in the environment and in
//! `soda-mock.toml` say, on a free port, in memory. `--seed` and `--forward-others` ask for a new one.

mod child;
mod relay;

use super::env::{endpoint, name_domains};
use super::environment::Environment;
use super::options::ServeOptions;
use super::running::Running;
use super::serve;
use super::server::{Server, Target, encoded};
use super::{Cli, CliError, Command, config, screen};
use crate::api::{Domain, Domains, Space};
use crate::domains::DomainName;
use crate::http::Instance;
use crate::store::HeldFolder;
use clap::{CommandFactory as _, FromArgMatches as _};
use serde_json::json;
use std::ffi::OsString;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The command and its world.
#[derive(clap::Args, Debug)]
pub(super) struct RunOptions {
    /// A domain that the command's programs name in their code; it ends at the server (repeatable).
    #[arg(long, value_name = "DOMAIN", value_parser = DomainName::parse)]
    domain: Vec<DomainName>,
    /// A seed file or folder of a new server for the time of the command (repeatable).
    #[arg(long, value_name = "SEED")]
    seed: Vec<PathBuf>,
    /// Start a new server, which forwards other hosts untouched instead of refusing them.
    #[arg(long)]
    forward_others: bool,
    #[command(flatten)]
    target: Target,
    /// The command with its arguments, after `--`. Its exit code is passed on; 128 + N when signal N ends it.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Runs the command and gives its exit code.
pub(super) fn run(options: &RunOptions) -> Result<ExitCode, CliError> {
    let runtime = serve::runtime()?;
    let outcome = runtime.block_on(session(options));
    // Connections that a program has left open must not hold the end up.
    runtime.shutdown_background();
    outcome.map(ExitCode::from)
}

async fn session(options: &RunOptions) -> Result<u8, CliError> {
    let (target, new) = server(options).await?;
    let outcome = with_server(options, &target, new.is_some()).await;
    if let Some(new) = new {
        new.stop(std::future::pending()).await;
    }
    outcome
}

/// The server of the command; one that was started for it has to be stopped.
async fn server(options: &RunOptions) -> Result<(Target, Option<Running>), CliError> {
    let address = &options.target.address;
    let named = address.url.is_some() || address.ready_file.is_some();
    let new = !options.seed.is_empty() || options.forward_others;
    if named && new {
        return Err(CliError::Usage(
            "--seed and --forward-others are for a new server; leave --url, --ready-file, SODA_MOCK_URL and SODA_MOCK_READY_FILE out".to_owned(),
        ));
    }
    // Whatever else has the default port is no server of ours.
    if named || !new && endpoint(&options.target).is_ok() {
        return Ok((options.target.clone(), None));
    }
    let running = serve::start(&serve_options(options)?, Vec::new(), Instance::default()).await?;
    running.ready().await;
    let mut target = options.target.clone();
    target.address.url = Some(running.http());
    Ok((target, Some(running)))
}

/// The options of `serve` from the environment and `soda-mock.toml`, for a server that leaves nothing behind.
fn serve_options(options: &RunOptions) -> Result<ServeOptions, CliError> {
    let usage = |e: clap::Error| CliError::Usage(e.to_string());
    let command = config::with_file(Cli::command())?;
    let matches = command.try_get_matches_from(["soda-mock", "serve"]).map_err(usage)?;
    let Some(Command::Serve(mut serve)) = Cli::from_arg_matches(&matches).map_err(usage)?.command else {
        return Err(CliError::Other("serve is no command".to_owned()));
    };
    serve.port = 0;
    serve.listen = vec![Ipv4Addr::LOCALHOST.into()];
    serve.ca_dir = Some("memory".into());
    serve.no_admin = false;
    serve.forward_others |= options.forward_others;
    (serve.data, serve.ready_file, serve.admin_listen, serve.admin_token) = (None, None, None, None);
    if !options.seed.is_empty() {
        serve.seed.clone_from(&options.seed);
    }
    Ok(*serve)
}

async fn with_server(options: &RunOptions, target: &Target, new: bool) -> Result<u8, CliError> {
    let folder = HeldFolder::new().map_err(|e| {
        CliError::Data(format!("no temporary folder: {e}; name one that can be written in TMPDIR"))
    })?;
    let server = Server::find(&Target { space: None, ..target.clone() })?;
    let mut endpoint = endpoint(target)?;
    if let Some(space) = &target.space {
        space_exists(&server, space, new)?;
        if !options.domain.is_empty() {
            endpoint.root = space_of(&endpoint.root, space).await?;
        }
    }
    let environment = Environment::prepare(&endpoint, &options.domain, folder.path(), None)?;
    let holder = Holder::new(&server, &options.domain, folder.path())?;
    say_where(options, &endpoint.admin, new);
    let before = holder.look();
    match child::run(command(options, target, &environment)).await {
        Ok(status) => {
            for remark in remarks(&options.domain, before.as_ref(), holder.look().as_ref()) {
                screen::say(&remark);
            }
            Ok(child::code(status))
        }
        Err(error) => {
            // As shells tell it.
            let name = options.command.first().map(|name| name.display().to_string()).unwrap_or_default();
            screen::say(&format!("{name}: {error}"));
            Ok(if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 })
        }
    }
}

fn command(options: &RunOptions, target: &Target, environment: &Environment) -> std::process::Command {
    let mut words = options.command.iter();
    let mut command = std::process::Command::new(words.next().cloned().unwrap_or_default());
    command.args(words).envs(environment.variables.iter());
    // Commands of soda-mock within it find the same server and space.
    command.env_remove("SODA_MOCK_READY_FILE");
    let token = target.admin_token.as_ref().map(|token| ("SODA_MOCK_ADMIN_TOKEN", token));
    let space = target.space.as_ref().map(|space| ("SODA_MOCK_SPACE", space));
    command.envs(token.into_iter().chain(space));
    command
}

fn say_where(options: &RunOptions, admin: &str, new: bool) {
    let domains: Vec<String> = options.domain.iter().map(|domain| format!("https://{domain}")).collect();
    let verb = if domains.len() == 1 { "ends" } else { "end" };
    let place = if new {
        "a new server, which goes with the command".to_owned()
    } else {
        format!("the server at {admin}")
    };
    if !domains.is_empty() {
        screen::say(&format!("{} {verb} at {place}", domains.join(", ")));
    }
}

/// A space of a running server is there already; a new server makes it.
fn space_exists(server: &Server, space: &str, new: bool) -> Result<(), CliError> {
    let path = format!("/spaces/{}", encoded(space));
    match new {
        true => server.call("POST", "/spaces", Some(&json!({ "name": space }))).map(|_: Space| ()),
        false => server.get(&path).map(|_: Space| ()).map_err(|error| match error {
            CliError::Api { code, message } => CliError::Api {
                code,
                message: format!(
                    "{message}; make it with `soda-mock space create {space}`, or leave --space out"
                ),
            },
            other => other,
        }),
    }
}

/// An address whose connections belong to the space.
async fn space_of(root: &str, space: &str) -> Result<String, CliError> {
    let server = super::environment::authority(root)?;
    let address = relay::open(server, space.to_owned()).await;
    address
        .map(|address| format!("http://{address}"))
        .map_err(|error| CliError::Port(format!("no port for the space {space}: {error}")))
}

/// The domains of the command at the server; taken back at the end.
struct Holder<'a> {
    server: &'a Server,
    domains: &'a [DomainName],
    name: String,
}

impl<'a> Holder<'a> {
    /// Names the domains; the name of the temporary folder is no other's.
    fn new(server: &'a Server, domains: &'a [DomainName], folder: &Path) -> Result<Self, CliError> {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let holder = Self { server, domains, name };
        name_domains(server, domains, &holder.name)?;
        Ok(holder)
    }

    /// What the server tells of its domains; nothing when it cannot be asked any more.
    fn look(&self) -> Option<Domains> {
        if self.domains.is_empty() { None } else { self.server.get("/domains").ok() }
    }
}

impl Drop for Holder<'_> {
    fn drop(&mut self) {
        for domain in self.domains {
            let path = format!("/domains/{domain}?holder={}", encoded(&self.name));
            if let Err(error) = self.server.call::<Domain>("DELETE", &path, None) {
                screen::say(&format!("{domain} stays named at the server: {error}"));
            }
        }
    }
}

/// What the caller has to know: domains that nothing was sent to, and hosts that were refused meanwhile.
fn remarks(domains: &[DomainName], before: Option<&Domains>, after: Option<&Domains>) -> Vec<String> {
    let Some(after) = after else { return Vec::new() };
    let requests = |look: &Domains, host: &str| {
        look.domains.iter().find(|domain| domain.host == host).map_or(0, |domain| domain.requests)
    };
    let refused = |look: &Domains, host: &str| {
        look.refused.iter().find(|refused| refused.host == host).map_or(0, |refused| refused.count)
    };
    let mut remarks = Vec::new();
    for domain in domains.iter().map(DomainName::as_str) {
        if requests(after, domain) == before.map_or(0, |before| requests(before, domain)) {
            remarks.push(format!(
                "no request to {domain} came to the server. If the command made one, it went to the REAL SITE; `soda-mock env --domain {domain}` tries which run times get here"
            ));
        }
    }
    for host in after.refused.iter().map(|refused| &refused.host) {
        let times = refused(after, host).saturating_sub(before.map_or(0, |before| refused(before, host)));
        if times > 0 {
            let times = if times == 1 { "once".to_owned() } else { format!("{times} times") };
            remarks.push(format!(
                "the server refused {host} {times}, which is none of its domains: add it to no_proxy, name it with --domain, or forward other hosts with --forward-others"
            ));
        }
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::remarks;
    use crate::api::Domains;
    use crate::domains::DomainName;
    use serde_json::{Value, json};

    fn look(requests: u64, refused: &Value) -> Option<Domains> {
        let domain = json!({ "host": "data.city.gov", "holders": [], "requests": requests });
        let look = json!({ "domains": [domain], "others": "refused", "refused": refused });
        Some(serde_json::from_value(look).unwrap())
    }

    #[test]
    fn silence_and_refusals_are_remarked() {
        let domains = [DomainName::parse("data.city.gov").unwrap()];
        let before = look(3, &json!([{ "host": "a.gov", "count": 2 }]));
        let fine = look(4, &json!([{ "host": "a.gov", "count": 2 }]));
        assert_eq!(remarks(&domains, before.as_ref(), fine.as_ref()), [""; 0]);
        let silent = remarks(&domains, before.as_ref(), before.as_ref());
        assert!(silent.len() == 1 && silent[0].contains("data.city.gov") && silent[0].contains("REAL SITE"));
        let refused = look(4, &json!([{ "host": "a.gov", "count": 5 }, { "host": "b.gov", "count": 1 }]));
        let told = remarks(&domains, before.as_ref(), refused.as_ref());
        assert!(
            told.len() == 2 && told[0].contains("a.gov 3 times") && told[1].contains("b.gov once"),
            "{told:?}"
        );
        assert!(told.iter().all(|remark| remark.contains("no_proxy")));
        assert_eq!(remarks(&domains, before.as_ref(), None), [""; 0], "a server that has gone tells nothing");
    }
}
