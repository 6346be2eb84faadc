//! `soda-mock env`: what a shell has to set so that programs trust and reach the server.

use super::CliError;
use super::address::Address;
use super::environment::check::{self, Others, Tried};
use super::environment::{Endpoint, Environment, Redirect, Shell};
use super::screen;
use super::server::{Server, Target, encoded};
use crate::api::Domain;
use crate::domains::DomainName;
use std::path::PathBuf;
use std::time::Duration;

/// For which shell and for which domains.
#[derive(clap::Args, Debug)]
pub(super) struct EnvOptions {
    /// The shell [default: the one that has started the command, else any POSIX shell].
    #[arg(long, value_enum)]
    shell: Option<Shell>,
    /// A domain that programs name in their code; it ends at the server (repeatable).
    #[arg(long, value_name = "DOMAIN", value_parser = DomainName::parse)]
    domain: Vec<DomainName>,
    /// Do not try which run times of this machine reach the server by the domain's name.
    #[arg(long)]
    no_check: bool,
    /// Where the bundle of certificates is written.
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    #[command(flatten)]
    address: Address,
    /// The token that the server was started with.
    #[arg(long, value_name = "TOKEN", env = "SODA_MOCK_ADMIN_TOKEN", hide_env_values = true)]
    admin_token: Option<String>,
}

/// Who has named the domains of a shell; they stay named as long as the server runs.
const HOLDER: &str = "env";
/// A server that does not give its certificate in this time is none.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// Prints the variables on standard output; on standard error, what reaches the server by them.
pub(super) fn run(options: &EnvOptions) -> Result<(), CliError> {
    let target =
        Target { address: options.address.clone(), space: None, admin_token: options.admin_token.clone() };
    let endpoint = endpoint(&target)?;
    let folder = match &options.bundle {
        Some(bundle) => bundle.parent().map(PathBuf::from).unwrap_or_default(),
        None => super::files::data_folder().unwrap_or_else(std::env::temp_dir).join("trust"),
    };
    let shell = options.shell.unwrap_or_else(Shell::of_caller);
    let environment = Environment::prepare(&endpoint, &options.domain, &folder, options.bundle.as_deref())?;
    name_domains(&Server::find(&target)?, &options.domain, HOLDER)?;
    let taken: Vec<(&str, &str)> =
        environment.variables.iter().filter(|(name, _)| shell.takes(name)).collect();
    let lines: String = taken.iter().map(|(name, value)| shell.line(name, value) + "\n").collect();
    screen::print(&lines);
    if let Some(redirect) = &environment.redirect {
        screen::tell(&told(redirect, &endpoint, shell));
        screen::tell(&covered(options, redirect, &endpoint, &taken));
    }
    Ok(())
}

/// The server's addresses and its CA's certificate.
pub(super) fn endpoint(target: &Target) -> Result<Endpoint, CliError> {
    let place = target.address.find()?;
    let admin = target.address.admin()?;
    let ca_pem = certificate(&admin)?;
    Ok(Endpoint { root: place.root, admin: admin.trim_end_matches("/__mock/v1").to_owned(), ca_pem })
}

/// Tells the server which domains it stands in for.
pub(super) fn name_domains(server: &Server, domains: &[DomainName], holder: &str) -> Result<(), CliError> {
    for domain in domains {
        server.call::<Domain>("PUT", &format!("/domains/{domain}?holder={}", encoded(holder)), None)?;
    }
    Ok(())
}

fn certificate(admin: &str) -> Result<String, CliError> {
    let url = format!("{admin}/ca.pem");
    let no_server = |why: String| {
        CliError::NoServer(format!(
            "no server at {admin}: {why}. Start one with `soda-mock serve`, or name it with --url."
        ))
    };
    let mut answer = super::net::agent(admin.starts_with("https:"), false)
        .get(&url)
        .config()
        .timeout_global(Some(ANSWER_TIMEOUT))
        .build()
        .call()
        .map_err(|error| no_server(super::net::cause_of(&error)))?;
    if answer.status() != 200 {
        return Err(CliError::Refused(format!("{url} answers {}", answer.status().as_u16())));
    }
    answer.body_mut().read_to_string().map_err(|error| no_server(super::net::cause_of(&error)))
}

/// What the variables do, for people.
fn told(redirect: &Redirect, endpoint: &Endpoint, shell: Shell) -> String {
    let domains: Vec<String> = redirect.domains.iter().map(|domain| format!("https://{domain}")).collect();
    let verb = if domains.len() == 1 { "ends" } else { "end" };
    let mut text = format!(
        "soda-mock: {} {verb} at {} for programs that this shell starts.\n",
        domains.join(", "),
        endpoint.root
    );
    if !redirect.dropped.is_empty() {
        text.push_str(&format!(
            "  no_proxy without {}, which would lead past the server.\n",
            redirect.dropped.join(", ")
        ));
    }
    if redirect.own_proxy.is_some() {
        text.push_str(
            "  The proxy of your https_proxy is not used meanwhile, so no other host is reached directly.\n",
        );
    }
    if shell == Shell::Github {
        text.push_str(
            "  GitHub takes no NODE_OPTIONS from a file: use `soda-mock run` for Node.js before 22.21.\n",
        );
    }
    text
}

/// Which run times reach the server: each was tried.
fn covered(
    options: &EnvOptions,
    redirect: &Redirect,
    endpoint: &Endpoint,
    variables: &[(&str, &str)],
) -> String {
    let Some(domain) = redirect.domains.first().filter(|_| !options.no_check) else {
        return "  Which run times get there was not tried (--no-check).\n".to_owned();
    };
    if endpoint.root != endpoint.admin {
        return "  Which run times get there was not tried: the server keeps its admin API elsewhere.\n"
            .to_owned();
    }
    let mut text = String::from("  Tried just now:\n");
    for (run_time, tried) in check::all(domain, variables, &endpoint.ca_pem) {
        let name = run_time.name;
        match tried {
            Tried::Missing => continue,
            Tried::Fails(why) => text.push_str(&format!("  {name:<8} DOES NOT GET THERE: {why}\n")),
            Tried::Reaches => {
                let others = match run_time.others {
                    Others::Direct if redirect.others_are_direct() => "; other hosts directly",
                    _ => "",
                };
                text.push_str(&format!("  {name:<8} gets there: {}{others}\n", run_time.covered));
            }
        }
        if !run_time.beside.is_empty() {
            text.push_str(&format!("  {:<8} NOT, it reaches the REAL SITE: {}\n", "", run_time.beside));
        }
    }
    text.push_str(
        "  Not tried: Go, .NET, Deno and others, which read https_proxy unless a program says otherwise.\n  Not covered: programs that are started with another environment (sudo, cron, docker run).\n  Where it does not say \"directly\", other hosts are refused with 502, unless they are in no_proxy or the server runs with --forward-others.\n",
    );
    text
}
