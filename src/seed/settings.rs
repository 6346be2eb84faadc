//! `soda-mock.toml` in a seed folder: who may write, what is throttled, what goes wrong.

use super::error::SeedError;
use crate::access::{Account, ApiKey, AppToken, CallbackPrefix, Directory, Limits, Role};
use crate::api::{JobCourses, World};
use crate::faults::Rule;
use crate::publishing::jobs;
use serde::Deserialize;
use serde::de::{self, Error as _};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The file's name.
pub const FILE: &str = "soda-mock.toml";
/// The name of the file beside it that tells of the world.
pub const WORLD_FILE: &str = "world.json";

/// What the settings of all seed folders say together.
#[derive(Clone, Default)]
pub struct Settings {
    /// Accounts, keys and application tokens. Each kind that a seed has takes the place of the
    /// built-in ones.
    pub directory: Directory,
    /// Throttling.
    pub limits: Option<Limits>,
    /// What goes wrong, in the form of the admin API.
    pub faults: Vec<Rule>,
    /// How long jobs of publishing take.
    pub jobs: Option<JobCourses>,
    /// What is known of the world, in the form of the admin API: the file `world.json`.
    pub world: World,
}

/// The file. Names are in kebab case, as those of options are.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Document {
    #[serde(default)]
    users: BTreeMap<String, User>,
    #[serde(default)]
    api_keys: BTreeMap<String, Key>,
    #[serde(default)]
    app_tokens: Either,
    throttle: Option<Throttle>,
    jobs: Option<Courses>,
    #[serde(default)]
    faults: Vec<toml::Spanned<toml::Value>>,
    #[serde(flatten)]
    others: BTreeMap<String, toml::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct User {
    password: String,
    #[serde(default)]
    role: RoleName,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    secret: String,
    owner: String,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct App {
    #[serde(default)]
    secret: String,
    #[serde(default)]
    callback_prefix: Prefix,
}

/// Tables of tokens; as an option of `serve`, the same name is a word.
enum Either {
    Tokens(BTreeMap<String, App>),
    Option,
}

/// By hand: what is wrong inside a table must not make it pass for the option.
impl<'de> Deserialize<'de> for Either {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TableOrWord;

        impl<'de> de::Visitor<'de> for TableOrWord {
            type Value = Either;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a table for each application token")
            }

            fn visit_map<M: de::MapAccess<'de>>(self, map: M) -> Result<Either, M::Error> {
                BTreeMap::deserialize(de::value::MapAccessDeserializer::new(map)).map(Either::Tokens)
            }

            fn visit_str<E: de::Error>(self, _: &str) -> Result<Either, E> {
                Ok(Either::Option)
            }
        }

        deserializer.deserialize_any(TableOrWord)
    }
}

impl Default for Either {
    fn default() -> Self {
        Self::Tokens(BTreeMap::new())
    }
}

#[derive(Default)]
struct Prefix(Option<CallbackPrefix>);

impl<'de> Deserialize<'de> for Prefix {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = |error| D::Error::custom(format!("callback-prefix {text:?} {error}"));
        CallbackPrefix::parse(&text).map(Self).map_err(wrong)
    }
}

struct RoleName(Role);

impl Default for RoleName {
    fn default() -> Self {
        Self(Role::Publisher)
    }
}

impl<'de> Deserialize<'de> for RoleName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known = || Role::NAMES.map(|(_, name)| name).join(", ");
        Role::parse(&name).map(Self).ok_or_else(|| D::Error::custom(format!("a role is one of {}", known())))
    }
}

struct Throttle(Limits);

impl<'de> Deserialize<'de> for Throttle {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Limits::default().parse(&text).map(Self).map_err(D::Error::custom)
    }
}

/// As an option of `serve`, in words.
struct Courses(JobCourses);

impl<'de> Deserialize<'de> for Courses {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        jobs::parse(&text).map(Self).map_err(D::Error::custom)
    }
}

impl Settings {
    /// The settings of the folders among these seeds; later ones are added to earlier ones.
    pub fn read(seeds: &[PathBuf]) -> Result<Self, SeedError> {
        let mut settings = Self::default();
        for folder in seeds.iter().filter(|path| path.is_dir()) {
            let (file, world) = (folder.join(FILE), folder.join(WORLD_FILE));
            if file.is_file() {
                settings.add(&file)?;
            }
            if world.is_file() {
                settings.world = read_world(&world)?;
            }
        }
        Ok(settings)
    }

    fn add(&mut self, file: &Path) -> Result<(), SeedError> {
        let text = std::fs::read_to_string(file)
            .map_err(|source| SeedError::Unreadable { path: file.to_owned(), source })?;
        let wrong = |line: usize, why: String| SeedError::Settings { path: file.to_owned(), line, why };
        let line_of = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
        let document: Document = toml::from_str(&text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            wrong(line_of(at), error.message().to_owned())
        })?;
        // The same file may be that of the program's options, which looks at its own names.
        if let Some(key) = document.others.keys().next().filter(|_| !is_options_file(file)) {
            let start = |line: &str| line.trim_start().trim_start_matches('[').starts_with(key.as_str());
            let line = text.lines().position(start).unwrap_or(0) + 1;
            let known = "a seed folder's file has users, api-keys, app-tokens, throttle, jobs and faults";
            return Err(wrong(line, format!("unknown key {key}; {known}")));
        }
        for fault in &document.faults {
            let value = serde_json::to_value(fault.get_ref()).unwrap_or_default();
            let rule = Rule::parse(value).map_err(|e| wrong(line_of(fault.span().start), e.to_string()))?;
            self.faults.push(rule);
        }
        self.take(document);
        Ok(())
    }

    fn take(&mut self, document: Document) {
        let users = document.users.into_iter();
        self.directory
            .users
            .extend(users.map(|(name, user)| (name, Account { password: user.password, role: user.role.0 })));
        let keys = document.api_keys.into_iter();
        self.directory.keys.extend(keys.map(|(id, key)| (id, ApiKey::new(key.secret, key.owner, key.name))));
        if let Either::Tokens(tokens) = document.app_tokens {
            self.directory.app_tokens.extend(tokens.into_iter().map(|(token, app)| {
                (token, AppToken { secret: app.secret, callback_prefix: app.callback_prefix.0 })
            }));
        }
        self.limits = document.throttle.map(|t| t.0).or(self.limits);
        self.jobs = document.jobs.map(|jobs| jobs.0).or(self.jobs.take());
    }

    /// The directory in which each kind of things that a seed has takes the place of `built_in`'s.
    pub fn directory(&self, built_in: Directory) -> Directory {
        let own = self.directory.clone();
        let keeps_users = own.users.is_empty();
        Directory {
            // A key of a built-in account goes with it.
            keys: if own.keys.is_empty() && keeps_users { built_in.keys } else { own.keys },
            users: if keeps_users { built_in.users } else { own.users },
            app_tokens: if own.app_tokens.is_empty() { built_in.app_tokens } else { own.app_tokens },
        }
    }
}

fn read_world(file: &Path) -> Result<World, SeedError> {
    let text = std::fs::read_to_string(file)
        .map_err(|source| SeedError::Unreadable { path: file.to_owned(), source })?;
    serde_json::from_str(&text).map_err(|error| SeedError::Settings {
        path: file.to_owned(),
        line: error.line(),
        why: error.to_string(),
    })
}

/// Whether the file is the one that the program reads its options from by default.
fn is_options_file(file: &Path) -> bool {
    match (file.canonicalize(), Path::new(FILE).canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}
