//! Text of a commit as one harmless line of Markdown.
//!
//! A subject is whatever somebody typed or pasted. In the list it must show as typed, and must not
//! open a heading, a list, a tag or a link of its own (CommonMark 0.31, section 2.4).

/// One line: white space of all kinds becomes a single space; control characters, and the marks
/// that turn the direction of text around, are dropped.
pub(crate) fn one_line(text: &str) -> String {
    let words = text
        .split(char::is_whitespace)
        .map(|word| word.replace(is_hidden, ""));
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// At most `max` characters, cut after a word where one ends in the last third, with `…` if cut.
pub(crate) fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max.saturating_sub(1)).collect();
    let next_is_space = text
        .chars()
        .nth(max.saturating_sub(1))
        .is_some_and(|c| c == ' ');
    let word = if next_is_space {
        Some(kept.as_str())
    } else {
        kept.rsplit_once(' ').map(|(head, _)| head)
    };
    let at_word = word.filter(|head| head.chars().count() >= max * 2 / 3);
    format!("{}\u{2026}", at_word.unwrap_or(&kept).trim_end())
}

/// The line with everything escaped that Markdown would read; code spans stay.
pub(crate) fn escape(line: &str) -> String {
    let chars: Vec<char> = line.chars().collect();
    let mut out = String::with_capacity(line.len() + 8);
    let mut at = leading_number(&chars, &mut out);
    while let Some(&c) = chars.get(at) {
        if c == '`' {
            at = code_span(&chars, at, &mut out);
            continue;
        }
        let before = at
            .checked_sub(1)
            .and_then(|before| chars.get(before))
            .copied();
        let after = chars.get(at + 1).copied();
        match c {
            '<' => out.push_str("&lt;"),
            '&' if is_entity(&chars, at) => out.push_str("&amp;"),
            _ => {
                if is_special(c, before, after) {
                    out.push('\\');
                }
                out.push(c);
            }
        }
        at += 1;
    }
    out
}

fn is_special(c: char, before: Option<char>, after: Option<char>) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match c {
        '*' | '[' | ']' | '~' => true,
        '\\' => after.is_some_and(|c| c.is_ascii_punctuation()),
        '_' => !(is_word(before) && is_word(after)),
        '#' | '+' | '-' | '=' | '>' | '|' | ':' => before.is_none(),
        _ => false,
    }
}

/// `1. ` and `1) ` would begin a list; `2.5.0` would not. Returns how many characters were taken.
fn leading_number(chars: &[char], out: &mut String) -> usize {
    let digits = chars.iter().take_while(|c| c.is_ascii_digit()).count();
    let marker = matches!(chars.get(digits), Some('.' | ')'));
    if digits == 0 || !marker || chars.get(digits + 1).is_some_and(|c| *c != ' ') {
        return 0;
    }
    out.extend(chars.iter().take(digits));
    out.push('\\');
    out.extend(chars.get(digits));
    digits + 1
}

/// `&lt;` would show as `<`.
fn is_entity(chars: &[char], at: usize) -> bool {
    let name = chars
        .iter()
        .skip(at + 1)
        .take_while(|c| c.is_ascii_alphanumeric() || **c == '#')
        .count();
    name > 0 && chars.get(at + 1 + name) == Some(&';')
}

/// Copies a code span as it is, or escapes backticks that nothing closes. Returns where to go on.
fn code_span(chars: &[char], at: usize, out: &mut String) -> usize {
    let run = |from: usize| chars.iter().skip(from).take_while(|c| **c == '`').count();
    let len = run(at);
    let mut close = at + len;
    while close < chars.len() {
        let here = run(close);
        if here == len {
            out.extend(chars.iter().take(close + len).skip(at));
            return close + len;
        }
        close += here.max(1);
    }
    out.extend(std::iter::repeat_n("\\`", len));
    at + len
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};
    use pulldown_cmark::{Event, Options, Parser, Tag};

    use super::{cut, escape, one_line};

    #[test]
    fn escapes_are_few() {
        let table = [
            ("read `a_b` and snake_case", "read `a_b` and snake_case"),
            ("accept *.md and *.txt", "accept \\*.md and \\*.txt"),
            ("# not a heading", "\\# not a heading"),
            ("see #12", "see #12"),
            (
                "<script>alert(1)</script>",
                "&lt;script>alert(1)&lt;/script>",
            ),
            ("`<script>`", "`<script>`"),
            ("[x](y) ![z](w)", "\\[x\\](y) !\\[z\\](w)"),
            ("- item", "\\- item"),
            ("1. item", "1\\. item"),
            ("1.0.0 works", "1.0.0 works"),
            ("```rust", "\\`\\`\\`rust"),
            ("a ``b` c`` d `e", "a ``b` c`` d \\`e"),
            ("~~gone~~ ~/x", "\\~\\~gone\\~\\~ \\~/x"),
            ("_x_ __init__", "\\_x\\_ \\_\\_init\\_\\_"),
            ("a &lt; b && c", "a &amp;lt; b && c"),
            ("C:\\dir\\*.x", "C:\\dir\\\\\\*.x"),
            ("> quote", "\\> quote"),
        ];
        for (text, want) in table {
            assert_eq!(escape(text), want);
        }
    }

    #[test]
    fn lines_are_single_and_plain() {
        assert_eq!(one_line(" a\r\n## b\u{2028}c\u{b}d\t e "), "a ## b c d e");
        assert_eq!(
            one_line("red \u{1b}[31m\0text \u{202e}evil\u{200b}"),
            "red [31mtext evil"
        );
        assert_eq!(
            one_line("family \u{1f469}\u{200d}\u{1f467}"),
            "family \u{1f469}\u{200d}\u{1f467}"
        );
    }

    #[test]
    fn cuts_stand_at_words() {
        assert_eq!(cut("short enough", 12), "short enough");
        assert_eq!(cut("short enough words", 13), "short enough\u{2026}");
        assert_eq!(cut("short enough words", 15), "short enough\u{2026}");
        assert_eq!(cut("oneverylongword", 6), "onev\u{2026}".replace('v', "ve"));
        let long = "word ".repeat(100);
        let short = cut(&long, 200);
        assert_eq!(short.chars().count(), 200);
        assert!(short.ends_with("word\u{2026}"), "{short}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn shows_as_typed(text in "[a1 #*_~<>&;:/.()\\[\\]!\\\\|=+\\-^$\u{e9}\u{1f600}]{1,24}") {
            let line = one_line(&text);
            let markdown = format!("- {} (abc)\n", escape(&line));
            let mut shown = String::new();
            for event in Parser::new_ext(&markdown, Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_FOOTNOTES) {
                match event {
                    Event::Text(text) => shown.push_str(&text),
                    Event::Start(Tag::List(None) | Tag::Item) | Event::End(_) => {}
                    other => prop_assert!(false, "{other:?} in {markdown:?}"),
                }
            }
            prop_assert_eq!(shown, format!("{line} (abc)").trim_start().to_owned());
        }

        #[test]
        fn code_spans_hold(text in "[`a<*_ \\[\\]]{1,24}") {
            let markdown = format!("- {} (abc)\n", escape(&one_line(&text)));
            for event in Parser::new(&markdown) {
                let plain = matches!(event, Event::Text(_) | Event::Code(_) | Event::Start(Tag::List(None) | Tag::Item) | Event::End(_));
                prop_assert!(plain, "{event:?} in {markdown:?}");
            }
        }
    }
}
