//! Text to a checked transform.

use super::compile_error::{CompileError, CompileErrorKind};
use super::functions::{Overload, Prepared, Work};
use super::limits::{MAX_ARGUMENTS, MAX_EXPRESSION};
use super::node::{Applied, Node};
use super::overload::{self, Chosen};
use super::parsed::parsed;
use super::{Surroundings, Transform, names};
use crate::soda::value::canonical_number;
use crate::soda::{SoqlType, Value, folded, nearest};
use crate::soql::ast::{Arguments, BinaryOp, Expr, ExprKind, UnaryOp};
use crate::soql::{Position, SoqlError, parse_expression};
use std::collections::BTreeSet;

/// A column of the input schema.
#[derive(Clone, Copy, Debug)]
pub struct Column<'n> {
    /// Its field name. References in back quotes or without mean it, first exactly, then without regard to case.
    pub name: &'n str,
    /// The type of its cells.
    pub soql_type: SoqlType,
}

/// Checks a transform's text over the columns of its input schema. Which functions of the world outside there are
/// depends on what the surroundings hold.
///
/// # Errors
/// What is wrong, where, and what would be right.
pub fn compile(
    text: &str,
    columns: &[Column<'_>],
    surroundings: &Surroundings,
) -> Result<Transform, CompileError> {
    if text.len() > MAX_EXPRESSION {
        let message = format!("A transform has at most {MAX_EXPRESSION} bytes");
        return Err(CompileError {
            kind: CompileErrorKind::TooLarge,
            message,
            position: Position::of("", 0),
            hint: None,
        });
    }
    let expr = parse_expression(text).map_err(|error| unparsable(text, &error))?;
    let mut checker = Checker { text, columns, surroundings, used: BTreeSet::new(), sites: 0 };
    let typed = checker.check(&expr)?;
    // Nothing but nulls and errors has no type of its own.
    let output_type = typed.soql_type.unwrap_or(SoqlType::Text);
    Ok(Transform::new(typed.node, output_type, checker.used.into_iter().collect(), parsed(text, &expr)))
}

fn unparsable(text: &str, error: &SoqlError) -> CompileError {
    let position = error.position().cloned().unwrap_or_else(|| Position::of(text, 0));
    let message = error.sentence();
    let deep = message.contains("too deeply") || matches!(error, SoqlError::TooLarge { .. });
    let kind = if deep { CompileErrorKind::TooLarge } else { CompileErrorKind::Malformed };
    CompileError { kind, message, position, hint: None }
}

/// A checked expression and its type; none for null and `error(…)`, which have any.
struct Typed {
    node: Node,
    soql_type: Option<SoqlType>,
}

type Checked = Result<Typed, CompileError>;

struct Checker<'a> {
    text: &'a str,
    columns: &'a [Column<'a>],
    surroundings: &'a Surroundings,
    used: BTreeSet<usize>,
    sites: u64,
}

fn constant(value: Value<'static>, soql_type: SoqlType) -> Checked {
    Ok(Typed { node: Node::Constant(value), soql_type: Some(soql_type) })
}

