//! Terraform and OpenTofu: the default of a variable, a local value, and an assignment of a `tfvars` file.
//!
//! A `version` elsewhere (`module`, `required_providers`, `terraform`) is a requirement on somebody else's.
//! A name with dots goes into objects: `image.tag` is the `tag` of `image = { tag = "1.0.0" }`.

use std::ops::Range;

use crate::Error;
use crate::declared::{Declared, Seen, Wanted, names, one_line};
use crate::hcl::{self, DEEPEST, Token, TokenKind};
use crate::json::{self, Node, Object, Value};
use crate::npm::key;

pub(super) const DECLARED: Declared = Declared {
    name: "terraform",
    about: "Terraform: defaults of variables, local values, tfvars (names: `version`, `app_version`)",
    subject: "variable or local value",
    read,
};

const USUAL: [&str; 2] = ["version", "app_version"];

fn read(text: &str, wanted: &Wanted) -> Result<Vec<Seen>, Error> {
    let names = names(wanted, &USUAL);
    let mut seen = Vec::new();
    if wanted.path.to_ascii_lowercase().ends_with(".json") {
        json_values(text, &names, &mut seen)?;
        return Ok(seen);
    }
    let root = parse(text)?;
    values(text, &root, "", &names, &mut seen)?;
    for block in &root.blocks {
        match block.kind {
            "locals" => values(text, &block.body, "locals", &names, &mut seen)?,
            "variable" => {
                let Some(label) = block.labels.first() else {
                    continue;
                };
                let inside = block.body.get(text, "default")?;
                let path = format!("variable.{}.default", key(label));
                for rest in names.iter().filter_map(|name| below(name, label)) {
                    match inside {
                        Some(attribute) => value(text, attribute, &path, rest, &mut seen)?,
                        None => seen.push(Seen::left(
                            block.at..block.at,
                            format!("variable.{}", key(label)),
                            "it has no default",
                        )),
                    }
                }
            }
            _ => {}
        }
    }
    Ok(seen)
}

/// What remains of a name with dots behind its first part; `None` where that part is another.
fn below<'n>(name: &'n str, first: &str) -> Option<&'n str> {
    let rest = name.strip_prefix(first)?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix('.')
}

/// The named attributes of a body.
fn values(
    text: &str,
    body: &Body,
    prefix: &str,
    names: &[&str],
    seen: &mut Vec<Seen>,
) -> Result<(), Error> {
    for name in names {
        for attribute in &body.attributes {
            let Some(rest) = below(name, attribute.name) else {
                continue;
            };
            body.get(text, attribute.name)?;
            value(text, attribute, &join(prefix, attribute.name), rest, seen)?;
        }
    }
    Ok(())
}

/// The value of an attribute, or one inside of its object.
fn value(
    text: &str,
    attribute: &Attribute,
    path: &str,
    rest: &str,
    seen: &mut Vec<Seen>,
) -> Result<(), Error> {
    let span = attribute.span.clone();
    let path = path.to_owned();
    match &attribute.value {
        Content::Object(body) if !rest.is_empty() => {
            return values(text, body, &path, &[rest], seen);
        }
        Content::Text if rest.is_empty() => seen.push(Seen::text(text, span, path)),
        _ => {
            let written = one_line(&text[span.clone()]);
            seen.push(Seen::left(span, path, format!("it is `{written}`")));
        }
    }
    Ok(())
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() {
        return key(name);
    }
    format!("{prefix}.{}", key(name))
}

/// What stands between braces, or the whole of a file.
#[derive(Debug, Default)]
struct Body<'t> {
    attributes: Vec<Attribute<'t>>,
    blocks: Vec<Block<'t>>,
}

#[derive(Debug)]
struct Attribute<'t> {
    name: &'t str,
    at: usize,
    /// Of the value; of a text the part between the quotes.
    span: Range<usize>,
    value: Content<'t>,
}

#[derive(Debug)]
enum Content<'t> {
    Text,
    Object(Body<'t>),
    Other,
}

#[derive(Debug)]
struct Block<'t> {
    kind: &'t str,
    labels: Vec<&'t str>,
    at: usize,
    body: Body<'t>,
}

