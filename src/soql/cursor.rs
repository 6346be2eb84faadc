//! The tokens of a text, taken one by one.

use super::error::{Position, SoqlError};
use super::lexer::{Spanned, Token, tokens};

/// Nesting beyond this is refused, as are longer chains of one operator level.
const MAX_DEPTH: usize = 56;
/// Operators of one level in a row.
pub(super) const MAX_CHAIN: usize = 200;
/// Expressions on the longest way down a tree.
pub(super) const MAX_HEIGHT: usize = 256;

/// Words that are names only in back quotes.
const RESERVED: [&str; 33] = [
    "SELECT",
    "DISTINCT",
    "EXCEPT",
    "AS",
    "WHERE",
    "GROUP",
    "HAVING",
    "ORDER",
    "LIMIT",
    "OFFSET",
    "SEARCH",
    "ASC",
    "DESC",
    "FILTER",
    "FROM",
    "FULL",
    "IN",
    "INNER",
    "JOIN",
    "LEFT",
    "RIGHT",
    "ON",
    "OUTER",
    "LATERAL",
    "AND",
    "OR",
    "NOT",
    "IS",
    "BETWEEN",
    "LIKE",
    "UNION",
    "INTERSECT",
    "MINUS",
];

/// A place in the tokens of a text. The rules of the grammar are methods in the files that hold them.
pub(super) struct Parser<'a> {
    source: &'a str,
    tokens: Vec<Spanned>,
    pub(super) next: usize,
    depth: usize,
}

pub(super) type Parsed<T> = Result<T, SoqlError>;

impl<'a> Parser<'a> {
    /// At the first token of a text.
    pub(super) fn new(source: &'a str) -> Parsed<Self> {
        Ok(Self { source, tokens: tokens(source)?, next: 0, depth: 0 })
    }

    fn here(&self) -> &Spanned {
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    pub(super) fn peek(&self) -> &Token {
        &self.here().token
    }

    pub(super) fn peek_at(&self, ahead: usize) -> &Token {
        &self.tokens[(self.next + ahead).min(self.tokens.len() - 1)].token
    }

    pub(super) fn at(&self) -> usize {
        self.here().start
    }

    pub(super) fn malformed(&self, at: usize, message: &str) -> SoqlError {
        SoqlError::malformed(self.source, Position::of(self.source, at), message)
    }

    pub(super) fn expected(&self, what: &str) -> SoqlError {
        let here = self.here();
        let got = match here.token {
            Token::End => "end of input".to_owned(),
            _ => format!("`{}'", &self.source[here.start..here.end]),
        };
        self.malformed(here.start, &format!("Expected {what}, but got {got}"))
    }

    pub(super) fn is_word(token: &Token, word: &str) -> bool {
        matches!(token, Token::Word { text, quoted: false } if text.eq_ignore_ascii_case(word))
    }

    pub(super) fn sees(&self, word: &str) -> bool {
        Self::is_word(self.peek(), word)
    }

    pub(super) fn word(&mut self, word: &str) -> bool {
        let found = self.sees(word);
        self.next += usize::from(found);
        found
    }

    pub(super) fn need_word(&mut self, word: &str) -> Parsed<()> {
        if self.word(word) { Ok(()) } else { Err(self.expected(&format!("`{word}'"))) }
    }

    pub(super) fn sees_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(s) if *s == symbol)
    }

    pub(super) fn symbol(&mut self, symbol: &str) -> bool {
        let found = self.sees_symbol(symbol);
        self.next += usize::from(found);
        found
    }

    pub(super) fn need(&mut self, symbol: &str) -> Parsed<()> {
        if self.symbol(symbol) { Ok(()) } else { Err(self.expected(&format!("`{symbol}'"))) }
    }

    pub(super) fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(self.malformed(self.at(), "Expression is nested too deeply"));
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    /// A name that is not a keyword.
    pub(super) fn identifier(&mut self) -> Parsed<String> {
        match self.peek() {
            Token::Word { text, quoted } if *quoted || !reserved(text) => {
                let name = text.clone();
                self.next += 1;
                Ok(name)
            }
            _ => Err(self.expected("an identifier")),
        }
    }

    pub(super) fn comma_list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut found = vec![one(self)?];
        while self.symbol(",") {
            found.push(one(self)?);
        }
        Ok(found)
    }
}

fn reserved(text: &str) -> bool {
    RESERVED.iter().any(|word| text.eq_ignore_ascii_case(word))
        || ["TRUE", "FALSE", "NULL"].iter().any(|word| text.eq_ignore_ascii_case(word))
}
