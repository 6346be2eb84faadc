//! `soda-mock serve`.

use super::config::Setting;
use super::data_file::wrong_name;
use super::end::{self, Signals};
use super::options::ServeOptions;
use super::ready_file::ReadyFile;
use super::running::Running;
use super::{CliError, announce, files};
use crate::access::{Account, AppToken, Directory, Leniency, Limits, Role};
use crate::clock::ClockMode;
use crate::domains::Domains;
use crate::faults::{Changes, Rule, preset, unknown_preset};
use crate::http::{AppState, Instance, Options, Process, admin_router, router};
use crate::journal;
use crate::memory::{self, Memory};
use crate::publishing::jobs;
use crate::seed::{Seeds, Settings};
use crate::server::{Authority, AuthorityError, Listener};
use crate::space::Registry;
use crate::space::{Bounds, SpaceTemplate, TemplateError, TemplateParts};
use crate::store::{StoreError, limit_heap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Threads that answer requests; the writer has its own.
const WORKERS: usize = 4;

/// Runs the server until it is told to stop.
pub(super) fn run(options: ServeOptions, settings: Vec<Setting>) -> Result<(), CliError> {
    log(&options.log, &options.log_format)?;
    let runtime = runtime()?;
    let result = runtime.block_on(serve(options, settings));
    // Clients that read no answer must not hold the end up.
    runtime.shutdown_background();
    result
}

/// The threads that serve.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    let workers = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, WORKERS);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        // Queries nest; the limits of the parser leave a wide margin on this.
        .thread_stack_size(4 << 20)
        .enable_all()
        .build()
        .map_err(|e| CliError::Other(format!("no threads: {e}")))
}

fn log(filter: &str, format: &str) -> Result<(), CliError> {
    let filter = tracing_subscriber::EnvFilter::try_new(filter).map_err(|e| {
        CliError::Usage(format!("--log {filter}: {e}; try warn, info, debug or soda_mock=trace"))
    })?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A log that cannot be written would be told on the same closed stream, which panics.
    let log = log.log_internal_errors(false);
    // A second one in the same process changes nothing.
    let _ = if format == "json" { log.json().flatten_event(true).try_init() } else { log.try_init() };
    Ok(())
}

async fn serve(options: ServeOptions, settings: Vec<Setting>) -> Result<(), CliError> {
    let instance = Instance::default();
    let ready_file = options.ready_file.as_ref().map(|path| ReadyFile::new(path, instance.as_str()));
    if let Some(file) = &ready_file {
        file.check()?;
    }
    let running = start(&options, settings, instance).await?;
    // Whoever reads the ready line may end the server at once.
    let mut signals = Signals::new();
    let announced = async {
        running.ready().await;
        announce(&options, &running, ready_file.as_ref())?;
        std::future::pending().await
    };
    let ended = tokio::select! {
        failed = announced => failed,
        () = end::asked_for(&options, &mut signals) => Ok(()),
    };
    running.stop(signals.next()).await;
    if let Some(file) = &ready_file {
        file.remove();
    }
    ended
}

fn announce(options: &ServeOptions, running: &Running, file: Option<&ReadyFile>) -> Result<(), CliError> {
    let line = announce::line(running);
    if let Some(file) = file {
        file.write(&line)?;
    }
    announce::print(&line, options, running);
    Ok(())
}

/// Starts a server; it listens and has loaded every seed.
pub(super) async fn start(
    options: &ServeOptions,
    settings: Vec<Setting>,
    instance: Instance,
) -> Result<Running, CliError> {
    let authority = Arc::new(authority(options)?);
    let parts = parts(options)?;
    limit_heap(&parts.memory).map_err(|e| CliError::Other(e.to_string()))?;
    let template = SpaceTemplate::new(parts).map_err(|e| CliError::Data(e.to_string()))?;
    let space = template.default_space().await.map_err(|error| no_space(&error, options))?;
    let listeners = listen(options).await?;
    let first = listeners.first().and_then(|listener| listener.local_addr().ok());
    let address = reachable(first.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, options.port).into()));
    let port = address.port();
    let domains = Arc::new(domains(options)?);
    let process = Process {
        ca_pem: authority.pem().to_owned(),
        settings,
        names: options.san.iter().cloned().chain(host_name()).collect(),
        data: options.data.as_ref().map(|p| p.display().to_string()),
        wire_port: options.admin_listen.is_some().then_some(port),
        domains: Arc::clone(&domains),
        instance,
        ..Process::default()
    };
    let state = AppState::new(Arc::new(Registry::new(Arc::new(space))), http_options(options), process);
    let app = router(state.clone());
    let (stop, stopped) = watch::channel(false);
    let mut serving = tokio::task::JoinSet::new();
    let mut admin = if options.no_admin { None } else { Some(format!("http://{address}")) };
    if let Some(address) = options.admin_listen {
        let listener = listen_for_admin(address).await?;
        admin = Some(format!("http://{}", reachable(listener.local_addr().unwrap_or(address))));
        let admin = admin_router(state.clone(), app.clone());
        let admin = Listener::new(admin, Arc::clone(&authority), Arc::clone(&domains)).await;
        serving.spawn(admin.serve(vec![listener], stopped.clone()));
    }
    let wire = Listener::new(app, Arc::clone(&authority), domains).await;
    serving.spawn(wire.serve(listeners, stopped));
    Ok(Running { address, admin, authority, template, state, stop, serving })
}

