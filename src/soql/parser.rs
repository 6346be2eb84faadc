//! Queries and clauses, by recursive descent; expressions are parsed by precedence climbing.
//!
//! Grammar and precedence are those of the published reference parser (source). Long chains of
//! `AND` and `OR` become balanced trees, so that depth grows with nesting only.

use super::ast::{Distinct, Expr, ExprKind, Join, JoinSource, Ordering, Query, Select, SelectItem, Star};
use super::cursor::{MAX_CHAIN, Parsed, Parser};
use super::error::SoqlError;
use super::lexer::Token;
use crate::soda::SystemField;

/// Parses a whole query.
pub fn parse(source: &str) -> Result<Query, SoqlError> {
    let mut parser = Parser::new(source)?;
    let query = parser.query()?;
    match parser.peek() {
        Token::End => Ok(query),
        _ => Err(parser.expected("end of input")),
    }
}

/// Parses an expression alone.
pub fn parse_expression(source: &str) -> Result<Expr, SoqlError> {
    let mut parser = Parser::new(source)?;
    let expr = parser.expr()?;
    match parser.peek() {
        Token::End => Ok(expr),
        _ => Err(parser.expected("end of input")),
    }
}

impl Parser<'_> {
    fn query(&mut self) -> Parsed<Query> {
        let mut left = self.deeper(Self::atom)?;
        for _ in 0..MAX_CHAIN {
            if self.symbol("|>") {
                if self.sees_symbol("(") {
                    let message = "Expected a non-compound query on the right side of a pipe operator";
                    return Err(self.malformed(self.at(), message));
                }
                let right = self.select()?;
                left = Query::Chain(Box::new(left), Box::new(right));
            } else if let Some(word) = self.set_operator() {
                let right = self.deeper(Self::atom)?;
                left = Query::Combine(word, Box::new(left), Box::new(right));
            } else {
                return Ok(left);
            }
        }
        Err(self.malformed(self.at(), "Too many queries in one"))
    }

    fn set_operator(&mut self) -> Option<&'static str> {
        const WORDS: [(&str, &str, &str); 3] = [
            ("UNION", "UNION", "UNION ALL"),
            ("INTERSECT", "INTERSECT", "INTERSECT ALL"),
            ("MINUS", "MINUS", "MINUS ALL"),
        ];
        let (_, plain, all) = WORDS.into_iter().find(|(word, _, _)| self.sees(word))?;
        self.next += 1;
        Some(if self.word("ALL") { all } else { plain })
    }

    fn atom(&mut self) -> Parsed<Query> {
        if self.symbol("(") {
            let query = self.query()?;
            self.need(")")?;
            return Ok(query);
        }
        Ok(Query::Select(Box::new(self.select()?)))
    }

    fn select(&mut self) -> Parsed<Select> {
        self.need_word("SELECT")?;
        self.hint()?;
        let distinct = self.distinct()?;
        let (system_stars, stars, items) = self.select_list()?;
        let from = self.from()?;
        let mut joins = Vec::new();
        while let Some(join) = self.join()? {
            joins.push(join);
        }
        let filter = if self.word("WHERE") { Some(self.expr()?) } else { None };
        let group = if self.word("GROUP") { self.by(Self::expr)? } else { Vec::new() };
        let having = if self.word("HAVING") { Some(self.expr()?) } else { None };
        let mut search = self.search()?;
        let order = if self.word("ORDER") { self.by(Self::ordering)? } else { Vec::new() };
        if search.is_none() {
            search = self.search()?;
        }
        let mut offset = self.count("OFFSET")?;
        let limit = self.count("LIMIT")?;
        if offset.is_none() {
            offset = self.count("OFFSET")?;
        }
        Ok(Select {
            distinct,
            system_stars,
            stars,
            items,
            from,
            joins,
            filter,
            group,
            having,
            order,
            search,
            limit,
            offset,
        })
    }

    fn hint(&mut self) -> Parsed<()> {
        if !(self.sees("HINT") && *self.peek_at(1) == Token::Symbol("(")) {
            return Ok(());
        }
        // `hint(…)` may as well be a call; a hint is followed by something that can be selected.
        let mark = self.next;
        self.next += 2;
        let words = self.comma_list(Self::identifier);
        let closed = words.is_ok() && self.symbol(")");
        if !closed || matches!(self.peek(), Token::End | Token::Symbol("," | "." | "::" | "=" | "+" | "-")) {
            self.next = mark;
        }
        Ok(())
    }

    fn distinct(&mut self) -> Parsed<Distinct> {
        if !self.word("DISTINCT") {
            return Ok(Distinct::No);
        }
        if !self.word("ON") {
            return Ok(Distinct::All);
        }
        self.need("(")?;
        let list = self.comma_list(Self::expr)?;
        self.need(")")?;
        Ok(Distinct::On(list))
    }

    fn select_list(&mut self) -> Parsed<(Vec<Star>, Vec<Star>, Vec<SelectItem>)> {
        let (mut system, mut user, mut items) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            let at = self.at();
            if let Some((star, of_system)) = self.star()? {
                if !items.is_empty() {
                    return Err(
                        self.malformed(at, "Star selections must come at the start of the select-list")
                    );
                }
                if of_system && !user.is_empty() {
                    let message =
                        "System column star selections must come before user column star selections";
                    return Err(self.malformed(at, message));
                }
                if of_system { &mut system } else { &mut user }.push(star);
            } else {
                items.push(self.item()?);
            }
            if !self.symbol(",") {
                return Ok((system, user, items));
            }
        }
    }

    fn star(&mut self) -> Parsed<Option<(Star, bool)>> {
        let table = match (self.peek(), self.peek_at(1), self.peek_at(2)) {
            (Token::Table(table), Token::Symbol("."), Token::Symbol("*" | ":*")) => Some(table.clone()),
            (Token::Symbol("*" | ":*"), _, _) => None,
            _ => return Ok(None),
        };
        if table.is_some() {
            self.next += 2;
        }
        let of_system = self.sees_symbol(":*");
        self.next += 1;
        let mut except = Vec::new();
        if self.sees_symbol("(") && Self::is_word(self.peek_at(1), "EXCEPT") {
            self.next += 2;
            except = self.comma_list(|parser| {
                let at = parser.at();
                Ok((parser.column_name()?, at))
            })?;
            self.need(")")?;
        }
        Ok(Some((Star { table, except }, of_system)))
    }

    pub(super) fn column_name(&mut self) -> Parsed<String> {
        if let Token::System(name) = self.peek() {
            let name = name.clone();
            self.next += 1;
            return Ok(name);
        }
        self.identifier()
    }

    fn item(&mut self) -> Parsed<SelectItem> {
        let expr = self.expr()?;
        let alias = if self.word("AS") {
            let at = self.at();
            let name = self.column_name()?;
            if name.starts_with(':') && !may_be_called(&name, &expr) {
                return Err(self.malformed(at, "Expected an identifier, but got a system column"));
            }
            Some((name, at))
        } else {
            None
        };
        Ok(SelectItem { expr, alias })
    }

    fn table_alias(&mut self) -> Parsed<Option<String>> {
        if !self.word("AS") {
            return Ok(None);
        }
        if let Token::Table(name) = self.peek() {
            let name = name.clone();
            self.next += 1;
            return Ok(Some(name));
        }
        Ok(Some(self.identifier()?))
    }

    fn from(&mut self) -> Parsed<Option<(String, Option<String>)>> {
        if !self.word("FROM") {
            return Ok(None);
        }
        let Token::Table(table) = self.peek().clone() else {
            return Err(self.expected("a table identifier"));
        };
        self.next += 1;
        Ok(Some((table, self.table_alias()?)))
    }

    fn join(&mut self) -> Parsed<Option<Join>> {
        let kind = if self.sees("JOIN") {
            "JOIN"
        } else {
            let sides =
                [("LEFT", "LEFT OUTER JOIN"), ("RIGHT", "RIGHT OUTER JOIN"), ("FULL", "FULL OUTER JOIN")];
            let Some((_, kind)) = sides.into_iter().find(|(word, _)| self.sees(word)) else {
                return Ok(None);
            };
            self.next += 1;
            self.word("OUTER");
            kind
        };
        self.need_word("JOIN")?;
        let lateral = self.word("LATERAL");
        let at = self.at();
        let source = if let Token::Table(table) = self.peek().clone() {
            self.next += 1;
            JoinSource::Table(table, at)
        } else if self.symbol("(") {
            let query = self.deeper(Self::query)?;
            self.need(")")?;
            JoinSource::Query(Box::new(query))
        } else {
            JoinSource::Query(Box::new(Query::Select(Box::new(self.deeper(Self::select)?))))
        };
        let alias = self.table_alias()?;
        if alias.is_none() && matches!(source, JoinSource::Query(_)) {
            return Err(self.expected("`AS'"));
        }
        self.need_word("ON")?;
        let on = self.expr()?;
        Ok(Some(Join { kind, source, alias, on, lateral }))
    }

    pub(super) fn by<T>(&mut self, one: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.need_word("BY")?;
        self.comma_list(one)
    }

    pub(super) fn ordering(&mut self) -> Parsed<Ordering> {
        let expr = self.expr()?;
        let descending = self.word("DESC");
        if !descending {
            self.word("ASC");
        }
        let nulls_first = if self.word("NULL") || self.word("NULLS") {
            let first = self.word("FIRST");
            if !first && !self.word("LAST") {
                return Err(self.expected("one of `FIRST' or `LAST'"));
            }
            Some(first)
        } else {
            None
        };
        Ok(Ordering { expr, descending, nulls_first })
    }

    fn search(&mut self) -> Parsed<Option<String>> {
        if !self.word("SEARCH") {
            return Ok(None);
        }
        let Token::Text(text) = self.peek().clone() else { return Err(self.expected("a string")) };
        self.next += 1;
        Ok(Some(text))
    }

    fn count(&mut self, word: &str) -> Parsed<Option<String>> {
        if !self.word(word) {
            return Ok(None);
        }
        match self.peek() {
            Token::Number(n) if n.bytes().all(|b| b.is_ascii_digit()) => {
                let n = n.clone();
                self.next += 1;
                Ok(Some(n))
            }
            _ => Err(self.expected("an unsigned integer")),
        }
    }
}

