//! No circles of files within a module of `src`: of two files that know each other one cannot be read alone.
//!
//! A file may use what the `mod.rs` above it defines; every other import goes one way.

use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Modules whose files still have circles. None may be added.
const WITH_CIRCLES: [&str; 1] = ["transform"];

/// The files of `src` by their module paths, as code without comments and tests.
type Files = BTreeMap<Vec<String>, String>;

fn read(folder: &Path, module: &[String], files: &mut Files) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            read(&path, &[module, &[name]].concat(), files);
        } else if path.extension().is_some_and(|e| e == "rs") && !["lib", "main"].contains(&name.as_str()) {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
            let code: Vec<&str> = code.lines().filter(|l| !l.trim_start().starts_with("//")).collect();
            let module = if name == "mod" { module.to_vec() } else { [module, &[name]].concat() };
            files.insert(module, code.join("\n"));
        }
    }
}

/// The paths of a tree of imports: `a::{b, c::{d, e}}` has three.
fn paths_of(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((prefix, rest)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap().trim().to_owned()];
    };
    let inner = rest.strip_suffix('}').unwrap_or(rest);
    let (mut depth, mut part, mut found) = (0, String::new(), Vec::new());
    for c in inner.chars().chain([',']) {
        match c {
            ',' if depth == 0 => {
                for path in paths_of(&part).into_iter().filter(|path| !path.is_empty()) {
                    found.push(if path == "self" {
                        prefix.trim_end_matches("::").to_owned()
                    } else {
                        format!("{prefix}{path}")
                    });
                }
                part.clear();
            }
            _ => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                part.push(c);
            }
        }
    }
    found
}

/// A path as seen from a module, from the root of the crate; none when it leads out of the crate.
fn absolute(files: &Files, module: &[String], path: &str) -> Option<Vec<String>> {
    let mut parts: Vec<String> = path.split("::").map(str::to_owned).collect();
    match parts[0].as_str() {
        "crate" => Some(parts.split_off(1)),
        "self" => Some([module, &parts[1..]].concat()),
        "super" => {
            let up = parts.iter().take_while(|part| *part == "super").count();
            Some([&module[..module.len().checked_sub(up)?], &parts[up..]].concat())
        }
        child => {
            let is_module = files.contains_key(&[module, &[child.to_owned()]].concat());
            is_module.then(|| [module, &parts[..]].concat())
        }
    }
}

/// What names stand for that a module passes on: `pub use`.
type PassedOn = BTreeMap<(Vec<String>, String), Vec<String>>;

struct Imports {
    uses: Regex,
    inline: Regex,
}

impl Imports {
    fn new() -> Self {
        Self {
            uses: Regex::new(r"(?m)^\s*(pub(?:\([a-z]+\))? )?use ([^;]+);").unwrap(),
            inline: Regex::new(r"\b[a-z_]+(?:::\w+)+").unwrap(),
        }
    }

    fn passed_on(&self, files: &Files) -> PassedOn {
        let mut found = PassedOn::new();
        for (module, code) in files {
            for import in self.uses.captures_iter(code).filter(|import| import.get(1).is_some()) {
                for path in paths_of(&import[2].replace('\n', " ")) {
                    if let Some(target) = absolute(files, module, &path) {
                        found.insert((module.clone(), target.last().unwrap().clone()), target);
                    }
                }
            }
        }
        found
    }

    /// The paths that a file uses itself.
    fn used(&self, code: &str) -> Vec<String> {
        let own = self.uses.captures_iter(code).filter(|import| import.get(1).is_none());
        let mut paths: Vec<String> = own.flat_map(|import| paths_of(&import[2].replace('\n', " "))).collect();
        let body = self.uses.replace_all(code, "");
        paths.extend(self.inline.find_iter(&body).map(|path| path.as_str().to_owned()));
        paths
    }
}

/// The file that defines what a path names.
fn home(files: &Files, passed_on: &PassedOn, path: &[String], depth: usize) -> Option<Vec<String>> {
    let length = (1..=path.len()).rev().find(|length| files.contains_key(&path[..*length]))?;
    let module = path[..length].to_vec();
    let target = path.get(length).and_then(|name| passed_on.get(&(module.clone(), name.clone())));
    match target {
        Some(target) if depth < 8 => home(files, passed_on, target, depth + 1).or(Some(module)),
        _ => Some(module),
    }
}

/// Which file of a module uses which others of it.
fn edges(files: &Files) -> BTreeMap<Vec<String>, BTreeSet<Vec<String>>> {
    let imports = Imports::new();
    let passed_on = imports.passed_on(files);
    let target = |module: &[String], path: &str| {
        let target = home(files, &passed_on, &absolute(files, module, path)?, 0)?;
        // What stands in the `mod.rs` above belongs to the module as a whole.
        (target[0] == module[0] && !module.starts_with(&target)).then_some(target)
    };
    let of = |(module, code): (&Vec<String>, &String)| {
        let used = imports.used(code).into_iter().filter_map(|path| target(module, &path)).collect();
        (module.clone(), used)
    };
    files.iter().map(of).collect()
}

/// Files that can be reached from themselves.
fn circles(files: &Files) -> Vec<String> {
    let edges = edges(files);
    let reached = |from: &Vec<String>| {
        let (mut seen, mut waiting) = (BTreeSet::new(), vec![from]);
        while let Some(next) = waiting.pop() {
            waiting.extend(edges[next].iter().filter(|target| seen.insert(*target)));
        }
        seen.contains(from)
    };
    edges.keys().filter(|from| reached(from)).map(|module| module.join("::")).collect()
}

#[test]
fn no_two_files_of_a_module_know_each_other() {
    let mut files = Files::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &[], &mut files);
    let without = |module: &String| !WITH_CIRCLES.contains(&module.split("::").next().unwrap());
    let found: Vec<String> = circles(&files).into_iter().filter(without).collect();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn the_search_finds_circles_and_only_those() {
    let files = |list: &[(&str, &str)]| -> Files {
        let module = |path: &str| path.split("::").map(str::to_owned).collect();
        list.iter().map(|(path, code)| (module(path), (*code).to_owned())).collect()
    };
    let found = |list: &[(&str, &str)]| circles(&files(list));
    assert_eq!(
        found(&[("m", ""), ("m::a", "use super::b::B;"), ("m::b", "use super::a::{A, C};")]),
        ["m::a", "m::b"]
    );
    let through = [
        ("m", "mod a;\nmod b;\npub use a::A;"),
        ("m::a", "use crate::m::b::B;"),
        ("m::b", "fn f() -> crate::m::A { A }"),
    ];
    assert_eq!(found(&through), ["m::a", "m::b"]);
    let parent = [("m", "mod a;\nuse a::A;\npub struct M;"), ("m::a", "use super::M;")];
    assert_eq!(found(&parent), Vec::<String>::new());
    assert_eq!(found(&[("m::a", "use super::b::B;"), ("m::b", "use std::fmt;")]), Vec::<String>::new());
}
