//! Environment variables as CI had them.

use crate::Origin;

/// One variable of a job's or a step's environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    pub name: String,
    pub value: Value,
    pub origin: Origin,
    /// Earlier values that this one replaced, the latest first.
    pub overridden: Vec<(Value, Origin)>,
}

/// What is known of a variable's value. An empty value is known: empty is not unset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// The value in effect.
    Known(String),
    /// As CI printed it, holding `***` where a secret stood.
    Masked(String),
    /// Depends on what cannot be known here: the source expression, as written.
    Unresolved(String),
}

impl Value {
    /// The value as CI printed it: known, or masked if it holds `***`.
    pub fn printed(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.contains("***") {
            Self::Masked(text)
        } else {
            Self::Known(text)
        }
    }

    /// The value, if it is wholly known.
    pub fn known(&self) -> Option<&str> {
        match self {
            Self::Known(value) => Some(value),
            Self::Masked(_) | Self::Unresolved(_) => None,
        }
    }

    /// The value, the masked value, or the expression: what to show to a person.
    pub fn text(&self) -> &str {
        match self {
            Self::Known(text) | Self::Masked(text) | Self::Unresolved(text) => text,
        }
    }
}

/// Whether a variable of this name probably holds a secret: its value is then never written anywhere.
pub fn is_secret_name(name: &str) -> bool {
    const WORDS: [&str; 12] = [
        "TOKEN",
        "SECRET",
        "SECRETS",
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "KEY",
        "APIKEY",
        "CREDENTIAL",
        "CREDENTIALS",
        "PAT",
        "AUTH",
    ];
    let upper = name.to_ascii_uppercase();
    // `KEYBOARD` and `MONKEY` are no keys: a word counts only as a whole part of the name.
    upper
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| WORDS.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_names_are_whole_words() {
        for name in [
            "HF_TOKEN",
            "aws_secret_access_key",
            "API_KEY",
            "APIKEY",
            "DB_PASSWORD",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "KEYBOARD",
            "MONKEYPATCH",
            "TOKENIZERS_PARALLELISM",
            "AUTHOR",
            "PATH",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn stars_mask() {
        assert_eq!(
            Value::printed("https://***@host"),
            Value::Masked("https://***@host".into())
        );
        assert_eq!(Value::printed(""), Value::Known(String::new()));
    }
}
