//! Names of spaces.

/// The name of a space: a DNS label, so that it can stand before `.localhost`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpaceName(String);

/// Why a text is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no name of a space; use 1 to 63 of a-z, 0-9 and -, with no - at either end")]
pub struct NameError(pub String);

impl SpaceName {
    /// Reads a name; capitals count as small letters, as they do in host names.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let name = text.to_ascii_lowercase();
        let fine = (1..=63).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !name.starts_with('-')
            && !name.ends_with('-');
        if fine { Ok(Self(name)) } else { Err(NameError(text.chars().take(80).collect())) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::SpaceName;
    use proptest::prelude::*;

    #[test]
    fn names_are_dns_labels() {
        for good in ["a", "t-1", "0", &"x".repeat(63)] {
            assert_eq!(SpaceName::parse(good).unwrap().as_str(), good);
        }
        assert_eq!(SpaceName::parse("Test-A").unwrap().as_str(), "test-a");
        for bad in ["", "-a", "a-", "a.b", "a b", "ä", "a/b", "..", &"x".repeat(64)] {
            assert!(SpaceName::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_name_or_refused(text in ".*") {
            if let Ok(name) = SpaceName::parse(&text) {
                prop_assert_eq!(SpaceName::parse(name.as_str()), Ok(name));
            }
        }
    }
}
