//! `users`, `app-tokens`, `throttle`: who may write, and how often.

use super::CliError;
use super::screen::{Form, Shown};
use super::server::{Server, Target, encoded};
use super::table::{Cell, Table, Tone};
use crate::api::{AppToken, Deleted, Throttle, User};
use serde_json::{Map, Value, json};

/// Options of `users`.
#[derive(clap::Args, Debug)]
pub(super) struct UsersOptions {
    #[command(subcommand)]
    command: Option<UsersCommand>,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

#[derive(clap::Subcommand, Debug)]
enum UsersCommand {
    /// Make or change an account; without a role it is a publisher.
    Add {
        /// The account.
        #[arg(value_name = "NAME:PASSWORD[:ROLE]")]
        account: String,
    },
    /// Remove an account.
    Remove {
        /// The account.
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// `users`.
pub(super) fn users(options: &UsersOptions) -> Result<Shown, CliError> {
    let server = Server::find(&options.target)?;
    match &options.command {
        None => {
            let list: Vec<User> = server.get("/users")?;
            Ok(Shown::new(list, |list, screen| {
                let mut table = Table::new(&["name", "role"]);
                for user in list {
                    table.push(vec![Cell::new(&user.name).tone(Tone::Bold), Cell::new(&user.role)]);
                }
                table.render(screen)
            }))
        }
        Some(UsersCommand::Add { account }) => add_user(&server, account),
        Some(UsersCommand::Remove { name }) => {
            let path = format!("/users/{}", encoded(name));
            let gone: Deleted<String> = server.call("DELETE", &path, None)?;
            Ok(Shown::sentence(gone, format!("{name} is removed.")))
        }
    }
}

fn add_user(server: &Server, account: &str) -> Result<Shown, CliError> {
    let mut parts = account.splitn(3, ':');
    let name = parts.next().unwrap_or_default();
    let Some(password) = parts.next().filter(|_| !name.is_empty()) else {
        return Err(CliError::Usage("write the account as NAME:PASSWORD or NAME:PASSWORD:ROLE".to_owned()));
    };
    let mut body = Map::from_iter([("password".to_owned(), Value::from(password))]);
    if let Some(role) = parts.next() {
        body.insert("role".to_owned(), role.into());
    }
    let path = format!("/users/{}", encoded(name));
    let user: User = server.call("PUT", &path, Some(&Value::Object(body)))?;
    let text = format!("{} is a {}.", user.name, user.role);
    Ok(Shown::sentence(user, text))
}

/// Options of `app-tokens`.
#[derive(clap::Args, Debug)]
pub(super) struct AppTokensOptions {
    #[command(subcommand)]
    command: Option<AppTokensCommand>,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

#[derive(clap::Subcommand, Debug)]
enum AppTokensCommand {
    /// Make or change an application token.
    Add {
        /// The token.
        #[arg(value_name = "TOKEN")]
        token: String,
        /// The secret of an OAuth application.
        #[arg(long, value_name = "SECRET", requires = "callback_prefix")]
        secret: Option<String>,
        /// Where the OAuth flow may lead back to, such as https://app.example.com/.
        #[arg(long, value_name = "URL", requires = "secret")]
        callback_prefix: Option<String>,
    },
    /// Remove an application token.
    Remove {
        /// The token.
        #[arg(value_name = "TOKEN")]
        token: String,
    },
}

/// `app-tokens`.
pub(super) fn app_tokens(options: &AppTokensOptions) -> Result<Shown, CliError> {
    let server = Server::find(&options.target)?;
    let path = |token: &str| format!("/app-tokens/{}", encoded(token));
    match &options.command {
        None => {
            let list: Vec<AppToken> = server.get("/app-tokens")?;
            Ok(Shown::new(list, |list, screen| {
                let mut table = Table::new(&["token", "callback prefix"]);
                for one in list {
                    table.push(vec![Cell::new(&one.token).tone(Tone::Bold), Cell::new(&one.callback_prefix)]);
                }
                table.render(screen)
            }))
        }
        Some(AppTokensCommand::Add { token, secret, callback_prefix }) => {
            let body = match (secret, callback_prefix) {
                (Some(secret), Some(prefix)) => Some(json!({ "secret": secret, "callback_prefix": prefix })),
                _ => None,
            };
            let made: AppToken = server.call("PUT", &path(token), body.as_ref())?;
            Ok(Shown::sentence(made, format!("{token} is known.")))
        }
        Some(AppTokensCommand::Remove { token }) => {
            let gone: Deleted<String> = server.call("DELETE", &path(token), None)?;
            Ok(Shown::sentence(gone, format!("{token} is removed.")))
        }
    }
}

/// Options of `throttle`.
#[derive(clap::Args, Debug)]
pub(super) struct ThrottleOptions {
    /// The limit of requests without an application token, such as 1000/1h, or off.
    #[arg(long, value_name = "LIMIT")]
    anonymous: Option<String>,
    /// The limit of requests with one.
    #[arg(long, value_name = "LIMIT")]
    token: Option<String>,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// `throttle`: with a limit it is set and the pools are full again; without one they are shown.
pub(super) fn throttle(options: &ThrottleOptions) -> Result<Shown, CliError> {
    let server = Server::find(&options.target)?;
    let given = [("anonymous", &options.anonymous), ("token", &options.token)];
    let body: Map<String, Value> = given
        .into_iter()
        .filter_map(|(pool, limit)| Some((pool.to_owned(), Value::from(limit.clone()?))))
        .collect();
    let limits: Throttle = match body.is_empty() {
        true => server.get("/throttle")?,
        false => server.call("PUT", "/throttle", Some(&Value::Object(body)))?,
    };
    let text = format!("without an app token {}, with one {}", limits.anonymous, limits.token);
    Ok(Shown::sentence(limits, text))
}
