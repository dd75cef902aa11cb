//! A release that nothing stands in the way of.

use crate::run::{VERSION, assert_released, landfall, mine, single};

#[test]
fn a_single_crate() {
    let repo = single();
    let (base, before) = (repo.git(&["rev-parse", "HEAD"]), mine(&repo));
    landfall(&repo, &["release", VERSION, "--yes"])
        .exits(0)
        .says("RELEASED single 1.0.0-mvp");
    assert_released(&repo, &base);
    assert_eq!(mine(&repo), before);
}
