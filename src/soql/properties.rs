//! Properties of the parser: any text ends in a tree or an error, and a printed tree parses to
//! itself.

use super::{parse, parse_expression};
use proptest::prelude::*;

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z][a-z0-9_]{0,5}".prop_filter("a keyword", |n| parse_expression(n).is_ok() && n != "case"),
        Just("`order`".to_owned()),
        Just(":id".to_owned()),
        Just("@t.x".to_owned()),
    ]
}

fn literal() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{1,4}(\\.[0-9]{0,3})?",
        "'[a-zé ]{0,5}('')?'",
        Just("\"a\\n\\u00e9\"".to_owned()),
        Just("TRUE".to_owned()),
        Just("NULL".to_owned()),
    ]
}

/// What may stand beside any operator.
fn operand(inner: impl Strategy<Value = String> + Clone + 'static) -> impl Strategy<Value = String> + Clone {
    prop_oneof![name(), literal(), inner.prop_map(|a| format!("({a})"))].boxed()
}

fn expression() -> impl Strategy<Value = String> {
    let operators =
        vec!["+", "-", "*", "/", "%", "^", "||", "=", "==", "!=", "<>", "<", "<=", ">", ">=", "AND", "OR"];
    let operator = proptest::sample::select(operators);
    prop_oneof![name(), literal()].prop_recursive(4, 30, 3, move |inner| {
        let o = operand(inner.clone());
        prop_oneof![
            (o.clone(), operator.clone(), o.clone(), operator.clone(), o.clone())
                .prop_map(|(a, f, b, g, c)| format!("{a} {f} {b} {g} {c}")),
            (o.clone(), operator.clone(), o.clone()).prop_map(|(a, f, b)| format!("- {a} {f} - {b}")),
            o.clone().prop_map(|a| format!("NOT {a} AND NOT NOT {a}")),
            o.clone().prop_map(|a| format!("-{a}::text")),
            o.clone().prop_map(|a| format!("({a}).url")),
            o.clone().prop_map(|a| format!("{a} IS NOT NULL IS NULL")),
            (o.clone(), o.clone()).prop_map(|(a, b)| format!("{a} NOT LIKE {b} OR {b} LIKE {a}")),
            (o.clone(), o.clone(), o.clone()).prop_map(|(a, b, c)| format!("{a} BETWEEN {b} AND {c} AND {a}")),
            (o.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} NOT IN ({b}, 1)")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("CASE WHEN {a} THEN {b} ELSE 1 END")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("coalesce({a}, {b})")),
            inner.clone().prop_map(|a| format!("count(DISTINCT {a}) FILTER (WHERE {a})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!(
                "rank() OVER (PARTITION BY {a} ORDER BY {b} DESC NULL LAST ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)"
            )),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_ends_in_a_tree_or_an_error(text in "\\PC{0,80}") {
        let _ = parse(&text);
        let _ = parse_expression(&text);
    }

    #[test]
    fn a_printed_expression_parses_to_itself(text in expression()) {
        let Ok(tree) = parse_expression(&text) else { return Err(TestCaseError::fail(format!("refused: {text}"))) };
        let printed = tree.to_string();
        let again = parse_expression(&printed);
        prop_assert!(again.is_ok(), "{} became {}: {:?}", text, printed, again);
        prop_assert_eq!(again.unwrap(), tree, "{} became {}", text, printed);
    }

    #[test]
    fn a_printed_query_parses_to_itself(a in expression(), b in expression(), c in expression(), n in 0u32..50) {
        let queries = [
            format!("SELECT {a} AS x, {b} WHERE {c} GROUP BY {a} HAVING {b} ORDER BY {c} DESC NULL FIRST SEARCH 'it''s' LIMIT {n}"),
            format!("SELECT DISTINCT ON ({a}) :*, * (EXCEPT y), {b} FROM @this AS t LEFT OUTER JOIN @abcd-1234 AS j ON {c} OFFSET {n}"),
            format!("SELECT {a} |> SELECT {b} UNION ALL (SELECT {c} MINUS SELECT DISTINCT 1)"),
        ];
        for text in queries {
            let Ok(tree) = parse(&text) else { return Err(TestCaseError::fail(format!("refused: {text}"))) };
            let printed = tree.to_string();
            let again = parse(&printed).map(|t| t.to_string());
            prop_assert_eq!(again.ok(), Some(printed), "{}", text);
        }
    }
}
