//! Which overload of a function a call means. Types are strict: none is converted, null has any.

use super::compile_error::CompileErrorKind;
use super::functions::{Overload, Slot, all, class, overloads};
use crate::soda::{SoqlType, nearest};

/// The overload of a call, with the types of its arguments and its result.
pub struct Chosen {
    /// Which one.
    pub overload: &'static Overload,
    /// The types of the arguments, those of nulls as the overload wants them.
    pub types: Vec<SoqlType>,
    /// The type of the result; none when it has any, as `error(…)`.
    pub result: Option<SoqlType>,
}

/// Whether no function has this name.
pub fn is_unknown(name: &str) -> bool {
    overloads(name).is_empty()
}

/// A question for the name that a misspelt one was probably meant to be.
pub fn similar(name: &str) -> Option<String> {
    let named = all().map(|function| function.name).filter(|name| !name.starts_with('#'));
    nearest(name, named).map(|near| format!("Did you mean {near}?"))
}

/// The first overload that takes arguments of these types.
pub fn choose(name: &str, types: &[Option<SoqlType>]) -> Result<Chosen, (CompileErrorKind, String, String)> {
    let all = overloads(name);
    if let Some(chosen) = all.iter().find_map(|overload| fit(overload, types)) {
        return Ok(chosen);
    }
    let given: Vec<&str> = types.iter().map(|t| t.map_or("null", SoqlType::data_type_name)).collect();
    let message = if all.iter().any(|overload| overload.takes(types.len())) {
        format!("{name} does not take ({})", given.join(", "))
    } else {
        format!("{name} does not take {} arguments", types.len())
    };
    let signatures: Vec<String> = all.iter().map(Overload::printed).collect();
    Err((CompileErrorKind::TypeMismatch, message, format!("It is {}", signatures.join("; "))))
}

fn fit(overload: &'static Overload, types: &[Option<SoqlType>]) -> Option<Chosen> {
    if !overload.takes(types.len()) {
        return None;
    }
    let mut bound: Vec<(char, SoqlType)> = Vec::new();
    for (at, given) in types.iter().enumerate() {
        let Some(given) = *given else { continue };
        match overload.parameter(at)? {
            Slot::Type(wanted) if wanted != given => return None,
            Slot::Type(_) => {}
            // Each argument of `||` has a type of its own.
            Slot::Variable('b') => {}
            Slot::Variable(variable) => match bound.iter().find(|(other, _)| *other == variable) {
                Some((_, type_of)) if *type_of != given => return None,
                Some(_) => {}
                None if class(variable).is_some_and(|types| !types.contains(&given)) => return None,
                None => bound.push((variable, given)),
            },
        }
    }
    let meaning = |slot: Slot| match slot {
        Slot::Type(soql_type) => Some(soql_type),
        Slot::Variable(variable) => {
            let found = bound.iter().find(|(other, _)| *other == variable).map(|(_, soql_type)| *soql_type);
            // A null in the place of a geometry is one of the first type that it could be.
            found.or_else(|| class(variable).and_then(|types| types.first().copied()))
        }
    };
    let types = types
        .iter()
        .enumerate()
        .map(|(at, given)| {
            given.or_else(|| overload.parameter(at).and_then(meaning)).unwrap_or(SoqlType::Text)
        })
        .collect();
    Some(Chosen { overload, types, result: meaning(overload.result) })
}
