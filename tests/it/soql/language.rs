//! Parameters, names, grouping, chains and errors, by the rules of the published reference.

use super::sample::{ID, sample};
use super::{ask, path};
use serde_json::{Value, json};

#[tokio::test]
async fn parameters_make_the_recorded_text() {
    let mock = sample().await;
    // An error quotes the text that was composed.
    for (parameters, text) in [
        (vec![("$limit", "abc")], "select * limit abc"),
        (vec![("$where", "n >"), ("$order", "n")], "select * where n > order by n"),
        (
            vec![("$select", "a b"), ("$group", "k"), ("$having", "true"), ("$q", "it's"), ("$offset", "2")],
            "select a b group by k having true search 'it''s' offset 2",
        ),
        (vec![("$where", "a b or c"), ("kind", "it's")], "select * where (a b or c) AND `kind` = 'it''s'"),
        (vec![("$query", "select a b")], "select a b"),
    ] {
        let answer = ask(&mock, ID, &parameters).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json()["data"]["query"], text);
        assert_eq!(answer.json()["code"], "query.compiler.malformed");
    }
}

#[tokio::test]
async fn limits_and_filters_follow_the_documentation() {
    let mock = sample().await;
    for (parameters, keys) in [
        (vec![("$limit", "0")], ""),
        (vec![("$offset", "9")], ""),
        (vec![("$limit", "2"), ("$offset", "1")], "23"),
        (vec![("n", "5.5")], "1"),
        (vec![("flag", "TRUE")], "13"),
        (vec![("t", "2021-01-03")], "3"),
        (vec![("kind", "park"), ("flag", "false")], "2"),
        (vec![("KIND", "park")], "23"),
        (vec![("$where", "k='1' or k='2'"), ("kind", "park")], "2"),
        (vec![("$where", "k='1' -- or k='2'"), ("kind", "bridge")], "1"),
        (vec![("kind", "")], ""),
        (
            vec![("$$app_token", ""), ("$$read_from_nbe", "true"), ("$$version", "2.1"), ("kind", "bridge")],
            "1",
        ),
        (vec![("$q", "creek")], "1"),
        (vec![("$q", "12")], "3"),
        (vec![("$q", "the")], ""),
        (vec![("$limit", "1"), ("$limit", "2")], "12"),
    ] {
        let mut parameters = parameters;
        parameters.extend([("$select", "k"), ("$order", "k")]);
        let answer = ask(&mock, ID, &parameters).await;
        assert_eq!(answer.status, 200, "{parameters:?}: {}", answer.text());
        let found: String = answer
            .json()
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["k"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(found, keys, "{parameters:?}");
    }
    let unknown = ask(&mock, ID, &[("nosuch", "1"), ("$search", "x")]).await;
    assert_eq!(unknown.json(), json!({"error": true, "message": "Unrecognized arguments [nosuch,$search]"}));
    let mismatch = ask(&mock, ID, &[("n", "abc")]).await;
    assert_eq!(mismatch.json()["errorCode"], "query.soql.type-mismatch");
    let beside = ask(&mock, ID, &[("$query", "select *"), ("$limit", "1")]).await;
    assert_eq!(beside.status, 400);
}

#[tokio::test]
async fn a_thousand_rows_are_answered_unless_a_limit_says_otherwise() {
    let mock = sample().await;
    let rows: Vec<Value> = (0..1200).map(|i| json!({ "a": i })).collect();
    let columns = json!([{ "fieldName": "a", "name": "a", "dataTypeName": "number" }]);
    mock.dataset("many-0001", &json!({ "name": "Many", "columns": columns, "rows": rows })).await;
    for (parameters, count) in [
        (vec![], 1000),
        (vec![("$limit", "1100")], 1100),
        (vec![("$query", "select *")], 1000),
        (vec![("$query", "select * |> select *")], 1000),
        (vec![("$query", "select * limit 1150 |> select * limit 1120")], 1120),
        (vec![("$query", "select * union all select *")], 1000),
    ] {
        let answer = ask(&mock, "many-0001", &parameters).await.json();
        assert_eq!(answer.as_array().unwrap().len(), count, "{parameters:?}");
    }
}

#[tokio::test]
async fn columns_are_named_as_the_reference_names_them() {
    let mock = sample().await;
    for (select, names) in [
        ("count(*)", json!(["count"])),
        ("MAX(n)", json!(["MAX_n"])),
        ("n * 3.28", json!(["n_3_28"])),
        ("(n)", json!(["n_1"])),
        ("-n", json!(["n_1"])),
        ("n - m", json!(["n_m"])),
        ("1e5", json!(["_1E_5"])),
        ("n, N + 1, n + 1", json!(["n", "N_1", "n_1_1"])),
        ("n + 1 as x, n+1, n+1", json!(["x", "n_1", "n_1_1"])),
        ("name || 'é' as `a-b`", json!(["a-b"])),
        ("count(distinct kind)", json!(["count_distinct_kind"])),
        ("not flag", json!(["NOT_flag"])),
        ("n is not null", json!(["n_is_not_null"])),
        ("n between 1 and 2", json!(["n_between_1_and_2"])),
        ("kind in ('a')", json!(["IN_kind_a"])),
        ("kind not like 'a'", json!(["NOT_LIKE_kind_a"])),
        ("case when flag then 1 else 2 end", json!(["case_when_flag_then_1_else_2_end"])),
        ("t.year, site.url", json!(["t_year", "site_url"])),
        (
            "row_number() over (partition by kind order by n)",
            json!(["row_number_over_partition_by_kind_order_by_n"]),
        ),
        (":id, :created_at", json!([":id", ":created_at"])),
        ("'!'", json!(["_"])),
    ] {
        let answer = ask(&mock, ID, &[("$select", select), ("$limit", "1")]).await;
        let got: Value = serde_json::from_str(answer.header("x-soda2-fields")).unwrap_or(Value::Null);
        assert_eq!(got, names, "{select}: {}", answer.text());
    }
}

#[tokio::test]
async fn aliases_win_over_columns_and_groups_are_checked() {
    let mock = sample().await;
    for (parameters, expected) in [
        (
            vec![("$select", "kind as k, count(*) as c"), ("$group", "k"), ("$order", "c desc, k")],
            json!([{"k": "park", "c": "2"}, {"k": "bridge", "c": "1"}, {"c": "1"}]),
        ),
        (
            vec![("$select", "upper(kind) as kind"), ("$where", "kind = 'PARK'"), ("$limit", "1")],
            json!([{"kind": "PARK"}]),
        ),
        (vec![("$select", "b + 1 as a, n as b"), ("$where", "k = '1'")], json!([{"a": "6.50", "b": "5.50"}])),
        (
            vec![
                ("$select", "date_trunc_y(t) as y, count(*)"),
                ("$group", "date_trunc_y(t)"),
                ("$having", "count > 1"),
            ],
            json!([{"y": "2024-01-01T00:00:00.000", "count": "2"}]),
        ),
        (vec![("$select", "1 as one"), ("$having", "count(*) > 3")], json!([{"one": "1"}])),
        (vec![("$select", "1 as one"), ("$having", "count(*) > 4")], json!([])),
        (vec![("$select", "'x' as x"), ("$order", "count(*)")], json!([{"x": "x"}])),
        (
            vec![("$select", "distinct kind"), ("$order", "kind desc")],
            json!([{}, {"kind": "park"}, {"kind": "bridge"}]),
        ),
        (vec![("$select", "kind, n"), ("$order", "n null first"), ("$limit", "1")], json!([{}])),
        (
            vec![("$select", "k"), ("$order", "n"), ("$limit", "4")],
            json!([{"k": "2"}, {"k": "1"}, {"k": "3"}, {"k": "4"}]),
        ),
    ] {
        let answer = ask(&mock, ID, &parameters).await;
        assert_eq!(answer.status, 200, "{parameters:?}: {}", answer.text());
        assert_eq!(answer.json(), expected, "{parameters:?}");
    }
}

#[tokio::test]
async fn queries_are_chained_combined_and_joined() {
    let mock = sample().await;
    let columns = json!([{ "fieldName": "kind", "name": "kind", "dataTypeName": "text" }, { "fieldName": "label", "name": "label", "dataTypeName": "text" }]);
    let rows = json!([{ "kind": "park", "label": "Green" }, { "kind": "dock", "label": "Blue" }]);
    mock.dataset("join-0002", &json!({ "name": "Kinds", "columns": columns, "rows": rows })).await;
    for (query, expected) in [
        (
            "select kind, n where n > 4 |> select kind, n * 2 as d order by d",
            json!([{"kind": "bridge", "d": "11.00"}, {"kind": "park", "d": "24"}]),
        ),
        ("select n where n > 4 order by n |> select *", json!([{"n": "5.50"}, {"n": "12"}])),
        (
            "select kind where kind is not null union select 'dock' as kind where k = '1' |> select kind order by kind",
            json!([{"kind": "bridge"}, {"kind": "dock"}, {"kind": "park"}]),
        ),
        ("select kind intersect all select kind where k != '3' |> select count(*) as c", json!([{"c": "3"}])),
        (
            "select kind minus all select kind where k in ('1', '2') |> select count(*) as c, count(kind) as d",
            json!([{"c": "2", "d": "1"}]),
        ),
        ("select kind minus select kind where k in ('1', '2')", json!([{}])),
        (
            "select distinct on (kind) kind, k order by kind, k desc",
            json!([{"kind": "bridge", "k": "1"}, {"kind": "park", "k": "3"}, {"k": "4"}]),
        ),
        (
            "select k, @j.label join @join-0002 as j on kind = @j.kind order by k",
            json!([{"k": "2", "label": "Green"}, {"k": "3", "label": "Green"}]),
        ),
        (
            "select k, @j.label left outer join @join-0002 as j on kind = @j.kind where k = '1'",
            json!([{"k": "1"}]),
        ),
        (
            "select @j.label, count(k) as c right outer join @join-0002 as j on @j.kind = kind group by @j.label order by c",
            json!([{"label": "Blue", "c": "0"}, {"label": "Green", "c": "2"}]),
        ),
        ("select @t.k from @this as t where @t.n = 4", json!([{"k": "2"}])),
        ("select 1 as one from @single_row", json!([{"one": "1"}])),
        ("select kind, n search 'creek' |> select n", json!([{"n": "5.50"}])),
        ("select kind /* a comment */ where k = '1' -- the end", json!([{"kind": "bridge"}])),
    ] {
        let answer = ask(&mock, ID, &[("$query", query)]).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        assert_eq!(answer.json(), expected, "{query}");
    }
}

#[tokio::test]
async fn what_does_not_compile_has_the_code_of_the_reference() {
    let mock = sample().await;
    let mut wrong = Vec::new();
    for (parameters, code, message) in [
        (
            vec![("$select", "nosuch")],
            "query.soql.no-such-column",
            "No such column: nosuch; position: Map(row -> 1, column -> 8, line -> \"select nosuch\\n       ^\")",
        ),
        (vec![("$select", "frob(n)")], "query.soql.no-such-function", "No such function 'frob'; arity=1"),
        (
            vec![("$select", "sum(distinct n)")],
            "query.soql.no-such-function",
            "No such function 'sum_distinct'; arity=1",
        ),
        (vec![("$select", "round(n)")], "query.soql.no-such-function", "No such function 'round'; arity=1"),
        (vec![("$select", "frob(nosuch)")], "query.soql.no-such-column", "No such column: nosuch"),
        (vec![("$where", "n = name")], "query.soql.type-mismatch", "Type mismatch for op$=, is text"),
        (vec![("$where", "kind = 5")], "query.soql.type-mismatch", "Type mismatch for op$=, is number"),
        (
            vec![("$where", "starts_with(n, 5)")],
            "query.soql.type-mismatch",
            "Type mismatch for starts_with, is number",
        ),
        (vec![("$where", "flag = 'Y'")], "query.soql.type-mismatch", "Type mismatch for op$=, is text"),
        (
            vec![("$where", "t > '2024-01-15T08:30:00.000Z'")],
            "query.soql.type-mismatch",
            "Type mismatch for op$>, is text",
        ),
        (
            vec![("$where", "t > '2024-01-15 08:30'")],
            "query.soql.type-mismatch",
            "Type mismatch for op$>, is text",
        ),
        (
            vec![("$where", "loc like 'a'")],
            "query.soql.type-mismatch",
            "Type mismatch for #LIKE, is location",
        ),
        (vec![("$select", "p::text")], "query.soql.type-mismatch", "Type mismatch for cast$text, is point"),
        (
            vec![("$select", "n::double::text")],
            "query.soql.type-mismatch",
            "Type mismatch for cast$text, is double",
        ),
        (
            vec![("$where", "count(*) > 1")],
            "query.soql.aggregate-in-ungrouped-context",
            "Aggregate function 'count/*' used in ungrouped context: WHERE",
        ),
        (
            vec![("$select", "sum(n) as n"), ("$where", "n > 1")],
            "query.soql.aggregate-in-ungrouped-context",
            "Aggregate function 'sum' used in ungrouped context: WHERE",
        ),
        (vec![("$group", "kind")], "query.soql.column-not-in-group-bys", "Column 'k' is not in group by"),
        (
            vec![("$select", "kind, count(*)")],
            "query.soql.column-not-in-group-bys",
            "Column 'kind' is not in group by",
        ),
        (vec![("$select", "n as a, m as a")], "query.soql.duplicate-alias", "Duplicate alias: a"),
        (
            vec![("$select", "b as a, a as b")],
            "query.soql.circular-alias-definition",
            "Circular alias definition: a",
        ),
        (
            vec![("$select", "* (except n, n)")],
            "query.soql.repeated-exception",
            "Repeated exception with column: n",
        ),
        (vec![("$where", "n")], "query.soql.non-boolean-where", "Non-boolean where"),
        (
            vec![("$select", "count(*)"), ("$having", "count(*)")],
            "query.soql.non-boolean-having",
            "Non-boolean having",
        ),
        (vec![("$order", "p")], "query.soql.un-orderable-order", "Un-orderable order by"),
        (
            vec![("$query", "select k union select n")],
            "query.soql.two-selects-column-types-mismatch",
            "Two selects must have the same column type: text, number",
        ),
        (
            vec![("$query", "select k union select k, n")],
            "query.soql.two-selects-number-of-columns-mismatch",
            "Two selects must have the same number of columns: 1, 2",
        ),
        (
            vec![("$select", "row_number()")],
            "query.soql.bad-parse",
            "Function row_number requires window information",
        ),
        (
            vec![("$select", "upper(k) over ()")],
            "query.soql.bad-parse",
            "Function upper does not accept window information",
        ),
        (vec![("$select", "@x.k")], "query.soql.no-such-table", "No such table: x"),
        (vec![("$query", "select * from @this")], "query.soql.reserved-table-alias", "Reserved table alias"),
        (vec![("$select", "1/0")], "400", "ERROR: division by zero"),
        (
            vec![("$select", "name::number")],
            "400",
            "ERROR: invalid input syntax for type numeric: \"Alder Creek\"",
        ),
        (vec![("$select", "split_part(name, ' ', 0)")], "400", "ERROR: field position must not be zero"),
        (
            vec![("$select", "to_floating_timestamp(x, 'Mars/Base')")],
            "400",
            "ERROR: time zone \"Mars/Base\" not recognized",
        ),
    ] {
        let answer = ask(&mock, ID, &parameters).await;
        let body = answer.json();
        let full = format!("Query coordinator error: {code}; {message}");
        if answer.status != 400
            || body["errorCode"] != code
            || !body["message"].as_str().unwrap_or("").starts_with(&full)
        {
            wrong.push(format!("{parameters:?}: {} {}", answer.status, answer.text()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn what_does_not_parse_tells_the_place() {
    let mock = sample().await;
    for (query, place, expected) in [
        ("select", "line 1 character 7", "Expected an expression, but got end of input"),
        ("select a ilike 'b'", "line 1 character 10", "Expected end of input, but got `ilike'"),
        (
            "select a,\n  * ",
            "line 2 character 3",
            "Star selections must come at the start of the select-list",
        ),
        (
            "select *, :*",
            "line 1 character 11",
            "System column star selections must come before user column star selections",
        ),
        (
            "select a |> (select b)",
            "line 1 character 13",
            "Expected a non-compound query on the right side of a pipe operator",
        ),
        ("select * order by a group by b", "line 1 character 21", "Expected end of input, but got `group'"),
        ("select a inner join @b-b on true", "line 1 character 10", "Expected end of input"),
        ("select 'abc", "line 1 character 8", "Unterminated string"),
        ("select !a", "line 1 character 8", "Expected an expression, but got `!'"),
        ("select a as :nosuch", "line 1 character 13", "Expected an identifier"),
        ("select * limit -1", "line 1 character 16", "Expected an unsigned integer"),
        ("select * limit 1.5", "line 1 character 16", "Expected an unsigned integer"),
        ("select n where n in ()", "line 1 character 22", "Expected an expression, but got `)'"),
        ("select ?x", "line 1 character 8", "Expected an expression"),
    ] {
        let answer = ask(&mock, ID, &[("$query", query)]).await;
        let message = answer.json()["message"].as_str().unwrap_or("").to_owned();
        assert_eq!(answer.status, 400, "{query}");
        let wanted = format!("Could not parse SoQL query \"{query}\" at {place}: {expected}");
        assert!(message.starts_with(&wanted), "{query}:\n{message}\n{wanted}");
        assert_eq!(answer.json()["data"]["position"], json!({}));
    }
}

#[tokio::test]
async fn queries_that_would_run_wild_are_refused() {
    let mock = sample().await;
    let deep = format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000));
    let tower = format!("{}1{}", "(".repeat(60), "+1".repeat(190).repeat(60).replace("+1+1", "+1)+1"));
    let doubling: Vec<String> = (0..40).map(|i| format!("a{} || a{} as a{i}", i + 1, i + 1)).collect();
    let chain: Vec<String> = (0..2000).map(|i| format!("a{} as a{i}", i + 1)).collect();
    let base = |list: Vec<String>, last: usize| format!("{}, name as a{last}", list.join(", "));
    for select in [deep, tower, base(doubling, 40), base(chain, 2000)] {
        let answer = ask(&mock, ID, &[("$select", &select)]).await;
        assert_eq!(answer.status, 400, "{}", &select[..60]);
    }
    let wide = vec!["n = 1"; 1500].join(" or ");
    assert_eq!(ask(&mock, ID, &[("$where", &wide)]).await.status, 200);
    let list = format!("k in ({})", vec!["'1'"; 5000].join(","));
    assert_eq!(ask(&mock, ID, &[("$where", &list)]).await.json().as_array().unwrap().len(), 1);
    let nested = format!("{}n{} = 5.5", "(".repeat(50), ")".repeat(50));
    assert_eq!(ask(&mock, ID, &[("$where", &nested)]).await.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn failures_that_production_hides_are_500_with_a_hint() {
    let mock = sample().await;
    for select in [
        "ln(0)",
        "substring(name, 1, -1)",
        "name like 'a\\'",
        "ntile(0) over (order by k)",
        "count(distinct name) over (partition by kind)",
    ] {
        let answer = ask(&mock, ID, &[("$select", select)]).await;
        assert_eq!(answer.status, 500, "{select}: {}", answer.text());
        assert!(
            answer.header("x-mock-hint").contains("cannot run")
                || answer.header("x-mock-hint").contains("not one that can run"),
            "{select}"
        );
    }
    let answer = ask(&mock, ID, &[("$select", "distinct kind"), ("$order", "n")]).await;
    assert_eq!(answer.status, 500);
    assert!(path("/a", &[("b", "c")]).ends_with("?b=c"));
}
