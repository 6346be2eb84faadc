use super::{Entry, Template, aggregate, counting, documented, hidden, source, sql};

pub const TABLE: &[Entry] = &[
    counting(aggregate(Entry {
        form: "count(*)",
        ..documented("count/*", "The number of rows.", "count(*)", &[("-> number", Template::CountRows)])
    })),
    counting(aggregate(documented(
        "count",
        "The number of rows where the argument is not null.",
        "count(region)",
        &[("A -> number", sql!("count({0})"))],
    ))),
    counting(aggregate(hidden(
        "count_distinct",
        "count(distinct a)",
        "The number of different values; nulls are not counted.",
        "count(distinct region)",
        &[("A -> number", sql!("count(DISTINCT {0:compared})"))],
    ))),
    aggregate(documented(
        "sum",
        "The sum, exact; null of no rows.",
        "sum(number_of_stations)",
        &[("number -> number", sql!("soql_sum({0})")), ("double -> double", sql!("soql_double_sum({0})"))],
    )),
    aggregate(documented(
        "avg",
        "The average, with 16 digits or more.",
        "avg(magnitude)",
        &[("number -> number", sql!("soql_avg({0})")), ("double -> double", sql!("soql_double_avg({0})"))],
    )),
    aggregate(documented(
        "min",
        "The smallest value.",
        "min(magnitude)",
        &[("M -> M", sql!("min({0:compared})"))],
    )),
    aggregate(documented(
        "max",
        "The largest value.",
        "max(magnitude)",
        &[("M -> M", sql!("max({0:compared})"))],
    )),
    aggregate(documented(
        "stddev_pop",
        "The standard deviation of all values.",
        "stddev_pop(magnitude)",
        &[
            ("number -> number", sql!("soql_stddev_pop({0})")),
            ("double -> double", sql!("soql_double_stddev_pop({0})")),
        ],
    )),
    aggregate(documented(
        "stddev_samp",
        "The standard deviation of a sample; null of one value.",
        "stddev_samp(magnitude)",
        &[
            ("number -> number", sql!("soql_stddev_samp({0})")),
            ("double -> double", sql!("soql_double_stddev_samp({0})")),
        ],
    )),
    aggregate(documented(
        "regr_slope",
        "The slope of the least-squares line; y first, then x.",
        "regr_slope(magnitude, depth)",
        &[("number number -> number", sql!("soql_regr_slope({0},{1})"))],
    )),
    aggregate(documented(
        "regr_intercept",
        "Where the least-squares line meets x = 0; y first, then x.",
        "regr_intercept(magnitude, depth)",
        &[("number number -> number", sql!("soql_regr_intercept({0},{1})"))],
    )),
    aggregate(documented(
        "regr_r2",
        "How well the least-squares line fits, 0 to 1; y first, then x.",
        "regr_r2(magnitude, depth)",
        &[("number number -> number", sql!("soql_regr_r2({0},{1})"))],
    )),
    aggregate(source(
        "median",
        "The middle value: numbers are interpolated, of other values the lower middle one.",
        "median(magnitude)",
        &[("O -> O", sql!("soql_median('{0:type}',{0})"))],
    )),
    aggregate(source(
        "bool_and",
        "Whether all are true.",
        "bool_and(magnitude > 1)",
        &[("boolean -> boolean", sql!("min({0})"))],
    )),
    aggregate(source(
        "bool_or",
        "Whether one is true.",
        "bool_or(magnitude > 5)",
        &[("boolean -> boolean", sql!("max({0})"))],
    )),
];
