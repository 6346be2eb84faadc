//! How a command's answer is shown: a table on a terminal, one JSON envelope elsewhere.

use super::CliError;
use serde::Serialize;
use serde_json::Value;
use std::io::{IsTerminal as _, Write as _};
use std::process::{Command, ExitCode, Stdio};

/// The version of the envelope; it rises when a member changes its meaning.
const SCHEMA_VERSION: u64 = 1;
/// Columns where there is no terminal to ask.
const WIDTH: usize = 100;

/// How the answer is shown.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
#[command(next_help_heading = "Answer")]
pub(super) struct Form {
    /// Answer with JSON, as where standard output is no terminal [env: SODA_MOCK_JSON=1].
    #[arg(long, global = true)]
    pub json: bool,
    /// Answer with a table, even where standard output is no terminal.
    #[arg(long, global = true, conflicts_with = "json")]
    pub table: bool,
}

/// What text for people has to fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Screen {
    /// Columns.
    pub width: usize,
    /// Whether colours are wanted.
    pub color: bool,
}

impl Screen {
    /// Standard output, as it is.
    pub(super) fn of_stdout() -> Self {
        let out = std::io::stdout();
        let color = anstream::AutoStream::choice(&out) != anstream::ColorChoice::Never;
        let asked = terminal_size::terminal_size_of(&out).map(|(width, _)| usize::from(width.0));
        let told = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
        Self { width: asked.or(told).filter(|w| *w > 0).unwrap_or(WIDTH), color }
    }
}

type Text = Box<dyn FnOnce(&Screen) -> String>;

/// What a command answers.
pub(super) struct Shown {
    data: Value,
    text: Text,
    warnings: Vec<String>,
    failure: Option<String>,
}

impl Shown {
    /// Data, and the same for people.
    pub(super) fn new<T: Serialize + 'static>(
        data: T,
        text: impl FnOnce(&T, &Screen) -> String + 'static,
    ) -> Self {
        let shown = serde_json::to_value(&data).unwrap_or_default();
        let text = Box::new(move |screen: &Screen| text(&data, screen));
        Self { data: shown, text, warnings: Vec::new(), failure: None }
    }

    /// Data, and a sentence for people.
    pub(super) fn sentence(data: impl Serialize + 'static, text: impl Into<String>) -> Self {
        let text = text.into();
        Self::new(data, move |_, _| format!("{text}\n"))
    }

    /// Something that the reader should know.
    pub(super) fn warn(mut self, warning: impl Into<String>) -> Self {
        self.warnings.push(warning.into());
        self
    }

    /// The command did its work, and the answer is no: exit code 1.
    pub(super) fn fail(mut self, reason: impl Into<String>) -> Self {
        self.failure = Some(reason.into());
        self
    }
}

/// What programs get.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    schema_version: u64,
    command: &'a str,
    data: &'a Value,
    warnings: &'a [String],
    error: Option<EnvelopeError<'a>>,
}

#[derive(Serialize)]
struct EnvelopeError<'a> {
    code: &'a str,
    message: &'a str,
}

/// The variable that asks for JSON where neither `--json` nor `--table` is given.
pub(super) const JSON_VARIABLE: &str = "SODA_MOCK_JSON";

/// Whether the answer is for people: what the flags say, else the variable, else whether there is a terminal.
pub(super) fn is_human(form: Form) -> bool {
    let by_variable = std::env::var(JSON_VARIABLE).is_ok_and(|value| wants_json(&value));
    form.table || (!form.json && !by_variable && std::io::stdout().is_terminal())
}

/// The words for no are those that clap knows.
fn wants_json(value: &str) -> bool {
    !["", "0", "n", "no", "f", "false", "off"].contains(&value.to_ascii_lowercase().as_str())
}

/// Shows the outcome of a command.
pub(super) fn finish(command: &str, form: Form, outcome: Result<Shown, CliError>) -> ExitCode {
    let human = is_human(form);
    let (data, text, warnings, error, code) = match outcome {
        Ok(shown) => {
            let error = shown.failure.map(|message| ("failed".to_owned(), message));
            let code = u8::from(error.is_some());
            (shown.data, Some(shown.text), shown.warnings, error, code)
        }
        Err(error) => {
            let code = error.code().to_owned();
            (Value::Null, None, Vec::new(), Some((code, error.to_string())), error.exit_code())
        }
    };
    if human {
        if let Some(text) = text {
            print_paged(&text(&Screen::of_stdout()));
        }
        for warning in &warnings {
            say(warning);
        }
    } else {
        let error = error.as_ref().map(|(code, message)| EnvelopeError { code, message });
        print_envelope(command, &data, &warnings, error);
    }
    if let Some((_, message)) = error {
        say(&message);
    }
    ExitCode::from(code)
}

/// The envelope of a command that did not begin.
pub(super) fn print_failure(command: &str, error: &CliError) {
    let message = error.to_string();
    print_envelope(command, &Value::Null, &[], Some(EnvelopeError { code: error.code(), message: &message }));
}

fn print_envelope(command: &str, data: &Value, warnings: &[String], error: Option<EnvelopeError<'_>>) {
    let envelope = Envelope { schema_version: SCHEMA_VERSION, command, data, warnings, error };
    print(&format!("{}\n", serde_json::to_string(&envelope).unwrap_or_default()));
}

/// Writes to standard output. A reader that has left is no error.
pub(super) fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// Tells people something: `soda-mock: …` on standard error. A reader that has left is no error there either.
pub(super) fn say(sentence: &str) {
    tell(&format!("soda-mock: {sentence}\n"));
}

/// Writes to standard error, as [`print`] does to standard output.
pub(super) fn tell(text: &str) {
    let mut out = std::io::stderr().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// Writes to standard output; on a terminal through the pager, when the text is longer than the screen.
pub(super) fn print_paged(text: &str) {
    let out = std::io::stdout();
    let height =
        terminal_size::terminal_size_of(&out).map_or(usize::MAX, |(_, height)| usize::from(height.0));
    if !out.is_terminal() || text.lines().count() < height || !paged(text) {
        print(text);
    }
}

/// False when there is no pager.
fn paged(text: &str) -> bool {
    let set = |name: &str| std::env::var(name).ok().filter(|v| !v.trim().is_empty());
    let wish = set("SODA_MOCK_PAGER").or_else(|| set("PAGER")).unwrap_or_else(|| "less".to_owned());
    let mut words = wish.split_whitespace();
    let Some(program) = words.next().filter(|p| *p != "cat") else { return false };
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        // Quit when it fits, keep colours, leave the text on the screen, cut long lines.
        command.env("LESS", "FRXS");
    }
    let Ok(mut child) = command.spawn() else { return false };
    if let Some(mut input) = child.stdin.take() {
        // The reader may quit before the end.
        let _ = input.write_all(text.as_bytes());
    }
    let _ = child.wait();
    true
}
