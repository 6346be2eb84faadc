//! Who sent a request, as it is matched.

use super::Pattern;
use super::recorded::given;
use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// One fact about the client of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientFact {
    User,
    AppToken,
    Address,
    Agent,
}

impl ClientFact {
    /// All facts, in the order in which they are looked at.
    pub const ALL: [Self; 4] = [Self::User, Self::AppToken, Self::Address, Self::Agent];

    /// The name of the fact in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::AppToken => "app_token",
            Self::Address => "address",
            Self::Agent => "agent",
        }
    }
}

/// What the client has to be: a text that one of its facts is like, or facts by name.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ClientMatch {
    /// The user name, the app token, the address or the `User-Agent`; `*` stands for any text.
    Any(String),
    /// Each of these facts.
    Facts(ClientFacts),
}

/// Facts about a client by name; `*` stands for any text, null for a fact that is not known.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClientFacts {
    /// The account.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    user: Option<Pattern>,
    /// The application token.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    app_token: Option<Pattern>,
    /// The IP address.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    address: Option<Pattern>,
    /// The `User-Agent`.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    agent: Option<Pattern>,
}

impl ClientFacts {
    /// The facts that are asked for, with what each has to be.
    pub fn asked(&self) -> impl Iterator<Item = (ClientFact, &Pattern)> {
        let patterns = [&self.user, &self.app_token, &self.address, &self.agent];
        ClientFact::ALL
            .into_iter()
            .zip(patterns)
            .filter_map(|(fact, pattern)| Some((fact, pattern.as_ref()?)))
    }

    /// Replaces what the application token has to be.
    pub fn map_app_token(&mut self, change: impl FnOnce(Pattern) -> Pattern) {
        self.app_token = self.app_token.take().map(change);
    }
}

impl<'de> Deserialize<'de> for ClientMatch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ClientVisitor;

        impl<'de> Visitor<'de> for ClientVisitor {
            type Value = ClientMatch;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text, or an object with user, app_token, address or agent")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<ClientMatch, E> {
                Ok(ClientMatch::Any(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ClientMatch, A::Error> {
                ClientFacts::deserialize(MapAccessDeserializer::new(map)).map(ClientMatch::Facts)
            }
        }

        deserializer.deserialize_any(ClientVisitor)
    }
}
