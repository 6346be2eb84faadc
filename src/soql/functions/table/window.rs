use super::{Entry, source, window};

pub const TABLE: &[Entry] = &[
    window(source(
        "row_number",
        "The number of the row in its window.",
        "row_number() over (order by magnitude)",
        &[("-> number", "row_number()")],
    )),
    window(source(
        "rank",
        "The rank, with gaps behind equal rows.",
        "rank() over (order by source)",
        &[("-> number", "rank()")],
    )),
    window(source(
        "dense_rank",
        "The rank without gaps.",
        "dense_rank() over (order by source)",
        &[("-> number", "dense_rank()")],
    )),
    window(source(
        "ntile",
        "The number of the row's part when the window is cut into n equal parts.",
        "ntile(4) over (order by magnitude)",
        &[("number -> number", "ntile(soql_integer({0}))"), ("double -> number", "ntile(soql_integer({0}))")],
    )),
    window(source(
        "lag",
        "The value so many rows before (1 unless said), or the default.",
        "lag(magnitude) over (order by datetime)",
        &[
            ("A -> A", "lag({0})"),
            ("A number -> A", "lag({0},soql_integer({1}))"),
            ("A number A -> A", "lag({0},soql_integer({1}),{2})"),
        ],
    )),
    window(source(
        "lead",
        "The value so many rows behind (1 unless said), or the default.",
        "lead(magnitude) over (order by datetime)",
        &[
            ("A -> A", "lead({0})"),
            ("A number -> A", "lead({0},soql_integer({1}))"),
            ("A number A -> A", "lead({0},soql_integer({1}),{2})"),
        ],
    )),
    window(source(
        "first_value",
        "The value of the window's first row.",
        "first_value(magnitude) over (order by datetime)",
        &[("A -> A", "first_value({0})")],
    )),
    window(source(
        "last_value",
        "The value of the window's last row; without a frame that is the row itself.",
        "last_value(magnitude) over (order by datetime)",
        &[("A -> A", "last_value({0})")],
    )),
];
