//! Quantities as people write them: `5 ms`, `1,292 ns`, `20000 ops/s`.

/// What is measured, and the least of its units: only quantities of one kind can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// In nanoseconds.
    Time,
    /// In bytes.
    Size,
    /// In operations a second.
    Rate,
    /// Of a hundred.
    Share,
}

/// A unit: its kind, and how many of the least unit of that kind it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    kind: Kind,
    factor: f64,
}

/// A number and its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantity {
    /// As written.
    pub number: f64,
    pub unit: Unit,
}

impl Quantity {
    /// In the least unit of its kind.
    #[must_use]
    pub fn base(self) -> f64 {
        self.number * self.unit.factor
    }

    /// Whether the two can be compared.
    #[must_use]
    pub fn comparable(self, other: Quantity) -> bool {
        self.unit.kind == other.unit.kind
    }

    /// The number in another unit of the same kind.
    #[must_use]
    pub fn in_unit(self, unit: Unit) -> f64 {
        self.base() / unit.factor
    }
}

/// A unit by its symbol; `None`: there is no such unit here.
#[must_use]
pub fn unit(symbol: &str) -> Option<Unit> {
    let (kind, factor) = match symbol.trim() {
        "ns" => (Kind::Time, 1.0),
        // The micro sign and the letter mu look the same.
        "µs" | "μs" | "us" => (Kind::Time, 1e3),
        "ms" => (Kind::Time, 1e6),
        "s" | "sec" => (Kind::Time, 1e9),
        "min" => (Kind::Time, 60e9),
        "B" | "byte" | "bytes" => (Kind::Size, 1.0),
        "kB" | "KB" => (Kind::Size, 1e3),
        "MB" => (Kind::Size, 1e6),
        "GB" => (Kind::Size, 1e9),
        "KiB" => (Kind::Size, 1024.0),
        "MiB" => (Kind::Size, 1024.0 * 1024.0),
        "GiB" => (Kind::Size, 1024.0 * 1024.0 * 1024.0),
        "ops/s" | "op/s" | "req/s" | "/s" | "Hz" => (Kind::Rate, 1.0),
        "kops/s" | "Kops/s" => (Kind::Rate, 1e3),
        "Mops/s" => (Kind::Rate, 1e6),
        "%" => (Kind::Share, 1.0),
        _ => return None,
    };
    Some(Unit { kind, factor })
}

/// A number with its unit.
///
/// # Errors
/// When it is not one; the text says what is missing. One line, lower case.
pub fn quantity(text: &str) -> Result<Quantity, String> {
    let text = text.trim();
    let shown = crate::error::visible(text);
    let end = text
        .find(|found: char| !(found.is_ascii_digit() || is_separator(found) || found == '.'))
        .unwrap_or(text.len());
    let (digits, symbol) = text.split_at(end);
    let number = number(digits).ok_or_else(|| format!("`{shown}` does not begin with a number"))?;
    if symbol.trim().is_empty() {
        return Err(format!("`{shown}` has no unit"));
    }
    let unit = unit(symbol).ok_or_else(|| {
        let symbol = crate::error::visible(symbol.trim());
        format!("`{symbol}` in `{shown}` is no unit that is known")
    })?;
    Ok(Quantity { number, unit })
}

/// What stands between groups of three digits: comma, the spaces that do not break, underscore, apostrophe.
fn is_separator(found: char) -> bool {
    matches!(
        found,
        ',' | ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '_' | '\''
    )
}

/// `1292`, `1,292`, `1 292.5`; not `1,29`, which is a decimal comma to some and a slip to others.
fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let groups: Vec<&str> = whole.split(is_separator).collect();
    let sound = groups.iter().all(|group| digits(group))
        && groups[1..].iter().all(|group| group.len() == 3)
        && (groups.len() == 1 || groups[0].len() <= 3)
        && fraction.is_none_or(digits);
    if !sound {
        return None;
    }
    let plain = format!("{}.{}", groups.concat(), fraction.unwrap_or("0"));
    plain.parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::{quantity, unit};

    #[test]
    fn quantities_of_one_kind_are_compared_in_one_unit() {
        for (text, nanoseconds) in [
            ("1,292 ns", 1292.0),
            ("1.292 ms", 1_292_000.0),
            ("3.2 µs", 3200.0),
            ("3.2μs", 3200.0),
            ("3.2 us", 3200.0),
            ("1,234,567.5ns", 1_234_567.5),
            ("1 292 ns", 1292.0),
            ("1\u{202f}292 ns", 1292.0),
            ("2 s", 2e9),
        ] {
            let found = quantity(text).unwrap();
            assert!(
                (found.base() - nanoseconds).abs() < 1e-6,
                "{text}: {found:?}"
            );
            assert!(found.comparable(quantity("1 ms").unwrap()));
        }
        assert!(
            !quantity("5 MB")
                .unwrap()
                .comparable(quantity("5 ms").unwrap())
        );
        let half = quantity("500 us").unwrap().in_unit(unit("ms").unwrap());
        assert!((half - 0.5).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_quantity_says_why() {
        for (text, why) in [
            ("5", "has no unit"),
            ("5 parsecs", "no unit that is known"),
            ("ms", "does not begin with a number"),
            ("1,29 ms", "does not begin with a number"),
            ("1292,000 ms", "does not begin with a number"),
            ("1.2.3 ms", "does not begin with a number"),
            ("< 5 ms", "does not begin with a number"),
            ("~5 ms", "does not begin with a number"),
            ("-5 ms", "does not begin with a number"),
            ("", "does not begin with a number"),
        ] {
            let error = quantity(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
