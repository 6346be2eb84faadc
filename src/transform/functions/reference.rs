//! The table of functions for people and for completion.

use super::{Class, Evidence, FUNCTIONS, Function, Work};
use serde_json::{Value, json};

/// What a word of a signature stands for.
fn word(word: &str) -> &str {
    match word {
        "a" | "b" => "any",
        "o" => "text|number|checkbox|calendar_date|date",
        "g" => "geometry",
        "p" => "polygon|multipolygon",
        "l" => "line|multiline",
        "s" => "line|multiline|polygon|multipolygon",
        "d" => "calendar_date|date",
        other => other,
    }
}

/// `text, number -> text`, with variables in words.
fn signature(source: &str) -> String {
    let (left, result) = source.split_once("->").unwrap_or((source, ""));
    let (fixed, repeated) = left.split_once('|').unwrap_or((left, ""));
    let words = |part: &str| part.split_whitespace().map(word).collect::<Vec<_>>().join(", ");
    let repeated = match repeated.trim() {
        "" => String::new(),
        repeated => format!(" [, {} …]", words(repeated)),
    };
    format!("{}{repeated} -> {}", words(fixed), word(result.trim())).trim_start().to_owned()
}

/// How a function is written: an operator's form, or name and parameters.
fn form(function: &Function) -> String {
    if !function.form.is_empty() {
        return function.form.to_owned();
    }
    let first = function.overloads.first().map_or_else(String::new, |(source, _)| signature(source));
    let parameters = first.rsplit_once("->").map_or("", |(parameters, _)| parameters.trim());
    format!("{}({parameters})", function.name)
}

fn class(class: Class) -> &'static str {
    match class {
        Class::Plain => "plain",
        Class::Geometry => "geometry",
        Class::Projection => "projection",
        Class::Outside => "outside",
    }
}

fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Documented => "documented",
        Evidence::Ours => "ours",
    }
}

/// Whether it is computed at all, be it from data that a seed provides.
fn is_emulated(function: &Function) -> bool {
    function.overloads.iter().any(|(_, work)| !matches!(work, Work::Refused))
}

/// The whole table as JSON: `{"functions": [{"name", "form", "subject", "class", "signatures", "doc", "example",
/// "evidence", "emulated", "completes"}]}`. Functions of the class `outside` answer from a seed's data.
pub fn as_json() -> Value {
    let one = |subject: &str, function: &Function| {
        let signatures: Vec<String> =
            function.overloads.iter().map(|(source, _)| signature(source)).collect();
        json!({
            "name": function.name,
            "form": form(function),
            "subject": subject,
            "class": class(function.class),
            "signatures": signatures,
            "doc": function.doc,
            "example": function.example,
            "evidence": evidence(function.evidence),
            "emulated": is_emulated(function),
            "completes": function.form.is_empty(),
        })
    };
    let functions: Vec<Value> = FUNCTIONS
        .iter()
        .flat_map(|(subject, functions)| functions.iter().map(move |function| one(subject, function)))
        .collect();
    json!({ "functions": functions })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_names_every_function_with_its_signatures_in_words() {
        let reference = as_json();
        let functions = reference["functions"].as_array().unwrap();
        assert_eq!(functions.len(), super::super::all().count());
        let of = |name: &str| functions.iter().find(|function| function["name"] == name).unwrap();
        assert_eq!(of("slice")["form"], "slice(text, number, number)");
        assert_eq!(of("case")["signatures"][0], "checkbox, any [, checkbox, any …] -> any");
        assert_eq!(of("source_created_at")["form"], "source_created_at()");
        assert_eq!(of("#BETWEEN")["form"], "a BETWEEN b AND c");
        assert_eq!((&of("geocode")["emulated"], &of("geocode")["class"]), (&json!(true), &json!("outside")));
        assert_eq!(of("geocode_esri")["emulated"], json!(false));
    }
}
