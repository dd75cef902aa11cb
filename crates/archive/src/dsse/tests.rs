//! The example of the specification, and every way to write an envelope otherwise.

use proptest::prelude::{Just, ProptestConfig, any, prop_assert, prop_assert_eq, proptest};

use super::{Envelope, IN_TOTO, Signature, pae};
use crate::base64;

/// "Test Vectors" of the protocol: the signature is one of ECDSA, and only carried here.
const VECTOR: &str = r#"{"payload":"aGVsbG8gd29ybGQ=","payloadType":"http://example.com/HelloWorld","signatures":[{"sig":"A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="}]}"#;

#[test]
fn the_vector_of_the_specification() {
    let text = format!("{VECTOR}\n");
    let envelope = Envelope::read(&text).unwrap();
    assert_eq!(envelope.payload, b"hello world");
    assert_eq!(
        envelope.pae(),
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    );
    assert_eq!(envelope.signatures[0].bytes.len(), 64);
    assert_eq!(envelope.signatures[0].key_id, "");
    assert_eq!(envelope.write().unwrap(), text);
}

#[test]
fn lengths_are_of_bytes() {
    assert_eq!(pae("", b""), b"DSSEv1 0  0 ");
    assert_eq!(pae("ö", "ö\0".as_bytes()), "DSSEv1 2 ö 3 ö\0".as_bytes());
}

#[test]
fn a_payload_of_a_megabyte() {
    let envelope = Envelope {
        payload_type: IN_TOTO.to_owned(),
        payload: (0..1_048_577_u32).map(|at| (at % 251) as u8).collect(),
        signatures: Vec::new(),
    };
    let text = envelope.write().unwrap();
    assert!(text.ends_with("\"signatures\":[]}\n"));
    assert_eq!(Envelope::read(&text).unwrap(), envelope);
    let pae = envelope.pae();
    assert!(pae.starts_with(b"DSSEv1 28 application/vnd.in-toto+json 1048577 \0\x01\x02"));
}

#[test]
fn one_form_only() {
    let sound = format!("{VECTOR}\n");
    let table = [
        (VECTOR.to_owned(), "no line end"),
        (String::new(), "no line end"),
        ("\n".to_owned(), "this is no DSSE envelope"),
        (sound.replace('\n', "\r\n"), "one line"),
        (format!("{sound}\n"), "one line"),
        (format!("{sound}{sound}"), "one line"),
        (format!("\n{sound}"), "one line"),
        (sound.replace("}\n", "}x\n"), "this is no DSSE envelope"),
        (sound.replace("}\n", "} \n"), "at byte"),
        (format!(" {sound}"), "at byte 1 stands ` {"),
        (sound.replace(":\"a", ": \"a"), "at byte 12 stands ` "),
        (
            sound.replace("\"payload\"", "\"p\\u0061yload\""),
            "at byte 4",
        ),
        (sound.replace("aGVs", "aGV\\u0073"), "at byte"),
        (sound.replace("http:/", "http:\\/"), "at byte"),
        (
            sound.replace("\"payload\":", "\"payload\":\"aGVsbG8=\",\"payload\":"),
            "duplicate field `payload`",
        ),
        (
            sound.replace("{\"sig\":", "{\"sig\":\"AA==\",\"sig\":"),
            "duplicate field `sig`",
        ),
        (
            sound.replace("{\"sig\"", "{\"extra\":1,\"sig\""),
            "unknown field `extra`",
        ),
        (
            sound.replace("{\"payload\"", "{\"extra\":1,\"payload\""),
            "unknown field `extra`",
        ),
        (sound.replace("\"sig\"", "\"keyid\""), "missing field `sig`"),
        (
            sound.replace("{\"sig\"", "{\"keyid\":\"\",\"sig\""),
            "at byte",
        ),
        (
            sound.replace(",\"payloadType\":\"http://example.com/HelloWorld\"", ""),
            "missing field `payloadType`",
        ),
        (
            sound.replace("aGVsbG8gd29ybGQ=", "aGVsbG8gd29ybGR="),
            "the payload of the envelope: the base64 has bits behind",
        ),
        (
            sound.replace("aGVsbG8gd29ybGQ=", "aGVsbG8gd29ybGQ"),
            "the payload of the envelope: base64 comes in groups",
        ),
        (
            sound.replace("F+FnZ+O88", "F-FnZ-O88"),
            "the signature 1 of the envelope: the character",
        ),
        (
            "{\"payload\":\"\",\"payloadType\":\"t\",\"signatures\":[{\"sig\":\"\"}]}\n".to_owned(),
            "the signature 1 of the envelope is empty",
        ),
        ("[]\n".to_owned(), "this is no DSSE envelope"),
        ("null\n".to_owned(), "this is no DSSE envelope"),
    ];
    for (text, want) in table {
        let error = Envelope::read(&text).expect_err(&text);
        let error = format!("{error:#}");
        assert!(error.contains(want), "{text}: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

#[test]
fn envelopes_survive(
    payload_type in "\\PC{0,20}",
    payload in proptest::collection::vec(any::<u8>(), 0..80),
    signatures in proptest::collection::vec(("\\PC{0,9}", proptest::collection::vec(any::<u8>(), 1..70)), 0..3),
) {
    let signatures = signatures.into_iter().map(|(key_id, bytes)| Signature { key_id, bytes }).collect();
    let envelope = Envelope { payload_type, payload, signatures };
    let text = envelope.write().unwrap();
    prop_assert_eq!(text.matches('\n').count(), 1);
    prop_assert_eq!(Envelope::read(&text).unwrap(), envelope);
}

/// Whatever bit is turned: refused, or another envelope. None is read as the one it was.
#[test]
fn no_bit_is_free(at in any::<usize>(), bit in 0..8_u32, sound in Just(format!("{VECTOR}\n"))) {
    let mut bytes = sound.clone().into_bytes();
    let at = at % bytes.len();
    bytes[at] ^= 1 << bit;
    if let Some(envelope) = String::from_utf8(bytes).ok().and_then(|text| Envelope::read(&text).ok()) {
        prop_assert!(envelope != Envelope::read(&sound).unwrap());
    }
}

#[test]
fn type_and_payload_cannot_be_shifted(one in "[ 0-9a]{0,6}", two in "[ 0-9a]{0,6}", three in "[ 0-9a]{0,6}", four in "[ 0-9a]{0,6}") {
    prop_assert_eq!(pae(&one, two.as_bytes()) == pae(&three, four.as_bytes()), (one, two) == (three, four));
}

#[test]
fn garbage_does_not_panic(text in "[ -~\n]{0,80}") {
    if let Ok(envelope) = Envelope::read(&text) {
        prop_assert!(base64::encode(&envelope.payload).len() <= text.len());
    }
}
}
