//! Each method: what is good, and every way to be wrong with a word of its own.

use super::fixture::{Fixture, TIME_S};
use crate::signing::{Checked, NAMESPACE};

const DAY_S: u64 = 86_400;

#[track_caller]
fn good(fixture: &Fixture) -> String {
    match fixture.check() {
        Checked::Good(signer) => signer.to_string(),
        other => panic!("{other:?}"),
    }
}

/// The outcomes that are the same for all.
fn common(fixture: &Fixture) {
    assert_eq!(fixture.check(), Checked::NotSigned);
    let first = fixture.sign();
    assert_eq!(fixture.sign(), first, "the same bytes twice");
    good(fixture);
    fixture.write("sums", "0124  a.tar.gz\n");
    assert_eq!(fixture.check(), Checked::Altered);
    fixture.write("sums", "0123  a.tar.gz\n");
    fixture.write("sig", b"\xff\xfe");
    assert!(matches!(fixture.check(), Checked::Malformed(_)));
    fixture.write("sig", first);
    let mut blind = fixture.world();
    for missing in ["signers", "program"] {
        let mut fixture_env = fixture.env.clone();
        let mut signing = fixture.signing.clone();
        match missing {
            "signers" => signing.signers = "nowhere".to_owned(),
            _ => fixture_env.retain(|(key, _)| key != "PATH"),
        }
        if missing == "program" {
            fixture_env.push(("PATH".into(), "/nowhere".into()));
            blind = world::World::new(world::Setup {
                env: fixture_env,
                ..world::Setup::default()
            });
        }
        let (file, signature) = (fixture.path("sums"), fixture.path("sig"));
        let seen =
            crate::signing::check(&blind, fixture.root(), &signing, &file, &signature, TIME_S);
        assert!(seen.is_err(), "unknown is not an answer: {seen:?}");
    }
}

#[test]
fn real_ssh_says_what_is_wrong() {
    let Some(mut fixture) = Fixture::ssh() else {
        return;
    };
    common(&fixture);
    let key = fixture.sh("ssh-keygen -l -f key.pub | cut -d' ' -f2");
    assert_eq!(
        good(&fixture),
        format!("dev@example.com (ssh ED25519 {key})")
    );
    // ssh-keygen itself agrees, with the commands of the manual.
    fixture.sh(&format!(
        "ssh-keygen -Y verify -f signers -I dev@example.com -n {NAMESPACE} -s sig < sums; cp sums s; ssh-keygen -q -Y sign -n {NAMESPACE} -f key s 2> /dev/null; cmp s.sig sig"
    ));

    let line = fixture.sh("cut -d' ' -f1,2 key.pub");
    fixture.signing.identity = Some("other@example.com".to_owned());
    assert_eq!(
        fixture.problem(),
        format!(
            "signed by the key {key}, which is trusted for something else: it is dev@example.com's, not other@example.com's"
        )
    );
    fixture.signing.identity = Some("dev@example.com".to_owned());
    for (options, wanted) in [
        (
            "namespaces=\"git\" ",
            "it is for the namespaces `git`, here it is `landfall`",
        ),
        (
            "valid-before=\"20260101\" ",
            "outside of its time: valid-before=\"20260101\"",
        ),
        (
            "valid-after=\"20260301\" ",
            "outside of its time: valid-after=\"20260301\"",
        ),
        (
            "namespaces=\"landfall,git\",valid-before=\"20260301\" ",
            "none",
        ),
        ("namespaces=\"landfall\" ", "none"),
    ] {
        fixture.write("signers", format!("dev@example.com {options}{line}\n"));
        let problem = fixture.problem();
        assert!(problem.contains(wanted), "{options}: {problem}");
    }
    let window = format!("dev@example.com valid-before=\"20260204\" {line}\n");
    fixture.write("signers", window);
    assert!(matches!(
        fixture.check_file("sig", TIME_S + 2 * DAY_S),
        Checked::OutOfTime { .. }
    ));
    for identity in [None, Some("dev@example.com".to_owned())] {
        fixture.signing.identity = identity;
        fixture.write("signers", format!("*@example.com {line}\n"));
        good(&fixture);
        fixture.sh("rm -f k2*; ssh-keygen -q -t ed25519 -N '' -f k2; echo \"dev@example.com $(cat k2.pub)\" > signers");
        assert_eq!(
            fixture.problem(),
            format!("signed by a key that nobody is trusted with: {key}")
        );
    }
}

