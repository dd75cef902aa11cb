//! The expressions of GitHub Actions, `${{ … }}`: found in a text, parsed, and asked what they refer to.

/// One `${{ … }}` of a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Embedded<'t> {
    /// What stands between the braces; `None`: they are not closed.
    pub(crate) source: Option<&'t str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expr {
    /// Text, number, boolean or null.
    Literal,
    /// `github.event.issue.title`.
    Reference(Vec<Segment>),
    Call(String, Vec<Expr>),
    /// A property of what is no name: `fromJSON(x).y`.
    Of(Box<Expr>, Vec<Segment>),
    /// `!x`.
    Not(Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
}

/// A part of a reference; the first is the context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    /// `.name` or `['name']`, in lower case: names of contexts have no case.
    Name(String),
    /// `.*`
    Star,
    /// `[matrix.x]`
    Computed(Expr),
}

/// All expressions of a text, in order.
pub(crate) fn embedded(text: &str) -> Vec<Embedded<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${{") {
        let inner = &rest[at + 3..];
        let source = end(inner).map(|end| &inner[..end]);
        found.push(Embedded { source });
        // The runner gives up at one that is not closed.
        let Some(source) = source else { break };
        rest = &inner[source.len() + 2..];
    }
    found
}

/// Where the closing braces are; those in a text of the expression do not count.
fn end(inner: &str) -> Option<usize> {
    let mut quoted = false;
    inner
        .bytes()
        .zip(inner.bytes().skip(1).chain([0]))
        .position(|(byte, next)| {
            quoted ^= byte == b'\'';
            !quoted && byte == b'}' && next == b'}'
        })
}

/// Whether the text is one expression and nothing else.
pub(crate) fn is_one(text: &str) -> bool {
    match embedded(text).as_slice() {
        [
            Embedded {
                source: Some(source),
            },
        ] => text.len() == source.len() + 5,
        _ => false,
    }
}

/// # Errors
/// When it is no expression; the text says why.
pub(crate) fn parse(source: &str) -> Result<Expr, String> {
    let mut parser = Parser {
        tokens: tokens(source)?,
        next: 0,
        depth: 0,
    };
    if parser.tokens.is_empty() {
        return Err("nothing stands between the braces".to_owned());
    }
    let expr = parser.binary(0)?;
    match parser.peek() {
        None => Ok(expr),
        Some(token) => Err(format!("`{}` is not expected here", token.text())),
    }
}

impl Expr {
    /// Calls for every reference in it.
    pub(crate) fn references<'e>(&'e self, see: &mut dyn FnMut(&'e [Segment])) {
        match self {
            Expr::Literal => {}
            Expr::Reference(path) => {
                see(path);
                computed(path, see);
            }
            Expr::Of(expr, path) => {
                expr.references(see);
                computed(path, see);
            }
            Expr::Call(_, args) => args.iter().for_each(|arg| arg.references(see)),
            Expr::Not(expr) => expr.references(see),
            Expr::Binary(_, left, right) => {
                left.references(see);
                right.references(see);
            }
        }
    }

    /// Calls for every function in it.
    pub(crate) fn calls<'e>(&'e self, see: &mut dyn FnMut(&'e str, &'e [Expr])) {
        match self {
            Expr::Literal | Expr::Reference(_) => {}
            Expr::Of(expr, _) | Expr::Not(expr) => expr.calls(see),
            Expr::Call(name, args) => {
                see(name, args);
                args.iter().for_each(|arg| arg.calls(see));
            }
            Expr::Binary(_, left, right) => {
                left.calls(see);
                right.calls(see);
            }
        }
    }

    /// Calls for the references whose text can be in the result, and whether all below them is in it too.
    pub(crate) fn flows<'e>(&'e self, whole: bool, see: &mut dyn FnMut(&'e [Segment], bool)) {
        match self {
            Expr::Reference(path) => see(path, whole),
            Expr::Of(expr, _) => expr.flows(true, see),
            Expr::Call(name, args) => match name.to_ascii_lowercase().as_str() {
                "format" | "join" | "fromjson" | "case" => {
                    args.iter().for_each(|arg| arg.flows(whole, see));
                }
                "tojson" => args.iter().for_each(|arg| arg.flows(true, see)),
                _ => {}
            },
            // The left side of `&&` is the result only where it is empty or false.
            Expr::Binary("&&", _, right) => right.flows(whole, see),
            Expr::Binary("||", left, right) => {
                left.flows(whole, see);
                right.flows(whole, see);
            }
            Expr::Literal | Expr::Not(_) | Expr::Binary(..) => {}
        }
    }
}

