//! Signatures of the table as types, and the overloads of a name.

use super::{Function, Work, all};
use crate::soda::SoqlType;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A parameter or a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// This type.
    Type(SoqlType),
    /// What the variable stands for.
    Variable(char),
}

/// One overload of a function.
#[derive(Debug)]
pub struct Overload {
    /// The function.
    pub function: &'static Function,
    /// The signature as written.
    pub signature: &'static str,
    /// The fixed parameters.
    pub parameters: Vec<Slot>,
    /// The parameters that may repeat.
    pub repeated: Vec<Slot>,
    /// The result.
    pub result: Slot,
    /// How it is computed.
    pub work: Work,
}

/// The types that a variable may stand for; `None` for any.
pub fn class(variable: char) -> Option<&'static [SoqlType]> {
    use SoqlType::{
        Boolean, FixedTimestamp, FloatingTimestamp, Line, MultiLine, MultiPoint, MultiPolygon, Number, Point,
        Polygon, Text,
    };
    match variable {
        'o' => Some(&[Text, Number, Boolean, FloatingTimestamp, FixedTimestamp]),
        'g' => Some(&[Point, MultiPoint, Line, MultiLine, Polygon, MultiPolygon]),
        'p' => Some(&[Polygon, MultiPolygon]),
        'l' => Some(&[Line, MultiLine]),
        's' => Some(&[Line, MultiLine, Polygon, MultiPolygon]),
        'd' => Some(&[FloatingTimestamp, FixedTimestamp]),
        _ => None,
    }
}

impl Overload {
    /// The parameter at a place of so many arguments, if there may be so many.
    pub fn parameter(&self, at: usize) -> Option<Slot> {
        match at.checked_sub(self.parameters.len()) {
            None => self.parameters.get(at).copied(),
            Some(_) if self.repeated.is_empty() => None,
            Some(surplus) => self.repeated.get(surplus % self.repeated.len()).copied(),
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

    /// The signature for people.
    pub fn printed(&self) -> String {
        let words = self.signature.replace(" |", " …");
        match words.split_once("->") {
            Some((left, right)) => format!("{}({}) -> {}", self.function.name, left.trim(), right.trim()),
            None => words,
        }
    }
}

static OVERLOADS: LazyLock<HashMap<&'static str, Vec<Overload>>> = LazyLock::new(|| {
    let mut map: HashMap<&'static str, Vec<Overload>> = HashMap::new();
    for function in all() {
        for (signature, work) in function.overloads {
            map.entry(function.name).or_default().push(parse(function, signature, *work));
        }
    }
    map
});

/// The overloads of a name, which is in lower case unless it is an operator's.
pub fn overloads(name: &str) -> &'static [Overload] {
    OVERLOADS.get(name).map_or(&[], Vec::as_slice)
}

fn slot(word: &str) -> Slot {
    let mut letters = word.chars();
    match (letters.next(), letters.next()) {
        (Some(variable), None) => Slot::Variable(variable),
        _ => Slot::Type(SoqlType::of_data_type_name(word).unwrap_or(SoqlType::Text)),
    }
}

fn parse(function: &'static Function, signature: &'static str, work: Work) -> Overload {
    let (left, result) = signature.split_once("->").unwrap_or((signature, "text"));
    let (fixed, repeated) = left.split_once('|').unwrap_or((left, ""));
    let slots = |words: &str| words.split_whitespace().map(slot).collect();
    Overload {
        function,
        signature,
        parameters: slots(fixed),
        repeated: slots(repeated),
        result: slot(result.trim()),
        work,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_signature_is_a_type_or_a_variable() {
        for function in all() {
            for (signature, _) in function.overloads {
                for word in signature.split(|c: char| c.is_whitespace() || "|->".contains(c)) {
                    let known = word.is_empty()
                        || (word.len() == 1
                            && (matches!(word, "a" | "b") || class(slot_letter(word)).is_some()))
                        || SoqlType::of_data_type_name(word).is_some();
                    assert!(known, "{}: {word}", function.name);
                }
            }
            assert!(!function.doc.is_empty() && !function.example.is_empty(), "{}", function.name);
        }
    }

    fn slot_letter(word: &str) -> char {
        word.chars().next().unwrap_or(' ')
    }

    #[test]
    fn names_are_there_once() {
        let mut names: Vec<&str> = all().map(|function| function.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(count >= 146, "{count}");
    }
}
