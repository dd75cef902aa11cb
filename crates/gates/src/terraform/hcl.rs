//! The outline of a Terraform file: its blocks with labels, lines and plain texts. It serves to find out which folders
//! belong together before `terraform init` has run. What it cannot follow it passes over: judging is Terraform's work.

use manifest::hcl::{self, DEEPEST, TokenKind};
use serde_json::Value;

/// `module "m" { source = "../m" }`, or an object `aws = { source = "…" }`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Block {
    pub(crate) kind: String,
    pub(crate) labels: Vec<String>,
    /// From 1; `None` in the JSON form.
    pub(crate) line: Option<usize>,
    /// Attributes whose value is a text without `${…}`.
    pub(crate) texts: Vec<(String, String)>,
    pub(crate) blocks: Vec<Block>,
}

impl Block {
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let found = self.texts.iter().find(|(key, _)| key == name)?;
        Some(&found.1)
    }

    /// The blocks of one kind directly inside.
    pub(crate) fn of<'b>(&'b self, kind: &'b str) -> impl Iterator<Item = &'b Block> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    /// `None`: with a template inside.
    Text(Option<String>),
    Sign(char),
    Line,
}

/// The outline of a file in Terraform's own syntax.
pub(crate) fn outline(text: &str) -> Block {
    let mut root = Block::default();
    let tokens = tokens(text);
    Outline { tokens, at: 0 }.body(&mut root, 0);
    root
}

/// The words of a text, each with the line on which it ends. Where it is broken the words go on as far as they can.
fn tokens(text: &str) -> Vec<(Token, usize)> {
    let (mut line, mut counted) = (1, 0);
    let one = |token: hcl::Token| {
        let written = text[token.span.clone()].to_owned();
        line += text[counted..token.span.end].matches('\n').count();
        counted = token.span.end;
        let token = match token.kind {
            TokenKind::Word => Token::Word(written),
            TokenKind::Text => Token::Text(Some(written)),
            TokenKind::Template => Token::Text(None),
            TokenKind::Sign(sign) => Token::Sign(sign),
            TokenKind::Line => Token::Line,
        };
        (token, line)
    };
    hcl::tokens(text).list.into_iter().map(one).collect()
}

struct Outline {
    /// Each with the line on which it ends.
    tokens: Vec<(Token, usize)>,
    at: usize,
}

impl Outline {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    /// What stands between braces, up to and with the closing one.
    fn body(&mut self, into: &mut Block, depth: usize) {
        if depth > DEEPEST {
            self.at = self.tokens.len();
        }
        while let Some((token, line)) = self.tokens.get(self.at).cloned() {
            self.at += 1;
            match token {
                Token::Sign('}') => return,
                Token::Word(name) | Token::Text(Some(name)) => {
                    self.item(name, line, into, depth);
                }
                _ => {}
            }
        }
    }

    /// After its first word: an attribute or a block.
    fn item(&mut self, kind: String, line: usize, into: &mut Block, depth: usize) {
        let mut labels = Vec::new();
        loop {
            match self.peek() {
                Some(Token::Sign('=' | ':')) if labels.is_empty() => {
                    self.at += 1;
                    if self.peek() != Some(&Token::Sign('{')) {
                        self.value(kind, into);
                        return;
                    }
                }
                Some(Token::Word(label) | Token::Text(Some(label))) => {
                    labels.push(label.clone());
                    self.at += 1;
                }
                Some(Token::Sign('{')) => {
                    self.at += 1;
                    let mut block = Block {
                        kind,
                        labels,
                        line: Some(line),
                        ..Block::default()
                    };
                    self.body(&mut block, depth + 1);
                    into.blocks.push(block);
                    return;
                }
                _ => return,
            }
        }
    }

    /// After the sign of equality.
    fn value(&mut self, name: String, into: &mut Block) {
        let first = self.peek().cloned();
        let mut open = 0_usize;
        let mut count = 0;
        while let Some(token) = self.peek() {
            match token {
                Token::Sign('(' | '[' | '{') => open += 1,
                Token::Sign('}') if open == 0 => break,
                Token::Sign(')' | ']' | '}') => open = open.saturating_sub(1),
                Token::Line | Token::Sign(',') if open == 0 => break,
                _ => {}
            }
            count += 1;
            self.at += 1;
        }
        if let (Some(Token::Text(Some(text))), 1) = (first, count) {
            into.texts.push((name, text));
        }
    }
}