fn computed<'e>(path: &'e [Segment], see: &mut dyn FnMut(&'e [Segment])) {
    for segment in path {
        if let Segment::Computed(expr) = segment {
            expr.references(see);
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Name(String),
    Text(String),
    Number,
    Mark(&'static str),
}

impl Token {
    fn text(&self) -> &str {
        match self {
            Token::Name(text) | Token::Text(text) => text,
            Token::Number => "a number",
            Token::Mark(mark) => mark,
        }
    }
}

/// The longest first.
const MARKS: &[&str] = &[
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")", "[", "]", ".", ",", "*",
];

fn tokens(source: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = source.trim_start();
    while let Some(first) = rest.chars().next() {
        let after_dot = tokens.last() == Some(&Token::Mark("."));
        let (token, length) = if first == '\'' {
            text(rest)?
        } else if first.is_ascii_alphabetic() || first == '_' || (after_dot && first == '-') {
            let length = word(rest);
            (Token::Name(rest[..length].to_owned()), length)
        } else if first.is_ascii_digit() || (first == '-' || first == '+') && number(&rest[1..]) {
            (Token::Number, 1 + word(&rest[1..]))
        } else if let Some(mark) = MARKS.iter().find(|mark| rest.starts_with(**mark)) {
            (Token::Mark(mark), mark.len())
        } else if first == '"' {
            return Err("texts stand in single quotes".to_owned());
        } else {
            return Err(format!("`{first}` is not expected here"));
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn number(rest: &str) -> bool {
    rest.starts_with(|char: char| char.is_ascii_digit() || char == '.')
}

/// Names may hold `-`; numbers may hold `.`, and the caller knows which it is.
fn word(rest: &str) -> usize {
    let digits = rest.starts_with(|char: char| char.is_ascii_digit() || char == '.');
    rest.find(|char: char| {
        !(char.is_ascii_alphanumeric() || char == '_' || char == '-' || (digits && char == '.'))
    })
    .unwrap_or(rest.len())
}

/// A text in single quotes, in which two of them are one.
fn text(rest: &str) -> Result<(Token, usize), String> {
    let mut value = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, char)) = chars.next() {
        if char != '\'' {
            value.push(char);
        } else if chars.peek().is_some_and(|(_, next)| *next == '\'') {
            chars.next();
            value.push('\'');
        } else {
            return Ok((Token::Text(value), at + 1));
        }
    }
    Err("a text is not closed".to_owned())
}

/// Deeper than anybody nests by hand; the parser recurs.
const DEEPEST: usize = 50;

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

/// From the loosest to the tightest.
const LEVELS: &[&[&str]] = &[&["||"], &["&&"], &["==", "!="], &["<=", ">=", "<", ">"]];

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn take(&mut self, mark: &str) -> bool {
        let there = matches!(self.peek(), Some(Token::Mark(found)) if *found == mark);
        self.next += usize::from(there);
        there
    }

    fn expect(&mut self, mark: &str) -> Result<(), String> {
        match self.take(mark) {
            true => Ok(()),
            false => Err(format!("a `{mark}` is missing")),
        }
    }

    fn binary(&mut self, level: usize) -> Result<Expr, String> {
        let Some(marks) = LEVELS.get(level) else {
            return self.unary();
        };
        let mut left = self.binary(level + 1)?;
        while let Some(mark) = marks.iter().find(|mark| self.take(mark)) {
            let right = self.binary(level + 1)?;
            left = Expr::Binary(mark, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expr, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("nested more than {DEEPEST} deep"));
        }
        let expr = match self.take("!") {
            true => Expr::Not(Box::new(self.unary()?)),
            false => self.primary()?,
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn primary(&mut self) -> Result<Expr, String> {
        let token = self.peek().cloned().ok_or("it ends too early")?;
        self.next += 1;
        let expr = match token {
            Token::Text(_) | Token::Number => Expr::Literal,
            Token::Name(name) if self.take("(") => Expr::Call(name, self.args()?),
            Token::Name(name) => {
                let name = name.to_ascii_lowercase();
                match name.as_str() {
                    "true" | "false" | "null" | "nan" | "infinity" => Expr::Literal,
                    _ => return Ok(Expr::Reference(self.path(vec![Segment::Name(name)])?)),
                }
            }
            Token::Mark("(") => {
                let inner = self.binary(0)?;
                self.expect(")")?;
                inner
            }
            Token::Mark(mark) => return Err(format!("`{mark}` is not expected here")),
        };
        let path = self.path(Vec::new())?;
        Ok(match path.is_empty() {
            true => expr,
            false => Expr::Of(Box::new(expr), path),
        })
    }

    fn args(&mut self) -> Result<Vec<Expr>, String> {
        let mut args = Vec::new();
        if self.take(")") {
            return Ok(args);
        }
        loop {
            args.push(self.binary(0)?);
            if !self.take(",") {
                self.expect(")")?;
                return Ok(args);
            }
        }
    }

    fn path(&mut self, mut path: Vec<Segment>) -> Result<Vec<Segment>, String> {
        loop {
            if self.take(".") {
                if self.take("*") {
                    path.push(Segment::Star);
                    continue;
                }
                let Some(Token::Name(name)) = self.peek() else {
                    return Err("a name is missing after `.`".to_owned());
                };
                path.push(Segment::Name(name.to_ascii_lowercase()));
                self.next += 1;
            } else if self.take("[") {
                path.push(self.index()?);
                self.expect("]")?;
            } else {
                return Ok(path);
            }
        }
    }

    fn index(&mut self) -> Result<Segment, String> {
        if self.take("*") {
            return Ok(Segment::Star);
        }
        if let (Some(Token::Text(name)), Some(Token::Mark("]"))) =
            (self.peek(), self.tokens.get(self.next + 1))
        {
            let name = name.to_ascii_lowercase();
            self.next += 1;
            return Ok(Segment::Name(name));
        }
        Ok(Segment::Computed(self.binary(0)?))
    }
}

#[cfg(test)]
mod tests {
    use super::{Segment, embedded, is_one, parse};

    fn path(path: &[Segment]) -> String {
        let words: Vec<&str> = path
            .iter()
            .map(|segment| match segment {
                Segment::Name(name) => name.as_str(),
                Segment::Star => "*",
                Segment::Computed(_) => "?",
            })
            .collect();
        words.join(".")
    }

    #[test]
    fn expressions_are_found_in_texts() {
        let sources = |text| -> Vec<Option<&str>> {
            embedded(text).iter().map(|found| found.source).collect()
        };
        assert_eq!(sources("a ${{ b }} c ${{d}}"), [Some(" b "), Some("d")]);
        assert_eq!(sources("${{ '}}' }}"), [Some(" '}}' ")]);
        assert_eq!(sources("x ${{ a } b"), [None]);
        assert_eq!(sources("$x {{ y }}"), []);
        assert!(is_one("${{ a }}"));
        assert!(!is_one("${{ a }}\n") && !is_one("!${{ a }}") && !is_one("a"));
    }

    #[test]
    fn references_are_read_out_of_any_expression() {
        for (source, expected) in [
            ("github.head_ref", "github.head_ref"),
            ("GitHub.Event['Issue'].title", "github.event.issue.title"),
            (
                "matrix[needs.a.outputs.x].y",
                "matrix.?.y needs.a.outputs.x",
            ),
            (
                "github.event.commits.*.message",
                "github.event.commits.*.message",
            ),
            (
                "!(a.b == 'it''s' || -1 < c.d-e && x(f, g))",
                "a.b c.d-e f g",
            ),
            ("fromJSON(a.b)[0].c || true", "a.b"),
            ("1.5 >= 0x1f && null != NaN", ""),
        ] {
            let expr = parse(source).unwrap();
            let mut found = Vec::new();
            expr.references(&mut |reference| found.push(path(reference)));
            assert_eq!(found.join(" "), expected, "{source}");
        }
    }

    #[test]
    fn only_what_can_be_in_the_result_flows() {
        for (source, expected) in [
            ("a.b == 'x'", ""),
            ("a.b == 'x' && c.d || e.f", "c.d e.f"),
            ("contains(a.b, 'x')", ""),
            ("format('{0}', a.b)", "a.b"),
            ("toJSON(a)", "a!"),
            ("fromJSON(toJSON(a)).b", "a!"),
            ("!a.b", ""),
        ] {
            let expr = parse(source).unwrap();
            let mut found = Vec::new();
            expr.flows(false, &mut |reference, whole| {
                found.push(format!(
                    "{}{}",
                    path(reference),
                    if whole { "!" } else { "" }
                ));
            });
            assert_eq!(found.join(" "), expected, "{source}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused_with_the_reason() {
        for (source, words) in [
            ("", "nothing"),
            ("a b", "`b` is not expected"),
            ("a ==", "ends too early"),
            ("contains(a, 'b'", "a `)` is missing"),
            ("a == \"b\"", "single quotes"),
            ("'a", "not closed"),
            ("a.", "after `.`"),
            ("a & b", "`&` is not expected"),
        ] {
            let flaw = parse(source).unwrap_err();
            assert!(flaw.contains(words), "{source}: {flaw}");
        }
        assert!(parse(&"(".repeat(10_000)).unwrap_err().contains("deep"));
    }
}
