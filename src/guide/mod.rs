//! The guide: the same files are chapters of this documentation, pages of `/__mock/help/` and what
//! `soda-mock help TOPIC` prints. `tests/clients/guide.py` runs the commands of each page, and `cargo test` its Rust.

mod html;

pub(crate) use html::{contents_as_html, page_as_html};

/// A page of the guide.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    /// What it is asked for by: the name of its file without `.md`.
    pub topic: &'static str,
    /// CommonMark; the heading of its first line is the title.
    pub text: &'static str,
}

/// Each page as a module whose documentation it is, and all of them as [`PAGES`].
macro_rules! pages {
    ($($module:ident: $topic:literal, $file:literal;)*) => {
        $(
            #[doc = include_str!($file)]
            pub mod $module {}
        )*

        /// Every page, in the order of README.md.
        pub(crate) const PAGES: &[Page] = &[$(Page { topic: $topic, text: include_str!($file) }),*];
    };
}

pages! {
    tests: "tests", "tests.md";
    domains: "domains", "domains.md";
    accounts: "accounts", "accounts.md";
    seeds: "seeds", "seeds.md";
    revisions: "revisions", "revisions.md";
    journal: "journal", "journal.md";
    faults: "faults", "faults.md";
    spaces: "spaces", "spaces.md";
    page: "page", "page.md";
    commands: "commands", "commands.md";
    production: "production", "production.md";
    errors: "errors", "errors.md";
    trouble: "trouble", "trouble.md";
    data_file: "data-file", "data-file.md";
}

/// The topic whose sections are the error codes.
pub(crate) const ERRORS: &str = "errors";

impl Page {
    /// The heading of the page.
    pub(crate) fn title(&self) -> &'static str {
        self.text.lines().next().unwrap_or_default().trim_start_matches('#').trim()
    }

    /// The text for people at a terminal: without the lines that rustdoc hides in examples of Rust.
    #[cfg(feature = "cli")]
    pub(crate) fn as_text(&self) -> String {
        without_hidden_lines(self.text)
    }
}

/// The page of a topic.
pub(crate) fn find(topic: &str) -> Option<Page> {
    PAGES.iter().find(|page| page.topic == topic).copied()
}

/// What the guide says of one error code, with its heading.
pub(crate) fn error_code(code: &str) -> Option<&'static str> {
    let text = find(ERRORS)?.text;
    let heading = format!("\n### `{code}`\n");
    let start = text.find(&heading)? + 1;
    let rest = &text[start..];
    let end = rest[1..].find("\n#").map_or(rest.len(), |at| at + 2);
    Some(rest[..end].trim_end())
}

/// The address at which the server shows the page of an error code; none when the guide does not explain it.
pub(crate) fn address_of_error(code: &str) -> Option<String> {
    error_code(code).map(|_| format!("/__mock/help/{ERRORS}/{code}"))
}

/// Every error code that the guide explains.
#[cfg(feature = "cli")]
pub(crate) fn error_codes() -> impl Iterator<Item = &'static str> {
    let text = find(ERRORS).map_or("", |page| page.text);
    text.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'))
}

/// A text without the lines of its Rust examples that begin with `# `.
fn without_hidden_lines(text: &str) -> String {
    let mut in_rust = false;
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        if let Some(language) = line.strip_prefix("```") {
            in_rust = language == "rust";
        } else if in_rust && (line.starts_with("# ") || line == "#") {
            continue;
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[cfg(all(test, feature = "cli"))]
mod unit {
    use super::*;

    #[test]
    fn an_error_code_has_its_own_section() {
        let codes: Vec<&str> = error_codes().collect();
        assert!(codes.len() > 20, "{codes:?}");
        for code in codes {
            let text = error_code(code).unwrap();
            assert!(text.starts_with(&format!("### `{code}`\n\n")), "{text}");
            assert_eq!(text.matches("\n#").count(), 0, "{text}");
            assert!(text.contains("**Cure:**"), "{code} has no cure: {text}");
        }
        assert_eq!(error_code("no.such.code"), None);
    }

    #[test]
    fn hidden_lines_of_rust_are_left_out_and_other_lines_stay() {
        let text = find("tests").unwrap().as_text();
        assert!(text.contains("# Tests") && !text.contains("# #[tokio::main]"), "{text}");
    }
}
