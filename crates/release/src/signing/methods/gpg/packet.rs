//! A signature packet of version 4 (RFC 4880, sections 5.2 and 6), read and written in one form only.
//!
//! Much of a packet is covered by no signature: its header, how its armor is broken into lines, the subpackets that are not
//! hashed, the two bytes that spare a verification, the stated lengths of the numbers. All of it follows from the rest, and
//! has to be as it follows.

use sha2::{Digest as _, Sha256, Sha512};

use archive::base64;

pub(super) const BEGIN: &str = "-----BEGIN PGP SIGNATURE-----";
const END: &str = "-----END PGP SIGNATURE-----";
/// Where gpg breaks lines.
const WIDTH: usize = 64;
/// What stands in the subpacket of this type.
const ISSUER: u8 = 16;
const ISSUER_FINGERPRINT: u8 = 33;

/// What is needed of a packet.
#[derive(Debug)]
pub(super) struct Packet {
    /// The fingerprint of the key, perhaps of a subkey.
    pub(super) issuer: String,
    pub(super) algorithm: u8,
    /// The number of the hash: 8 is SHA-256, 10 is SHA-512.
    hash: u8,
    /// From the version to the end of the hashed subpackets.
    hashed: Vec<u8>,
    /// The first two bytes of the digest.
    left: [u8; 2],
    numbers: Vec<u8>,
}

/// As gpg shows it.
pub(super) fn algorithm(number: u8) -> String {
    match number {
        1 => "RSA".to_owned(),
        17 => "DSA".to_owned(),
        19 => "ECDSA".to_owned(),
        22 => "ED25519".to_owned(),
        other => format!("algorithm {other}"),
    }
}

impl Packet {
    /// Whether the two bytes are those of the digest: gpg does not look at them.
    pub(super) fn fits(&self, bytes: &[u8]) -> bool {
        let length = u32::try_from(self.hashed.len()).unwrap_or(u32::MAX);
        let trailer = [&[4, 0xff][..], &length.to_be_bytes()].concat();
        let parts = [bytes, &self.hashed, &trailer];
        let digest = match self.hash {
            8 => parts
                .iter()
                .fold(Sha256::new(), Sha256::chain_update)
                .finalize()
                .to_vec(),
            _ => parts
                .iter()
                .fold(Sha512::new(), Sha512::chain_update)
                .finalize()
                .to_vec(),
        };
        digest.starts_with(&self.left)
    }

    fn write(&self) -> Result<Vec<u8>, String> {
        let id = self.issuer_bytes()?;
        let mut body = self.hashed.clone();
        body.extend([0, 10, 9, ISSUER]);
        body.extend(&id[id.len() - 8..]);
        body.extend(self.left);
        body.extend(&self.numbers);
        let mut packet = match (u8::try_from(body.len()), u16::try_from(body.len())) {
            (Ok(length), _) => vec![0x88, length],
            (_, Ok(length)) => [&[0x89][..], &length.to_be_bytes()].concat(),
            _ => return Err("it is too long".to_owned()),
        };
        packet.extend(body);
        Ok(packet)
    }

    /// The subpacket with the fingerprint, which is hashed.
    fn issuer_bytes(&self) -> Result<&[u8], String> {
        let mut rest = self.hashed.get(6..).unwrap_or_default();
        while let Some((&length, after)) = rest.split_first() {
            let (one, next) = after
                .split_at_checked(usize::from(length))
                .filter(|_| length < 192)
                .ok_or("a subpacket is cut off, or longer than any that gpg writes")?;
            if let [ISSUER_FINGERPRINT, 4, fingerprint @ ..] = one
                && fingerprint.len() == 20
            {
                return Ok(fingerprint);
            }
            rest = next;
        }
        Err("it does not name the fingerprint of its key".to_owned())
    }
}

/// A packet as gpg wrote it, in the one form.
pub(super) fn canonical(packet: &[u8]) -> Result<Vec<u8>, String> {
    let packet = parse(packet)?;
    packet.write()
}

/// Reads a text in the one form.
pub(super) fn read(text: &str) -> Result<Packet, String> {
    let packet = parse(&unarmored(text)?)?;
    if armor(&packet.write()?) != text {
        return Err(
            "it is not in the one form in which it is written, so that it could be changed unnoticed"
                .to_owned(),
        );
    }
    Ok(packet)
}

/// The bytes between the lines of the armor; its checksum is not looked at.
pub(in crate::signing) fn unarmored(text: &str) -> Result<Vec<u8>, String> {
    let inner = text
        .strip_prefix(BEGIN)
        .and_then(|rest| rest.strip_prefix("\n\n"))
        .and_then(|rest| rest.strip_suffix(END_LINE))
        .ok_or_else(|| {
            format!("it does not begin with `{BEGIN}` and an empty line, or ends otherwise")
        })?;
    let (data, _) = inner.rsplit_once("\n=").ok_or("its checksum is missing")?;
    let joined: String = data.split('\n').collect();
    base64::decode(&joined).map_err(|_| "its base64 is broken".to_owned())
}

