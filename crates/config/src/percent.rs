//! A percentage with its decimals: a threshold such as `79.5`, compared by counting and never by rounding.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A share of a hundred, 0 to 100, with up to six decimals.
///
/// In `release.toml` it is an integer, or a decimal in quotes: a TOML float would be rounded before anyone reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent {
    /// Millionths of a percent.
    millionths: u32,
}

/// Millionths in one percent.
const ONE: u32 = 1_000_000;
const DECIMALS: usize = 6;

impl Percent {
    /// The percentage without decimals; more than 100 is 100.
    #[must_use]
    pub const fn whole(percent: u8) -> Self {
        let percent = if percent > 100 { 100 } else { percent };
        Self {
            millionths: percent as u32 * ONE,
        }
    }

    /// Whether `part` of `total` is this share or more; exact for every pair of numbers. Nothing is no share of nothing.
    #[must_use]
    pub fn is_met_by(self, part: u64, total: u64) -> bool {
        let scale = 100 * u128::from(ONE);
        total > 0 && u128::from(part) * scale >= u128::from(total) * u128::from(self.millionths)
    }

    /// For figures in reports; decisions are [`Self::is_met_by`]'s.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.millionths) / f64::from(ONE)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.millionths / ONE, self.millionths % ONE);
        if rest == 0 {
            return write!(formatter, "{whole}");
        }
        let decimals = format!("{rest:06}");
        write!(formatter, "{whole}.{}", decimals.trim_end_matches('0'))
    }
}

impl FromStr for Percent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shape = || {
            format!(
                "expected a percentage of 0 to 100 with at most {DECIMALS} decimals, such as 80 or \"79.5\""
            )
        };
        let (whole, decimals) = match text.split_once('.') {
            Some((_, "")) => return Err(shape()),
            Some(parts) => parts,
            None => (text, ""),
        };
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let fits = (1..=3).contains(&whole.len()) && decimals.len() <= DECIMALS;
        if !fits || !digits(whole) || !digits(decimals) {
            return Err(shape());
        }
        let millionths: u32 = format!("{whole}{decimals:0<DECIMALS$}")
            .parse()
            .map_err(|_| shape())?;
        if millionths > 100 * ONE {
            return Err(shape());
        }
        Ok(Self { millionths })
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Percent {
    fn schema_name() -> Cow<'static, str> {
        "Percent".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "integer"], "format": "percent" })
    }
}

#[cfg(test)]
mod tests {
    use super::Percent;

    fn percent(text: &str) -> Percent {
        text.parse().expect(text)
    }

    #[test]
    fn texts_are_read_and_written_without_loss() {
        for (text, written) in [
            ("0", "0"),
            ("80", "80"),
            ("080", "80"),
            ("79.5", "79.5"),
            ("79.50", "79.5"),
            ("79.999999", "79.999999"),
            ("0.000001", "0.000001"),
            ("100.0", "100"),
        ] {
            assert_eq!(percent(text).to_string(), written);
            assert_eq!(percent(written), percent(text));
        }
        assert_eq!(Percent::whole(80), percent("80"));
        for text in [
            "",
            ".",
            "80.",
            ".5",
            "-1",
            "+80",
            "80%",
            "100.000001",
            "101",
            "1e2",
            "79.9999999",
            "8 0",
            "８０",
        ] {
            assert!(text.parse::<Percent>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_hair_below_is_below() {
        for (required, part, total, met) in [
            ("80", 80, 100, true),
            ("80", 7_999, 10_000, false),
            // Written with two decimals it is 80.00, and so it is with an f32.
            ("80", 799_999_999, 1_000_000_000, false),
            ("79.5", 159, 200, true),
            ("79.5", 1_589_999, 2_000_000, false),
            ("66.666666", 2, 3, true),
            ("66.666667", 2, 3, false),
            ("100", u64::MAX - 1, u64::MAX, false),
            ("100", u64::MAX, u64::MAX, true),
            ("0", 0, 1, true),
            ("0", 0, 0, false),
        ] {
            assert_eq!(
                percent(required).is_met_by(part, total),
                met,
                "{part} of {total} against {required}"
            );
        }
    }
}
