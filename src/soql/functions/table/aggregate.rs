use super::{Entry, aggregate, documented, hidden, source};

pub const TABLE: &[Entry] = &[
    aggregate(Entry {
        form: "count(*)",
        ..documented("count/*", "The number of rows.", "count(*)", &[("-> number", "count(*)")])
    }),
    aggregate(documented(
        "count",
        "The number of rows where the argument is not null.",
        "count(region)",
        &[("A -> number", "count({0})")],
    )),
    aggregate(hidden(
        "count_distinct",
        "count(distinct a)",
        "The number of different values; nulls are not counted.",
        "count(distinct region)",
        &[("A -> number", "count(DISTINCT {0#})")],
    )),
    aggregate(documented(
        "sum",
        "The sum, exact; null of no rows.",
        "sum(number_of_stations)",
        &[("number -> number", "soql_sum({0})"), ("double -> double", "sum({0})")],
    )),
    aggregate(documented(
        "avg",
        "The average, with 16 digits or more.",
        "avg(magnitude)",
        &[("number -> number", "soql_avg({0})"), ("double -> double", "avg({0})")],
    )),
    aggregate(documented("min", "The smallest value.", "min(magnitude)", &[("M -> M", "min({0#})")])),
    aggregate(documented("max", "The largest value.", "max(magnitude)", &[("M -> M", "max({0#})")])),
    aggregate(documented(
        "stddev_pop",
        "The standard deviation of all values.",
        "stddev_pop(magnitude)",
        &[("number -> number", "soql_stddev_pop({0})"), ("double -> double", "soql_double_stddev_pop({0})")],
    )),
    aggregate(documented(
        "stddev_samp",
        "The standard deviation of a sample; null of one value.",
        "stddev_samp(magnitude)",
        &[
            ("number -> number", "soql_stddev_samp({0})"),
            ("double -> double", "soql_double_stddev_samp({0})"),
        ],
    )),
    aggregate(documented(
        "regr_slope",
        "The slope of the least-squares line; y first, then x.",
        "regr_slope(magnitude, depth)",
        &[("number number -> number", "soql_regr_slope({0},{1})")],
    )),
    aggregate(documented(
        "regr_intercept",
        "Where the least-squares line meets x = 0; y first, then x.",
        "regr_intercept(magnitude, depth)",
        &[("number number -> number", "soql_regr_intercept({0},{1})")],
    )),
    aggregate(documented(
        "regr_r2",
        "How well the least-squares line fits, 0 to 1; y first, then x.",
        "regr_r2(magnitude, depth)",
        &[("number number -> number", "soql_regr_r2({0},{1})")],
    )),
    aggregate(source(
        "median",
        "The middle value: numbers are interpolated, of other values the lower middle one.",
        "median(magnitude)",
        &[("O -> O", "soql_median('{0?}',{0})")],
    )),
    aggregate(source(
        "bool_and",
        "Whether all are true.",
        "bool_and(magnitude > 1)",
        &[("boolean -> boolean", "min({0})")],
    )),
    aggregate(source(
        "bool_or",
        "Whether one is true.",
        "bool_or(magnitude > 5)",
        &[("boolean -> boolean", "max({0})")],
    )),
];
