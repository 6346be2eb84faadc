//! The functions and operators of SoQL: names, signatures and their SQL.
//!
//! A signature is written as types and class variables; what stands behind `|` may repeat. The
//! set is that of `SoQLFunctions.scala` (source), the documented ones being those of the developer
//! site's function pages.

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
    /// The SQL: `{0}` an argument, `{0#}` one that is compared, `{0~}` its text, `{,}` all, `{0?}`
    /// its type's name.
    pub sql: &'static str,
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
}

use SoqlType::{
    Blob, Boolean, Datestamp, Document, Double, FixedTimestamp, FloatingTimestamp, Interval, Json, Line,
    Location, MultiLine, MultiPoint, MultiPolygon, Number, Phone, Photo, Point, Polygon, RowIdentifier,
    RowVersion, Text, Time, Url,
};

/// All types in the order of preference among overloads.
pub const PREFERENCE: [SoqlType; 24] = [
    Text,
    Number,
    Double,
    Boolean,
    FixedTimestamp,
    FloatingTimestamp,
    Datestamp,
    Time,
    Interval,
    Point,
    MultiPoint,
    Line,
    MultiLine,
    Polygon,
    MultiPolygon,
    Location,
    Url,
    RowIdentifier,
    RowVersion,
    Json,
    Document,
    Photo,
    Blob,
    Phone,
];
/// Types that have an order.
pub const ORDERED: &[SoqlType] = &[
    Text,
    Number,
    Double,
    Boolean,
    FixedTimestamp,
    FloatingTimestamp,
    Datestamp,
    Time,
    Url,
    RowIdentifier,
    RowVersion,
];
/// Types that can be told equal, and so grouped by.
pub const EQUATABLE: &[SoqlType] = &[
    Text,
    Number,
    Double,
    Boolean,
    FixedTimestamp,
    FloatingTimestamp,
    Datestamp,
    Time,
    Point,
    MultiPoint,
    Line,
    MultiLine,
    Polygon,
    MultiPolygon,
    Location,
    Url,
    RowIdentifier,
    RowVersion,
    Json,
    Photo,
    Blob,
];
const NUMERIC: &[SoqlType] = &[Number, Double];
const TIMESTAMP: &[SoqlType] = &[FixedTimestamp, FloatingTimestamp];
const GEOMETRY: &[SoqlType] = &[Point, MultiPoint, Line, MultiLine, Polygon, MultiPolygon];
const GEOMETRY_OR_LOCATION: &[SoqlType] =
    &[Point, MultiPoint, Line, MultiLine, Polygon, MultiPolygon, Location];
const MINMAX: &[SoqlType] = &[
    Text,
    Number,
    Double,
    FixedTimestamp,
    FloatingTimestamp,
    Datestamp,
    Time,
    Url,
    RowIdentifier,
    RowVersion,
];
const PRINTABLE: &[SoqlType] = &[
    Text,
    Number,
    Double,
    Boolean,
    FixedTimestamp,
    FloatingTimestamp,
    Datestamp,
    Time,
    Interval,
    Point,
    MultiPoint,
    Line,
    MultiLine,
    Polygon,
    MultiPolygon,
    Location,
    Url,
    Json,
    Document,
    Photo,
    Blob,
    Phone,
];
const TEXT_CAST: &[SoqlType] =
    &[Number, Boolean, FixedTimestamp, FloatingTimestamp, Datestamp, Time, Interval, Json];

/// A class variable's letter and its types.
const CLASSES: [(&str, &[SoqlType]); 11] = [
    ("A", &PREFERENCE),
    ("O", ORDERED),
    ("E", EQUATABLE),
    ("N", NUMERIC),
    ("T", TIMESTAMP),
    ("G", GEOMETRY),
    ("L", GEOMETRY_OR_LOCATION),
    ("M", MINMAX),
    ("P", PRINTABLE),
    ("C", TEXT_CAST),
    ("B", &[Boolean]),
];