impl Body<'_> {
    /// The attribute of that name.
    ///
    /// # Errors
    /// When it stands there twice, which Terraform refuses too.
    fn get(&self, text: &str, name: &str) -> Result<Option<&Attribute<'_>>, Error> {
        let mut all = self.attributes.iter().filter(|one| one.name == name);
        let first = all.next();
        if let Some(second) = all.next() {
            let message = format!("`{name}` is set here a second time");
            return Err(Error::at(text, second.at, message).help("remove one of the two"));
        }
        Ok(first)
    }
}

fn parse(text: &str) -> Result<Body<'_>, Error> {
    let tokens = hcl::tokens(text);
    if let Some(flaw) = tokens.flaw {
        return Err(flaw);
    }
    let mut parser = Parser {
        text,
        tokens: tokens.list,
        at: 0,
    };
    let body = parser.body(0)?;
    if parser.at < parser.tokens.len() {
        return Err(parser.wrong("there is no `{` to this `}`"));
    }
    Ok(body)
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    at: usize,
}

impl<'t> Parser<'t> {
    fn kind(&self) -> Option<TokenKind> {
        self.tokens.get(self.at).map(|token| token.kind)
    }

    /// Where the next word begins; the end of the text behind the last.
    fn offset(&self) -> usize {
        let next = self.tokens.get(self.at);
        next.map_or(self.text.len(), |token| token.span.start)
    }

    fn wrong(&self, message: impl Into<String>) -> Error {
        Error::at(self.text, self.offset(), message)
    }

    fn word(&self) -> &'t str {
        let span = self.tokens.get(self.at).map(|token| token.span.clone());
        span.map_or("", |span| &self.text[span])
    }

    /// Up to the closing brace, which is left, or to the end of the text.
    fn body(&mut self, depth: usize) -> Result<Body<'t>, Error> {
        if depth > DEEPEST {
            return Err(self.wrong(format!("blocks are nested more than {DEEPEST} deep here")));
        }
        let mut body = Body::default();
        while let Some(kind) = self.kind() {
            match kind {
                TokenKind::Sign('}') => break,
                TokenKind::Line | TokenKind::Sign(',') => self.at += 1,
                TokenKind::Word | TokenKind::Text | TokenKind::Template => {
                    self.item(&mut body, depth)?;
                }
                // The key of an object may be an expression.
                TokenKind::Sign('(') => {
                    self.skip();
                }
                TokenKind::Sign(sign) => {
                    return Err(self.wrong(format!("a name was expected here, not `{sign}`")));
                }
            }
        }
        Ok(body)
    }

    /// An attribute, an entry of an object, or a block.
    fn item(&mut self, body: &mut Body<'t>, depth: usize) -> Result<(), Error> {
        let (kind, at) = (self.word(), self.offset());
        let mut labels = Vec::new();
        self.at += 1;
        loop {
            match self.kind() {
                Some(TokenKind::Sign('=' | ':')) if labels.is_empty() => {
                    self.at += 1;
                    let (value, span) = self.value(depth)?;
                    body.attributes.push(Attribute {
                        name: kind,
                        at,
                        span,
                        value,
                    });
                    return Ok(());
                }
                Some(TokenKind::Word | TokenKind::Text) => {
                    labels.push(self.word());
                    self.at += 1;
                }
                Some(TokenKind::Sign('{')) => {
                    self.at += 1;
                    let inner = self.body(depth + 1)?;
                    self.close(at)?;
                    body.blocks.push(Block {
                        kind,
                        labels,
                        at,
                        body: inner,
                    });
                    return Ok(());
                }
                // The key of an object may be an expression, also without parentheses: `local.a = 1` is refused by Terraform.
                _ => {
                    let message = format!("`=` or `{{` was expected here, after `{kind}`");
                    return Err(self.wrong(one_line(&message)));
                }
            }
        }
    }

    fn close(&mut self, open: usize) -> Result<(), Error> {
        if self.kind() == Some(TokenKind::Sign('}')) {
            self.at += 1;
            return Ok(());
        }
        Err(Error::at(
            self.text,
            open,
            "what begins here has no `}` at its end",
        ))
    }

    /// After the sign of equality, up to the end of the value.
    fn value(&mut self, depth: usize) -> Result<(Content<'t>, Range<usize>), Error> {
        let first = self.at;
        let start = match self.offset().checked_sub(1) {
            Some(before)
                if self.text.is_char_boundary(before)
                    && self.quote(self.tokens.get(first), before) =>
            {
                before
            }
            _ => self.offset(),
        };
        if self.kind() == Some(TokenKind::Sign('{')) && !self.is_for() {
            self.at += 1;
            let body = self.body(depth + 1)?;
            self.close(start)?;
            if self.ends() {
                return Ok((Content::Object(body), start..self.behind()));
            }
        }
        while !self.ends() {
            self.skip();
        }
        if self.at == first {
            return Err(self.wrong("a value was expected here"));
        }
        let only = self.at == first + 1;
        if only && self.tokens[first].kind == TokenKind::Text {
            return Ok((Content::Text, self.tokens[first].span.clone()));
        }
        Ok((Content::Other, start..self.behind()))
    }

    /// `{ for …` makes an object and is none.
    fn is_for(&self) -> bool {
        let next = |token: &&Token| token.kind != TokenKind::Line;
        let word = self.tokens[self.at + 1..].iter().find(next);
        word.is_some_and(|word| {
            word.kind == TokenKind::Word && &self.text[word.span.clone()] == "for"
        })
    }

    fn ends(&self) -> bool {
        matches!(
            self.kind(),
            None | Some(TokenKind::Line | TokenKind::Sign(',' | '}'))
        )
    }

    /// The end of the word before, with the quote of a text.
    fn behind(&self) -> usize {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        let end = before.map_or(0, |token| token.span.end);
        end + usize::from(self.quote(before, end))
    }

    /// Whether a quote of this text stands at a place: its span is the part between the two.
    fn quote(&self, token: Option<&Token>, at: usize) -> bool {
        let text = |token: &Token| matches!(token.kind, TokenKind::Text | TokenKind::Template);
        token.is_some_and(text) && self.text[at..].starts_with('"')
    }

    /// Passes over one word, or all between brackets.
    fn skip(&mut self) {
        let mut open = 0_usize;
        while let Some(kind) = self.kind() {
            match kind {
                TokenKind::Sign('(' | '[' | '{') => open += 1,
                TokenKind::Sign(')' | ']' | '}') => open = open.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return;
            }
        }
    }
}