/// The domains that are named from the start.
fn domains(options: &ServeOptions) -> Result<Domains, CliError> {
    let own = options.san.iter().cloned().chain(host_name()).collect();
    let domains = Domains::new(own, options.forward_others);
    if options.forward_others && options.listen.iter().any(|ip| !ip.is_loopback()) {
        tracing::warn!("--forward-others: whoever reaches this port reaches other hosts through it");
    }
    for domain in &options.domain {
        domains.name(domain.clone(), "serve").map_err(|e| CliError::Usage(format!("--domain: {e}")))?;
    }
    Ok(domains)
}

fn http_options(options: &ServeOptions) -> Options {
    Options {
        six_keys: options.report == "six",
        single_object_report: options.single_object_report,
        strict: options.strict,
        auth_status: if options.auth_status == "401" {
            http::StatusCode::UNAUTHORIZED
        } else {
            http::StatusCode::FORBIDDEN
        },
        max_body: options.max_body,
        query_timeout: options.query_timeout,
        stall_timeout: options.stall_timeout,
        no_admin: options.no_admin || options.admin_listen.is_some(),
        admin_token: options.admin_token.clone(),
        journal: journal::Settings {
            entries: options.journal_entries,
            bytes: usize::try_from(options.journal_bytes).unwrap_or(usize::MAX),
            body: usize::try_from(options.journal_body).unwrap_or(usize::MAX),
            ..journal::Settings::default()
        },
        ..Options::default()
    }
}

fn authority(options: &ServeOptions) -> Result<Authority, CliError> {
    let mut names = options.san.clone();
    names.extend(host_name());
    let fault = |e: AuthorityError| CliError::Data(format!("{e}; or choose another folder with --ca-dir"));
    match &options.ca_dir {
        Some(folder) if folder == Path::new("memory") => Authority::in_memory(names).map_err(fault),
        Some(folder) => Authority::in_folder(folder, names).map_err(fault),
        // Without a folder that can be written, as in a container, the CA lives in memory.
        None => match files::data_folder().map(|folder| Authority::in_folder(&folder, names.clone())) {
            None | Some(Err(AuthorityError::File { .. })) => Authority::in_memory(names).map_err(fault),
            Some(kept) => kept.map_err(fault),
        },
    }
}

fn host_name() -> Option<String> {
    let name = std::fs::read_to_string("/etc/hostname").ok().or_else(|| std::env::var("HOSTNAME").ok())?;
    let name = name.trim().to_owned();
    let fine = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
    fine.then_some(name)
}

fn parts(options: &ServeOptions) -> Result<TemplateParts, CliError> {
    let leniency =
        Leniency { any_credentials: options.auth == "any", any_app_token: options.app_tokens == "any" };
    let settings = Settings::read(&options.seed).map_err(|e| CliError::Seed(format!("seed {e}")))?;
    let default = if options.strict { "anonymous=1000/1h,token=off" } else { "off" };
    let limits = match (&options.throttle, settings.limits) {
        (None, Some(limits)) => limits,
        (chosen, _) => Limits::default()
            .parse(chosen.as_deref().unwrap_or(default))
            .map_err(|e| CliError::Usage(format!("--throttle: {e}")))?,
    };
    Ok(TemplateParts {
        seeds: Seeds { paths: options.seed.clone(), demo: options.seed.is_empty() },
        directory: directory(options, settings.directory(Directory::built_in()))?,
        faults: [settings.faults, presets(&options.fault)?].concat(),
        leniency,
        limits,
        strict_types: options.strict || options.strict_types,
        clock: options.clock.map_or(ClockMode::Real, |at| ClockMode::Frozen(at.as_millisecond())),
        ids: options.ids,
        data: options.data.clone(),
        bounds: Bounds { spaces: options.max_spaces.max(1), snapshots: options.max_snapshots },
        memory: Arc::new(memory(options)),
        jobs: match &options.jobs {
            Some(text) => jobs::parse(text).map_err(|e| CliError::Usage(format!("--jobs: {e}")))?,
            None => settings.jobs.unwrap_or_default(),
        },
        world: settings.world,
    })
}