/// Scalar functions: name, signature, SQL.
const SCALARS: &[(&str, &str, &str)] = &[
    ("op$=", "E E -> boolean", "({0#}={1})"),
    ("op$==", "E E -> boolean", "({0#}={1})"),
    ("op$!=", "E E -> boolean", "({0#}<>{1})"),
    ("op$<>", "E E -> boolean", "({0#}<>{1})"),
    ("op$<", "O O -> boolean", "({0#}<{1})"),
    ("op$<=", "O O -> boolean", "({0#}<={1})"),
    ("op$>", "O O -> boolean", "({0#}>{1})"),
    ("op$>=", "O O -> boolean", "({0#}>={1})"),
    ("op$AND", "boolean boolean -> boolean", "({0} AND {1})"),
    ("op$OR", "boolean boolean -> boolean", "({0} OR {1})"),
    ("op$NOT", "boolean -> boolean", "(NOT {0})"),
    ("#IS_NULL", "A -> boolean", "({0} IS NULL)"),
    ("#IS_NOT_NULL", "A -> boolean", "({0} IS NOT NULL)"),
    ("#BETWEEN", "O O O -> boolean", "({0#} BETWEEN {1} AND {2})"),
    ("#NOT_BETWEEN", "O O O -> boolean", "({0#} NOT BETWEEN {1} AND {2})"),
    ("#IN", "A A | A -> boolean", "({0#} IN ({1,}))"),
    ("#NOT_IN", "A A | A -> boolean", "({0#} NOT IN ({1,}))"),
    ("#LIKE", "text text -> boolean", "soql_like({0},{1})"),
    ("#NOT_LIKE", "text text -> boolean", "(NOT soql_like({0},{1}))"),
    ("case", "boolean A | boolean A -> A", "{case}"),
    ("coalesce", "A | A -> A", "coalesce({,},NULL)"),
    ("nullif", "E E -> E", "nullif({0#},{1})"),
    ("iif", "boolean A A -> A", "(CASE WHEN {0} THEN {1} ELSE {2} END)"),
    ("greatest", "O | O -> O", "soql_greatest('{0?}',{,})"),
    ("least", "O | O -> O", "soql_least('{0?}',{,})"),
    ("caseless_eq", "text text -> boolean", "(soql_upper({0})=soql_upper({1}))"),
    ("caseless_ne", "text text -> boolean", "(soql_upper({0})<>soql_upper({1}))"),
    ("caseless_contains", "text text -> boolean", "(instr(soql_upper({0}),soql_upper({1}))>0)"),
    ("caseless_starts_with", "text text -> boolean", "soql_starts_with(soql_upper({0}),soql_upper({1}))"),
    ("caseless_one_of", "text text | text -> boolean", "(soql_upper({0}) IN ({1^}))"),
    ("caseless_not_one_of", "text text | text -> boolean", "(soql_upper({0}) NOT IN ({1^}))"),
    ("get_context", "text -> text", "CASE {0} WHEN NULL THEN '' END"),
    ("op$||", "P P -> text", "({0~}||{1~})"),
    ("upper", "text -> text", "soql_upper({0})"),
    ("lower", "text -> text", "soql_lower({0})"),
    ("starts_with", "text text -> boolean", "soql_starts_with({0},{1})"),
    ("contains", "text text -> boolean", "(instr({0},{1})>0)"),
    ("unaccent", "text -> text", "soql_unaccent({0})"),
    ("length", "text -> number", "CAST(length({0}) AS TEXT)"),
    ("substring", "text number -> text", "soql_substring({0},{1})"),
    ("substring", "text number number -> text", "soql_substring({0},{1},{2})"),
    ("replace", "text text text -> text", "replace({0},{1},{2})"),
    ("trim", "text -> text", "trim({0})"),
    ("trim_leading", "text -> text", "ltrim({0})"),
    ("trim_trailing", "text -> text", "rtrim({0})"),
    ("split_part", "text text number -> text", "soql_split_part({0},{1},{2})"),
    ("left_pad", "text number text -> text", "soql_left_pad({0},{1},{2})"),
    ("right_pad", "text number text -> text", "soql_right_pad({0},{1},{2})"),
    ("chr", "number -> text", "soql_chr({0})"),
    ("op$+", "number number -> number", "soql_add({0},{1})"),
    ("op$-", "number number -> number", "soql_subtract({0},{1})"),
    ("op$*", "number number -> number", "soql_multiply({0},{1})"),
    ("op$/", "number number -> number", "soql_divide({0},{1})"),
    ("op$%", "number number -> number", "soql_modulo({0},{1})"),
    ("op$^", "number number -> number", "soql_power({0},{1})"),
    ("op$+", "double double -> double", "({0}+{1})"),
    ("op$-", "double double -> double", "({0}-{1})"),
    ("op$*", "double double -> double", "({0}*{1})"),
    ("op$/", "double double -> double", "soql_double_divide({0},{1})"),
    ("op$%", "double double -> double", "soql_double_modulo({0},{1})"),
    ("op$^", "double double -> double", "soql_double_power({0},{1})"),
    ("unary$-", "number -> number", "soql_negate({0})"),
    ("unary$-", "double -> double", "(-{0})"),
    ("unary$+", "N -> N", "{0}"),
    ("abs", "number -> number", "soql_abs({0})"),
    ("abs", "double -> double", "abs({0})"),
    ("ceil", "number -> number", "soql_ceil({0})"),
    ("floor", "number -> number", "soql_floor({0})"),
    ("ceil", "double -> double", "soql_double_ceil({0})"),
    ("floor", "double -> double", "soql_double_floor({0})"),
    ("round", "number number -> number", "soql_round({0},{1})"),
    ("ln", "number -> number", "soql_ln({0})"),
    ("width_bucket", "number number number number -> number", "soql_width_bucket({0},{1},{2},{3})"),
    ("signed_magnitude_10", "number -> number", "soql_signed_magnitude_10({0})"),
    ("signed_magnitude_linear", "number number -> number", "soql_signed_magnitude_linear({0},{1})"),
    ("date_trunc_y", "floating_timestamp -> floating_timestamp", "soql_trunc('y',{0})"),
    ("date_trunc_ym", "floating_timestamp -> floating_timestamp", "soql_trunc('ym',{0})"),
    ("date_trunc_ymd", "floating_timestamp -> floating_timestamp", "soql_trunc('ymd',{0})"),
    ("date_trunc_y", "fixed_timestamp text -> floating_timestamp", "soql_trunc('y',soql_in_zone({0},{1}))"),
    ("date_trunc_ym", "fixed_timestamp text -> floating_timestamp", "soql_trunc('ym',soql_in_zone({0},{1}))"),
    (
        "date_trunc_ymd",
        "fixed_timestamp text -> floating_timestamp",
        "soql_trunc('ymd',soql_in_zone({0},{1}))",
    ),
    ("datez_trunc_y", "fixed_timestamp -> fixed_timestamp", "soql_trunc('y',{0})"),
    ("datez_trunc_ym", "fixed_timestamp -> fixed_timestamp", "soql_trunc('ym',{0})"),
    ("datez_trunc_ymd", "fixed_timestamp -> fixed_timestamp", "soql_trunc('ymd',{0})"),
    ("date_extract_y", "floating_timestamp -> number", "soql_extract('y',{0})"),
    ("date_extract_m", "floating_timestamp -> number", "soql_extract('m',{0})"),
    ("date_extract_d", "floating_timestamp -> number", "soql_extract('d',{0})"),
    ("date_extract_hh", "floating_timestamp -> number", "soql_extract('hh',{0})"),
    ("date_extract_mm", "floating_timestamp -> number", "soql_extract('mm',{0})"),
    ("date_extract_ss", "floating_timestamp -> number", "soql_extract('ss',{0})"),
    ("date_extract_dow", "floating_timestamp -> number", "soql_extract('dow',{0})"),
    ("date_extract_woy", "floating_timestamp -> number", "soql_extract('woy',{0})"),
    ("date_extract_iso_y", "floating_timestamp -> number", "soql_extract('iso_y',{0})"),
    ("floating_timestamp_year", "floating_timestamp -> number", "soql_extract('y',{0})"),
    ("floating_timestamp_month", "floating_timestamp -> number", "soql_extract('m',{0})"),
    ("floating_timestamp_day", "floating_timestamp -> number", "soql_extract('d',{0})"),
    ("floating_timestamp_hour", "floating_timestamp -> number", "soql_extract('hh',{0})"),
    ("floating_timestamp_minute", "floating_timestamp -> number", "soql_extract('mm',{0})"),
    ("floating_timestamp_second", "floating_timestamp -> number", "soql_extract('ss',{0})"),
    ("floating_timestamp_dow", "floating_timestamp -> number", "soql_extract('dow',{0})"),
    ("floating_timestamp_woy", "floating_timestamp -> number", "soql_extract('woy',{0})"),
    ("floating_timestamp_isoyear", "floating_timestamp -> number", "soql_extract('iso_y',{0})"),
    (
        "floating_timestamp_date",
        "floating_timestamp -> datestamp",
        "substr(soql_text('floating_timestamp',{0}),1,10)",
    ),
    (
        "floating_timestamp_time",
        "floating_timestamp -> time",
        "substr(soql_text('floating_timestamp',{0}),12)",
    ),
    ("to_floating_timestamp", "fixed_timestamp text -> floating_timestamp", "soql_in_zone({0},{1})"),
    ("date_diff_d", "T T -> number", "CAST(({0}-{1})/86400000 AS TEXT)"),
    (
        "date_diff_business_days",
        "floating_timestamp floating_timestamp -> number",
        "soql_business_days({0},{1})",
    ),
    (
        "date_diff_business_days",
        "fixed_timestamp fixed_timestamp text -> number",
        "soql_business_days(soql_in_zone({0},{2}),soql_in_zone({1},{2}))",
    ),
    ("date_add", "T interval -> T", "soql_date_add({0},{1},1)"),
    ("op$+", "T interval -> T", "soql_date_add({0},{1},1)"),
    ("op$-", "T interval -> T", "soql_date_add({0},{1},-1)"),
    ("epoch_seconds", "fixed_timestamp -> number", "soql_epoch_seconds({0})"),
    ("get_utc_date", "-> fixed_timestamp", "{now}"),
    ("cast$text", "text -> text", "{0}"),
    ("cast$text", "number -> text", "{0}"),
    ("cast$text", "boolean -> text", "{0~}"),
    ("cast$text", "fixed_timestamp -> text", "{0~}"),
    ("cast$text", "floating_timestamp -> text", "{0~}"),
    ("cast$text", "datestamp -> text", "{0}"),
    ("cast$text", "time -> text", "{0}"),
    ("cast$text", "interval -> text", "{0}"),
    ("cast$text", "json -> text", "{0}"),
    ("cast$text", "double -> text", "{0~}"),
    ("cast$number", "number -> number", "{0}"),
    ("cast$number", "text -> number", "soql_cast('number',{0})"),
    ("cast$double", "double -> double", "{0}"),
    ("cast$double", "number -> double", "CAST({0} AS REAL)"),
    ("cast$boolean", "boolean -> boolean", "{0}"),
    ("cast$boolean", "text -> boolean", "soql_cast('boolean',{0})"),
    ("cast$fixed_timestamp", "fixed_timestamp -> fixed_timestamp", "{0}"),
    ("cast$fixed_timestamp", "text -> fixed_timestamp", "soql_cast('fixed_timestamp',{0})"),
    ("cast$floating_timestamp", "floating_timestamp -> floating_timestamp", "{0}"),
    ("cast$floating_timestamp", "text -> floating_timestamp", "soql_cast('floating_timestamp',{0})"),
    ("cast$datestamp", "text -> datestamp", "soql_cast('datestamp',{0})"),
    ("cast$time", "text -> time", "soql_cast('time',{0})"),
    ("cast$interval", "interval -> interval", "{0}"),
    ("cast$point", "point -> point", "{0}"),
    ("cast$point", "location -> point", "soql_location_point({0})"),
    ("cast$point", "text -> point", "soql_cast('point',{0})"),
    ("cast$multipoint", "text -> multipoint", "soql_cast('multipoint',{0})"),
    ("cast$line", "text -> line", "soql_cast('line',{0})"),
    ("cast$multiline", "text -> multiline", "soql_cast('multiline',{0})"),
    ("cast$polygon", "text -> polygon", "soql_cast('polygon',{0})"),
    ("cast$multipolygon", "text -> multipolygon", "soql_cast('multipolygon',{0})"),
    ("cast$json", "text -> json", "soql_cast('json',{0})"),
    ("cast$location", "text -> location", "soql_cast('location',{0})"),
    ("cast$url", "text -> url", "soql_cast('url',{0})"),
    ("cast$blob", "text -> blob", "{0}"),
    ("cast$photo", "text -> photo", "{0}"),
    ("url_url", "url -> text", "json_extract({0},'$.url')"),
    ("url_description", "url -> text", "json_extract({0},'$.description')"),
    ("url", "text text -> url", "soql_url({0},{1})"),
    ("phone_phone_number", "phone -> text", "json_extract({0},'$.phone_number')"),
    ("phone_phone_type", "phone -> text", "json_extract({0},'$.phone_type')"),
    ("document_filename", "document -> text", "json_extract({0},'$.filename')"),
    ("document_file_id", "document -> text", "json_extract({0},'$.file_id')"),
    ("document_content_type", "document -> text", "json_extract({0},'$.content_type')"),
    ("location_latitude", "location -> number", "json_extract({0},'$.latitude')"),
    ("location_longitude", "location -> number", "json_extract({0},'$.longitude')"),
    ("location_human_address", "location -> text", "json_extract({0},'$.human_address')"),
    ("point_latitude", "point -> number", "soql_coordinate({0},1)"),
    ("point_longitude", "point -> number", "soql_coordinate({0},0)"),
    ("human_address", "text text text text -> text", "soql_human_address({,})"),
    ("location", "point text text text text -> location", "soql_location({,})"),
    ("op$[]", "json text -> json", "soql_json_member({0},{1})"),
    ("op$[]", "json number -> json", "soql_json_member({0},{1})"),
    ("make_point", "number number -> point", "soql_make_point({0},{1})"),
    ("within_box", "L number number number number -> boolean", "soql_within_box({,})"),
    ("within_circle", "L number number number -> boolean", "soql_within_circle({,})"),
    ("within_polygon", "L G2 -> boolean", "soql_within({0},{1})"),
    ("intersects", "G G2 -> boolean", "soql_intersects({0},{1})"),
    ("distance_in_meters", "L G2 -> number", "soql_distance({0},{1})"),
    ("convex_hull", "G -> multipolygon", "soql_convex_hull({0})"),
    ("num_points", "G -> number", "soql_num_points({0})"),
    ("simplify", "G number -> G", "soql_simplify({0},{1})"),
    ("simplify_preserve_topology", "G number -> G", "soql_simplify_preserve({0},{1})"),
    ("snap_to_grid", "G number -> G", "soql_snap({0},{1})"),
    ("reduce_precision", "G number -> G", "soql_snap({0},{1})"),
    ("is_empty", "G -> boolean", "soql_is_empty({0})"),
];

