//! `snapshot`, `restore`, `space`.

use super::CliError;
use super::datasets::time;
use super::screen::{Form, Shown};
use super::server::{Server, Target, encoded};
use super::table::{Cell, Table, Tone, grouped, many};
use crate::api::{Deleted, Restored, Snapshot, SnapshotList, Space, SpaceList};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// Options of `snapshot`.
#[derive(clap::Args, Debug)]
pub(super) struct SnapshotOptions {
    /// Keep the data of now under this name; without one the snapshots are listed.
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Forget it.
    #[arg(long, requires = "name", conflicts_with_all = ["download", "upload"])]
    delete: bool,
    /// Write it to a SQLite file; NAME may also be seed, empty or current.
    #[arg(long, value_name = "FILE", requires = "name", conflicts_with = "upload")]
    download: Option<PathBuf>,
    /// Take it from a SQLite file of soda-mock.
    #[arg(long, value_name = "FILE", requires = "name")]
    upload: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// `snapshot`.
pub(super) fn snapshot(options: &SnapshotOptions) -> Result<Shown, CliError> {
    let server = Server::find(&options.target)?;
    let Some(name) = &options.name else { return snapshots(&server) };
    let path = format!("/snapshots/{}", encoded(name));
    if options.delete {
        let gone: Deleted<String> = server.call("DELETE", &path, None)?;
        return Ok(Shown::sentence(gone, format!("{name} is forgotten.")));
    }
    if let Some(file) = &options.download {
        return download(&server, name, file);
    }
    let taken: Snapshot = match &options.upload {
        Some(file) => {
            let read = std::fs::File::open(file);
            let read = read.map_err(|e| CliError::Data(format!("{}: {e}", file.display())))?;
            server.upload("PUT", &format!("{path}/file"), "application/vnd.sqlite3", read)?
        }
        None => server.call("PUT", &path, None)?,
    };
    let (rows, datasets) = (many(taken.rows, "row"), many(taken.datasets as u64, "dataset"));
    Ok(Shown::sentence(taken, format!("{name}: {rows} in {datasets}. Back to it: soda-mock restore {name}")))
}

fn download(server: &Server, name: &str, file: &std::path::Path) -> Result<Shown, CliError> {
    let mut body = server.read(&format!("/snapshots/{}/file", encoded(name)))?;
    let fault = |e: std::io::Error| CliError::Data(format!("{}: {e}", file.display()));
    let mut out = std::fs::File::create(file).map_err(fault)?;
    let bytes = std::io::copy(&mut body, &mut out).map_err(fault)?;
    let data = json!({ "name": name, "file": file.display().to_string(), "bytes": bytes });
    Ok(Shown::sentence(data, format!("{}: {} bytes", file.display(), grouped(bytes))))
}

fn snapshots(server: &Server) -> Result<Shown, CliError> {
    let list: SnapshotList = server.get("/snapshots")?;
    Ok(Shown::new(list, |list, screen| {
        if list.snapshots.is_empty() {
            return "No snapshot. `soda-mock snapshot NAME` takes one.\n".to_owned();
        }
        let mut table = Table::new(&["name", "datasets", "rows", "bytes", "taken at"]);
        for one in &list.snapshots {
            table.push(vec![
                Cell::new(&one.name).tone(Tone::Bold),
                Cell::count(one.datasets as u64),
                Cell::count(one.rows),
                Cell::count(one.bytes),
                Cell::new(time(&one.taken_at)).tone(Tone::Dim),
            ]);
        }
        table.render(screen)
    }))
}

/// Options of `restore`.
#[derive(clap::Args, Debug)]
pub(super) struct RestoreOptions {
    /// The snapshot.
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// `restore`: the data only; `reset NAME` begins everything anew.
pub(super) fn restore(options: &RestoreOptions) -> Result<Shown, CliError> {
    let path = format!("/snapshots/{}/restore", encoded(&options.name));
    let done: Restored = Server::find(&options.target)?.call("POST", &path, None)?;
    Ok(Shown::sentence(done, format!("The data is that of {} again.", options.name)))
}

/// Options of `space`.
#[derive(clap::Args, Debug)]
pub(super) struct SpaceOptions {
    #[command(subcommand)]
    command: Option<SpaceCommand>,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

#[derive(clap::Subcommand, Debug)]
enum SpaceCommand {
    /// Make an isolated space.
    Create {
        /// Its name; one is found without it.
        #[arg(value_name = "NAME")]
        name: Option<String>,
        /// What it begins with: seed, empty, current, or a snapshot.
        #[arg(long, value_name = "STATE", default_value = "seed")]
        from: String,
        /// A user whose requests belong to it, with a password for a new one (repeatable).
        #[arg(long, value_name = "NAME[:PASSWORD]")]
        user: Vec<String>,
        /// An application token whose requests belong to it (repeatable).
        #[arg(long, value_name = "TOKEN")]
        app_token: Vec<String>,
    },
    /// Remove a space with all that is in it.
    Delete {
        /// Its name.
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// `space`.
pub(super) fn space(options: &SpaceOptions) -> Result<Shown, CliError> {
    let server = Server::find(&options.target)?;
    match &options.command {
        None => Ok(spaces(server.get("/spaces")?)),
        Some(SpaceCommand::Delete { name }) => {
            let gone: Deleted<String> = server.call("DELETE", &format!("/spaces/{}", encoded(name)), None)?;
            Ok(Shown::sentence(gone, format!("{name} is gone.")))
        }
        Some(SpaceCommand::Create { name, from, user, app_token }) => {
            let users: Vec<Value> = user
                .iter()
                .map(|user| match user.split_once(':') {
                    Some((name, password)) => json!({ "name": name, "password": password }),
                    None => json!(user),
                })
                .collect();
            let mut body = Map::new();
            body.extend(name.as_ref().map(|name| ("name".to_owned(), json!(name))));
            body.insert("from".to_owned(), json!(from));
            body.insert("bind".to_owned(), json!({ "users": users, "app_tokens": app_token }));
            let made: Space = server.call("POST", "/spaces", Some(&Value::Object(body)))?;
            let lines = [&*made.name, "", &*made.header, &*made.http, &*made.https].join("\n");
            Ok(Shown::sentence(made, lines))
        }
    }
}

fn spaces(list: SpaceList) -> Shown {
    Shown::new(list, |list, screen| {
        let mut table = Table::new(&["space", "datasets", "reached by", "address", "users"]);
        for one in &list.spaces {
            table.push(vec![
                Cell::new(&one.name).tone(Tone::Bold),
                Cell::count(one.datasets as u64),
                Cell::new(&one.header),
                Cell::new(&one.http),
                Cell::new(one.bind.users.join(", ")),
            ]);
        }
        table.without_empty().render(screen)
    })
}