#[test]
fn real_ssh_revoked_keys_and_other_purposes_are_told_apart() {
    let Some(mut fixture) = Fixture::ssh() else {
        return;
    };
    let key = fixture.sh("ssh-keygen -l -f key.pub | cut -d' ' -f2");
    let line = fixture.sh("cut -d' ' -f1,2 key.pub");
    fixture.sign();
    fixture.signing.revoked = Some("gone".to_owned());
    fixture.write("gone", "");
    good(&fixture);
    fixture.write("gone", format!("{line}\n"));
    assert_eq!(
        fixture.check(),
        Checked::Revoked {
            fingerprint: key.clone()
        }
    );
    fixture.sh("ssh-keygen -q -k -f gone key.pub");
    assert_eq!(fixture.check(), Checked::Revoked { fingerprint: key });
    fixture.signing.revoked = None;
    // A signature for another purpose, however good.
    fixture.sh("ssh-keygen -q -Y sign -n file -f key < sums > sig 2> /dev/null");
    assert!(
        fixture.problem().contains("made for the namespace `file`"),
        "{}",
        fixture.problem()
    );
}

#[test]
fn real_ssh_keys_that_cannot_be_used_say_why_and_wait_for_nobody() {
    let Some(mut fixture) = Fixture::ssh() else {
        return;
    };
    fixture.sh("ssh-keygen -q -t ed25519 -N secret -f locked");
    for (key, wanted) in [("locked", "no terminal to ask"), ("nowhere", "no key at ")] {
        fixture.signing.key = Some(key.to_owned());
        let error = fixture.refused();
        assert!(error.contains(wanted), "{error}");
    }
    fixture.signing.key = Some(format!("key::{}", fixture.sh("cat locked.pub")));
    assert!(
        fixture
            .refused()
            .contains("no ssh-agent here holds the key")
    );
    fixture.signing.key = None;
    assert!(
        fixture.refused().contains("git signs with no ssh key"),
        "{}",
        fixture.refused()
    );
    // Of git, a path and the key itself.
    fixture
        .sh("git init -q . && git config gpg.format ssh && git config user.signingkey '~/key.pub'");
    fixture.sign();
    good(&fixture);
    fixture.signing.key_env = Some("RELEASE_KEY".to_owned());
    fixture.set("RELEASE_KEY", "-----BEGIN nonsense");
    let error = fixture.refused();
    assert!(
        error.contains("the value of RELEASE_KEY is no secret key"),
        "{error}"
    );
    assert!(!error.contains("nonsense"), "{error}");
}