/// A system name is an alias for the same column, or one of the four (source).
fn may_be_called(alias: &str, expr: &Expr) -> bool {
    SystemField::of_name(alias).is_some()
        || matches!(&expr.kind, ExprKind::Column { name, .. } if name == alias)
}

#[cfg(test)]
mod tests {
    use super::super::ast::UnaryOp;
    use super::*;

    fn tree(source: &str) -> String {
        fn show(e: &Expr) -> String {
            match &e.kind {
                ExprKind::Binary(op, a, b) => format!("[{} {} {}]", show(a), op.symbol(), show(b)),
                ExprKind::Unary(UnaryOp::Minus, a) => format!("[-{}]", show(a)),
                ExprKind::Unary(UnaryOp::Not, a) => format!("[NOT {}]", show(a)),
                ExprKind::IsNull(a, false) => format!("[{} IS NULL]", show(a)),
                ExprKind::Cast(a, t) => format!("[{}::{t}]", show(a)),
                ExprKind::Paren(a) => show(a),
                _ => e.to_string().replace('`', ""),
            }
        }
        show(&parse_expression(source).unwrap())
    }

    #[test]
    fn precedence_is_the_references() {
        for (source, expected) in [
            ("a = b IS NULL", "[[a = b] IS NULL]"),
            ("-2 ^ 2", "[[-2] ^ 2]"),
            ("2 ^ 3 ^ 2", "[2 ^ [3 ^ 2]]"),
            ("-x::text", "[-[x::text]]"),
            ("NOT a = b", "[NOT [a = b]]"),
            ("a or b and c", "[a OR [b AND c]]"),
            ("1 - 2 - 3 * 4", "[[1 - 2] - [3 * 4]]"),
        ] {
            assert_eq!(tree(source), expected, "{source}");
        }
    }

