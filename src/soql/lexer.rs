//! SoQL text to tokens with their places (rules: `soql.flex` of the published reference, source).

use super::error::{Position, SoqlError};
use super::limits::{Limit, MAX_WORDS};

/// A token's kind and content.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A name, a keyword or a quoted name.
    Word {
        /// The name as written, without back quotes.
        text: String,
        /// Whether it stood in back quotes, and so cannot be a keyword.
        quoted: bool,
    },
    /// A name that begins with `:`.
    System(String),
    /// A table name, with its `@`.
    Table(String),
    /// A saved query's parameter.
    Hole(String),
    /// A number without sign.
    Number(String),
    /// The content of a text literal.
    Text(String),
    /// An operator or a bracket.
    Symbol(&'static str),
    /// The end of the text.
    End,
}

/// A token, where it begins, and its source text.
#[derive(Clone, Debug, PartialEq)]
pub struct Spanned {
    /// What it is.
    pub token: Token,
    /// Byte offset in the source.
    pub start: usize,
    /// Byte offset behind it.
    pub end: usize,
}

/// Longest first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 26] = [
    "|>", "||", "::", "==", "<>", "!=", "<=", ">=", ":*", "=", "<", ">", "+", "-", "*", "/", "%", "^", "(",
    ")", "[", "]", ",", ".", "!", "~",
];

/// The tokens of a query; the last one is `End`.
pub fn tokens(source: &str) -> Result<Vec<Spanned>, SoqlError> {
    let mut lexer = Lexer { source, at: 0 };
    let mut found = Vec::new();
    loop {
        lexer.skip_space_and_comments()?;
        let start = lexer.at;
        let token = lexer.token()?;
        let last = token == Token::End;
        found.push(Spanned { token, start, end: lexer.at });
        if found.len() > MAX_WORDS {
            return Err(SoqlError::TooLarge { limit: Limit::Words, position: None });
        }
        if last {
            return Ok(found);
        }
    }
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
}

fn name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == '$'
}

