//! README.md and the guide as files: their links, their length, the error codes that they explain. What their
//! commands print is compared by `tests/clients/guide.py`.

use regex::Regex;
use soda_mock::soda::ErrorCode;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Lines of README.md: about what fits a screen or two.
const README_LINES: usize = 150;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The pages, by their file names.
fn pages() -> BTreeSet<String> {
    let files = fs::read_dir(root().join("src/guide")).unwrap().map(|file| file.unwrap().file_name());
    files.map(|name| name.into_string().unwrap()).filter(|name| name.ends_with(".md")).collect()
}

#[test]
fn readme_is_short() {
    let lines = read("README.md").lines().count();
    assert!(lines <= README_LINES, "{lines} lines");
}

#[test]
fn every_page_is_in_the_lists_of_pages() {
    let (readme, llms, chapters) = (read("README.md"), read("llms.txt"), read("src/guide/mod.rs"));
    for page in pages() {
        for (list, text, link) in [
            ("README.md", &readme, format!("(src/guide/{page})")),
            ("llms.txt", &llms, format!("(src/guide/{page})")),
            ("src/guide/mod.rs", &chapters, format!("\"{page}\";")),
        ] {
            assert!(text.contains(&link), "{list} does not name {page}");
        }
    }
}

#[test]
fn every_link_leads_to_a_file() {
    let mut files: Vec<PathBuf> =
        ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "llms.txt", "packages/README.md"]
            .iter()
            .map(|file| root().join(file))
            .collect();
    files.extend(pages().iter().map(|page| root().join("src/guide").join(page)));
    let link = Regex::new(r"\]\(([^)#\s]+)(?:#[^)]*)?\)").unwrap();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for target in link.captures_iter(&text).map(|found| found[1].to_owned()) {
            let there = target.contains("://") || file.parent().unwrap().join(&target).exists();
            assert!(there, "{}: {target} is not there", file.display());
        }
    }
}

#[test]
fn every_error_code_is_explained_with_its_status() {
    let text = read("src/guide/errors.md");
    let entry = Regex::new(r"(?m)^### `(.+)`\n\n(\d+), ").unwrap();
    let explained: BTreeSet<(String, u16)> =
        entry.captures_iter(&text).map(|found| (found[1].to_owned(), found[2].parse().unwrap())).collect();
    let headings = text.matches("\n### ").count();
    assert_eq!(explained.len(), headings, "an entry without a status, or twice");
    let known: BTreeSet<(String, u16)> = ErrorCode::ALL
        .iter()
        .map(|code| {
            let (status, _, text) = code.row();
            (text.to_owned(), status)
        })
        .collect();
    let missing: Vec<_> = known.difference(&explained).collect();
    assert!(missing.is_empty(), "{missing:?}");
    // Queries have codes of their own.
    let unknown = explained.difference(&known).filter(|(code, _)| {
        !["query.", "unrecognized_arguments", "request-timeout"].iter().any(|start| code.starts_with(start))
    });
    assert_eq!(unknown.count(), 0);
}
