//! The functions and operators of transforms: one table that the compiler, the reference page and completion
//! share. The set is that of the developer site's pages and of the older OpenAPI document (both documented).

mod address;
mod call;
mod choose;
mod compare;
mod convert;
mod format;
mod geometry;
mod json;
mod json_path;
mod measure;
mod moment;
mod number;
mod outside;
mod pattern;
mod projection;
mod random;
pub mod reference;
mod shapes;
mod signature;
mod text;
mod time;
mod web;
mod xml;

pub use call::{Call, Prepared, Run};
pub use projection::is_projection;
pub use shapes::{finished, projection_of, with_projection};
pub use signature::{Overload, Slot, class, overloads};

use crate::transform::Surroundings;

/// What a function needs to be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Its arguments.
    Plain,
    /// Its arguments, some of which are geometries.
    Geometry,
    /// Definitions of projections.
    Projection,
    /// Data of the world, which a seed provides.
    Outside,
}

/// Where a function is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The vendor's documentation.
    Documented,
    /// Nowhere: it fits all clients, but there is no source to cite.
    Ours,
}

/// Functions that compute only the arguments that they need, or that go on after an error in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lazy {
    /// False as soon as one side is.
    And,
    /// True as soon as one side is.
    Or,
    /// The value behind the first test that is true.
    Case,
    /// The first value that is not null.
    Coalesce,
    /// The first value, or the second when that is an error.
    Forgive,
}

/// How an overload is computed.
#[derive(Clone, Copy, Debug)]
pub enum Work {
    /// From its values; null when one is null.
    Strict(Run),
    /// From its values, nulls among them.
    Open(Run),
    /// As `Strict`; the text argument at this place is read once when it is a constant.
    Prepared(usize, fn(&str) -> Result<Prepared, String>, Run),
    /// From arguments that are computed when they are needed.
    Lazy(Lazy),
    /// Not at all: it is refused by name.
    Refused,
}

/// One name of the table with its overloads.
///
/// A signature is written as types and variables; what stands behind `|` may repeat. A variable stands for one
/// type wherever it occurs: `a`, `b` any, `o` one with an order, `g` a geometry, `p` a polygon or multipolygon,
/// `l` a line or multiline, `s` a line, a polygon or one of their multiples, `d` a date of either kind.
#[derive(Debug)]
pub struct Function {
    /// The name in calls and in `parsed_expr`: `upper`, `+`, `#BETWEEN`.
    pub name: &'static str,
    /// How an operator is written; empty for a function.
    pub form: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// An expression that shows it.
    pub example: &'static str,
    /// What it needs.
    pub class: Class,
    /// Where it is known from.
    pub evidence: Evidence,
    /// Signatures and how they are computed.
    pub overloads: &'static [(&'static str, Work)],
    /// For a function of the class `Outside`: whether the data is there.
    pub needs: Option<fn(&Surroundings) -> bool>,
}

const fn entry(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    overloads: &'static [(&'static str, Work)],
) -> Function {
    Function {
        name,
        form: "",
        doc,
        example,
        class: Class::Plain,
        evidence: Evidence::Documented,
        overloads,
        needs: None,
    }
}

const fn operator(
    name: &'static str,
    form: &'static str,
    doc: &'static str,
    example: &'static str,
    overloads: &'static [(&'static str, Work)],
) -> Function {
    Function { form, ..entry(name, doc, example, overloads) }
}

const fn ours(function: Function) -> Function {
    Function { evidence: Evidence::Ours, ..function }
}

const fn geometry(function: Function) -> Function {
    Function { class: Class::Geometry, ..function }
}

/// The subjects in the order in which people read them.
pub const FUNCTIONS: [(&str, &[Function]); 14] = [
    ("Comparison and logic", compare::TABLE),
    ("Choices and errors", choose::TABLE),
    ("Numbers", number::TABLE),
    ("Random numbers", random::TABLE),
    ("Conversion", convert::TABLE),
    ("Text", text::TABLE),
    ("Regular expressions", pattern::TABLE),
    ("Links, mail and hashes", web::TABLE),
    ("Time", time::TABLE),
    ("JSON and XML", json::TABLE),
    ("Addresses and locations", address::TABLE),
    ("Geometry", geometry::TABLE),
    ("Projections", projection::TABLE),
    ("The world outside", outside::TABLE),
];

/// Every function.
pub fn all() -> impl Iterator<Item = &'static Function> {
    FUNCTIONS.iter().flat_map(|(_, functions)| functions.iter())
}
