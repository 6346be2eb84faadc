//! What a workspace would have enforced, and a little more: imports in one direction, outside
//! libraries in their layer only, short files, no table out of step with the code.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Lines of a source file.
const LIMIT: usize = 500;
/// Lines of a file of tests.
const TEST_LIMIT: usize = 600;

/// Which modules may name what. A module that is not listed may not name it.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("rusqlite::", &["store"]),
    ("axum::", &["http", "server", "mock_server"]),
    ("hyper::", &["http", "server"]),
    ("hyper_util::", &["http", "server"]),
    ("tower::", &["http", "server"]),
    ("tower_http::", &["http", "server"]),
    ("clap::", &["cli"]),
    ("rcgen::", &["server"]),
    ("yasna::", &["server"]),
    ("httparse::", &["server"]),
    ("rustls::", &["server", "cli"]),
    ("tracing_subscriber::", &["cli"]),
    ("encoding_rs::", &["source_file"]),
    ("quick_xml::", &["source_file"]),
    ("cfb::", &["source_file"]),
];

/// Modules that only compute: no files, no sockets, no tasks.
const PURE: [&str; 8] = ["soda", "soql", "calendar", "decimal", "shape", "transform", "codec", "source_file"];
const EFFECTS: [&str; 4] = ["std::fs", "std::net", "tokio::", "std::thread"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files_under(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_under(&path, extensions));
        } else if path.extension().is_some_and(|e| extensions.iter().any(|x| e == *x)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A source file: its path below `src`, its text, and its text without comments and tests.
struct Source {
    name: String,
    text: String,
    code: String,
}

impl Source {
    /// The top-level module that the file belongs to.
    fn module(&self) -> &str {
        self.name.split('/').next().unwrap().trim_end_matches(".rs")
    }
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
        let code = code.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        let name = path.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
        Source { name, text, code }
    };
    files_under(&src, &["rs"]).into_iter().map(read).collect()
}

/// The modules of `src/lib.rs`, in its order.
fn layers() -> Vec<String> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let declared = text.lines().filter_map(|l| l.strip_prefix("pub mod ").or(l.strip_prefix("mod ")));
    declared.map(|l| l.trim_end_matches(';').to_owned()).collect()
}

/// The words after each `crate::`, those of `use crate::{a, b}` included.
fn imported(code: &str) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
    };
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => drop(found.insert(word(rest))),
            Some(list) => {
                let mut depth = 0;
                let mut start = true;
                for (at, c) in list.char_indices() {
                    if start && c.is_ascii_alphabetic() {
                        found.insert(word(&list[at..]));
                        start = false;
                    }
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        _ => {}
                    }
                }
            }
        }
    }
    found
}

