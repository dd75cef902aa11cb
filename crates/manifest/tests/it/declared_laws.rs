//! The laws of the formats that find a version behind a name: over texts in random layouts, cut texts, and garbage.

use landfall_manifest::declared::{self, Declared, Wanted};
use landfall_manifest::pattern::{self, Pattern};
use landfall_manifest::{DECLARED, Version};
use proptest::prelude::*;

use crate::generate::{self, Dice};
use crate::generate_names::{ALL, Sample};
use crate::laws::check_edit;

fn named(sample: &Sample) -> (&'static Declared, Vec<String>) {
    let names = sample.names.iter().map(|&name| name.to_owned()).collect();
    (declared::declared(sample.format).unwrap(), names)
}

#[test]
fn every_format_has_a_generator() {
    for format in DECLARED {
        let text = ALL.iter().any(|generate| {
            let version = Version::new(1, 0, 0);
            generate(&mut Dice::new(Vec::new()), &version).format == format.name
        });
        assert!(text, "no generator for {}", format.name);
    }
}

/// Every version of SemVer 2.0.0 in its grammar: identifiers of any length, zeros, lone hyphens.
fn any_version() -> impl Strategy<Value = Version> {
    let core = "(0|[1-9][0-9]{0,3})\\.(0|[1-9][0-9]{0,9})\\.(0|[1-9][0-9]{0,2})";
    let pre = "(-(0|[1-9][0-9]{0,5}|[0-9]{0,2}[A-Za-z-][0-9A-Za-z-]{0,5})(\\.(0|[1-9]|[a-zA-Z-]{1,3}))?)?";
    let build = "(\\+[0-9A-Za-z-]{1,6}(\\.[0-9A-Za-z-]{1,3})?)?";
    let regex = format!("{core}{pre}{build}");
    let texts = proptest::string::string_regex(&regex).unwrap();
    texts.prop_map(|text| Version::parse(&text).unwrap())
}

const PIECES: [&str; 20] = [
    "", "\"", "'", "`", "\n", "\r", "{", "}", "(", "/*", "*/", "#", "\\", "=", "<<EOF", "${",
    "\u{feff}", "ü", ": ", "version",
];

proptest! {
    #[test]
    fn what_is_set_is_read_and_nothing_else_moves(bytes in generate::dice(), old in any_version(), new in any_version()) {
        for generate in ALL {
            let sample = generate(&mut Dice::new(bytes.clone()), &old);
            let (format, names) = named(&sample);
            let wanted = Wanted { path: sample.path, names: &names, min: sample.follow, max: Some(sample.follow) };
            let text = &sample.text;
            let before = declared::find(text, format, &wanted).unwrap_or_else(|error| panic!("{error}\n{text}"));
            let edited = declared::set(text, format, &wanted, &new).unwrap_or_else(|error| panic!("{error}\n{text}"));
            check_edit(text, &edited, &declared::set(&edited.text, format, &wanted, &new).unwrap());
            let after = declared::find(&edited.text, format, &wanted).unwrap();
            prop_assert_eq!(after.found.len() + after.short.len(), sample.follow);
            prop_assert!(before.found.iter().all(|found| found.version == old.to_string()), "{:?}", before);
            prop_assert!(after.found.iter().all(|found| found.version == new.to_string()), "{:?}", after);
            prop_assert_eq!(before.left.len(), after.left.len());
            if before.short.is_empty() {
                let same = declared::set(text, format, &wanted, &old).unwrap();
                prop_assert_eq!(&same.text, text, "what is there is set");
            }
        }
    }

    #[test]
    fn cut_texts_never_panic_and_keep_the_laws(
        bytes in generate::dice(), cuts in proptest::collection::vec((any::<u16>(), 0..9_usize, 0..PIECES.len()), 1..6), new in generate::version()
    ) {
        for generate in ALL {
            let mut sample = generate(&mut Dice::new(bytes.clone()), &Version::new(1, 2, 3));
            for &(at, length, piece) in &cuts {
                let text = &sample.text;
                let boundary = |mut at: usize| { while !text.is_char_boundary(at) { at -= 1 } at };
                let start = boundary(usize::from(at) % (text.len() + 1));
                let end = boundary((start + length).min(text.len()));
                sample.text.replace_range(start..end.max(start), PIECES[piece]);
            }
            try_one(&sample, &new);
        }
    }

    #[test]
    fn garbage_never_panics(text in "\\PC{0,60}", pieces in proptest::collection::vec(0..PIECES.len(), 0..40), new in generate::version()) {
        let joined: String = pieces.iter().map(|&piece| PIECES[piece]).collect();
        for generate in ALL {
            let mut sample = generate(&mut Dice::new(Vec::new()), &new);
            for text in [&text, &joined] {
                sample.text.clone_from(text);
                try_one(&sample, &new);
            }
        }
    }

    #[test]
    fn a_pattern_sets_what_it_finds_wherever_it_stands(
        parts in proptest::collection::vec("[ -~ü\t]{0,9}", 1..5), bom in any::<bool>(), crlf in any::<bool>(), old in any_version(), new in any_version()
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let mut text = if bom { "\u{feff}".to_owned() } else { String::new() };
        for part in &parts {
            text.push_str(&format!("tool@{old} {}{end}", part.replace("tool@", "")));
        }
        let pattern = Pattern { max: Some(parts.len()), min: parts.len(), regex: r"^tool@(?<version>\S+)" };
        let edited = pattern::set(&text, &pattern, &new).unwrap();
        check_edit(&text, &edited, &pattern::set(&edited.text, &pattern, &new).unwrap());
        let found = pattern::find(&edited.text, &pattern).unwrap();
        prop_assert_eq!(found.len(), parts.len());
        prop_assert!(found.iter().zip(1..).all(|(found, line)| (found.line, found.column) == (line, 6) && found.version == new.to_string()));
    }
}

fn try_one(sample: &Sample, version: &Version) {
    let (format, names) = named(sample);
    let wanted = Wanted {
        path: sample.path,
        names: &names,
        min: 0,
        max: None,
    };
    if let Err(error) = declared::find(&sample.text, format, &wanted) {
        assert!(
            !error.message.contains('\n'),
            "a message is one line: {error}"
        );
    }
    if let Ok(edited) = declared::set(&sample.text, format, &wanted, version) {
        let again = declared::set(&edited.text, format, &wanted, version).unwrap();
        check_edit(&sample.text, &edited, &again);
    }
}