/// Aggregates.
const AGGREGATES: &[(&str, &str, &str)] = &[
    ("count/*", "-> number", "count(*)"),
    ("count", "A -> number", "count({0})"),
    ("count_distinct", "E -> number", "count(DISTINCT {0#})"),
    ("sum", "number -> number", "soql_sum({0})"),
    ("avg", "number -> number", "soql_avg({0})"),
    ("sum", "double -> double", "sum({0})"),
    ("avg", "double -> double", "avg({0})"),
    ("min", "M -> M", "min({0#})"),
    ("max", "M -> M", "max({0#})"),
    ("stddev_pop", "number -> number", "soql_stddev_pop({0})"),
    ("stddev_samp", "number -> number", "soql_stddev_samp({0})"),
    ("regr_slope", "number number -> number", "soql_regr_slope({0},{1})"),
    ("regr_intercept", "number number -> number", "soql_regr_intercept({0},{1})"),
    ("regr_r2", "number number -> number", "soql_regr_r2({0},{1})"),
    ("median", "M -> M", "soql_median('{0?}',{0})"),
    ("bool_and", "boolean -> boolean", "min({0})"),
    ("bool_or", "boolean -> boolean", "max({0})"),
    ("extent", "G -> multipolygon", "soql_extent({0})"),
];