fn name_part(c: char) -> bool {
    name_start(c) || c.is_numeric()
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.source[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn error(&self, at: usize, message: &str) -> SoqlError {
        SoqlError::malformed(self.source, Position::of(self.source, at), message)
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> String {
        let rest = self.rest();
        let length = rest.find(|c| !keep(c)).unwrap_or(rest.len());
        let taken = rest[..length].to_owned();
        self.at += length;
        taken
    }

    fn skip_space_and_comments(&mut self) -> Result<(), SoqlError> {
        loop {
            self.take_while(|c| matches!(c, ' ' | '\t' | '\r' | '\n'));
            if self.rest().starts_with("--") {
                self.take_while(|c| c != '\n');
            } else if self.rest().starts_with("/*") {
                let Some(length) = self.rest().find("*/") else {
                    return Err(self.error(self.source.len(), "Unexpected end of input"));
                };
                self.at += length + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn token(&mut self) -> Result<Token, SoqlError> {
        let Some(c) = self.peek() else { return Ok(Token::End) };
        match c {
            _ if name_start(c) => Ok(Token::Word { text: self.take_while(name_part), quoted: false }),
            '0'..='9' => Ok(Token::Number(self.number())),
            '\'' => self.single_quoted(),
            '"' => self.double_quoted(),
            '`' => self.back_quoted(),
            '@' => {
                self.at += 1;
                let name = self.take_while(|c| name_part(c) || c == '-');
                if name.is_empty() {
                    Err(self.error(self.at, "Unexpected character"))
                } else {
                    Ok(Token::Table(name))
                }
            }
            '?' => {
                self.at += 1;
                Ok(Token::Hole(self.take_while(name_part)))
            }
            ':' => self.system_or_symbol(),
            _ => self.symbol(c),
        }
    }

    fn symbol(&mut self, c: char) -> Result<Token, SoqlError> {
        match SYMBOLS.iter().find(|s| self.rest().starts_with(**s)) {
            Some(symbol) => {
                self.at += symbol.len();
                Ok(Token::Symbol(symbol))
            }
            None => Err(self.error(self.at, &format!("Unexpected character '{c}'"))),
        }
    }

    fn system_or_symbol(&mut self) -> Result<Token, SoqlError> {
        let tail = &self.rest()[1..];
        let at_sign = usize::from(tail.starts_with('@'));
        if tail[at_sign..].starts_with(name_part) {
            self.at += 1 + at_sign;
            let name = self.take_while(name_part);
            return Ok(Token::System(format!("{}{name}", if at_sign == 1 { ":@" } else { ":" })));
        }
        self.symbol(':')
    }

    /// Digits with an optional fraction, which may be empty, and exponent.
    fn number(&mut self) -> String {
        let start = self.at;
        self.take_while(|c| c.is_ascii_digit());
        if self.rest().starts_with('.') {
            self.at += 1;
            self.take_while(|c| c.is_ascii_digit());
        }
        let rest = self.rest().as_bytes();
        if matches!(rest.first(), Some(b'e' | b'E')) {
            let signed = 1 + usize::from(matches!(rest.get(1), Some(b'+' | b'-')));
            if rest.get(signed).is_some_and(u8::is_ascii_digit) {
                self.at += signed;
                self.take_while(|c| c.is_ascii_digit());
            }
        }
        self.source[start..self.at].to_owned()
    }

    /// A doubled quote is a quote; a backslash is an ordinary character.
    fn single_quoted(&mut self) -> Result<Token, SoqlError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            text.push_str(&self.take_while(|c| c != '\''));
            if self.peek().is_none() {
                return Err(self.error(start, "Unterminated string"));
            }
            self.at += 1;
            if self.peek() != Some('\'') {
                return Ok(Token::Text(text));
            }
            text.push('\'');
            self.at += 1;
        }
    }

    fn double_quoted(&mut self) -> Result<Token, SoqlError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            text.push_str(&self.take_while(|c| !matches!(c, '"' | '\\' | '\n')));
            match self.peek() {
                Some('"') => {
                    self.at += 1;
                    return Ok(Token::Text(text));
                }
                Some('\\') => text.push(self.escape()?),
                _ => return Err(self.error(start, "Unterminated string")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, SoqlError> {
        let at = self.at;
        self.at += 1;
        let c = self.peek().ok_or_else(|| self.error(at, "Unterminated string"))?;
        self.at += c.len_utf8();
        match c {
            '/' | '"' | '\\' => Ok(c),
            'n' => Ok('\n'),
            't' => Ok('\t'),
            'b' => Ok('\u{8}'),
            'f' => Ok('\u{c}'),
            'r' => Ok('\r'),
            'u' => self.code_point(4),
            'U' => self.code_point(6),
            _ => Err(self.error(at, "Unexpected escape character")),
        }
    }

    fn code_point(&mut self, width: usize) -> Result<char, SoqlError> {
        let digits = self.rest().get(..width).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(digits) = digits else { return Err(self.error(self.at, "Bad character in unicode escape")) };
        let code = u32::from_str_radix(digits, 16).unwrap_or(u32::MAX);
        let found =
            char::from_u32(code).ok_or_else(|| self.error(self.at, "Unicode character out of range"))?;
        self.at += width;
        Ok(found)
    }

    fn back_quoted(&mut self) -> Result<Token, SoqlError> {
        let start = self.at;
        self.at += 1;
        let name = self.take_while(|c| name_part(c) || matches!(c, '-' | ':' | '@'));
        // A plain name begins with a letter or a dash; a system name may begin with a digit.
        let bare = name.strip_prefix(":@").or_else(|| name.strip_prefix(':'));
        let begins = bare.map_or_else(|| name.starts_with(|c| name_start(c) || c == '-'), |b| !b.is_empty());
        if self.peek() != Some('`') || !begins || bare.unwrap_or(&name).contains([':', '@']) {
            return Err(self.error(start, "Unexpected character"));
        }
        self.at += 1;
        Ok(if name.starts_with(':') { Token::System(name) } else { Token::Word { text: name, quoted: true } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Vec<Token> {
        tokens(source).unwrap().into_iter().map(|s| s.token).collect()
    }

    #[test]
    fn literals_and_names() {
        assert_eq!(
            kinds("'it''s' \"a\\u0041\" 3. .5")[..2],
            [Token::Text("it's".into()), Token::Text("aA".into())]
        );
        assert_eq!(kinds("3.")[0], Token::Number("3.".into()));
        assert_eq!(kinds("1e5")[0], Token::Number("1e5".into()));
        assert_eq!(kinds(":id :* :@x")[0], Token::System(":id".into()));
        assert_eq!(kinds(":*")[0], Token::Symbol(":*"));
        assert_eq!(kinds("`a-b`")[0], Token::Word { text: "a-b".into(), quoted: true });
        assert_eq!(kinds("1--1 rest"), [Token::Number("1".into()), Token::End]);
        assert_eq!(kinds("a::number")[1], Token::Symbol("::"));
    }

    #[test]
    fn broken_text_is_an_error() {
        for source in ["'abc", "\"abc", "\"a\nb\"", "\"\\q\"", "#", "`a b`", "/* x", "`1a`", "`a:b`", "`:`"] {
            assert!(tokens(source).is_err(), "{source}");
        }
    }
}
