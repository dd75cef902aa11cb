//! Which days a heading names.

/// What a heading is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heading {
    Days {
        days: Vec<u32>,
        /// The heading without the days: a title, a status.
        title: String,
    },
    /// It begins like one of days and is none, and why.
    Odd(String),
    Other,
}

/// No plan has more days; a greater number is something else.
const MOST: u32 = 999;

/// `Day 3`, `Day 3-4: Storage`, `✅ Days 5–7`, `Day 1 & 2`; not `Day 3.1` and `Day 3a`, which are parts of a day.
pub(crate) fn heading(text: &str) -> Heading {
    let start = text.find(char::is_alphanumeric).unwrap_or(text.len());
    // A box before the word: `[x] Day 3`.
    let start = match text.get(start..) {
        Some(rest) if rest.starts_with("x]") || rest.starts_with("X]") => {
            start + 2 + rest[2..].len() - rest[2..].trim_start().len()
        }
        _ => start,
    };
    let (before, rest) = text.split_at(start);
    let Some((plural, rest)) = day_word(rest) else {
        return Heading::Other;
    };
    let Some((first, mut rest)) = number(rest) else {
        return Heading::Other;
    };
    if is_part(rest) {
        return Heading::Other;
    }
    let shown = text.trim();
    let mut days = vec![first];
    while let Some((range, next, after)) = following(rest, plural) {
        if is_part(after) || !plural && is_date(after) {
            return Heading::Odd(format!("`{shown}` names no day that can be counted"));
        }
        match (range, days.last().copied()) {
            (true, Some(last)) if next <= last => {
                return Heading::Odd(format!("`{shown}` counts backwards"));
            }
            (true, Some(last)) if next <= MOST => days.extend(last + 1..=next),
            _ => days.push(next),
        }
        rest = after;
    }
    if days.iter().any(|day| *day > MOST) {
        return Heading::Odd(format!(
            "`{shown}` names a day beyond {MOST}, which is no day of a plan"
        ));
    }
    let title = format!("{before} {}", rest.trim_start_matches('.'));
    Heading::Days { days, title }
}

/// `Day ` and what follows; whether it is the plural.
fn day_word(text: &str) -> Option<(bool, &str)> {
    let rest = text
        .get(..3)
        .filter(|word| word.eq_ignore_ascii_case("day"))
        .and_then(|_| text.get(3..))?;
    let (plural, rest) = match rest.strip_prefix(['s', 'S']) {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let number = rest.trim_start_matches([' ', '\u{a0}', '#']);
    number
        .starts_with(|first: char| first.is_ascii_digit())
        .then_some((plural, number))
}

fn number(text: &str) -> Option<(u32, &str)> {
    let end = text
        .find(|found: char| !found.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let number = match digits.is_empty() {
        true => return None,
        // Too long for a number: too great for a day.
        false => digits.parse().unwrap_or(u32::MAX),
    };
    Some((number, rest))
}

/// `.1` and `a`: a part of a day.
fn is_part(rest: &str) -> bool {
    let mut chars = rest.chars();
    match chars.next() {
        Some('.') => chars.next().is_some_and(|next| next.is_ascii_digit()),
        Some(first) => first.is_alphabetic() || first == '_',
        None => false,
    }
}

/// `-05` behind `2026-01`.
fn is_date(rest: &str) -> bool {
    rest.strip_prefix('-')
        .is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_digit()))
}

/// The next number, and whether it ends a range: `-4`, `–4`, ` to 4`, ` & 4`, `, 4`.
fn following(rest: &str, plural: bool) -> Option<(bool, u32, &str)> {
    let trimmed = rest.trim_start();
    let spaced = trimmed.len() < rest.len();
    let signs = [
        ("-", true),
        ("–", true),
        ("—", true),
        ("‑", true),
        ("−", true),
        ("to ", true),
        ("through ", true),
        ("&", false),
        ("+", false),
        ("and ", false),
        (",", false),
        ("/", false),
    ];
    let (sign, range) = signs
        .into_iter()
        .find(|(sign, _)| trimmed.starts_with(sign))?;
    // `Day 3/28` is the third of 28.
    if sign == "/" && !plural {
        return None;
    }
    let behind = &trimmed[sign.len()..];
    let digits = behind.trim_start();
    let spaced = spaced || digits.len() < behind.len();
    let (next, after) = number(digits.strip_prefix("Day ").unwrap_or(digits))?;
    // `Day 3 - 2 modules` is the third day, on which there were two modules.
    let word = after.trim_start();
    let goes_on = after.len() > word.len() && word.starts_with(char::is_alphabetic);
    let certain = plural || matches!(sign, "&" | "and " | "to " | "through " | "+") || !spaced;
    if !certain && goes_on {
        return None;
    }
    Some((range, next, after))
}
