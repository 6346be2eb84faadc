//! The names in the table of what is written as an operator.

use crate::soda::SoqlType;

/// `a::type`: the cast is named for the type's name in metadata.
pub fn of_cast(name: &str) -> String {
    let name = name.to_lowercase();
    let known = SoqlType::of_data_type_name(&name).map(SoqlType::data_type_name);
    format!("cast_to_{}", known.unwrap_or(&name))
}

/// `a IS [NOT] NULL`.
pub fn of_null_test(negated: bool) -> &'static str {
    if negated { "#IS_NOT_NULL" } else { "#IS_NULL" }
}

/// `a [NOT] BETWEEN b AND c`.
pub fn of_between(negated: bool) -> &'static str {
    if negated { "#NOT_BETWEEN" } else { "#BETWEEN" }
}

/// `a [NOT] IN (…)`.
pub fn of_in(negated: bool) -> &'static str {
    if negated { "#NOT_IN" } else { "#IN" }
}

/// `a [NOT] LIKE b`.
pub fn of_like(negated: bool) -> &'static str {
    if negated { "#NOT_LIKE" } else { "#LIKE" }
}

/// `a.field`: fields are named for the type that has them.
pub fn of_field(soql_type: SoqlType, field: &str) -> String {
    match soql_type {
        SoqlType::Json => "json_field".to_owned(),
        other => format!("{}_{}", other.name(), field.to_lowercase()),
    }
}