fn memory(options: &ServeOptions) -> Memory {
    Memory::new(options.max_memory.unwrap_or_else(memory::usual))
}

/// The rules of presets that are named on the command line.
fn presets(names: &[String]) -> Result<Vec<Rule>, CliError> {
    let named = |name: &String| {
        let rule = preset(name, &Changes::default());
        let refused = |text: String| CliError::Usage(format!("--fault: {text}"));
        rule.ok_or_else(|| refused(unknown_preset(name)))?.map_err(|e| refused(e.to_string()))
    };
    names.iter().map(named).collect()
}

fn no_space(error: &TemplateError, options: &ServeOptions) -> CliError {
    match (error, &options.data) {
        (TemplateError::Seed(_), _) => CliError::Seed(error.to_string()),
        (TemplateError::DataName(error), _) => wrong_name(error),
        (TemplateError::Store(cause), Some(path)) => CliError::Data(unusable(cause, path)),
        (TemplateError::Store(_), None) => CliError::Data(error.to_string()),
    }
}

/// Why a data file cannot be used, and what to do.
fn unusable(cause: &StoreError, path: &Path) -> String {
    match cause {
        // It names the path itself.
        StoreError::File { .. } => {
            format!("{cause}; name a file in a folder that can be written with --data")
        }
        StoreError::Sqlite(_) | StoreError::Transaction(_) => format!(
            "{}: {cause}; name a file of soda-mock, or one that is not there yet, in a folder that can be written",
            path.display()
        ),
        _ => format!("{}: {cause}", path.display()),
    }
}

fn directory(options: &ServeOptions, mut directory: Directory) -> Result<Directory, CliError> {
    for user in &options.user {
        let wrong = || CliError::Usage("--user: write NAME:PASSWORD or NAME:PASSWORD:ROLE".to_owned());
        let (name, rest) = user.split_once(':').ok_or_else(wrong)?;
        let (password, role) = match rest.rsplit_once(':') {
            Some((password, role)) => match Role::parse(role) {
                Some(role) => (password, role),
                None => (rest, Role::Publisher),
            },
            None => (rest, Role::Publisher),
        };
        directory.users.insert(name.to_owned(), Account { password: password.to_owned(), role });
    }
    for token in &options.app_token {
        directory.app_tokens.insert(token.clone(), AppToken::default());
    }
    Ok(directory)
}

/// All addresses with one port; ::1 may be missing on machines without IPv6.
async fn listen(options: &ServeOptions) -> Result<Vec<TcpListener>, CliError> {
    let loopback = [IpAddr::from([127, 0, 0, 1]), IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])];
    let wanted = if options.listen.is_empty() { loopback.to_vec() } else { options.listen.clone() };
    // A free port of one family may be taken in the other; then the next one is tried.
    for _ in 0..20 {
        if let Some(listeners) = bind(&wanted, options).await? {
            return Ok(listeners);
        }
    }
    Err(CliError::Port("no port is free on all addresses; name one with --port".to_owned()))
}

async fn bind(wanted: &[IpAddr], options: &ServeOptions) -> Result<Option<Vec<TcpListener>>, CliError> {
    let mut listeners: Vec<TcpListener> = Vec::new();
    let mut port = options.port;
    for (index, ip) in wanted.iter().enumerate() {
        match TcpListener::bind(SocketAddr::new(*ip, port)).await {
            Ok(listener) => {
                port = listener.local_addr().map_or(port, |a| a.port());
                listeners.push(listener);
            }
            Err(error)
                if options.listen.is_empty()
                    && ip.is_ipv6()
                    && error.kind() != std::io::ErrorKind::AddrInUse =>
            {
                tracing::info!(%error, "no IPv6");
            }
            Err(_) if options.port == 0 && index > 0 => return Ok(None),
            Err(error) => {
                let address = SocketAddr::new(*ip, port);
                return Err(CliError::Port(format!(
                    "cannot listen on {address}: {error}; stop what uses the port, or choose another with --port N (0 picks a free one)"
                )));
            }
        }
    }
    Ok(Some(listeners))
}

async fn listen_for_admin(address: SocketAddr) -> Result<TcpListener, CliError> {
    TcpListener::bind(address).await.map_err(|error| {
        CliError::Port(format!(
            "cannot listen on {address} for the admin API: {error}; choose another --admin-listen ADDR (port 0 picks a free one)"
        ))
    })
}

/// Where a client of this machine reaches a listener; one on all addresses is on the loopback too.
pub(super) fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            Ipv4Addr::LOCALHOST.into()
        } else {
            Ipv6Addr::LOCALHOST.into()
        });
    }
    address
}
