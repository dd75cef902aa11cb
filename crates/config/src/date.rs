//! A civil date, `YYYY-MM-DD`: the last day of a waiver. No clock and no time zone belong to it.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A day of the proleptic Gregorian calendar, as RFC 3339 `full-date` writes it: `2026-03-01`.
///
/// Ordered by time. In `release.toml` it is a TOML local date or the same text in quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    // Most significant first: the derived order is the order of time.
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The date with this year (0 to 9999), month (1 to 12) and day (from 1).
    ///
    /// # Errors
    /// When the calendar has no such day; the text says why.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, String> {
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if year.is_multiple_of(4)
                && (!year.is_multiple_of(100) || year.is_multiple_of(400)) =>
            {
                29
            }
            2 => 28,
            _ => return Err(format!("there is no month {month:02}")),
        };
        if year > 9999 {
            return Err(format!("the year {year} has more than four digits"));
        }
        if day == 0 || day > days {
            return Err(format!(
                "month {month:02} of {year:04} has {days} days, not {day:02}"
            ));
        }
        Ok(Self { year, month, day })
    }

    /// Days from `earlier` to this day; `None` when that is later.
    #[must_use]
    pub fn days_since(self, earlier: Self) -> Option<u64> {
        self.number().checked_sub(earlier.number())
    }

    /// Days since a day that lies before all others: years begin in March, so that a leap day is the last.
    fn number(self) -> u64 {
        let (month, carry) = match self.month {
            1 | 2 => (u64::from(self.month) + 9, 1),
            month => (u64::from(month) - 3, 0),
        };
        // One period of 400 years ahead, so that January of the year 0 has a year before it.
        let year = u64::from(self.year) + 400 - carry;
        year * 365 + year / 4 - year / 100
            + year / 400
            + (month * 153 + 2) / 5
            + u64::from(self.day)
    }

    /// The year, 0 to 9999.
    #[must_use]
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    #[must_use]
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    #[must_use]
    pub fn day(self) -> u8 {
        self.day
    }
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:04}-{:02}-{:02}",
            self.year, self.month, self.day
        )
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shape = || "expected a date of the form YYYY-MM-DD".to_owned();
        let bytes = text.as_bytes();
        let well_formed = bytes.len() == 10
            && bytes.iter().enumerate().all(|(index, byte)| {
                if index == 4 || index == 7 {
                    *byte == b'-'
                } else {
                    byte.is_ascii_digit()
                }
            });
        if !well_formed {
            return Err(shape());
        }
        let number =
            |range: std::ops::Range<usize>| text[range].parse::<u16>().map_err(|_| shape());
        let part =
            |range| number(range).and_then(|number| u8::try_from(number).map_err(|_| shape()));
        Self::new(number(0..4)?, part(5..7)?, part(8..10)?)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Date {
    fn schema_name() -> Cow<'static, str> {
        "Date".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date" })
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn every_day_of_the_calendar_and_no_other() {
        for (year, days) in [
            (2023_u16, 365),
            (2024, 366),
            (2100, 365),
            (2000, 366),
            (0, 366),
        ] {
            let all = (0..=13).flat_map(|month| (0..=32).map(move |day| (month, day)));
            let dates: Vec<Date> = all
                .filter_map(|(month, day)| Date::new(year, month, day).ok())
                .collect();
            assert_eq!(dates.len(), days, "{year}");
            assert!(dates.is_sorted());
            assert!(
                dates
                    .iter()
                    .all(|date| date.to_string().parse() == Ok(*date))
            );
        }
    }

    #[test]
    fn days_are_counted_over_every_leap_day() {
        let days = (1999..=2004_u16)
            .flat_map(|year| (1..=12).map(move |month| (year, month)))
            .flat_map(|(year, month)| {
                (1..=31).filter_map(move |day| Date::new(year, month, day).ok())
            });
        let days: Vec<Date> = days.collect();
        assert!(
            days.windows(2)
                .all(|pair| pair[1].days_since(pair[0]) == Some(1))
        );
        let date = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(date("2026-11-22").days_since(date("2026-08-20")), Some(94));
        assert_eq!(date("0000-03-01").days_since(date("0000-01-01")), Some(60));
        assert_eq!(date("2026-08-20").days_since(date("2026-08-21")), None);
    }

    #[test]
    fn other_shapes_are_refused() {
        for text in [
            "",
            "2026-2-03",
            "2026-02-3x",
            "02-03-2026",
            "2026/02/03",
            "+026-02-03",
            "2026-02-030",
            "２０２６-02-03",
            "20260203ä",
        ] {
            assert_eq!(
                text.parse::<Date>(),
                Err("expected a date of the form YYYY-MM-DD".to_owned()),
                "{text}"
            );
        }
        assert_eq!(
            "2026-02-30".parse::<Date>(),
            Err("month 02 of 2026 has 28 days, not 30".to_owned())
        );
        assert_eq!(
            "2026-13-01".parse::<Date>(),
            Err("there is no month 13".to_owned())
        );
    }
}
