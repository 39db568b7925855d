//! Where a configuration keeps secrets.

use crate::dialects::{Element, Reading, XmlTree};
use crate::ruleset::Keeping;

/// Finds all secrets: by the names of elements, wherever they stand.
pub(super) fn find(tree: &XmlTree<'_>, reading: &mut Reading) {
    for element in tree.elements().filter(|element| element.is_leaf() && !element.text().is_empty()) {
        let name = element.name().to_ascii_lowercase();
        if is_secret(&name, element) && !is_switch(element.text()) {
            let what = purpose(&name, element);
            reading.secret(&element.text_span(), what, keeping(&name, element.text()));
        }
    }
}

/// Names that hold a secret, in lower case.
const NAMES: [&str; 43] = [
    "bcrypt-hash",
    "sha512-hash",
    "md5-hash",
    "nt-hash",
    "pre-shared-key",
    "presharedkey",
    "prv",
    "privkey",
    "privatekey",
    "private-key",
    "rocommunity",
    "rwcommunity",
    "community",
    "trapstring",
    "shared_key",
    "sharedkey",
    "statickey",
    "auth_pass",
    "authpass",
    "pass",
    "pw",
    "otp_seed",
    "apikey",
    "api_key",
    "api-key",
    "authtoken",
    "token",
    "access_token",
    "refresh_token",
    "ddnsdomainkey",
    "ddnsdomainprimarykey",
    "keydata",
    "ldap_bindpw",
    "bindpw",
    "oinkmastercode",
    "etpro_code",
    "emergingthreats_pro_code",
    "maxmind_key",
    "geoip_license",
    "license_key",
    "snort_code",
    "tls",
    "tls_key",
];

/// Parts of names that hold a secret.
const PARTS: [&str; 8] =
    ["password", "passwd", "passphrase", "secret", "privatekey", "private_key", "privkey", "psk"];

/// Elements within which `key` is one half of what opens an interface for programs, or a key of its own.
const KEY_HOLDERS: [&str; 7] = ["item", "apikeys", "wep", "key", "cryptokey", "tsig", "dnsupdate"];

fn is_secret(name: &str, element: Element<'_>) -> bool {
    let holder = element.parent().map(|parent| parent.name().to_ascii_lowercase()).unwrap_or_default();
    // `<pass>` of a translation says how it is passed.
    NAMES.contains(&name) && !(name == "pass" && holder == "rule")
        || PARTS.iter().any(|part| name.contains(part))
        || name == "key" && KEY_HOLDERS.contains(&holder.as_str())
}

/// Whether a value is that of a switch, and no secret.
fn is_switch(value: &str) -> bool {
    ["0", "1", "on", "off", "yes", "no", "true", "false", "enabled", "disabled", "none"]
        .iter()
        .any(|word| value.eq_ignore_ascii_case(word))
}

/// What a secret is for.
fn purpose(name: &str, element: Element<'_>) -> String {
    let Some(holder) = element.parent() else { return format!("`{}`", element.name()) };
    if holder.name() == "user" {
        let user = holder.text_of("name").or_else(|| holder.text_of("username")).unwrap_or("without a name");
        return match name {
            "otp_seed" => format!("seed of one-time passwords of user {user}"),
            _ => format!("password of user {user}"),
        };
    }
    if name.ends_with("community") {
        return "SNMP community".to_owned();
    }
    if name == "prv" {
        return format!("private key of certificate `{}`", holder.text_of("descr").unwrap_or_default());
    }
    format!("`{}` of `{}`", element.name(), holder.name())
}

fn keeping(name: &str, value: &str) -> Keeping {
    let lower = value.to_ascii_lowercase();
    let hash = value.get(4..).filter(|_| value.starts_with("$2"));
    if hash.is_some_and(|hash| DEFAULT_HASHES.contains(&hash)) || WELL_KNOWN.contains(&lower.as_str()) {
        return Keeping::WellKnown;
    }
    let is_hex = |length| value.len() == length && value.bytes().all(|b| b.is_ascii_hexdigit());
    let costly =
        ["$2a$", "$2b$", "$2y$", "$5$", "$6$", "$argon2"].iter().any(|begins| value.starts_with(begins));
    if costly || matches!(name, "bcrypt-hash" | "sha512-hash") {
        Keeping::Hashed
    } else if value.starts_with("$1$")
        || matches!(name, "md5-hash" | "nt-hash")
        || name == "password" && is_hex(32)
    {
        Keeping::WeaklyHashed
    } else {
        Keeping::Clear
    }
}

/// Secrets that makers and guides give out.
const WELL_KNOWN: [&str; 14] = [
    "public",
    "private",
    "pfsense",
    "opnsense",
    "admin",
    "administrator",
    "password",
    "passw0rd",
    "root",
    "secret",
    "changeme",
    "default",
    "cisco",
    "123456",
];

/// The hashes of the first passwords of both products, as their first configurations hold them, without the version of bcrypt.
const DEFAULT_HASHES: [&str; 2] = [
    "10$13u6qwCOwODv34GyCMgdWub6oQF3RX0rG7c3d3X4JvzuEmAXLYDd2",
    "10$YRVoF4SgskIsrXOvOQjGieB9XqHPRra9R7d80B3BZdbY/j21TwBfS",
];
