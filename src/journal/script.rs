//! Entries as programs: curl and Python, with variables where the credentials were.

use super::Entry;
use std::fmt::Write as _;

/// Headers that the programs set themselves, or that belong to one connection.
const OWN: [&str; 14] = [
    "host",
    "content-length",
    "authorization",
    "proxy-authorization",
    "cookie",
    "x-app-token",
    "user-agent",
    "accept-encoding",
    "connection",
    "proxy-connection",
    "expect",
    "transfer-encoding",
    "content-encoding",
    "origin",
];

/// How the request proved who sent it.
enum Login {
    None,
    Basic,
    Token(&'static str),
}

impl Entry {
    /// Where it was sent.
    pub fn url(&self) -> String {
        let query = if self.query.is_empty() { String::new() } else { format!("?{}", self.query) };
        format!("{}{}{query}", self.origin(), self.path)
    }

    fn origin(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.headers.find("host").unwrap_or("localhost:7632"))
    }

    fn login(&self) -> Login {
        let scheme = self.headers.find("authorization").and_then(|v| v.split(' ').next()).unwrap_or("");
        match scheme.to_ascii_lowercase().as_str() {
            "basic" => Login::Basic,
            "oauth" => Login::Token("OAuth"),
            "bearer" => Login::Token("Bearer"),
            _ => Login::None,
        }
    }

