//! Which overload a call means (source: the published reference's `Typechecker`).

use super::compile_error::CompileError;
use super::error::SoqlError;
use super::functions::{Function, PREFERENCE, Slot, overloads};
use super::literal::Candidate;
use super::typed::{Node, Typed};
use crate::soda::SoqlType;

/// A call before its overload is chosen.
pub struct Call<'a> {
    /// The name that functions are found by, folded.
    pub name: &'a str,
    /// The name in errors.
    pub shown: &'a str,
    /// Readings of each argument.
    pub arguments: &'a [Vec<Candidate>],
    /// Where an error about the function points.
    pub at: usize,
}

/// All meanings of a call, one for each result type, the one with the fewest conversions.
pub fn resolve(call: &Call<'_>, source: &str) -> Result<Vec<Candidate>, SoqlError> {
    let count = call.arguments.len();
    let fitting: Vec<&'static Function> = overloads(call.name).iter().filter(|f| f.takes(count)).collect();
    if fitting.is_empty() {
        return Err(no_such_function(call, source));
    }
    let mut found: Vec<Candidate> = Vec::new();
    let mut furthest = 0;
    for function in fitting {
        for (index, variable) in function.class.iter().enumerate() {
            if index > 0 && !function.is_generic() {
                break;
            }
            match arguments(call, function, *variable) {
                Ok((arguments, cost)) => {
                    keep(&mut found, candidate(call, function, *variable, arguments, cost))
                }
                Err(failed) => furthest = furthest.max(failed),
            }
        }
    }
    if found.is_empty() { Err(mismatch(call, furthest, source)) } else { Ok(found) }
}

fn type_of(slot: Slot, variable: SoqlType) -> SoqlType {
    match slot {
        Slot::Type(soql_type) => soql_type,
        Slot::Variable => variable,
    }
}

/// The reading of every argument that fits, or the index of the first that does not.
fn arguments(call: &Call<'_>, function: &Function, variable: SoqlType) -> Result<(Vec<Typed>, usize), usize> {
    let (mut chosen, mut cost) = (Vec::with_capacity(call.arguments.len()), 0);
    for (index, readings) in call.arguments.iter().enumerate() {
        let wanted = type_of(function.parameter(index).ok_or(index)?, variable);
        let reading = readings.iter().find(|c| c.typed.soql_type == wanted).ok_or(index)?;
        cost += reading.cost;
        chosen.push(reading.typed.clone());
    }
    Ok((chosen, cost))
}

fn candidate(
    call: &Call<'_>,
    function: &'static Function,
    variable: SoqlType,
    arguments: Vec<Typed>,
    cost: usize,
) -> Candidate {
    let soql_type = type_of(function.result, variable);
    let node = Node::Call { function, arguments, filter: None, window: None };
    Candidate { typed: Typed { node, soql_type, at: call.at }, cost }
}

/// Keeps the cheaper of two with the same type; the earlier one when they are equal.
fn keep(found: &mut Vec<Candidate>, new: Candidate) {
    match found.iter_mut().find(|c| c.typed.soql_type == new.typed.soql_type) {
        Some(old) if new.cost < old.cost => *old = new,
        Some(_) => {}
        None => found.push(new),
    }
}

/// The reading that is taken when nothing else decides.
pub fn preferred(readings: &[Candidate]) -> Option<&Candidate> {
    let rank = |t: SoqlType| PREFERENCE.iter().position(|p| *p == t).unwrap_or(PREFERENCE.len());
    readings.iter().min_by_key(|c| (c.cost, rank(c.typed.soql_type)))
}

fn no_such_function(call: &Call<'_>, source: &str) -> SoqlError {
    let function = call.shown.to_owned();
    CompileError::NoSuchFunction { function, arity: call.arguments.len() }.at(source, call.at)
}

fn mismatch(call: &Call<'_>, index: usize, source: &str) -> SoqlError {
    let argument = call.arguments.get(index).and_then(|readings| preferred(readings));
    let (soql_type, at) = argument.map_or((SoqlType::Text, call.at), |c| (c.typed.soql_type, c.typed.at));
    CompileError::TypeMismatch { function: call.shown.to_owned(), soql_type }.at(source, at)
}
