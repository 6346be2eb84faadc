//! What a request says of who sends it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// The `Authorization` header, decoded; nothing is checked.
pub enum Credentials {
    /// The header was not sent.
    None,
    /// A user name with its password, or an API key's id with its secret.
    Basic {
        /// The user name or the key's id.
        name: String,
        /// The password or the key's secret.
        password: String,
    },
    /// An access token, by the scheme OAuth or Bearer.
    Token(String),
    /// A scheme that is not known.
    Unknown(String),
    /// They cannot be read.
    Malformed(MalformedCredentials),
}

/// Why credentials cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedCredentials {
    /// More than one header.
    #[error("Two Authorization headers were sent")]
    TwoHeaders,
    /// Bytes outside ASCII.
    #[error("The Authorization header is not text")]
    NotText,
    /// Basic credentials that are no base64 of UTF-8.
    #[error("The Basic credentials are not base64 of name:password")]
    NotBase64,
    /// Basic credentials without a password.
    #[error("The Basic credentials have no colon")]
    NoColon,
}

impl Credentials {
    /// The credentials in these headers.
    pub fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        match (values.next(), values.next()) {
            (None, _) => Self::None,
            (Some(_), Some(_)) => Self::Malformed(MalformedCredentials::TwoHeaders),
            (Some(value), None) => {
                value.to_str().map_or(Self::Malformed(MalformedCredentials::NotText), Self::parse)
            }
        }
    }

    fn parse(text: &str) -> Self {
        let (scheme, credentials) = text.trim().split_once(' ').unwrap_or((text, ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return basic(credentials.trim()).unwrap_or_else(Self::Malformed);
        }
        if scheme.eq_ignore_ascii_case("oauth") || scheme.eq_ignore_ascii_case("bearer") {
            return Self::Token(credentials.trim().to_owned());
        }
        Self::Unknown(scheme.to_owned())
    }

    /// Whether the header was sent, whatever it says.
    pub fn were_sent(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// The user name or key id of Basic credentials.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Basic { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The access token.
    pub fn token(&self) -> Option<&str> {
        match self {
            Self::Token(token) => Some(token),
            _ => None,
        }
    }
}

fn basic(encoded: &str) -> Result<Credentials, MalformedCredentials> {
    let decoded = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let decoded = decoded.ok_or(MalformedCredentials::NotBase64)?;
    let (name, password) = decoded.split_once(':').ok_or(MalformedCredentials::NoColon)?;
    Ok(Credentials::Basic { name: name.to_owned(), password: password.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scheme_is_told_from_the_others() {
        let told = |text: &str| match Credentials::parse(text) {
            Credentials::None => "none".to_owned(),
            Credentials::Basic { name, password } => format!("{name} with {password}"),
            Credentials::Token(token) => format!("token {token}"),
            Credentials::Unknown(scheme) => format!("unknown {scheme}"),
            Credentials::Malformed(error) => error.to_string(),
        };
        for (text, expected) in [
            ("Basic YTpiOmM=", "a with b:c"),
            ("basic  YTpi ", "a with b"),
            ("OAuth x", "token x"),
            ("BEARER  x.y ", "token x.y"),
            ("Digest x", "unknown Digest"),
            ("", "unknown "),
            ("Basic", "The Basic credentials have no colon"),
            ("Basic YQ==", "The Basic credentials have no colon"),
            ("Basic ***", "The Basic credentials are not base64 of name:password"),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }

    #[test]
    fn two_headers_are_none_that_counts() {
        let mut headers = HeaderMap::new();
        assert!(!Credentials::of(&headers).were_sent());
        headers.append(AUTHORIZATION, "Basic YTpi".parse().unwrap());
        assert_eq!(Credentials::of(&headers).name(), Some("a"));
        headers.append(AUTHORIZATION, "OAuth x".parse().unwrap());
        let two = Credentials::of(&headers);
        assert!(two.were_sent() && two.name().is_none() && two.token().is_none());
    }
}