/// Window functions.
const WINDOWS: &[(&str, &str, &str)] = &[
    ("row_number", "-> number", "row_number()"),
    ("rank", "-> number", "rank()"),
    ("dense_rank", "-> number", "dense_rank()"),
    ("ntile", "number -> number", "ntile(CAST({0} AS INTEGER))"),
    ("lag", "A -> A", "lag({0})"),
    ("lag", "A number -> A", "lag({0},CAST({1} AS INTEGER))"),
    ("lag", "A number A -> A", "lag({0},CAST({1} AS INTEGER),{2})"),
    ("lead", "A -> A", "lead({0})"),
    ("lead", "A number -> A", "lead({0},CAST({1} AS INTEGER))"),
    ("lead", "A number A -> A", "lead({0},CAST({1} AS INTEGER),{2})"),
    ("first_value", "A -> A", "first_value({0})"),
    ("last_value", "A -> A", "last_value({0})"),
];

static FUNCTIONS: LazyLock<HashMap<&'static str, Vec<Function>>> = LazyLock::new(|| {
    let mut map: HashMap<&'static str, Vec<Function>> = HashMap::new();
    for (kind, table) in [(Kind::Scalar, SCALARS), (Kind::Aggregate, AGGREGATES), (Kind::Window, WINDOWS)] {
        for (name, signature, sql) in table {
            for function in expand(name, signature, kind, sql) {
                map.entry(name).or_default().push(function);
            }
        }
    }
    map
});