const END_LINE: &str = "\n-----END PGP SIGNATURE-----\n";

pub(in crate::signing) fn armor(packet: &[u8]) -> String {
    let sum = crc24(packet).to_be_bytes();
    format!(
        "{BEGIN}\n\n{}={}\n{END}\n",
        base64::lines(packet, WIDTH),
        base64::encode(&sum[1..])
    )
}

/// RFC 4880, section 6.1.
fn crc24(bytes: &[u8]) -> u32 {
    let mut crc: u32 = 0x00b7_04ce;
    for byte in bytes {
        crc ^= u32::from(*byte) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0186_4cfb;
            }
        }
    }
    crc & 0x00ff_ffff
}

fn parse(packet: &[u8]) -> Result<Packet, String> {
    let body = body(packet).ok_or("it is not exactly one packet of the type signature")?;
    let [4, 0, algorithm, hash, high, low, rest @ ..] = body else {
        return Err("it is no signature of version 4 over a file".to_owned());
    };
    if !matches!(hash, 8 | 10) {
        return Err(format!(
            "its hash has the number {hash}; SHA-256 and SHA-512 are taken"
        ));
    }
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    let cut = || "it is cut off".to_owned();
    let hashed = body.get(..6 + length).ok_or_else(cut)?.to_vec();
    let rest = rest.get(length..).ok_or_else(cut)?;
    let (unhashed, rest) = rest.split_first_chunk::<2>().ok_or_else(cut)?;
    let unhashed = usize::from(u16::from_be_bytes(*unhashed));
    let rest = rest.get(unhashed..).ok_or_else(cut)?;
    let (left, numbers) = rest.split_first_chunk::<2>().ok_or_else(cut)?;
    whole_numbers(numbers)?;
    let mut packet = Packet {
        issuer: String::new(),
        algorithm: *algorithm,
        hash: *hash,
        hashed,
        left: *left,
        numbers: numbers.to_vec(),
    };
    packet.issuer = packet
        .issuer_bytes()?
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    Ok(packet)
}

/// Numbers state their length in bits, which has to be that of the number.
fn whole_numbers(mut rest: &[u8]) -> Result<(), String> {
    while !rest.is_empty() {
        let wrong = || "a number of it is cut off, or its length is not stated as it is".to_owned();
        let (bits, after) = rest.split_first_chunk::<2>().ok_or_else(wrong)?;
        let bits = u32::from(u16::from_be_bytes(*bits));
        let bytes = usize::try_from(bits.div_ceil(8)).map_err(|_| wrong())?;
        let (number, next) = after.split_at_checked(bytes).ok_or_else(wrong)?;
        let first = number.first().ok_or_else(wrong)?;
        if (bits - 1) % 8 + 1 != 8 - first.leading_zeros() {
            return Err(wrong());
        }
        rest = next;
    }
    Ok(())
}

/// The body of a packet of type 2, by a header of either format.
fn body(packet: &[u8]) -> Option<&[u8]> {
    let (length, body) = match packet {
        [0x88, length, rest @ ..] => (usize::from(*length), rest),
        [0x89, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        [0xc2, length @ 0..192, rest @ ..] => (usize::from(*length), rest),
        [0xc2, high @ 192..224, low, rest @ ..] => (
            (usize::from(*high) - 192) * 256 + usize::from(*low) + 192,
            rest,
        ),
        _ => return None,
    };
    (body.len() == length).then_some(body)
}

#[cfg(test)]
mod tests {
    use super::{crc24, whole_numbers};

    #[test]
    fn the_checksum_is_that_of_openpgp() {
        // The value of no bytes is the initial one; that of "123456789" is the check of CRC-24/OPENPGP.
        assert_eq!(crc24(b""), 0x00b7_04ce);
        assert_eq!(crc24(b"123456789"), 0x0021_cf02);
    }

    #[test]
    fn numbers_state_their_true_length() {
        for good in [
            &b"\x00\x09\x01\xff"[..],
            b"\x00\x01\x01",
            b"",
            b"\x00\x08\x80\x00\x01\x01",
        ] {
            whole_numbers(good).unwrap();
        }
        for bad in [
            &b"\x00\x0a\x01\xff"[..],
            b"\x00\x00",
            b"\x00\x08\x01",
            b"\x00",
            b"\x00\x09\x01",
        ] {
            whole_numbers(bad).unwrap_err();
        }
    }
}
