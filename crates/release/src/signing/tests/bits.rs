//! No bit of a signature file can change unnoticed.

use super::fixture::{Fixture, TIME_S};
use crate::signing::{Checked, methods};

/// Every bit turned, each as a file of its own; how many of them were looked at by the program.
fn every_bit(fixture: &Fixture) {
    let good = fixture.sign();
    assert!(
        matches!(fixture.check(), Checked::Good(_)),
        "{}",
        fixture.problem()
    );
    let threads = 2;
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let good = &good;
            scope.spawn(move || {
                let name = format!("sig-{thread}");
                for bit in (thread..good.len() * 8).step_by(threads) {
                    let mut turned = good.clone();
                    turned[bit / 8] ^= 1 << (bit % 8);
                    fixture.write(&name, &turned);
                    let seen = fixture.check_file(&name, TIME_S);
                    assert!(
                        !matches!(seen, Checked::Good(_)),
                        "bit {} of byte {} of\n{}",
                        bit % 8,
                        bit / 8,
                        String::from_utf8_lossy(good)
                    );
                }
            });
        }
    });
    // What is cut off, added, or broken into other lines.
    let text = String::from_utf8(good).unwrap();
    for other in [
        String::new(),
        text.trim_end().to_owned(),
        format!("{text}\n"),
        format!("\n{text}"),
        format!("{text}{text}"),
        text.replace('\n', "\r\n"),
        text.replacen('\n', "\n\n", 2),
        text.replacen('\n', " \n", 2),
    ] {
        fixture.write("sig-0", &other);
        let seen = fixture.check_file("sig-0", TIME_S);
        assert!(matches!(seen, Checked::Malformed(_)), "{seen:?}\n{other}");
    }
}

#[test]
fn real_ssh_every_bit_of_a_signature_counts() {
    if let Some(mut fixture) = Fixture::ssh() {
        fixture.signing.identity = Some("dev@example.com".to_owned());
        every_bit(&fixture);
    }
}

#[test]
fn real_minisign_every_bit_of_a_signature_counts() {
    if let Some(fixture) = Fixture::minisign() {
        every_bit(&fixture);
    }
}

#[test]
fn real_gpg_every_bit_of_a_signature_counts() {
    if let Some(fixture) = Fixture::gpg() {
        every_bit(&fixture);
    }
}

/// Bits of the packet itself, with an armor that fits: the checksum of the armor cannot help here.
#[test]
fn real_gpg_every_bit_of_the_packet_counts() {
    let Some(fixture) = Fixture::gpg() else {
        return;
    };
    let text = String::from_utf8(fixture.sign()).unwrap();
    let packet = methods::unarmored(&text).unwrap();
    let mut by_gpg = 0;
    for bit in 0..packet.len() * 8 {
        let mut turned = packet.clone();
        turned[bit / 8] ^= 1 << (bit % 8);
        fixture.write("sig", methods::armored(&turned));
        // The header, the hashed part and what follows from it cost nothing; the numbers are gpg's.
        let numbers = bit / 8 >= packet.len() - 68;
        if numbers && bit % 16 != 0 {
            continue;
        }
        by_gpg += usize::from(numbers);
        let seen = fixture.check();
        assert!(!matches!(seen, Checked::Good(_)), "bit {bit}: {seen:?}");
    }
    assert!(by_gpg > 20, "{by_gpg}");
}