/// The same of a file in the JSON form; text that is no JSON has no outline.
pub(crate) fn json_outline(text: &str) -> Block {
    let mut root = Block::default();
    let Ok(Value::Object(top)) = serde_json::from_str(text.trim_start_matches('\u{feff}')) else {
        return root;
    };
    for (kind, value) in &top {
        // Blocks with labels nest by label: {"module": {"m": {…}}}, {"resource": {"type": {"name": {…}}}}.
        let labels = match kind.as_str() {
            "resource" | "data" => 2,
            "terraform" | "locals" => 0,
            _ => 1,
        };
        labelled(kind, labels, &mut Vec::new(), value, &mut root);
    }
    root
}

fn labelled(kind: &str, left: usize, labels: &mut Vec<String>, value: &Value, into: &mut Block) {
    match value {
        Value::Array(list) => list
            .iter()
            .for_each(|item| labelled(kind, left, labels, item, into)),
        Value::Object(object) if left > 0 => {
            for (label, inner) in object {
                labels.push(label.clone());
                labelled(kind, left - 1, labels, inner, into);
                labels.pop();
            }
        }
        Value::Object(object) => {
            let mut block = Block {
                kind: kind.to_owned(),
                labels: labels.clone(),
                ..Block::default()
            };
            for (name, inner) in object {
                match inner {
                    Value::String(text) => block.texts.push((name.clone(), text.clone())),
                    // `backend` has a label, `required_providers` has none.
                    Value::Object(_) | Value::Array(_) => {
                        let left = usize::from(name == "backend");
                        labelled(name, left, &mut Vec::new(), inner, &mut block);
                    }
                    _ => {}
                }
            }
            into.blocks.push(block);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{DEEPEST, json_outline, outline};

    const TEXT: &str = r#"# module "no" { source = "./no" }
/* module "no" {
*/ terraform {
  required_version = ">= 1.4" // a remark
  backend "s3" {}
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
    old = "~> 1.0"
  }
}
locals {
  text = "module \"no\" { source = ${format("%s}", "}")} {"
  list = [for x in { a = 1 } : x
    if x != "}"]
  doc  = <<-EOT
    module "no" {
      EOT
  after = { one = "1", "two" = "2" }
}
module "m" {
  count  = 1
  source = "../m"
}
module n { source = "./n" }
"#;

    #[test]
    fn blocks_are_found_where_they_are_and_nowhere_else() {
        let root = outline(TEXT);
        let modules: Vec<_> = root
            .of("module")
            .map(|block| (block.labels[0].as_str(), block.text("source"), block.line))
            .collect();
        assert_eq!(
            modules,
            [("m", Some("../m"), Some(23)), ("n", Some("./n"), Some(27))]
        );
        let terraform = root.of("terraform").next().unwrap();
        assert_eq!(terraform.text("required_version"), Some(">= 1.4"));
        assert_eq!(terraform.of("backend").next().unwrap().labels, ["s3"]);
        let providers = terraform.of("required_providers").next().unwrap();
        assert_eq!(providers.text("old"), Some("~> 1.0"));
        assert_eq!(providers.blocks[0].text("source"), Some("hashicorp/aws"));
        let locals = root.of("locals").next().unwrap();
        assert_eq!(locals.text("text"), None);
        assert_eq!(locals.of("after").next().unwrap().text("two"), Some("2"));
    }

    #[test]
    fn the_json_form_has_the_same_outline() {
        let root = json_outline(
            r#"{"module":{"m":{"source":"../m"}},"terraform":[{"backend":{"s3":{}},"required_providers":{"aws":{"source":"hashicorp/aws"}}}],"resource":{"aws_x":{"y":[{"z":1}]}}}"#,
        );
        let module = root.of("module").next().unwrap();
        assert_eq!(
            (module.labels.len(), module.text("source")),
            (1, Some("../m"))
        );
        let terraform = root.of("terraform").next().unwrap();
        assert_eq!(terraform.of("backend").next().unwrap().labels, ["s3"]);
        let providers = terraform.of("required_providers").next().unwrap();
        assert_eq!(providers.blocks[0].kind, "aws");
        assert_eq!(root.of("resource").next().unwrap().labels, ["aws_x", "y"]);
        assert_eq!(json_outline("{"), super::Block::default());
    }

    #[test]
    fn broken_and_hostile_files_come_to_an_end() {
        for text in [
            "module \"m\" {",
            "x = \"${",
            "}}}",
            "<<",
            "<<EOT",
            "/*",
            "a = [",
            "\"",
        ] {
            outline(text);
        }
        outline(&"a {\n".repeat(DEEPEST * 1000));
        outline(&"\"${".repeat(DEEPEST * 1000));
    }
}
