//! Expressions, by precedence climbing.

use super::ast::{Arguments, BinaryOp, Expr, ExprKind, UnaryOp, Window};
use super::cursor::{MAX_CHAIN, MAX_HEIGHT, Parsed, Parser};
use super::frame::{Edge, Exclusion, Frame, Unit};
use super::lexer::Token;

impl Parser<'_> {
    /// An expression, loosest operators first.
    pub(super) fn expr(&mut self) -> Parsed<Expr> {
        self.deeper(|p| p.logical("OR", BinaryOp::Or, |p| p.logical("AND", BinaryOp::And, Self::negation)))
    }

    /// An expression that is not too high for what walks through it later.
    fn made(&self, kind: ExprKind, at: usize) -> Parsed<Expr> {
        let expr = Expr::new(kind, at);
        if expr.height > MAX_HEIGHT {
            Err(self.malformed(at, "Expression is nested too deeply"))
        } else {
            Ok(expr)
        }
    }

    fn logical(
        &mut self,
        word: &str,
        op: BinaryOp,
        mut operand: impl FnMut(&mut Self) -> Parsed<Expr>,
    ) -> Parsed<Expr> {
        let mut operands = vec![operand(self)?];
        let mut places = Vec::new();
        loop {
            let at = self.at();
            if !self.word(word) {
                return Ok(balanced(op, operands, &places));
            }
            places.push(at);
            operands.push(operand(self)?);
        }
    }

    fn negation(&mut self) -> Parsed<Expr> {
        let at = self.at();
        if self.word("NOT") {
            let inner = self.deeper(Self::negation)?;
            return self.made(ExprKind::Unary(UnaryOp::Not, Box::new(inner)), at);
        }
        self.predicate()
    }

    fn predicate(&mut self) -> Parsed<Expr> {
        let mut left = self.binary(0)?;
        for _ in 0..MAX_CHAIN {
            let at = self.at();
            let kind = if self.word("IS") {
                let negated = self.word("NOT");
                self.need_word("NULL")?;
                ExprKind::IsNull(Box::new(left), negated)
            } else {
                let negated = self.sees("NOT")
                    && ["LIKE", "BETWEEN", "IN"].iter().any(|word| Self::is_word(self.peek_at(1), word));
                self.next += usize::from(negated);
                if self.word("LIKE") {
                    ExprKind::Like(Box::new(left), negated, Box::new(self.deeper(Self::predicate)?))
                } else if self.word("BETWEEN") {
                    let low = self.deeper(Self::predicate)?;
                    self.need_word("AND")?;
                    ExprKind::Between(
                        Box::new(left),
                        negated,
                        Box::new(low),
                        Box::new(self.deeper(Self::predicate)?),
                    )
                } else if self.word("IN") {
                    self.need("(")?;
                    let items = self.comma_list(Self::expr)?;
                    self.need(")")?;
                    ExprKind::In(Box::new(left), negated, items)
                } else {
                    return Ok(left);
                }
            };
            left = self.made(kind, at)?;
        }
        Err(self.malformed(self.at(), "Expression is nested too deeply"))
    }

    /// Comparisons (level 0), sums (1), products (2): all left-associative. One function for the three
    /// keeps the way down to a bracket short.
    fn binary(&mut self, lowest: usize) -> Parsed<Expr> {
        let mut left = self.power()?;
        for _ in 0..MAX_CHAIN {
            let at = self.at();
            let Some((level, op)) = self.operator().filter(|(level, _)| *level >= lowest) else {
                return Ok(left);
            };
            self.next += 1;
            let right = self.binary(level + 1)?;
            left = self.made(ExprKind::Binary(op, Box::new(left), Box::new(right)), at)?;
        }
        Err(self.malformed(self.at(), "Expression is nested too deeply"))
    }

    /// The operator that stands here, with its level.
    fn operator(&self) -> Option<(usize, BinaryOp)> {
        let Token::Symbol(symbol) = self.peek() else { return None };
        Some(match *symbol {
            "=" => (0, BinaryOp::Eq),
            "==" => (0, BinaryOp::EqEq),
            "<>" => (0, BinaryOp::LtGt),
            "!=" => (0, BinaryOp::Ne),
            "<=" => (0, BinaryOp::Le),
            ">=" => (0, BinaryOp::Ge),
            "<" => (0, BinaryOp::Lt),
            ">" => (0, BinaryOp::Gt),
            "+" => (1, BinaryOp::Plus),
            "-" => (1, BinaryOp::Minus),
            "||" => (1, BinaryOp::Concat),
            "*" => (2, BinaryOp::Times),
            "/" => (2, BinaryOp::Divide),
            "%" => (2, BinaryOp::Modulo),
            _ => return None,
        })
    }

    fn power(&mut self) -> Parsed<Expr> {
        let left = self.signed()?;
        let at = self.at();
        if !self.symbol("^") {
            return Ok(left);
        }
        let right = self.deeper(Self::power)?;
        self.made(ExprKind::Binary(BinaryOp::Power, Box::new(left), Box::new(right)), at)
    }

    fn signed(&mut self) -> Parsed<Expr> {
        let at = self.at();
        for (symbol, op) in [("-", UnaryOp::Minus), ("+", UnaryOp::Plus)] {
            if self.symbol(symbol) {
                let inner = self.deeper(Self::signed)?;
                return self.made(ExprKind::Unary(op, Box::new(inner)), at);
            }
        }
        self.cast()
    }

    fn cast(&mut self) -> Parsed<Expr> {
        let mut left = self.postfix()?;
        for _ in 0..MAX_CHAIN {
            let at = self.at();
            if !self.symbol("::") {
                return Ok(left);
            }
            let name = self.identifier()?;
            left = self.made(ExprKind::Cast(Box::new(left), name), at)?;
        }
        Err(self.malformed(self.at(), "Expression is nested too deeply"))
    }

    fn postfix(&mut self) -> Parsed<Expr> {
        let mut left = self.primary()?;
        for _ in 0..MAX_CHAIN {
            let at = self.at();
            let kind = if self.symbol(".") {
                ExprKind::Field(Box::new(left), self.identifier()?)
            } else if self.symbol("[") {
                let index = self.expr()?;
                self.need("]")?;
                ExprKind::Index(Box::new(left), Box::new(index))
            } else {
                return Ok(left);
            };
            left = self.made(kind, at)?;
        }
        Err(self.malformed(self.at(), "Expression is nested too deeply"))
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let at = self.at();
        let token = self.peek().clone();
        let kind = match token {
            Token::Number(n) => {
                self.next += 1;
                ExprKind::Number(n)
            }
            Token::Text(t) => {
                self.next += 1;
                ExprKind::Text(t)
            }
            Token::System(name) => {
                self.next += 1;
                ExprKind::Column { table: None, name }
            }
            Token::Table(table) => {
                self.next += 1;
                self.need(".")?;
                ExprKind::Column { table: Some(table), name: self.column_name()? }
            }
            Token::Symbol("(") => {
                self.next += 1;
                let inner = self.expr()?;
                self.need(")")?;
                ExprKind::Paren(Box::new(inner))
            }
            Token::Hole(_) => {
                return Err(self.expected("an expression (parameters of saved queries have no value)"));
            }
            Token::Word { text, quoted } => return self.word_primary(&text, quoted, at),
            _ => return Err(self.expected("an expression")),
        };
        self.made(kind, at)
    }

    fn word_primary(&mut self, text: &str, quoted: bool, at: usize) -> Parsed<Expr> {
        let is = |word: &str| !quoted && text.eq_ignore_ascii_case(word);
        let kind = if is("TRUE") || is("FALSE") {
            self.next += 1;
            ExprKind::Bool(is("TRUE"))
        } else if is("NULL") {
            self.next += 1;
            ExprKind::Null
        } else if is("CASE") && Self::is_word(self.peek_at(1), "WHEN") {
            self.next += 1;
            self.case()?
        } else {
            let Ok(name) = self.identifier() else { return Err(self.expected("an expression")) };
            if self.symbol("(") { self.call(name)? } else { ExprKind::Column { table: None, name } }
        };
        self.made(kind, at)
    }

    fn case(&mut self) -> Parsed<ExprKind> {
        let mut whens = Vec::new();
        while self.word("WHEN") {
            let condition = self.expr()?;
            self.need_word("THEN")?;
            whens.push((condition, self.expr()?));
        }
        let otherwise = if self.word("ELSE") { Some(Box::new(self.expr()?)) } else { None };
        self.need_word("END")?;
        Ok(ExprKind::Case(whens, otherwise))
    }

    fn call(&mut self, name: String) -> Parsed<ExprKind> {
        let arguments = if self.symbol("*") {
            Arguments::Star
        } else if self.word("DISTINCT") {
            Arguments::Distinct(Box::new(self.expr()?))
        } else if self.sees_symbol(")") {
            Arguments::List(Vec::new())
        } else {
            Arguments::List(self.comma_list(Self::expr)?)
        };
        self.need(")")?;
        let filter = if self.word("FILTER") {
            self.need("(")?;
            self.need_word("WHERE")?;
            let condition = self.expr()?;
            self.need(")")?;
            Some(Box::new(condition))
        } else {
            None
        };
        let window = if self.sees("OVER") && *self.peek_at(1) == Token::Symbol("(") {
            self.next += 2;
            let window = self.window()?;
            self.need(")")?;
            Some(Box::new(window))
        } else {
            None
        };
        Ok(ExprKind::Call { name, arguments, filter, window })
    }

    fn window(&mut self) -> Parsed<Window> {
        let partition = if self.word("PARTITION") { self.by(Self::expr)? } else { Vec::new() };
        let order = if self.word("ORDER") { self.by(Self::ordering)? } else { Vec::new() };
        Ok(Window { partition, order, frame: self.frame()? })
    }

    fn frame(&mut self) -> Parsed<Option<Frame>> {
        let units = [("RANGE", Unit::Range), ("ROWS", Unit::Rows), ("GROUPS", Unit::Groups)];
        let Some((_, unit)) = units.into_iter().find(|(word, _)| self.word(word)) else { return Ok(None) };
        let (start, end) = if self.word("BETWEEN") {
            let start = self.edge()?;
            self.need_word("AND")?;
            (start, Some(self.edge()?))
        } else {
            (self.edge()?, None)
        };
        Ok(Some(Frame { unit, start, end, exclusion: self.exclusion()? }))
    }

    fn exclusion(&mut self) -> Parsed<Option<Exclusion>> {
        if !self.word("EXCLUDE") {
            return Ok(None);
        }
        let known = [
            ("CURRENT", "ROW", Exclusion::CurrentRow),
            ("NO", "OTHERS", Exclusion::NoOthers),
            ("GROUP", "", Exclusion::Group),
            ("TIES", "", Exclusion::Ties),
        ];
        let Some((_, second, exclusion)) = known.into_iter().find(|(word, ..)| self.word(word)) else {
            return Err(self.expected("one of `CURRENT', `GROUP', `TIES', or `NO'"));
        };
        if !second.is_empty() {
            self.need_word(second)?;
        }
        Ok(Some(exclusion))
    }

    fn edge(&mut self) -> Parsed<Edge> {
        if self.word("CURRENT") {
            self.need_word("ROW")?;
            return Ok(Edge::CurrentRow);
        }
        let amount = match self.peek() {
            Token::Number(n) if n.bytes().all(|b| b.is_ascii_digit()) => Some(n.clone()),
            _ if self.sees("UNBOUNDED") => None,
            _ => return Err(self.expected("one of `UNBOUNDED', `CURRENT', or an integer")),
        };
        self.next += 1;
        if self.word("PRECEDING") {
            Ok(amount.map_or(Edge::UnboundedPreceding, Edge::Preceding))
        } else if self.word("FOLLOWING") {
            Ok(amount.map_or(Edge::UnboundedFollowing, Edge::Following))
        } else {
            Err(self.expected("one of `PRECEDING' or `FOLLOWING'"))
        }
    }
}

fn balanced(op: BinaryOp, mut operands: Vec<Expr>, places: &[usize]) -> Expr {
    if operands.len() > 1 {
        let middle = operands.len() / 2;
        let right = operands.split_off(middle);
        let kind = ExprKind::Binary(
            op,
            Box::new(balanced(op, operands, &places[..middle - 1])),
            Box::new(balanced(op, right, &places[middle..])),
        );
        return Expr::new(kind, places[middle - 1]);
    }
    operands.pop().unwrap_or_else(|| Expr::new(ExprKind::Null, 0))
}
