use super::{Entry, documented, operator, source, sql};

pub const TABLE: &[Entry] = &[
    operator(
        "op$||",
        "a || b",
        "The texts of both, one behind the other; null when one is null. Numbers keep their scale, times are ISO with milliseconds, geometries WKT.",
        "source || ' ' || magnitude",
        &[("P P2 -> text", sql!("soql_concat({0:text},{1:text})"))],
    ),
    documented("upper", "In capital letters.", "upper(region)", &[("text -> text", sql!("soql_upper({0})"))]),
    documented("lower", "In small letters.", "lower(region)", &[("text -> text", sql!("soql_lower({0})"))]),
    documented(
        "starts_with",
        "Whether a text begins with another; case-sensitive.",
        "starts_with(region, 'North')",
        &[("text text -> boolean", sql!("soql_starts_with({0},{1})"))],
    ),
    documented(
        "unaccent",
        "Without accents: é is e, ß is ss.",
        "unaccent('Québec')",
        &[("text -> text", sql!("soql_unaccent({0})"))],
    ),
    source(
        "contains",
        "Whether a text holds another; case-sensitive.",
        "contains(region, 'Calif')",
        &[("text text -> boolean", sql!("soql_contains({0},{1})"))],
    ),
    source(
        "length",
        "The number of characters.",
        "length(region)",
        &[("text -> number", sql!("CAST(length({0}) AS TEXT)"))],
    ),
    source(
        "substring",
        "The part from a place, 1 being the first, of a length. Places before 1 use up length.",
        "substring(region, 1, 5)",
        &[
            ("text number -> text", sql!("soql_substring({0},{1})")),
            ("text number number -> text", sql!("soql_substring({0},{1},{2})")),
        ],
    ),
    source(
        "replace",
        "Every occurrence of a text replaced by another.",
        "replace(region, 'ern', '.')",
        &[("text text text -> text", sql!("soql_replace({0},{1},{2})"))],
    ),
    source("trim", "Without blanks at both ends.", "trim('  a ')", &[("text -> text", sql!("trim({0})"))]),
    source(
        "trim_leading",
        "Without blanks at the beginning.",
        "trim_leading('  a ')",
        &[("text -> text", sql!("ltrim({0})"))],
    ),
    source(
        "trim_trailing",
        "Without blanks at the end.",
        "trim_trailing('  a ')",
        &[("text -> text", sql!("rtrim({0})"))],
    ),
    source(
        "split_part",
        "The n-th field between separators, 1 being the first; from the end when negative; '' past the end.",
        "split_part(region, ' ', 1)",
        &[("text text number -> text", sql!("soql_split_part({0},{1},{2})"))],
    ),
    source(
        "left_pad",
        "Filled up on the left to a length; longer text is cut on the right.",
        "left_pad(source, 5, '*')",
        &[("text number text -> text", sql!("soql_left_pad({0},{1},{2})"))],
    ),
    source(
        "right_pad",
        "Filled up on the right to a length; longer text is cut on the right.",
        "right_pad(source, 5, '*')",
        &[("text number text -> text", sql!("soql_right_pad({0},{1},{2})"))],
    ),
    source("chr", "The character of a code point.", "chr(65)", &[("number -> text", sql!("soql_chr({0})"))]),
];
