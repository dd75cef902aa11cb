//! Every package that can get into a build is under a licence that goes with `MIT OR Apache-2.0`: our own gate says so.

use std::sync::Arc;

use gates::{Cx, Report, Request, Verdict};
use world::{Setup, World};

use crate::repository::{read, root};

fn licenses(settings: &str) -> Report {
    #[expect(
        clippy::disallowed_methods,
        reason = "the rule is asked with the cargo that runs the tests"
    )]
    let env = std::env::vars_os().collect();
    let world = World::new(Setup {
        env,
        ..Setup::default()
    });
    let config = config::parse(&(read("release.toml") + settings)).unwrap();
    let request = Request {
        names: vec!["licenses".to_owned()],
        ..Request::default()
    };
    let cx = Cx::tree(world, root(), Arc::new(config));
    let mut summary = gates::run(&cx, &request, &|_| {}).unwrap();
    summary.reports.remove(0)
}

#[test]
fn every_package_has_a_licence_that_is_allowed() {
    let report = licenses("");
    if report.verdict == Verdict::Unknown {
        testkit::not_covered(&format!("licences of all packages: {:?}", report.reason));
        return;
    }
    assert_eq!(report.verdict, Verdict::Pass, "{report:#?}");
    assert!(report.examined > 100, "only {} packages", report.examined);
    // The rule can fail.
    let narrow = licenses("\n[gates.licenses]\nallow = [\"ISC\"]\n");
    assert_eq!(narrow.verdict, Verdict::Fail, "{narrow:#?}");
}