#[test]
fn modules_import_only_those_listed_above_them() {
    let layers = layers();
    let place = |name: &str| layers.iter().position(|l| l == name);
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(own) = place(source.module()) else { continue };
        for name in imported(&source.code) {
            if place(&name).is_some_and(|other| other > own) {
                wrong.push(format!("{} imports {name}, which lies above it in src/lib.rs", source.name));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(layers.len() > 10 && place("soda") < place("store") && place("store") < place("http"));
}

/// The map names every module and no test that is not there.
#[test]
fn the_map_is_that_of_the_source() {
    let map = fs::read_to_string(root().join("src/ARCHITECTURE.md")).unwrap();
    for module in layers() {
        assert!(map.contains(&format!("`{module}`")), "{module} is not in the map");
    }
    let tests: String = files_under(&root().join("tests/it"), &["rs"])
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let (_, table) = map.split_once("What always holds").unwrap();
    for name in table.split('`').skip(1).step_by(2).filter(|name| !name.contains(['/', ' '])) {
        let last = name.rsplit("::").next().unwrap();
        let there = tests.contains(&format!("fn {last}(")) || tests.contains(&format!("mod {last};"));
        assert!(
            there || root().join(format!("src/{}.rs", name.replace("::", "/"))).exists(),
            "{name} is nowhere"
        );
    }
}

#[test]
fn the_reader_of_imports_sees_every_form() {
    let code =
        "use crate::soda::X; use crate::{store::{A, B}, http, seed as s}; fn f() { crate::clock::now() }";
    let expected = ["clock", "http", "seed", "soda", "store"].map(str::to_owned);
    assert_eq!(imported(code), BTreeSet::from(expected));
}

#[test]
fn soql_and_codec_do_not_know_each_other() {
    for source in sources() {
        let other = match source.module() {
            "soql" => "codec",
            "codec" => "soql",
            _ => continue,
        };
        assert!(!imported(&source.code).contains(other), "{}", source.name);
    }
}

/// The text of every string literal of a source, escapes as they are written.
fn literals(code: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(start) = rest.find('"') {
        let escaped = rest[..start].ends_with('\'') || rest[..start].ends_with("b'");
        rest = &rest[start + 1..];
        if escaped {
            continue;
        }
        let mut end = 0;
        while let Some(at) = rest[end..].find(['"', '\\']) {
            end += at;
            if rest[end..].starts_with('"') {
                break;
            }
            end = (end + 2).min(rest.len());
        }
        found.push(&rest[..end]);
        rest = rest.get(end + 1..).unwrap_or("");
    }
    found
}

/// Modules below `http` whose messages say what is wrong and leave to `http` and the command line what to
/// do about it, where options and paths are known.
const WITHOUT_ADVICE: [&str; 5] = ["api", "matching", "faults", "journal", "space"];
/// Messages in other modules below `http` that name an option or a path: no more than this.
const WITH_ADVICE: usize = 17;

/// Whether a text names an option of the program, or a path of its admin API in a sentence.
fn is_advice(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_option = |at: usize| {
        (at == 0 || !bytes[at - 1].is_ascii_alphanumeric())
            && bytes.get(at + 2).is_some_and(u8::is_ascii_lowercase)
    };
    (text.contains("/__mock/v1") && !text.starts_with('/'))
        || text.match_indices("--").any(|(at, _)| is_option(at))
}

#[test]
fn messages_below_http_name_no_options_and_no_paths_of_the_admin_api() {
    let layers = layers();
    let http = layers.iter().position(|layer| layer == "http").unwrap();
    let mut elsewhere = Vec::new();
    // curl's own options stand in a command for curl.
    for source in sources().into_iter().filter(|s| s.name != "journal/script.rs") {
        if !layers[..http].iter().any(|layer| layer == source.module()) {
            continue;
        }
        let advice = literals(&source.code).into_iter().filter(|text| is_advice(text));
        let told: Vec<String> = advice.map(|text| format!("{}: {text}", source.name)).collect();
        if WITHOUT_ADVICE.contains(&source.module()) {
            assert_eq!(told, Vec::<String>::new());
        }
        elsewhere.extend(told);
    }
    assert!(elsewhere.len() <= WITH_ADVICE, "{} messages: {elsewhere:#?}", elsewhere.len());
}

/// Whether a text is SQL, or a part of it. Its keywords are in capitals, as everywhere in this crate.
fn is_sql(text: &str) -> bool {
    const WORDS: [&str; 13] = [
        "INSERT INTO ",
        "INSERT OR ",
        "DELETE FROM ",
        "PRAGMA ",
        "CREATE TABLE",
        "CREATE TEMP",
        "CREATE VIEW",
        "DROP TABLE",
        "DROP VIEW",
        "ALTER TABLE",
        "EXPLAIN QUERY",
        " WHERE sid",
        " ORDER BY sid",
    ];
    let both = |first: &str, second: &str| text.contains(first) && text.contains(second);
    WORDS.iter().any(|word| text.contains(word)) || both("SELECT ", " FROM ") || both("UPDATE ", " SET ")
}

/// Transactions are all that others have of SQLite. `soql` writes the SQL of what people ask; all other SQL is
/// the store's.
#[test]
fn sql_and_connections_do_not_leave_the_store() {
    let sources = sources();
    let front = sources.iter().find(|s| s.name == "store/mod.rs").unwrap();
    // SoQL's functions are registered on any connection, also on that of a benchmark.
    let open = front.code.lines().filter_map(|l| l.strip_prefix("pub mod ")).map(|l| l.trim_end_matches(';'));
    let open: Vec<String> = open
        .filter(|name| *name != "functions")
        .flat_map(|name| [format!("store/{name}.rs"), format!("store/{name}/mod.rs")])
        .chain(["store/mod.rs".to_owned(), "store/tx.rs".to_owned()])
        .collect();
    let mut wrong = Vec::new();
    for source in &sources {
        match source.module() {
            "soql" => {}
            "store" => {
                let exports = ["pub use rusqlite", "pub(crate) use rusqlite"];
                let shown = source.code.split("pub fn ").skip(1).map(|rest| rest.split('{').next().unwrap());
                let shown = shown.filter(|signature| signature.contains("Connection"));
                let shown = shown.filter(|_| open.contains(&source.name));
                let exports = exports.into_iter().filter(|line| source.code.contains(line));
                wrong.extend(shown.chain(exports).map(|what| format!("{}: {what}", source.name)));
            }
            _ => {
                let sql = literals(&source.code).into_iter().filter(|text| is_sql(text));
                wrong.extend(sql.map(|text| format!("{}: {text}", source.name)));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(open.len() > 10 && is_sql("SELECT sid FROM d7") && !is_sql("select * from \"4tka-6guv\""));
}

#[test]
fn answers_of_the_admin_api_are_structs() {
    // The OpenAPI document is no answer about the mock; its form is that of JSON Schema.
    let document = "http/admin/openapi.rs";
    let untyped: Vec<String> = sources()
        .into_iter()
        .filter(|s| s.name.starts_with("http/admin/") || s.name.starts_with("api/"))
        .filter(|s| s.name != document && s.code.contains("json!"))
        .map(|s| s.name)
        .collect();
    assert_eq!(untyped, Vec::<String>::new(), "answers are the structs of src/api");
}

#[test]
fn the_command_line_reads_structs() {
    let mut indexed = Vec::new();
    for source in sources().into_iter().filter(|s| s.module() == "cli") {
        for (number, line) in source.code.lines().enumerate() {
            let by_key = line.match_indices("[\"").any(|(at, _)| {
                line[..at]
                    .ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ')' | ']' | '?'))
            });
            if by_key {
                indexed.push(format!("{}:{}: {}", source.name, number + 1, line.trim()));
            }
        }
    }
    assert_eq!(indexed, Vec::<String>::new(), "answers are read as the structs of src/api");
}

#[test]
fn every_library_is_named_in_its_layer_only() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (library, allowed) in OUTSIDE {
            let at_home = allowed.iter().any(|a| {
                let rest = source.name.strip_prefix(a);
                rest.is_some_and(|r| r.starts_with('/') || r == ".rs")
            });
            let named = source.code.match_indices(library).any(|(at, _)| {
                let before = source.code[..at].chars().next_back();
                !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':')
            });
            if named && !at_home {
                wrong.push(format!("{} names {library}", source.name));
            }
        }
        for effect in EFFECTS.iter().filter(|_| PURE.contains(&source.module())) {
            if source.code.contains(effect) {
                wrong.push(format!("{} names {effect}", source.name));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// What belongs to a request is in its `RequestContext`: a value that somebody forgets to put into its extensions is
/// missed by nobody.
#[test]
fn extensions_of_requests_are_read_in_one_place() {
    let reads = regex::Regex::new(r"extensions(?:\(\)|_mut\(\))?\s*\.(?:get|remove)\b|\bExtension<").unwrap();
    let elsewhere: Vec<String> = sources()
        .into_iter()
        .filter(|s| !s.name.starts_with("http/exchange/") && reads.is_match(&s.code))
        .map(|s| s.name)
        .collect();
    assert_eq!(elsewhere, Vec::<String>::new());
}

/// Clippy counts the lines of functions; this is the bound that it is given.
#[test]
fn functions_have_seventy_lines_at_most() {
    let settings = fs::read_to_string(root().join(".clippy.toml")).unwrap();
    assert!(settings.contains("too-many-lines-threshold = 70"), "{settings}");
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("too_many_lines = \"warn\""));
}

#[test]
fn no_file_is_too_long() {
    let tests = files_under(&root().join("tests"), &["rs"]).into_iter();
    let tests = tests.map(|p| (p.display().to_string(), fs::read_to_string(p).unwrap(), TEST_LIMIT));
    let sources = sources().into_iter().map(|s| (s.name, s.text, LIMIT));
    let long: Vec<String> = sources
        .chain(tests)
        .filter(|(_, text, limit)| text.lines().count() > *limit)
        .map(|(name, text, _)| format!("{name}: {} lines", text.lines().count()))
        .collect();
    assert_eq!(long, Vec::<String>::new());
}

#[test]
fn every_migration_is_listed() {
    let list = fs::read_to_string(root().join("src/store/migrate.rs")).unwrap();
    for path in files_under(&root().join("migrations"), &["sql"]) {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(list.contains(&format!("migrations/{name}")), "{name} is not in src/store/migrate.rs");
    }
}

#[test]
fn every_error_code_is_used() {
    let all: String = sources().into_iter().map(|s| s.code).collect();
    for code in soda_mock::soda::ErrorCode::ALL {
        // Once in the table; anything more is a use.
        assert!(all.contains(&format!("ErrorCode::{code:?}")), "{code:?} is never told");
    }
}

#[test]
fn pages_load_nothing_from_elsewhere() {
    let mut wrong = Vec::new();
    for path in files_under(&root().join("src"), &["html", "js", "css", "svg"]) {
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            let loads = ["src=", "href=", "url(", "fetch(", "import ", "@import", "action="];
            let outside = loads.iter().any(|load| {
                line.match_indices(load).any(|(at, _)| {
                    let target = line[at + load.len()..].trim_start_matches(['"', '\'', '(', '`', ' ']);
                    ["http://", "https://", "//"].iter().any(|scheme| target.starts_with(scheme))
                })
            });
            if outside {
                wrong.push(format!("{}:{}: {line}", path.display(), number + 1));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
