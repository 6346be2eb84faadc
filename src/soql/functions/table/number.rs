use super::{Entry, documented, hidden, operator, source, sql};

pub const TABLE: &[Entry] = &[
    operator(
        "op$+",
        "a + b",
        "Sum, exact. A timestamp plus an ISO period such as 'P1M' is a later timestamp.",
        "magnitude + 1",
        &[
            ("number number -> number", sql!("soql_add({0},{1})")),
            ("double double -> double", sql!("soql_double_add({0},{1})")),
            ("T interval -> T", sql!("soql_date_add({0},{1},1)")),
            ("datestamp time -> floating_timestamp", sql!("(soql_day_ms({0})+soql_clock_ms({1}))")),
            ("time datestamp -> floating_timestamp", sql!("(soql_clock_ms({0})+soql_day_ms({1}))")),
            ("time interval -> time", sql!("soql_clock_add({0},{1},1)")),
            ("interval time -> time", sql!("soql_clock_add({1},{0},1)")),
            ("datestamp interval -> floating_timestamp", sql!("soql_date_add(soql_day_ms({0}),{1},1)")),
            ("interval datestamp -> floating_timestamp", sql!("soql_date_add(soql_day_ms({1}),{0},1)")),
        ],
    ),
    operator(
        "op$-",
        "a - b",
        "Difference, exact. A timestamp minus an ISO period is an earlier timestamp.",
        "magnitude - 1",
        &[
            ("number number -> number", sql!("soql_subtract({0},{1})")),
            ("double double -> double", sql!("soql_double_subtract({0},{1})")),
            ("T interval -> T", sql!("soql_date_add({0},{1},-1)")),
            ("time interval -> time", sql!("soql_clock_add({0},{1},-1)")),
            ("datestamp interval -> floating_timestamp", sql!("soql_date_add(soql_day_ms({0}),{1},-1)")),
            (
                "datestamp datestamp -> number",
                sql!("CAST((soql_day_ms({0})-soql_day_ms({1}))/86400000 AS TEXT)"),
            ),
        ],
    ),
    operator(
        "op$*",
        "a * b",
        "Product, exact; its decimals are those of both together.",
        "magnitude * 2.5",
        &[
            ("number number -> number", sql!("soql_multiply({0},{1})")),
            ("double double -> double", sql!("soql_double_multiply({0},{1})")),
        ],
    ),
    operator(
        "op$/",
        "a / b",
        "Quotient, with 16 digits or more; a zero below is an error.",
        "magnitude / 3",
        &[
            ("number number -> number", sql!("soql_divide({0},{1})")),
            ("double double -> double", sql!("soql_double_divide({0},{1})")),
        ],
    ),
    operator(
        "op$%",
        "a % b",
        "Remainder, with the sign of the first.",
        "number_of_stations % 10",
        &[
            ("number number -> number", sql!("soql_modulo({0},{1})")),
            ("double double -> double", sql!("soql_double_modulo({0},{1})")),
        ],
    ),
    operator(
        "op$^",
        "a ^ b",
        "Power. Right-associative; a sign binds tighter: -2 ^ 2 is 4.",
        "magnitude ^ 2",
        &[
            ("number number -> number", sql!("soql_power({0},{1})")),
            ("double double -> double", sql!("soql_double_power({0},{1})")),
        ],
    ),
    operator(
        "unary$-",
        "-a",
        "The negative.",
        "-magnitude",
        &[("number -> number", sql!("soql_negate({0})")), ("double -> double", sql!("(-{0})"))],
    ),
    operator("unary$+", "+a", "The number itself.", "+magnitude", &[("N -> N", sql!("{0}"))]),
    documented(
        "ln",
        "The natural logarithm; an error for zero and below.",
        "ln(depth + 1)",
        &[("number -> number", sql!("soql_ln({0})")), ("double -> double", sql!("soql_double_ln({0})"))],
    ),
    source(
        "abs",
        "The absolute value.",
        "abs(magnitude - 3)",
        &[("number -> number", sql!("soql_abs({0})")), ("double -> double", sql!("abs({0})"))],
    ),
    source(
        "ceil",
        "The next whole number above.",
        "ceil(magnitude)",
        &[("number -> number", sql!("soql_ceil({0})")), ("double -> double", sql!("soql_double_ceil({0})"))],
    ),
    source(
        "floor",
        "The next whole number below.",
        "floor(magnitude)",
        &[
            ("number -> number", sql!("soql_floor({0})")),
            ("double -> double", sql!("soql_double_floor({0})")),
        ],
    ),
    source(
        "round",
        "Rounded to so many decimals, half away from zero; negative counts round before the point. Both arguments are needed.",
        "round(magnitude, 0)",
        &[("number number -> number", sql!("soql_round({0},{1})"))],
    ),
    source(
        "width_bucket",
        "The bucket of a value among n equal ones between two bounds: 0 below, n+1 at or above the upper.",
        "width_bucket(magnitude, 0, 10, 5)",
        &[("number number number number -> number", sql!("soql_width_bucket({0},{1},{2},{3})"))],
    ),
    source(
        "signed_magnitude_10",
        "Sign times the number of digits before the point; 0 for 0.",
        "signed_magnitude_10(depth)",
        &[("number -> number", sql!("soql_signed_magnitude_10({0})"))],
    ),
    source(
        "signed_magnitude_linear",
        "Sign times the number of the step of a size; with size 1 the next whole number below.",
        "signed_magnitude_linear(depth, 10)",
        &[("number number -> number", sql!("soql_signed_magnitude_linear({0},{1})"))],
    ),
    hidden(
        "op$[]",
        "json['a'], json[0]",
        "A member of a json value.",
        "('{\"a\":1}'::json)['a']",
        &[
            ("json text -> json", sql!("soql_json_member({0},{1})")),
            ("json number -> json", sql!("soql_json_member({0},{1})")),
        ],
    ),
];
