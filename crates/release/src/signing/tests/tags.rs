//! Signed tags: made as git makes them, taken by `git mktag`, and looked at.

use super::fixture::{Fixture, TIME_S};
use crate::signing::{Checked, check_tag, method};

#[test]
fn real_ssh_a_tag_is_taken_by_git_and_says_what_is_wrong() {
    let Some(fixture) = Fixture::ssh() else {
        return;
    };
    let who = "-c user.name=dev -c user.email=dev@example.com";
    fixture.sh(&format!(
        "git init -q . && git {who} commit -q --allow-empty -m one && git {who} tag -a plain -m plain"
    ));
    let commit = fixture.sh("git rev-parse HEAD");
    let quoted = "-----BEGIN SSH SIGNATURE-----\nquoted\n-----END SSH SIGNATURE-----";
    let text = format!(
        "object {commit}\ntype commit\ntag v1\ntagger dev <dev@example.com> {TIME_S} +0000\n\nproject 1\n\n### Added\n\n{quoted}\n\n- x\n"
    );
    let tag = method(&fixture.signing).unwrap().tag.unwrap();
    let signature = fixture.with(|cx| (tag.sign)(cx, &text)).unwrap();
    let seen = |object: &str| {
        fixture.write("object", object);
        let id = fixture.sh("git mktag < object");
        check_tag(
            &fixture.world(),
            fixture.root(),
            &fixture.signing,
            &id,
            TIME_S,
        )
        .unwrap()
    };
    assert!(matches!(
        seen(&format!("{text}{signature}")),
        Checked::Good(_)
    ));
    fixture.sh("git fsck --strict && git -c gpg.format=ssh -c gpg.ssh.allowedSignersFile=signers verify-tag $(git mktag < object)");
    let altered = text.replace("- x", "- y");
    assert_eq!(seen(&format!("{altered}{signature}")), Checked::Altered);
    let purpose = String::from_utf8(fixture.sign()).unwrap();
    let elsewhere = seen(&format!("{text}{purpose}"));
    assert!(
        matches!(elsewhere, Checked::Elsewhere { .. }),
        "{elsewhere:?}"
    );
    for malformed in [
        format!("{text}{signature}\n"),
        format!("{text}{signature}more\n"),
        text.clone(),
        format!("{text}-----BEGIN PGP SIGNATURE-----\n\nAA==\n-----END PGP SIGNATURE-----\n"),
    ] {
        let seen = seen(&malformed);
        assert!(
            matches!(seen, Checked::Malformed(_)),
            "{seen:?}\n{malformed}"
        );
    }
    let unsigned = |tag| {
        check_tag(
            &fixture.world(),
            fixture.root(),
            &fixture.signing,
            tag,
            TIME_S,
        )
    };
    assert_eq!(unsigned("plain").unwrap(), Checked::NotSigned);
    assert!(unsigned("nowhere").is_err());
}
