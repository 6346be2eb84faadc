//! The functions and operators of SoQL: one table that the analyzer, the reference page and
//! completion share.
//!
//! The set is that of `SoQLFunctions.scala` (source); documented are those of the developer
//! site's function pages.

pub mod reference;
mod table;
mod template;
mod types;

pub use template::{Piece, Template};
pub use types::{EQUATABLE, ORDERED, PREFERENCE};

use crate::soda::SoqlType;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a function works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One row.
    Scalar,
    /// A group.
    Aggregate,
    /// A window; needs `OVER`.
    Window,
}

/// Where it is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The developer site.
    Documented,
    /// The public back end.
    Source,
}

/// One name of the table with its overloads.
///
/// A signature is written as types and class variables; what stands behind `|` may repeat. A
/// class with a `2` behind it is a second variable. The SQL is a [`Template`].
#[derive(Debug)]
pub struct Entry {
    /// The name in errors: `op$+`, `#IN`, `cast$text`, `upper`.
    pub name: &'static str,
    /// What it works on.
    pub kind: Kind,
    /// Where it is known from.
    pub evidence: Evidence,
    /// How an operator is written; empty for a function.
    pub form: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// An expression that runs on the demo dataset.
    pub example: &'static str,
    /// Signatures and their SQL.
    pub overloads: Overloads,
    /// Whether SQLite gives an integer where SoQL has a number, which is kept as text.
    pub integer: bool,
}

/// Signatures, each with the SQL that computes it.
pub type Overloads = &'static [(&'static str, Template)];

/// A parameter or a result: a type or the signature's class variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// This type.
    Type(SoqlType),
    /// Whatever the variable stands for.
    Variable,
}

/// One overload.
#[derive(Debug)]
pub struct Function {
    /// The name in errors.
    pub name: &'static str,
    /// What it works on.
    pub kind: Kind,
    /// The fixed parameters.
    pub parameters: Vec<Slot>,
    /// The parameters that may repeat.
    pub repeated: Vec<Slot>,
    /// The types that the variable may stand for; one entry that is not used without a variable.
    pub class: &'static [SoqlType],
    /// The result.
    pub result: Slot,
    /// The SQL.
    pub template: Template,
    /// Whether SQLite gives an integer for the number.
    pub integer: bool,
}

impl Function {
    /// The parameter at a place, if the function takes so many arguments.
    pub fn parameter(&self, index: usize) -> Option<Slot> {
        match index.checked_sub(self.parameters.len()) {
            None => self.parameters.get(index).copied(),
            Some(surplus) if !self.repeated.is_empty() => {
                self.repeated.get(surplus % self.repeated.len()).copied()
            }
            Some(_) => None,
        }
    }

    /// Whether it may be called with so many arguments.
    pub fn takes(&self, count: usize) -> bool {
        match count.checked_sub(self.parameters.len()) {
            None => false,
            Some(0) => true,
            Some(surplus) => !self.repeated.is_empty() && surplus % self.repeated.len() == 0,
        }
    }

    /// Whether a class variable occurs in it.
    pub fn is_generic(&self) -> bool {
        let mut slots = self.parameters.iter().chain(&self.repeated).chain([&self.result]);
        slots.any(|s| *s == Slot::Variable)
    }
}

static FUNCTIONS: LazyLock<HashMap<&'static str, Vec<Function>>> = LazyLock::new(|| {
    let mut map: HashMap<&'static str, Vec<Function>> = HashMap::new();
    for entry in table::all() {
        for (signature, sql) in entry.overloads {
            map.entry(entry.name).or_default().extend(expand(entry, signature, *sql));
        }
    }
    map
});

/// The overloads of a name, which is already folded.
pub fn overloads(name: &str) -> &'static [Function] {
    FUNCTIONS.get(name).map_or(&[], Vec::as_slice)
}