/// The same places in the JSON form, `.tf.json` and `.tfvars.json`.
fn json_values(text: &str, names: &[&str], seen: &mut Vec<Seen>) -> Result<(), Error> {
    let root = json::parse(text)?;
    json_object(text, &root, "", names, seen)?;
    if let Some(locals) = root.object(text, "locals")? {
        json_object(text, locals, "locals", names, seen)?;
    }
    for member in root
        .object(text, "variable")?
        .map_or(&[][..], |all| &all.members)
    {
        let Some(variable) = member.node.object() else {
            continue;
        };
        let path = format!("variable.{}.default", key(&member.key));
        for rest in names.iter().filter_map(|name| below(name, &member.key)) {
            match variable.get(text, "default")? {
                Some(node) => json_value(text, node, &path, rest, seen)?,
                None => seen.push(Seen::left(
                    member.key_at..member.key_at,
                    format!("variable.{}", key(&member.key)),
                    "it has no default",
                )),
            }
        }
    }
    Ok(())
}

fn json_object(
    text: &str,
    object: &Object,
    prefix: &str,
    names: &[&str],
    seen: &mut Vec<Seen>,
) -> Result<(), Error> {
    for name in names {
        for member in &object.members {
            let Some(rest) = below(name, &member.key) else {
                continue;
            };
            object.get(text, &member.key)?;
            json_value(text, &member.node, &join(prefix, &member.key), rest, seen)?;
        }
    }
    Ok(())
}

fn json_value(
    text: &str,
    node: &Node,
    path: &str,
    rest: &str,
    seen: &mut Vec<Seen>,
) -> Result<(), Error> {
    match &node.value {
        Value::Object(object) if !rest.is_empty() => {
            return json_object(text, object, path, &[rest], seen);
        }
        Value::Text(value) if rest.is_empty() => {
            let span = node.span.start + 1..node.span.end - 1;
            let what = path.to_owned();
            seen.push(if text[span.clone()] == *value {
                Seen::text(text, span, what)
            } else {
                Seen::left(span, what, "it is written with escapes")
            });
        }
        _ => {
            let written = one_line(&text[node.span.clone()]);
            seen.push(Seen::left(
                node.span.clone(),
                path.to_owned(),
                format!("it is `{written}`"),
            ));
        }
    }
    Ok(())
}