    #[test]
    fn printed_trees_parse_to_themselves() {
        for source in [
            "select a, b as c where x in (1,2) and not y like 'a%' order by c desc null last limit 5 offset 2",
            "select :*, * (except a) search 'b''c'",
            "select count(distinct x) filter (where y > 1) over (partition by z order by w rows 1 preceding)",
            "select a |> select b union all (select c minus select d)",
            "select @b.x from @this as t left join @abcd-1234 as b on @b.x = y group by y having max(z) between 1 and 2",
            "select case when a then b else c end, case(a, b), x.url, x['y']",
        ] {
            let query = parse(source).unwrap_or_else(|e| panic!("{source}: {e:?}"));
            let printed = query.to_string();
            let again = parse(&printed).unwrap_or_else(|e| panic!("{printed}: {e:?}"));
            assert_eq!(again.to_string(), printed);
        }
    }

    #[test]
    fn errors_name_the_offending_token() {
        let SoqlError::Malformed { position, message, .. } = parse("select * limit abc").unwrap_err() else {
            panic!()
        };
        assert_eq!((position.row, position.column), (1, 16));
        assert_eq!(message, "Expected an unsigned integer, but got `abc'");
        assert!(parse("select a, *").is_err());
        assert!(parse("select * order by a group by b").is_err());
    }

    #[test]
    fn deep_and_long_input_is_refused_or_taken_without_a_crash() {
        let deep = format!("select {}1{}", "(".repeat(20_000), ")".repeat(20_000));
        assert!(parse(&deep).is_err());
        assert!(parse(&format!("select {}", vec!["1"; 20_000].join("+"))).is_err());
        let long = format!("select * where {}", vec!["a = 1"; 20_000].join(" or "));
        assert!(parse(&long).is_ok());
    }
}
