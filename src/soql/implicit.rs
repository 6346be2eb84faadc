//! Names of output columns that nobody named (source: `AliasAnalysis.implicitAlias`).

use super::ast::{Arguments, BinaryOp, Expr, ExprKind, Ordering, UnaryOp, Window};

/// The identifier that an expression's words make.
pub fn base_name(expr: &Expr) -> String {
    let mut found = Vec::new();
    words(expr, &mut found);
    identifier(&found.join(" "))
}

/// The base name, or the first of `base_1`, `base_2` … that is not taken.
pub fn free_name(base: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(base) {
        return base.to_owned();
    }
    let separator = if base.ends_with(['_', '-']) { "" } else { "_" };
    let mut number = 1u32;
    loop {
        let name = format!("{base}{separator}{number}");
        if !taken(&name) {
            return name;
        }
        number += 1;
    }
}

fn identifier(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if c.is_alphanumeric() || matches!(c, '_' | '-' | '$') {
            let joined = matches!(c, '_' | '-') || out.ends_with(['_', '-']);
            if gap && !out.is_empty() && !joined {
                out.push('_');
            }
            gap = false;
            out.push(c);
        } else {
            gap = true;
        }
    }
    if !out.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '$')) {
        out.insert(0, '_');
    }
    out
}

fn words(expr: &Expr, out: &mut Vec<String>) {
    let not = |negated: bool, word: &str| if negated { format!("NOT_{word}") } else { word.to_owned() };
    match &expr.kind {
        ExprKind::Number(n) => out.push(decimal(n)),
        ExprKind::Text(t) => out.push(serde_json::Value::from(t.as_str()).to_string()),
        ExprKind::Bool(b) => out.push(if *b { "TRUE" } else { "FALSE" }.to_owned()),
        ExprKind::Null => out.push("null".to_owned()),
        ExprKind::Column { table, name } => {
            out.extend(table.iter().map(|t| format!("_{t}")));
            out.push(name.clone());
        }
        ExprKind::Binary(op, a, b) => {
            words(a, out);
            if *op != BinaryOp::Minus {
                out.push(op.symbol().to_owned());
            }
            words(b, out);
        }
        ExprKind::Unary(op, a) => {
            match op {
                UnaryOp::Not => out.push("NOT".to_owned()),
                UnaryOp::Plus => out.push("+".to_owned()),
                UnaryOp::Minus => {}
            }
            words(a, out);
        }
        ExprKind::Cast(a, name) => {
            words(a, out);
            out.push(name.clone());
        }
        ExprKind::IsNull(a, negated) => {
            words(a, out);
            out.push(if *negated { "is not null" } else { "is null" }.to_owned());
        }
        ExprKind::Between(a, negated, low, high) => {
            words(a, out);
            out.push(if *negated { "not between" } else { "between" }.to_owned());
            words(low, out);
            out.push("and".to_owned());
            words(high, out);
        }
        ExprKind::In(a, negated, items) => {
            out.push(not(*negated, "IN"));
            words(a, out);
            items.iter().for_each(|item| words(item, out));
        }
        ExprKind::Like(a, negated, b) => {
            out.push(not(*negated, "LIKE"));
            words(a, out);
            words(b, out);
        }
        ExprKind::Case(whens, otherwise) => case(whens, otherwise.as_deref(), out),
        ExprKind::Field(a, name) => {
            words(a, out);
            out.push(name.clone());
        }
        ExprKind::Index(a, b) => {
            words(a, out);
            words(b, out);
        }
        ExprKind::Paren(a) => words(a, out),
        ExprKind::Call { name, arguments, filter, window } => {
            call(name, arguments, out);
            if let Some(filter) = filter {
                words(filter, out);
            }
            if let Some(window) = window {
                over(window, out);
            }
        }
    }
}

/// As Java prints a decimal: `1e5` is `1E+5`, `15e-1` is `1.5`.
fn decimal(source: &str) -> String {
    let (mantissa, exponent) = source.split_once(['e', 'E']).unwrap_or((source, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let digits = match digits.trim_start_matches('0') {
        "" => "0",
        rest => rest,
    };
    let Ok(exponent) = exponent.parse::<i32>() else { return source.to_owned() };
    let scale = fraction.len() as i64 - i64::from(exponent);
    let adjusted = digits.len() as i64 - 1 - scale;
    if scale == 0 {
        return digits.to_owned();
    }
    if scale > 0 && adjusted >= -6 {
        let scale = usize::try_from(scale).unwrap_or(0);
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        return format!("{whole}.{fraction}");
    }
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    format!("{first}{point}{rest}E{adjusted:+}")
}

fn case(whens: &[(Expr, Expr)], otherwise: Option<&Expr>, out: &mut Vec<String>) {
    out.push("case".to_owned());
    for (condition, value) in whens {
        out.push("when".to_owned());
        words(condition, out);
        out.push("then".to_owned());
        words(value, out);
    }
    if let Some(otherwise) = otherwise {
        out.push("else".to_owned());
        words(otherwise, out);
    }
    out.push("end".to_owned());
}

fn call(name: &str, arguments: &Arguments, out: &mut Vec<String>) {
    match arguments {
        Arguments::Star => out.push(name.to_owned()),
        Arguments::Distinct(a) => {
            out.push(format!("{}_distinct", name.to_lowercase()));
            words(a, out);
        }
        Arguments::List(items) => {
            out.push(name.to_owned());
            items.iter().for_each(|item| words(item, out));
        }
    }
}

fn over(window: &Window, out: &mut Vec<String>) {
    out.push("over".to_owned());
    if !window.partition.is_empty() {
        out.push("partition_by".to_owned());
        window.partition.iter().for_each(|e| words(e, out));
    }
    if !window.order.is_empty() {
        out.push("order_by".to_owned());
        window.order.iter().for_each(|o: &Ordering| words(&o.expr, out));
    }
    out.extend(window.frame.iter().map(|frame| frame.to_string().to_lowercase()));
}

#[cfg(test)]
mod tests {
    use super::super::parse_expression;
    use super::*;

    #[test]
    fn names_follow_the_reference() {
        for (source, expected) in [
            ("count(*)", "count"),
            ("MAX(magnitude)", "MAX_magnitude"),
            ("depth * 3.28", "depth_3_28"),
            ("1 + 1", "_1_1"),
            ("magnitude::text", "magnitude_text"),
            ("site.url", "site_url"),
            ("name || ' ' || category", "name_category"),
            ("active and true", "active_AND_TRUE"),
            ("substring(name,1,3)", "substring_name_1_3"),
            ("count(*) over (partition by category)", "count_over_partition_by_category"),
            ("'!'", "_"),
        ] {
            assert_eq!(base_name(&parse_expression(source).unwrap()), expected, "{source}");
        }
        assert_eq!(free_name("a", |n| n == "a"), "a_1");
        assert_eq!(free_name("a_", |n| n == "a_"), "a_1");
        for (source, java) in [
            ("1e5", "1E+5"),
            ("15e-1", "1.5"),
            ("1.50", "1.50"),
            ("100e2", "1.00E+4"),
            ("3.", "3"),
            ("007", "7"),
            ("1e-9", "1E-9"),
        ] {
            assert_eq!(decimal(source), java, "{source}");
        }
    }
}
