//! Tables and laws of the next version.

use std::cmp::Ordering;

use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, proptest,
};
use proptest::prop_oneof;
use semver::Version;

use super::{Ask, Ground, Need, next};

/// `current released latest need fresh`; `-` is none.
fn ground(text: &str) -> Ground {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let version = |text: &str| (text != "-").then(|| Version::parse(text).expect(text));
    let need = match fields[3] {
        "none" => Need::Nothing,
        "patch" => Need::Patch,
        "minor" => Need::Minor,
        "major" => Need::Major,
        other => panic!("{other}"),
    };
    Ground {
        current: version(fields[0]).expect("a current version"),
        released: version(fields[1]),
        latest: version(fields[2]),
        need,
        fresh: fields[4] == "fresh",
    }
}

fn told(text: &str, ask: &Ask) -> String {
    match next(&ground(text), ask) {
        Ok(Some(version)) => version.to_string(),
        Ok(None) => "nothing".to_owned(),
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn the_next_version() {
    for (text, want) in [
        ("1.2.3 1.2.3 1.2.3 patch fresh", "1.2.4"),
        ("1.2.3 1.2.3 1.2.3 minor fresh", "1.3.0"),
        ("1.2.3 1.2.3 1.2.3 major fresh", "2.0.0"),
        ("1.2.3 1.2.3 1.2.3 none stale", "nothing"),
        ("1.2.3+b.7 1.2.3+b.7 1.2.3+b.7 patch fresh", "1.2.4"),
        // Before 1.0.0.
        ("0.4.2 0.4.2 0.4.2 major fresh", "0.5.0"),
        ("0.4.2 0.4.2 0.4.2 minor fresh", "0.4.3"),
        ("0.4.2 0.4.2 0.4.2 patch fresh", "0.4.3"),
        ("0.0.4 0.0.4 0.0.4 major fresh", "0.0.5"),
        // Raised already: far enough, or not.
        ("1.3.0 1.2.3 1.2.3 minor fresh", "1.3.0"),
        ("1.2.4 1.2.3 1.2.3 minor fresh", "1.3.0"),
        ("2.0.0 1.2.3 1.2.3 patch fresh", "2.0.0"),
        // Files that were left behind the tag.
        ("1.0.0 1.2.3 1.2.3 patch fresh", "1.2.4"),
        // Pre-releases: the next, unless the commits ask for more than they lead to.
        ("1.0.0-rc.2 0.9.0 1.0.0-rc.2 major fresh", "1.0.0-rc.3"),
        ("1.0.0-rc.2 0.9.0 1.0.0-rc.2 patch stale", "nothing"),
        ("1.0.0-rc.3 0.9.0 1.0.0-rc.2 patch fresh", "1.0.0-rc.3"),
        ("1.3.0-rc.2 1.2.3 1.3.0-rc.2 major fresh", "2.0.0-rc.1"),
        ("1.2.4-beta1 1.2.3 1.2.4-beta1 minor fresh", "1.3.0-beta1"),
        ("1.0.0-mvp - 1.0.0-mvp patch fresh", "1.0.0-mvp.1"),
        ("1.0.0-mvp - 1.0.0-mvp none stale", "nothing"),
        ("1.0.0-mvp 0.9.0 0.9.0 minor fresh", "1.0.0-mvp"),
        ("1.3.0-mvp 1.2.0 1.3.0-mvp major fresh", "2.0.0-mvp"),
        // What was never released is the first as it is.
        ("0.1.0 - - minor fresh", "0.1.0"),
        ("0.1.0 - - none stale", "0.1.0"),
        (
            "18446744073709551615.0.0 18446744073709551615.0.0 18446744073709551615.0.0 major fresh",
            "error: a number of 18446744073709551615.0.0 is the largest there is",
        ),
    ] {
        assert_eq!(told(text, &Ask::Next), want, "{text}");
    }
}

#[test]
fn graduation_and_labels() {
    let pre = |label: &str| Ask::Pre(label.to_owned());
    for (text, ask, want) in [
        (
            "1.0.0-rc.2 0.9.0 1.0.0-rc.2 major fresh",
            Ask::Release,
            "1.0.0",
        ),
        (
            "1.0.0-rc.2 0.9.0 1.0.0-rc.2 none stale",
            Ask::Release,
            "1.0.0",
        ),
        ("1.0.0 0.9.0 1.0.0-rc.2 none stale", Ask::Release, "1.0.0"),
        (
            "1.3.0-rc.2 1.2.3 1.3.0-rc.2 major fresh",
            Ask::Release,
            "2.0.0",
        ),
        ("1.2.3 1.2.3 1.2.3 minor fresh", Ask::Release, "1.3.0"),
        ("1.2.3 1.2.3 1.2.3 none stale", Ask::Release, "nothing"),
        ("1.2.3 1.2.3 1.2.3 minor fresh", pre("rc"), "1.3.0-rc.1"),
        ("1.2.3 1.2.3 1.2.3 minor fresh", pre("rc.0"), "1.3.0-rc.0"),
        (
            "1.3.0-rc.1 1.2.3 1.2.3 minor fresh",
            pre("rc"),
            "1.3.0-rc.1",
        ),
        (
            "1.3.0-rc.1 1.2.3 1.3.0-rc.1 minor fresh",
            pre("rc"),
            "1.3.0-rc.2",
        ),
        (
            "1.3.0-alpha.4 1.2.3 1.3.0-alpha.4 minor fresh",
            pre("beta"),
            "1.3.0-beta.1",
        ),
        (
            "1.3.0-rc.1 1.2.3 1.3.0-rc.1 minor fresh",
            pre("beta"),
            "error: 1.3.0-beta.1 would come next, but it sorts before 1.3.0-rc.1",
        ),
        (
            "1.2.3 1.2.3 1.2.3 minor fresh",
            pre("r c"),
            "error: `r c` is no label of a pre-release",
        ),
        (
            "1.2.3 1.2.3 1.2.3 minor fresh",
            pre(""),
            "error: `` is no label of a pre-release",
        ),
        ("1.2.3 1.2.3 1.2.3 none stale", pre("rc"), "nothing"),
        ("1.0.0-mvp - - none stale", Ask::Release, "1.0.0"),
        (
            "1.0.0 - - none stale",
            pre("rc"),
            "error: 1.0.0-rc.1 would come next, but it sorts before 1.0.0",
        ),
    ] {
        assert_eq!(told(text, &ask), want, "{text} {ask:?}");
    }
}

fn version() -> impl Strategy<Value = Version> {
    let number = || prop_oneof![Just(0), 0..4_u64, any::<u32>().prop_map(u64::from)];
    let pre = prop_oneof![
        3 => Just(String::new()),
        2 => "-(rc|alpha|mvp|x-y|--)(\\.(0|[1-9][0-9]{0,20}))?",
        1 => "-[a-z]{0,3}[1-9][0-9]{0,2}",
        1 => "-(0|[1-9][0-9]?)(\\.[a-z]{1,2}[0-9]{0,2}){0,2}",
    ];
    (number(), number(), number(), pre, "(\\+[0-9a-z]{1,3})?").prop_map(
        |(major, minor, patch, pre, build)| {
            Version::parse(&format!("{major}.{minor}.{patch}{pre}{build}")).expect("a version")
        },
    )
}

fn need() -> impl Strategy<Value = Need> {
    prop_oneof![
        Just(Need::Nothing),
        Just(Need::Patch),
        Just(Need::Minor),
        Just(Need::Major)
    ]
}

/// As history makes them: the latest is not before the last release, and what is fresh is needed.
fn grounds() -> impl Strategy<Value = Ground> {
    (
        version(),
        version(),
        version(),
        need(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(current, released, latest, need, fresh, any_release)| {
            let mut released = released;
            released.pre = semver::Prerelease::EMPTY;
            let released = any_release.then_some(released);
            let latest = match &released {
                Some(released) if latest.pre.is_empty() || latest < *released => released.clone(),
                _ => latest,
            };
            let released = released.or_else(|| latest.pre.is_empty().then(|| latest.clone()));
            Ground {
                current,
                released,
                latest: Some(latest),
                need,
                fresh: fresh && need > Need::Nothing,
            }
        })
}

fn asks() -> impl Strategy<Value = Ask> {
    prop_oneof![
        Just(Ask::Next),
        Just(Ask::Release),
        "[a-z]{1,4}".prop_map(Ask::Pre)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// After all that was released; after what is declared too, unless that is itself not released yet.
    #[test]
    fn it_goes_up(ground in grounds(), ask in asks()) {
        if let Ok(Some(next)) = next(&ground, &ask) {
            let latest = ground.latest.as_ref().expect("always one");
            prop_assert_eq!(next.cmp_precedence(latest), Ordering::Greater, "{} {:?}", next, ground);
            let order = next.cmp_precedence(&ground.current);
            let is_raised = ground.current.cmp_precedence(latest) == Ordering::Greater;
            prop_assert!(order == Ordering::Greater || (is_raised && next == ground.current), "{next} {ground:?}");
        }
    }

    /// What was written into the files is the answer to the next question.
    #[test]
    fn it_converges(ground in grounds(), ask in asks()) {
        if let Ok(Some(first)) = next(&ground, &ask) {
            let again = Ground { current: first.clone(), ..ground };
            prop_assert_eq!(next(&again, &ask).expect("an answer"), Some(first));
        }
    }

    /// More commits never ask for less.
    #[test]
    fn it_is_monotone(ground in grounds(), more in need()) {
        let larger = Ground { need: ground.need.max(more), fresh: ground.fresh || more > Need::Nothing, ..ground.clone() };
        if let (Ok(Some(few)), Ok(many)) = (next(&ground, &Ask::Next), next(&larger, &Ask::Next)) {
            let many = many.expect("not less than before");
            prop_assert!(many.cmp_precedence(&few) != Ordering::Less, "{few} {many} {ground:?}");
        }
    }

    /// Without a commit nothing is raised.
    #[test]
    fn nothing_is_nothing(ground in grounds()) {
        let ground = Ground { need: Need::Nothing, fresh: false, current: ground.latest.clone().expect("always one"), ..ground };
        prop_assert_eq!(next(&ground, &Ask::Next).expect("an answer"), None);
    }

    #[test]
    fn graduation_is_idempotent(ground in grounds()) {
        if let Ok(Some(first)) = next(&ground, &Ask::Release) {
            prop_assert!(first.pre.is_empty());
            let again = Ground { current: first.clone(), ..ground };
            prop_assert_eq!(next(&again, &Ask::Release).expect("an answer"), Some(first));
        }
    }
}
