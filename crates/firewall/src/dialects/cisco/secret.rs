//! How Cisco devices keep secrets.

use crate::ruleset::Keeping;

/// Secrets in clear text that are to be called well known: defaults of makers and of guides.
pub(crate) const WELL_KNOWN: [&str; 14] = [
    "admin", "c1sco", "changeme", "cisco", "cisco123", "default", "enable", "letmein", "password", "private",
    "public", "secret", "snmp", "test",
];

/// How a secret is kept that stands behind a type digit (`0`, `4` to `9`) or behind none.
///
/// Source: Cisco IOS Security Command Reference, `enable secret`, `username`; NSA, *Cisco Password Types: Best Practices*.
pub(crate) fn keeping_of_type(digit: Option<&str>, secret: &str) -> Keeping {
    match digit {
        Some("8" | "9") => Keeping::Hashed,
        // MD5 with salt, and SHA-256 in one round without.
        Some("5" | "4") => Keeping::WeaklyHashed,
        // Vigenère with a key that everybody has; AES with a key of the device or of whoever has the file.
        Some("6" | "7") => Keeping::Reversible,
        _ if secret.is_empty() => Keeping::Empty,
        _ if WELL_KNOWN.iter().any(|known| known.eq_ignore_ascii_case(secret)) => Keeping::WellKnown,
        _ => Keeping::Clear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digit_tells_how_a_secret_is_kept() {
        assert_eq!(keeping_of_type(Some("9"), "x"), Keeping::Hashed);
        assert_eq!(keeping_of_type(Some("5"), "x"), Keeping::WeaklyHashed);
        assert_eq!(keeping_of_type(Some("7"), "x"), Keeping::Reversible);
        assert_eq!(keeping_of_type(Some("0"), "Cisco"), Keeping::WellKnown);
        assert_eq!(keeping_of_type(None, "x"), Keeping::Clear);
        assert_eq!(keeping_of_type(None, ""), Keeping::Empty);
    }
}
