use super::{Entry, counting, source, sql, window};

pub const TABLE: &[Entry] = &[
    counting(window(source(
        "row_number",
        "The number of the row in its window.",
        "row_number() over (order by magnitude)",
        &[("-> number", sql!("row_number()"))],
    ))),
    counting(window(source(
        "rank",
        "The rank, with gaps behind equal rows.",
        "rank() over (order by source)",
        &[("-> number", sql!("rank()"))],
    ))),
    counting(window(source(
        "dense_rank",
        "The rank without gaps.",
        "dense_rank() over (order by source)",
        &[("-> number", sql!("dense_rank()"))],
    ))),
    counting(window(source(
        "ntile",
        "The number of the row's part when the window is cut into n equal parts.",
        "ntile(4) over (order by magnitude)",
        &[
            ("number -> number", sql!("ntile(soql_parts({0}))")),
            ("double -> number", sql!("ntile(soql_parts({0}))")),
        ],
    ))),
    window(source(
        "lag",
        "The value so many rows before (1 unless said), or the default.",
        "lag(magnitude) over (order by datetime)",
        &[
            ("A -> A", sql!("lag({0})")),
            ("A number -> A", sql!("lag({0},soql_integer({1}))")),
            ("A number A -> A", sql!("lag({0},soql_integer({1}),{2})")),
        ],
    )),
    window(source(
        "lead",
        "The value so many rows behind (1 unless said), or the default.",
        "lead(magnitude) over (order by datetime)",
        &[
            ("A -> A", sql!("lead({0})")),
            ("A number -> A", sql!("lead({0},soql_integer({1}))")),
            ("A number A -> A", sql!("lead({0},soql_integer({1}),{2})")),
        ],
    )),
    window(source(
        "first_value",
        "The value of the window's first row.",
        "first_value(magnitude) over (order by datetime)",
        &[("A -> A", sql!("first_value({0})"))],
    )),
    window(source(
        "last_value",
        "The value of the window's last row; without a frame that is the row itself.",
        "last_value(magnitude) over (order by datetime)",
        &[("A -> A", sql!("last_value({0})"))],
    )),
];