impl Checker<'_> {
    fn refuse(
        &self,
        at: usize,
        kind: CompileErrorKind,
        message: String,
        hint: Option<String>,
    ) -> CompileError {
        CompileError { kind, message, position: Position::of(self.text, at), hint }
    }

    fn not_part(&self, at: usize, what: &str) -> CompileError {
        let message = format!("{what} is not part of the language of transforms");
        self.refuse(at, CompileErrorKind::NoSuchFunction, message, None)
    }

    fn check(&mut self, expr: &Expr) -> Checked {
        let at = expr.at;
        match &expr.kind {
            ExprKind::Number(digits) => match canonical_number(digits) {
                Some(number) => constant(Value::from(number), SoqlType::Number),
                None => {
                    let message = format!("{digits} is too large for a number");
                    Err(self.refuse(at, CompileErrorKind::TooLarge, message, None))
                }
            },
            ExprKind::Text(text) => constant(Value::from(text.clone()), SoqlType::Text),
            ExprKind::Bool(value) => constant(Value::Int(i64::from(*value)), SoqlType::Boolean),
            ExprKind::Null => Ok(Typed { node: Node::Constant(Value::Null), soql_type: None }),
            ExprKind::Column { table: Some(_), .. } => Err(self.not_part(at, "A column of another dataset")),
            ExprKind::Column { table: None, name } => self.column(name, at),
            ExprKind::Paren(inner) => self.check(inner),
            ExprKind::Unary(op, inner) => {
                let name = match op {
                    UnaryOp::Not => "not",
                    UnaryOp::Minus => "-",
                    UnaryOp::Plus => "+",
                };
                self.call(name, &[inner], at)
            }
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right, at),
            ExprKind::Cast(inner, name) => self.call(&names::of_cast(name), &[inner], at),
            ExprKind::IsNull(inner, negated) => self.call(names::of_null_test(*negated), &[inner], at),
            ExprKind::Between(value, negated, low, high) => {
                self.call(names::of_between(*negated), &[value, low, high], at)
            }
            ExprKind::In(value, negated, items) => {
                let all: Vec<&Expr> = std::iter::once(value.as_ref()).chain(items).collect();
                self.call(names::of_in(*negated), &all, at)
            }
            ExprKind::Like(value, negated, pattern) => {
                self.call(names::of_like(*negated), &[value, pattern], at)
            }
            ExprKind::Case(whens, otherwise) => self.case(whens, otherwise.as_deref(), at),
            ExprKind::Field(inner, name) => self.field(inner, name, at),
            ExprKind::Index(inner, index) => self.call("[]", &[inner, index], at),
            ExprKind::Call { name, arguments, filter, window } => {
                if filter.is_some() || window.is_some() {
                    return Err(self.not_part(at, "A window or a filter"));
                }
                let Arguments::List(items) = arguments else {
                    return Err(self.not_part(at, "An aggregate"));
                };
                self.call(&name.to_lowercase(), &items.iter().collect::<Vec<_>>(), at)
            }
        }
    }

    fn column(&mut self, name: &str, at: usize) -> Checked {
        let exactly = self.columns.iter().position(|column| column.name == name);
        let alike = || self.columns.iter().position(|column| folded(column.name) == folded(name));
        let Some(place) = exactly.or_else(alike) else {
            let hint = nearest(name, self.columns.iter().map(|column| column.name))
                .map(|near| format!("Did you mean `{near}`?"));
            let message = format!("The input schema has no column {name}");
            return Err(self.refuse(at, CompileErrorKind::NoSuchColumn, message, hint));
        };
        self.used.insert(place);
        Ok(Typed { node: Node::Column(place), soql_type: Some(self.columns[place].soql_type) })
    }

    fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr, at: usize) -> Checked {
        self.call(&op.symbol().to_lowercase(), &[left, right], at)
    }

    /// `CASE WHEN … END` is `case(…)` with a test that is always true before the last value.
    fn case(&mut self, whens: &[(Expr, Expr)], otherwise: Option<&Expr>, at: usize) -> Checked {
        let always = Expr::new(ExprKind::Bool(true), at);
        let pairs = whens.iter().flat_map(|(test, value)| [test, value]);
        let last = otherwise.into_iter().flat_map(|value| [&always, value]);
        self.call("case", &pairs.chain(last).collect::<Vec<_>>(), at)
    }

    fn field(&mut self, inner: &Expr, name: &str, at: usize) -> Checked {
        let object = self.check(inner)?;
        let soql_type = object.soql_type.unwrap_or(SoqlType::Json);
        let mut arguments = vec![object];
        if soql_type == SoqlType::Json {
            arguments.push(Typed {
                node: Node::Constant(Value::from(name.to_owned())),
                soql_type: Some(SoqlType::Text),
            });
        }
        let function = names::of_field(soql_type, name);
        if overload::is_unknown(&function) {
            let message = format!("{} has no field {name}", soql_type.data_type_name());
            return Err(self.refuse(at, CompileErrorKind::NoSuchFunction, message, None));
        }
        self.apply(&function, arguments, at)
    }

    fn call(&mut self, name: &str, arguments: &[&Expr], at: usize) -> Checked {
        if arguments.len() > MAX_ARGUMENTS {
            let message = format!("A call has at most {MAX_ARGUMENTS} arguments");
            return Err(self.refuse(at, CompileErrorKind::TooLarge, message, None));
        }
        if overload::is_unknown(name) {
            let hint = overload::similar(name);
            let message = format!("There is no function {name}");
            return Err(self.refuse(at, CompileErrorKind::NoSuchFunction, message, hint));
        }
        let arguments = arguments.iter().map(|argument| self.check(argument)).collect::<Result<_, _>>()?;
        self.apply(name, arguments, at)
    }

    fn apply(&mut self, name: &str, arguments: Vec<Typed>, at: usize) -> Checked {
        let types: Vec<Option<SoqlType>> = arguments.iter().map(|argument| argument.soql_type).collect();
        let Chosen { overload, types, result } = overload::choose(name, &types)
            .map_err(|(kind, message, hint)| self.refuse(at, kind, message, Some(hint)))?;
        let nodes: Vec<Node> = arguments.into_iter().map(|argument| argument.node).collect();
        let call = self.applied(overload, types, result, nodes, at)?;
        Ok(Typed { node: call, soql_type: result })
    }

    fn applied(
        &mut self,
        overload: &'static Overload,
        types: Vec<SoqlType>,
        result: Option<SoqlType>,
        nodes: Vec<Node>,
        at: usize,
    ) -> Result<Node, CompileError> {
        let function = overload.function;
        let seeded = function.needs.is_none_or(|needs| needs(self.surroundings));
        let (run, strict, prepared) = match overload.work {
            Work::Refused => return Err(self.not_emulated(&overload.printed(), at)),
            _ if !seeded => return Err(self.not_emulated(function.name, at)),
            Work::Lazy(lazy) => return Ok(Node::Lazy(lazy, nodes.into())),
            Work::Strict(run) => (run, true, Prepared::Nothing),
            Work::Open(run) => (run, false, Prepared::Nothing),
            Work::Prepared(place, prepare, run) => match nodes.get(place) {
                Some(Node::Constant(Value::Text(text))) => {
                    let prepared = prepare(text)
                        .map_err(|why| self.refuse(at, CompileErrorKind::BadArgument, why, None))?;
                    (run, true, prepared)
                }
                _ => (run, true, Prepared::Nothing),
            },
        };
        self.sites += 1;
        Ok(Node::Call(Box::new(Applied {
            run,
            strict,
            types: types.into(),
            result: result.unwrap_or(SoqlType::Text),
            prepared,
            site: self.sites,
            arguments: nodes.into(),
        })))
    }

    fn not_emulated(&self, what: &str, at: usize) -> CompileError {
        let message = format!("{what} is not emulated without data of the world outside");
        let hint = "The seed can hold what it would answer".to_owned();
        self.refuse(at, CompileErrorKind::NotEmulated, message, Some(hint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column<'static>; 3] = [
        Column { name: "address", soql_type: SoqlType::Text },
        Column { name: "Depth", soql_type: SoqlType::Number },
        Column { name: "location", soql_type: SoqlType::Point },
    ];

    fn compiled(text: &str) -> Result<Transform, CompileError> {
        compile(text, &COLUMNS, &Surroundings::default())
    }

    #[test]
    fn a_transform_knows_its_type_and_its_columns() {
        for (text, soql_type, columns) in [
            ("address", SoqlType::Text, &[0][..]),
            ("`Depth` + 1", SoqlType::Number, &[1]),
            ("depth", SoqlType::Number, &[1]),
            ("location.latitude || address || `Depth` || address", SoqlType::Text, &[0, 1, 2]),
            ("case(true, depth, true, error('x'))", SoqlType::Number, &[1]),
            ("null", SoqlType::Text, &[]),
            ("error('x')", SoqlType::Text, &[]),
            ("null::number", SoqlType::Number, &[]),
            ("coalesce(null, make_point(1, 2))", SoqlType::Point, &[]),
        ] {
            let transform = compiled(text).unwrap();
            assert_eq!((transform.output_type(), transform.columns()), (soql_type, columns), "{text}");
        }
    }

    /// A text, and how it is refused: the kind, the sentence or none, the column, the hint if it matters.
    type Refusal = (&'static str, CompileErrorKind, &'static str, usize, Option<&'static str>);

    fn refused(cases: &[Refusal]) {
        for (text, kind, message, column, hint) in cases {
            let error = compiled(text).map(|transform| transform.output_type()).unwrap_err();
            assert_eq!((error.kind, error.position.column), (*kind, *column), "{text}: {error}");
            assert!(message.is_empty() || error.message == *message, "{text}: {}", error.message);
            assert!(hint.is_none() || error.hint.as_deref() == *hint, "{text}: {:?}", error.hint);
        }
    }

    #[test]
    fn what_is_not_there_is_told_with_its_place_and_what_would_be_right() {
        use CompileErrorKind::{Malformed, NoSuchColumn, NoSuchFunction};
        refused(&[
            ("upper(", Malformed, "Expected an expression, but got end of input", 7, None),
            (
                "upper(adress)",
                NoSuchColumn,
                "The input schema has no column adress",
                7,
                Some("Did you mean `address`?"),
            ),
            (
                "to_nubmer(address)",
                NoSuchFunction,
                "There is no function to_nubmer",
                1,
                Some("Did you mean to_number?"),
            ),
            ("location.lat", NoSuchFunction, "point has no field lat", 9, None),
            ("address::nonsense", NoSuchFunction, "There is no function cast_to_nonsense", 8, None),
        ]);
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_place_and_what_would_fit() {
        use CompileErrorKind::{BadArgument, NoSuchFunction, NotEmulated, TypeMismatch};
        refused(&[
            (
                "address + 1",
                TypeMismatch,
                "+ does not take (text, number)",
                9,
                Some("It is +(number number) -> number; +(number) -> number"),
            ),
            (
                "upper(address, 1)",
                TypeMismatch,
                "upper does not take 2 arguments",
                1,
                Some("It is upper(text) -> text"),
            ),
            (
                "depth = '1'",
                TypeMismatch,
                "= does not take (number, text)",
                7,
                Some("It is =(a a) -> checkbox"),
            ),
            ("location < location", TypeMismatch, "< does not take (point, point)", 10, None),
            ("coalesce(address, depth)", TypeMismatch, "coalesce does not take (text, number)", 1, None),
            (
                "regex_replace(address, '(', '')",
                BadArgument,
                "( is no regular expression: unclosed group",
                1,
                None,
            ),
            (
                "to_fixed_timestamp(address, '%Z')",
                BadArgument,
                "%Z names a zone, which no text can be read by",
                1,
                None,
            ),
            ("to_number(address, '#')", NotEmulated, "", 1, None),
            ("count(*)", NoSuchFunction, "An aggregate is not part of the language of transforms", 1, None),
            (
                "@abcd-1234.a",
                NoSuchFunction,
                "A column of another dataset is not part of the language of transforms",
                1,
                None,
            ),
            ("sum(depth)", NoSuchFunction, "There is no function sum", 1, None),
        ]);
    }
}