/// A signature's overloads: one, or one for every type of its second variable.
fn expand(entry: &'static Entry, signature: &str, template: Template) -> Vec<Function> {
    let second = signature.split_whitespace().find(|w| w.ends_with('2'));
    let types = second.and_then(|w| types::class(&w[..w.len() - 1]));
    match (second, types) {
        (Some(word), Some(types)) => {
            types.iter().map(|t| parse(entry, &signature.replace(word, t.name()), template)).collect()
        }
        _ => vec![parse(entry, signature, template)],
    }
}

fn parse(entry: &'static Entry, signature: &str, template: Template) -> Function {
    let (left, result) = signature.split_once("->").unwrap_or((signature, "text"));
    let (fixed, repeated) = left.split_once('|').unwrap_or((left, ""));
    let mut class: &'static [SoqlType] = &[SoqlType::Text];
    let mut slot = |word: &str| match types::class(word) {
        Some(types) => {
            class = types;
            Slot::Variable
        }
        None => Slot::Type(SoqlType::of_soql_name(word).unwrap_or(SoqlType::Text)),
    };
    let parameters = fixed.split_whitespace().map(&mut slot).collect();
    let repeated = repeated.split_whitespace().map(&mut slot).collect();
    let result = slot(result.trim());
    Function {
        name: entry.name,
        kind: entry.kind,
        parameters,
        repeated,
        class,
        result,
        template,
        integer: entry.integer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_signature_is_a_type_or_a_class() {
        for entry in table::all() {
            for (signature, _) in entry.overloads {
                for word in signature.split(|c: char| c.is_whitespace() || c == '|' || c == '-' || c == '>') {
                    let base = word.strip_suffix('2').unwrap_or(word);
                    let known = word.is_empty()
                        || types::class(base).is_some()
                        || SoqlType::of_soql_name(word).is_some();
                    assert!(known, "{}: {word}", entry.name);
                }
            }
            assert!(!entry.doc.is_empty() && !entry.example.is_empty(), "{} is not described", entry.name);
        }
    }

    /// What compares says by which collation; SQLite would else take one from anywhere below.
    #[test]
    fn every_comparison_in_sql_writes_its_collation() {
        const COMPARE: [&str; 10] =
            ["=", "<", ">", " IN ", " BETWEEN ", "DISTINCT", "nullif(", "min(", "max(", "instr("];
        for entry in table::all() {
            for (signature, template) in entry.overloads {
                let Template::Pieces(pieces) = template else { continue };
                let has = |words: &[&str]| {
                    let in_sql = |sql: &str| words.iter().any(|word| sql.contains(word));
                    pieces.iter().any(|piece| matches!(piece, Piece::Sql(sql) if in_sql(sql)))
                };
                let collated = pieces.iter().any(|piece| matches!(piece, Piece::Compared(_)));
                // What is kept as a number needs none.
                let texts = !signature.starts_with("boolean") && !signature.starts_with("double");
                let written = collated || has(&["COLLATE"]);
                assert!(!(has(&COMPARE) && texts) || written, "{}: {pieces:?}", entry.name);
            }
        }
    }

    #[test]
    fn templates_name_only_arguments_that_their_signatures_have() {
        for entry in table::all() {
            for function in overloads(entry.name) {
                let Template::Pieces(pieces) = function.template else { continue };
                for piece in pieces {
                    let place = match *piece {
                        Piece::Sql(_) => continue,
                        Piece::Value(at) | Piece::Compared(at) | Piece::Text(at) | Piece::TypeName(at) => at,
                        Piece::Arguments(at) | Piece::Items(at) | Piece::UpperItems(at) => at,
                    };
                    assert!(place < function.parameters.len(), "{}: {piece:?}", entry.name);
                }
            }
        }
    }

    #[test]
    fn variadic_functions_take_whole_groups_only() {
        let case = &overloads("case")[0];
        assert!(case.takes(2) && case.takes(4) && !case.takes(3) && !case.takes(0));
        assert_eq!(case.parameter(2), Some(Slot::Type(SoqlType::Boolean)));
    }
}
