//! Expressions, allowed by a list.

use config::LicensesGate;

use super::{Package, Rules};
use crate::Findings;

fn allowed(license: Option<&str>, allow: &[&str]) -> Result<(), String> {
    let settings = LicensesGate {
        allow: allow.iter().map(|&entry| entry.to_owned()).collect(),
        ..LicensesGate::default()
    };
    let mut findings = Findings::default();
    let rules = Rules::new(&settings, &mut findings);
    assert!(findings.list.is_empty(), "{findings:?}");
    let package = Package {
        name: "some".to_owned(),
        version: "1.0.0".to_owned(),
        license: license.map(str::to_owned),
        file: None,
        place: ("Cargo.lock".to_owned(), None),
        why: String::new(),
    };
    rules.allowed(&package, &settings.allow)
}

const LIST: &[&str] = &["MIT", "Zlib", "ISC", "Apache-2.0 WITH LLVM-exception"];

#[test]
fn expressions_are_evaluated() {
    for (expression, verdict) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("MIT/Apache-2.0", true),
        ("Apache-2.0/MIT", true),
        ("Apache-2.0 / GPL-2.0", false),
        ("GPL-3.0-only OR MIT", true),
        ("GPL-3.0-only AND MIT", false),
        ("GPL-3.0-only AND MIT OR Zlib", true),
        ("GPL-3.0-only AND (MIT OR Zlib)", false),
        ("(MIT OR GPL-2.0-only) AND ISC", true),
        ("(MIT OR GPL-2.0-only) AND (ISC)", true),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("Apache-2.0", false),
        ("Apache-2.0 WITH LLVM-exception OR GPL-2.0-only", true),
        ("MIT WITH LLVM-exception", false),
        ("GPL-2.0+", false),
    ] {
        assert_eq!(
            allowed(Some(expression), LIST).is_ok(),
            verdict,
            "{expression}"
        );
    }
    let why = allowed(Some("GPL-3.0-only AND MIT"), LIST).unwrap_err();
    assert_eq!(
        why,
        "`GPL-3.0-only AND MIT` is not allowed: for want of GPL-3.0-only"
    );
}

#[test]
fn an_entry_of_the_list_is_one_licence() {
    for (entry, fine) in [
        ("MIT", true),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("GPL-2.0-or-later", true),
        ("LicenseRef-our-own", true),
        ("mit", false),
        ("Apache 2", false),
        ("MIT OR ISC", false),
        ("", false),
    ] {
        let settings = LicensesGate {
            allow: vec![entry.to_owned()],
            ..LicensesGate::default()
        };
        let mut findings = Findings::default();
        Rules::new(&settings, &mut findings);
        assert_eq!(findings.list.is_empty(), fine, "{entry}");
    }
}

#[test]
fn what_is_no_expression_is_not_allowed() {
    for text in [
        "",
        "MIT OR",
        "MIT Zlib",
        "(MIT",
        "MIT)",
        "AND MIT",
        "Apache-2.0 WITH",
        "UNLICENSED",
        "SEE LICENSE IN LICENSE.txt",
        "Custom: https://example.com",
    ] {
        let why = allowed(Some(text), LIST).unwrap_err();
        assert!(why.contains("is no SPDX expression"), "{text}: {why}");
    }
    assert_eq!(allowed(None, LIST), Err("says no licence".to_owned()));
}

#[test]
fn or_later_is_met_by_the_version_itself_and_by_a_later_one() {
    for (asked, entry, verdict) in [
        ("GPL-2.0-or-later", "GPL-2.0-or-later", true),
        ("GPL-2.0+", "GPL-2.0-or-later", true),
        ("GPL-2.0-only", "GPL-3.0-only", false),
        ("Apache-2.0+", "Apache-2.0", true),
        ("Apache-1.1+", "Apache-2.0", true),
        ("Apache-1.1", "Apache-2.0", false),
        ("LGPL-2.1-only", "GPL-2.0-only", false),
        ("mit", "MIT", false),
    ] {
        let verdict = (asked, verdict);
        let seen = allowed(Some(asked), &[entry]).is_ok();
        assert_eq!((asked, seen), verdict, "{entry}");
    }
}