    fn plain_headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().filter(|(name, _)| !OWN.contains(name))
    }

    fn has_app_token(&self) -> bool {
        self.headers.find("x-app-token").is_some_and(|token| !token.is_empty())
    }

    /// Where it was sent, in pieces: an application token stood between each and the next.
    fn target(&self) -> Vec<String> {
        let (mut pieces, mut last) = (Vec::new(), format!("{}{}", self.origin(), self.path));
        let mut separator = '?';
        for pair in self.query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let is_token = name.ends_with("app_token") && value.ends_with(super::mask::MASK);
            last.push(separator);
            if is_token {
                last.push_str(&pair[..=name.len()]);
                pieces.push(std::mem::take(&mut last));
            } else {
                last.push_str(pair);
            }
            separator = '&';
        }
        pieces.push(last);
        pieces
    }

    fn complaint(&self) -> &'static str {
        if self.body.is_cut() {
            "# Only the beginning of the body was kept: this is not the whole request.\n"
        } else {
            ""
        }
    }

    /// As a command for a POSIX shell.
    pub fn curl(&self) -> String {
        let mut out = self.complaint().to_owned();
        let text = self.body.text();
        if text.is_none() {
            let _ = write!(out, "printf %s {} | base64 -d | ", quoted(&base64(&self.body.kept)));
        }
        out.push_str("curl");
        match self.method.as_str() {
            "GET" if self.body.total == 0 => {}
            "HEAD" => out.push_str(" --head"),
            "POST" if self.body.total > 0 => {}
            method => {
                let _ = write!(out, " -X {method}");
            }
        }
        let _ = write!(out, " {}", quoted_all(&self.target()));
        match self.login() {
            Login::None => {}
            Login::Basic => out.push_str(" \\\n  -u \"$SODA_USER:$SODA_PASSWORD\""),
            Login::Token(scheme) => {
                let _ = write!(out, " \\\n  -H \"Authorization: {scheme} $SODA_TOKEN\"");
            }
        }
        if self.has_app_token() {
            out.push_str(" \\\n  -H \"X-App-Token: $SODA_APP_TOKEN\"");
        }
        for (name, value) in self.plain_headers() {
            let _ = write!(out, " \\\n  -H {}", quoted(&format!("{name}: {value}")));
        }
        if self.body.total > 0 {
            if self.headers.find("content-type").is_none() {
                // curl would add one of its own.
                out.push_str(" \\\n  -H 'content-type:'");
            }
            match text {
                Some(text) => {
                    let _ = write!(out, " \\\n  --data-raw {}", quoted(&text));
                }
                None => out.push_str(" \\\n  --data-binary @-"),
            }
        }
        out.push('\n');
        out
    }

    /// As a Python program; it needs the package `requests`.
    pub fn python(&self) -> String {
        let uses_token = self.has_app_token() || self.target().len() > 1;
        let login = self.login();
        let mut out = self.complaint().to_owned();
        if self.body.text().is_none() {
            out.push_str("import base64\n");
        }
        if uses_token || !matches!(login, Login::None) {
            out.push_str("import os\n");
        }
        out.push_str("\nimport requests\n\nresponse = requests.request(\n");
        let _ = writeln!(out, "    {},", literal(self.method.as_str()));
        let url: Vec<String> = self.target().iter().map(|piece| literal(piece)).collect();
        let _ = writeln!(out, "    {},", url.join(" + os.environ[\"SODA_APP_TOKEN\"] + "));
        if matches!(login, Login::Basic) {
            out.push_str("    auth=(os.environ[\"SODA_USER\"], os.environ[\"SODA_PASSWORD\"]),\n");
        }
        out.push_str("    headers={\n");
        if let Login::Token(scheme) = login {
            let _ = writeln!(out, "        \"Authorization\": \"{scheme} \" + os.environ[\"SODA_TOKEN\"],");
        }
        if self.has_app_token() {
            out.push_str("        \"X-App-Token\": os.environ[\"SODA_APP_TOKEN\"],\n");
        }
        for (name, value) in self.plain_headers() {
            let _ = writeln!(out, "        {}: {},", literal(name), literal(value));
        }
        out.push_str("    },\n");
        if self.body.total > 0 {
            let _ = match self.body.text() {
                Some(text) => writeln!(out, "    data={}.encode(),", literal(&text)),
                None => writeln!(out, "    data=base64.b64decode({}),", literal(&base64(&self.body.kept))),
            };
        }
        out.push_str(")\nprint(response.status_code, response.text)\n");
        out
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// One word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// One word of a shell in which pieces have the application token between them.
fn quoted_all(pieces: &[String]) -> String {
    pieces.iter().map(|piece| quoted(piece)).collect::<Vec<_>>().join("\"$SODA_APP_TOKEN\"")
}

/// A text of JSON is one of Python.
fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Captured, Headers};
    use http::{HeaderMap, Method};

    fn upsert(body: &[u8]) -> Entry {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("host", "localhost:7632"),
            ("authorization", "Basic c2VjcmV0"),
            ("x-app-token", "demo-app-token"),
            ("content-type", "application/json"),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        let body = Captured { kept: body.into(), total: body.len() as u64, whole: true, masked: false };
        Entry {
            query: "$$app_token=demo***".into(),
            headers: Headers::of(&headers),
            body,
            ..Entry::new(Method::POST, "/resource/4tka-6guv.json")
        }
    }

    #[test]
    fn curl_has_variables_for_credentials_and_quotes_the_rest() {
        assert_eq!(
            upsert(br#"[{"k":"it's"}]"#).curl(),
            r#"curl 'http://localhost:7632/resource/4tka-6guv.json?$$app_token='"$SODA_APP_TOKEN"'' \
  -u "$SODA_USER:$SODA_PASSWORD" \
  -H "X-App-Token: $SODA_APP_TOKEN" \
  -H 'content-type: application/json' \
  --data-raw '[{"k":"it'\''s"}]'
"#
        );
        assert!(upsert(&[0, 0xFF]).curl().starts_with("printf %s 'AP8=' | base64 -d | curl "));
    }

    #[test]
    fn python_has_variables_for_credentials_too() {
        let program = upsert(b"[\"\xC3\xA9\"]").python();
        assert!(program.contains("auth=(os.environ[\"SODA_USER\"], os.environ[\"SODA_PASSWORD\"])"));
        assert!(program.contains("?$$app_token=\" + os.environ[\"SODA_APP_TOKEN\"] + \"\","), "{program}");
        assert!(program.contains("data=\"[\\\"é\\\"]\".encode(),"), "{program}");
    }
}