#[test]
fn real_minisign_says_what_is_wrong() {
    let Some(mut fixture) = Fixture::minisign() else {
        return;
    };
    common(&fixture);
    let id = fixture.sh("head -1 signers | sed 's/.* //'");
    assert_eq!(
        good(&fixture),
        format!("minisign key (minisign ED25519 {id})")
    );
    let said = fixture.sh("minisign -Vm sums -x sig -p signers");
    assert!(
        said.ends_with("Trusted comment: project 1.0.0 (v1.0.0)"),
        "{said}"
    );
    // The key from the environment, with no file at all.
    let (text, bytes) = (fixture.sh("cat key"), fixture.read("sig"));
    let key = fixture.signing.key.take();
    fixture.signing.key_env = Some("RELEASE_KEY".to_owned());
    assert!(fixture.refused().contains("RELEASE_KEY is not set"));
    fixture.set("RELEASE_KEY", text);
    assert_eq!(fixture.sign(), bytes);
    fixture.signing.key_env = None;
    fixture.signing.key = key;

    fixture.sh("cp signers mine; minisign -G -W -f -p signers -s other > /dev/null");
    assert_eq!(
        fixture.check(),
        Checked::Stranger {
            fingerprint: id.clone()
        }
    );
    fixture.sh("cat mine >> signers");
    good(&fixture);
    fixture.sh("cp mine gone");
    fixture.signing.revoked = Some("gone".to_owned());
    assert_eq!(fixture.check(), Checked::Revoked { fingerprint: id });
    fixture.signing.revoked = None;
    fixture.signing.key = Some("nowhere".to_owned());
    assert!(fixture.refused().contains("no key at "));
    fixture.sh("printf 'pw\\npw\\n' | minisign -G -f -p p.pub -s locked > /dev/null 2>&1");
    fixture.signing.key = Some("locked".to_owned());
    assert!(
        fixture.refused().contains("has a password"),
        "{}",
        fixture.refused()
    );
    fixture.write("signers", "nothing here\n");
    let (file, signature) = (fixture.path("sums"), fixture.path("sig"));
    let seen = crate::signing::check(
        &fixture.world(),
        fixture.root(),
        &fixture.signing,
        &file,
        &signature,
        TIME_S,
    );
    assert!(
        seen.unwrap_err()
            .to_string()
            .contains("has no public key of minisign")
    );
}

#[test]
fn real_gpg_says_what_is_wrong() {
    let Some(mut fixture) = Fixture::gpg() else {
        return;
    };
    common(&fixture);
    let key = fixture.signing.key.clone().unwrap();
    assert_eq!(
        good(&fixture),
        format!("dev <dev@example.com> (gpg ED25519 {key})")
    );
    fixture.sh("gpg -q --batch --verify sig sums 2> /dev/null");
    fixture.signing.identity = Some("dev@example.com".to_owned());
    good(&fixture);
    fixture.signing.identity = Some("other@example.com".to_owned());
    assert!(
        fixture.problem().contains("it is dev <dev@example.com>'s"),
        "{}",
        fixture.problem()
    );
    fixture.signing.identity = None;

    // A key that is good for ninety days, and one that nobody here knows.
    let brief = fixture.gpg_key("brief", "2027-01-01");
    fixture.sh(&format!(
        "cp signers mine; gpg -q --batch --armor --export {brief} >> signers"
    ));
    fixture.signing.key = Some(brief.clone());
    fixture.sign();
    good(&fixture);
    let later = fixture.check_file("sig", TIME_S + 400 * DAY_S);
    assert!(matches!(later, Checked::OutOfTime { .. }), "{later:?}");
    fixture.sh("cp mine signers");
    assert_eq!(fixture.check(), Checked::Stranger { fingerprint: brief });
    fixture.signing.key = Some("0".repeat(40));
    assert!(
        fixture
            .refused()
            .contains("gpg does not sign with the key 000")
    );
    // Revoked: by the certificate that gpg writes with a key.
    fixture.signing.key = Some(key.clone());
    fixture.sign();
    fixture.sh(&format!(
        "sed 's/^:-----/-----/' gnupg/openpgp-revocs.d/{key}.rev | gpg -q --batch --import 2> /dev/null; gpg -q --batch --armor --export {key} > signers"
    ));
    assert_eq!(fixture.check(), Checked::Revoked { fingerprint: key });
    fixture.write("signers", "nothing here\n");
    let (file, signature) = (fixture.path("sums"), fixture.path("sig"));
    let seen = crate::signing::check(
        &fixture.world(),
        fixture.root(),
        &fixture.signing,
        &file,
        &signature,
        TIME_S,
    );
    assert!(
        seen.unwrap_err()
            .to_string()
            .contains("finds no public key")
    );
}
