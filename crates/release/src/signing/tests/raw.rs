//! Signatures over bytes as they are: openssl verifies them, whoever holds the key.

use config::SigningMethod;

use super::fixture::Fixture;
use crate::signing::{method, openssl};
use archive::base64;

const BYTES: &[u8] = b"DSSEv1 4 type 4 body";

/// The public half for openssl: of RSA ssh-keygen writes it, of Ed25519 it is the key behind a fixed head (RFC 8410).
fn public_pem(fixture: &Fixture, kind: &str) {
    if kind == "rsa" {
        fixture.sh("ssh-keygen -e -m PKCS8 -f key.pub > pub.pem");
        return;
    }
    let line = fixture.sh("cut -d' ' -f2 key.pub");
    let blob = base64::decode(&line).unwrap();
    let head = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
    let der = [&head[..], &blob[blob.len() - 32..]].concat();
    let text = base64::encode(&der);
    fixture.write(
        "pub.pem",
        format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n"),
    );
}

fn verified(fixture: &Fixture, kind: &str, signature: &[u8]) {
    fixture.write("body", BYTES);
    fixture.write("raw", signature);
    let said = fixture.sh(if kind == "rsa" {
        "openssl dgst -sha512 -verify pub.pem -signature raw body"
    } else {
        "openssl pkeyutl -verify -rawin -pubin -inkey pub.pem -sigfile raw -in body"
    });
    assert!(said.contains("Verified"), "{said}");
}

fn raw(fixture: &Fixture) -> Option<crate::signing::Raw> {
    fixture.with(|cx| (method(&fixture.signing).unwrap().raw.unwrap())(cx, BYTES).unwrap())
}

#[test]
fn real_ssh_statements_are_verified_by_openssl() {
    for kind in ["ed25519", "rsa"] {
        let Some(mut fixture) = Fixture::ssh() else {
            return;
        };
        if testkit::real_program("openssl").is_none() {
            return;
        }
        fixture.sh(&format!(
            "rm key key.pub; ssh-keygen -q -t {kind} -N '' -C mine -f key"
        ));
        public_pem(&fixture, kind);
        let of_file = raw(&fixture).unwrap();
        verified(&fixture, kind, &of_file.bytes);
        assert_eq!(
            of_file.key_id,
            fixture.sh("ssh-keygen -l -f key.pub | cut -d' ' -f2")
        );
        // The same from an agent that holds the key, with nothing but the public half on the disk.
        let agent = fixture.world().private_agent().unwrap();
        let socket = agent.socket().to_owned();
        fixture.set("SSH_AUTH_SOCK", socket);
        fixture.sh("ssh-add -q key");
        let text = fixture.sh("cat key");
        fixture.sh("rm key");
        fixture.signing.key = Some("key.pub".to_owned());
        assert_eq!(raw(&fixture).unwrap().bytes, of_file.bytes);
        fixture.signing.key = Some(format!("key::{}", fixture.sh("cat key.pub")));
        assert_eq!(raw(&fixture).unwrap().bytes, of_file.bytes);
        fixture.sh("echo \"dev@example.com $(cut -d' ' -f1,2 key.pub)\" > signers");
        let by_agent = fixture.sign();
        assert_eq!(fixture.check().problem(), None);
        // The same from the environment, without any agent of the user's.
        drop(agent);
        fixture.signing.key = None;
        fixture.signing.key_env = Some("RELEASE_KEY".to_owned());
        fixture.set("RELEASE_KEY", text.trim());
        assert_eq!(raw(&fixture).unwrap().bytes, of_file.bytes);
        assert_eq!(fixture.sign(), by_agent);
    }
}

#[test]
fn real_ssh_keys_of_another_kind_sign_files_and_no_statements() {
    let Some(mut fixture) = Fixture::ssh() else {
        return;
    };
    fixture.sh("rm key key.pub; ssh-keygen -q -t ecdsa -N '' -C mine -f key");
    fixture.sh("echo \"dev@example.com $(cut -d' ' -f1,2 key.pub)\" > signers");
    fixture.sign();
    assert_eq!(fixture.check().problem(), None);
    assert!(raw(&fixture).is_none());
    let why = |fixture: &Fixture| {
        fixture.with(|cx| (method(&fixture.signing).unwrap().unattested)(cx).unwrap())
    };
    assert!(why(&fixture).unwrap().contains("ecdsa-sha2-nistp256"));
    fixture.sh("rm key key.pub; ssh-keygen -q -t ed25519 -N '' -C mine -f key");
    assert_eq!(why(&fixture), None);
    fixture.signing.method = SigningMethod::Minisign;
    assert!(why(&fixture).is_some());
}

#[test]
fn real_openssl_signs_statements_for_the_others() {
    let Some(fixture) = Fixture::new(SigningMethod::Minisign, &["openssl"]) else {
        return;
    };
    for (kind, make) in [
        ("ed25519", "openssl genpkey -algorithm ed25519 -out pem"),
        ("rsa", "openssl genpkey -quiet -algorithm rsa -out pem"),
    ] {
        fixture.sh(&format!(
            "{make} 2> /dev/null; openssl pkey -in pem -pubout -out pub.pem"
        ));
        let pem = fixture.path("pem");
        fixture.with(|cx| assert_eq!(openssl::unusable_key(cx, &pem).unwrap(), None));
        let raw = fixture.with(|cx| openssl::sign(cx, &pem, BYTES).unwrap());
        verified(&fixture, kind, &raw.bytes);
        let id = fixture.sh("openssl pkey -in pem -pubout -outform DER | openssl dgst -sha256 -binary | base64 | tr -d =");
        assert_eq!(raw.key_id, format!("SHA256:{id}"));
    }
    fixture.sh("openssl ecparam -name prime256v1 -genkey -noout -out ec; openssl genpkey -algorithm ed25519 -aes128 -pass pass:x -out locked");
    for (file, wanted) in [
        ("ec", "neither an Ed25519 nor an RSA key"),
        ("locked", "openssl reads no private key"),
        ("nowhere", "no key at "),
        ("sums", "openssl reads no private key"),
    ] {
        let path = fixture.path(file);
        let error = fixture.with(|cx| openssl::sign(cx, &path, BYTES).map(|_| ()).unwrap_err());
        assert!(format!("{error:#}").contains(wanted), "{file}: {error:#}");
    }
}