/// The overloads of a name, which is already folded.
pub fn overloads(name: &str) -> &'static [Function] {
    FUNCTIONS.get(name).map_or(&[], Vec::as_slice)
}

/// A signature's overloads: one, or one for every type of its second variable, `G2`.
fn expand(name: &'static str, signature: &str, kind: Kind, sql: &'static str) -> Vec<Function> {
    if name == "op$||" {
        return PRINTABLE
            .iter()
            .map(|t| signature.replacen("P P", &format!("P {}", t.name()), 1))
            .map(|s| parse(name, &s, kind, sql))
            .collect();
    }
    if signature.contains("G2") {
        return GEOMETRY.iter().map(|t| parse(name, &signature.replace("G2", t.name()), kind, sql)).collect();
    }
    vec![parse(name, signature, kind, sql)]
}

fn parse(name: &'static str, signature: &str, kind: Kind, sql: &'static str) -> Function {
    let (left, result) = signature.split_once("->").unwrap_or((signature, "text"));
    let (fixed, repeated) = left.split_once('|').unwrap_or((left, ""));
    let mut class: &'static [SoqlType] = &[Text];
    let mut slot = |word: &str| match CLASSES.iter().find(|(letter, _)| *letter == word) {
        Some((_, types)) => {
            class = types;
            Slot::Variable
        }
        None => Slot::Type(SoqlType::of_soql_name(word).unwrap_or(Text)),
    };
    let parameters = fixed.split_whitespace().map(&mut slot).collect();
    let repeated = repeated.split_whitespace().map(&mut slot).collect();
    let result = slot(result.trim());
    Function { name, kind, parameters, repeated, class, result, sql }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_signature_is_a_type_or_a_class() {
        for (name, signature, _) in SCALARS.iter().chain(AGGREGATES).chain(WINDOWS) {
            for word in signature.split(|c: char| c.is_whitespace() || c == '|' || c == '-' || c == '>') {
                let known = word.is_empty()
                    || word == "G2"
                    || CLASSES.iter().any(|(letter, _)| *letter == word)
                    || SoqlType::of_soql_name(word).is_some();
                assert!(known, "{name}: {word}");
            }
        }
    }

    #[test]
    fn variadic_functions_take_whole_groups_only() {
        let case = &overloads("case")[0];
        assert!(case.takes(2) && case.takes(4) && !case.takes(3) && !case.takes(0));
        assert_eq!(case.parameter(2), Some(Slot::Type(Boolean)));
    }
}
