//! Templates: text with `{placeholders}`. No conditions, no filters: a release's names have to be read at a glance.

/// What a template asks for, in order.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Placeholder(&'a str),
}

/// Why a template cannot be expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub(crate) message: String,
    pub(crate) help: String,
}

/// Replaces each `{name}` of `template` by its value; `{{` and `}}` stand for the braces themselves.
///
/// # Errors
/// An unknown placeholder (the text lists the known ones) or a brace without its partner. One line, lower case.
pub fn expand(template: &str, values: &[(&str, &str)]) -> Result<String, String> {
    fill(template, values).map_err(|Flaw { message, help }| format!("{message}; {help}"))
}

/// [`expand`], with message and help apart.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> Result<String, Flaw> {
    let mut filled = String::with_capacity(template.len());
    for piece in pieces(template)? {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Placeholder(name) => {
                let value = values.iter().find(|(known, _)| *known == name);
                filled.push_str(value.ok_or_else(|| unknown(name, values))?.1);
            }
        }
    }
    Ok(filled)
}

/// The names that a template asks for, in order.
pub(crate) fn placeholders(template: &str) -> Result<Vec<&str>, Flaw> {
    let names = pieces(template)?
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Placeholder(name) => Some(name),
        });
    Ok(names.collect())
}

fn unknown(name: &str, values: &[(&str, &str)]) -> Flaw {
    let known: Vec<String> = values
        .iter()
        .map(|(known, _)| format!("{{{known}}}"))
        .collect();
    let name = crate::error::visible(name);
    Flaw {
        message: format!("unknown placeholder `{{{name}}}`"),
        help: format!("known here: {}", known.join(" ")),
    }
}

fn pieces(template: &str) -> Result<Vec<Piece<'_>>, Flaw> {
    let lonely = |brace: char, partner: char| Flaw {
        message: format!("`{brace}` without its `{partner}`"),
        help: format!("write `{brace}{brace}` for the character itself"),
    };
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at(at);
        pieces.push(Piece::Text(before));
        if brace.starts_with("{{") || brace.starts_with("}}") {
            pieces.push(Piece::Text(&brace[..1]));
            rest = &brace[2..];
        } else if let Some(inner) = brace.strip_prefix('{') {
            let (name, after) = inner
                .split_once('}')
                .filter(|(name, _)| !name.contains('{'))
                .ok_or_else(|| lonely('{', '}'))?;
            pieces.push(Piece::Placeholder(name));
            rest = after;
        } else {
            return Err(lonely('}', '{'));
        }
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::expand;
    use proptest::prelude::*;

    const VALUES: &[(&str, &str)] = &[("version", "1.0.0-mvp"), ("tag", "v{version}")];

    #[test]
    fn placeholders_are_replaced_once() {
        assert_eq!(expand("", VALUES), Ok(String::new()));
        assert_eq!(
            expand("a-{version}.{tag}", VALUES),
            Ok("a-1.0.0-mvp.v{version}".to_owned()),
            "values are not expanded again"
        );
        assert_eq!(
            expand("{{version}} {{{version}}}", VALUES),
            Ok("{version} {1.0.0-mvp}".to_owned())
        );
    }

    #[test]
    fn flaws_say_what_is_known() {
        assert_eq!(
            expand("{versoin}", VALUES),
            Err("unknown placeholder `{versoin}`; known here: {version} {tag}".to_owned())
        );
        assert_eq!(
            expand("{}", VALUES),
            Err("unknown placeholder `{}`; known here: {version} {tag}".to_owned())
        );
        for template in ["{", "a{version", "{a{version}"] {
            assert_eq!(
                expand(template, VALUES),
                Err("`{` without its `}`; write `{{` for the character itself".to_owned()),
                "{template}"
            );
        }
        for template in ["}", "{version}}"] {
            assert_eq!(
                expand(template, VALUES),
                Err("`}` without its `{`; write `}}` for the character itself".to_owned()),
                "{template}"
            );
        }
    }

    proptest! {
        #[test]
        fn doubled_braces_come_back_single(text in "[{}a-c.ä\n]{0,20}") {
            let escaped = text.replace('{', "{{").replace('}', "}}");
            prop_assert_eq!(expand(&escaped, VALUES), Ok(text));
        }

        #[test]
        fn text_without_braces_is_left_alone(text in "[^{}]{0,30}") {
            prop_assert_eq!(expand(&text, VALUES), Ok(text));
        }

        #[test]
        fn a_flaw_is_one_line(template in "[{}a\n]{0,30}") {
            if let Err(flaw) = expand(&template, VALUES) {
                prop_assert_eq!(flaw.lines().count(), 1);
            }
        }
    }
}
