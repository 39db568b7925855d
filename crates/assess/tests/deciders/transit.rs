//! Scenes about information in transit: secrets, integrity, confidentiality, cryptography, certificates.

use super::scene::{Case, Scene, Told, flow};
use zonewright_traffic::observation::Flow;
use zonewright_traffic::protocol::Class;

fn read(from: &str) -> Flow {
    flow(from, "10.2.0.10", "modbus", 502).asked("read-coils", Class::Read).answered(4)
}

fn tls(version: &str, suite: &str) -> Flow {
    let session = flow("10.4.0.10", "10.1.0.10", "tls", 443).encrypted(true).authenticated(true);
    session.property("tls-version", version).property("tls-cipher-suite", suite).acknowledged(9)
}

fn certificate(issuer: &str, not_after: &str, key: &str, signature: &str) -> Flow {
    tls("TLS 1.2", "0xc02f")
        .property("certificate-subject", "scada")
        .property("certificate-issuer", issuer)
        .property("certificate-not-before", "200101000000Z")
        .property("certificate-not-after", not_after)
        .property("certificate-key", key)
        .property("certificate-signature", signature)
        .property("certificate-accepted", "by the peer")
}

fn opcua(mode: &str, secured: bool) -> Flow {
    let asked = flow("10.1.0.11", "10.2.0.10", "opcua", 4840).asked("read", Class::Read).answered(9);
    asked
        .property("security-mode", mode)
        .property("user-token", "anonymous")
        .encrypted(secured)
        .authenticated(secured)
}

pub(crate) fn cases() -> Vec<Case> {
    let bare = || Scene::new().unconfigured();
    vec![
        Case {
            decider: "clear-text-credentials",
            speaks: bare()
                .with(flow("10.1.0.12", "10.2.0.10", "telnet", 23).secret("password").acknowledged(4)),
            says: &[
                "SR 1.5 refutes asset plc",
                "SR 1.5 refutes conduit C-CTL",
                "SR 4.1 refutes asset plc",
                "SR 4.1 refutes conduit C-CTL",
            ],
            nearly: bare().with(flow("10.1.0.12", "10.2.0.10", "telnet", 23).acknowledged(4)),
            nearly_says: &[],
        },
        Case {
            decider: "integrity-in-transit",
            speaks: bare().with(read("10.1.0.10")),
            says: &[
                "SR 3.1 RE(1) refutes conduit C-CTL",
                "SR 3.1 RE(1) refutes zone Z-CTL",
                "SR 3.1 RE(1) refutes zone Z-SUP",
            ],
            nearly: bare()
                .with(flow("10.2.0.10", "10.1.0.10", "ntp", 123).asked("client", Class::Time).answered(1)),
            nearly_says: &[],
        },
        Case {
            decider: "integrity-in-transit",
            speaks: bare().with(tls("TLS 1.3", "0x1301")),
            says: &[
                "SR 3.1 supports conduit C-WL",
                "SR 3.1 supports zone Z-SUP",
                "SR 3.1 supports zone Z-WL",
                "SR 3.1 RE(1) supports conduit C-WL",
                "SR 3.1 RE(1) supports zone Z-SUP",
                "SR 3.1 RE(1) supports zone Z-WL",
            ],
            // Beside a session of which nothing is known, not all is protected.
            nearly: bare()
                .with(tls("TLS 1.3", "0x1301"))
                .with(flow("10.4.0.10", "10.1.0.11", "", 9000).acknowledged(9)),
            nearly_says: &[],
        },
        Case {
            decider: "confidentiality-in-transit",
            speaks: bare()
                .plant("monitoring = \"required\"", "encryption = \"required\"")
                .plant(
                    "protocol = \"tls\"\nports = [443]\npurpose = \"report\"",
                    "protocol = \"http\"\npurpose = \"report\"",
                )
                .with(
                    flow("10.9.0.10", "10.1.0.11", "http", 80)
                        .asked("get", Class::Read)
                        .answered(9)
                        .encrypted(false),
                ),
            says: &[
                "SR 4.1 refutes conduit C-ENT",
                "SR 4.1 RE(1) refutes conduit C-ENT",
                "SR 4.1 RE(1) refutes zone Z-SUP",
                "SR 4.1 RE(2) refutes conduit C-ENT",
                "SR 4.1 RE(2) refutes zone Z-SUP",
            ],
            nearly: bare()
                .with(
                    flow("10.1.0.10", "10.1.0.11", "http", 80)
                        .asked("get", Class::Read)
                        .answered(9)
                        .encrypted(false),
                )
                .with(tls("TLS 1.3", "0x1301")),
            nearly_says: &[],
        },
        Case {
            decider: "session-integrity",
            speaks: bare().with(opcua("None", false)),
            says: &["SR 3.8 refutes asset plc", "SR 3.8 refutes conduit C-CTL"],
            nearly: bare().with(opcua("Sign", true)).with(read("10.1.0.10")),
            nearly_says: &[],
        },
        Case {
            decider: "cryptography-in-use",
            speaks: bare().with(tls("TLS 1.0", "0x000a")),
            says: &["SR 4.3 refutes asset scada", "SR 4.3 refutes conduit C-WL"],
            nearly: bare().with(tls("TLS 1.2", "0xc02f")),
            nearly_says: &["SR 4.3 supports asset scada"],
        },
        Case {
            decider: "cryptography-in-use",
            speaks: bare().with(
                flow("10.1.0.12", "10.2.0.10", "ssh", 22).property("ssh-cipher", "aes256-gcm@openssh.com"),
            ),
            says: &["SR 4.3 supports asset plc"],
            nearly: bare().with(flow("10.1.0.12", "10.2.0.10", "ssh", 22)),
            nearly_says: &[],
        },
        Case {
            decider: "certificates-in-use",
            speaks: bare().with(certificate("Plant CA", "250101000000Z", "rsa-1024", "rsa-sha1")),
            says: &[
                "SR 1.8 refutes asset scada",
                "SR 1.8 refutes conduit C-WL",
                "SR 1.9 refutes asset scada",
                "SR 1.9 refutes conduit C-WL",
                "SR 4.3 refutes asset scada",
                "SR 4.3 refutes conduit C-WL",
            ],
            // Signed by itself, in its validity: allowed where every peer has it. Its own signature is relied on by nobody.
            nearly: bare().with(certificate("scada", "20360101000000Z", "rsa-2048", "rsa-sha1")),
            nearly_says: &[],
        },
        Case {
            decider: "certificates-in-use",
            speaks: bare().with(certificate("Plant CA", "360101000000Z", "ec-256", "ecdsa-sha256")),
            says: &["SR 1.8 supports asset scada"],
            nearly: bare().with(tls("TLS 1.3", "0x1301")),
            nearly_says: &[],
        },
    ]
}
