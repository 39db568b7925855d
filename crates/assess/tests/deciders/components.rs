//! Scenes about components: who may use them, what they record, what is known of them.

use super::scene::{Case, Scene, Told, flow};
use zonewright_traffic::observation::Flow;
use zonewright_traffic::protocol::Class;

fn snmp(from: &str) -> Flow {
    let asked = flow(from, "10.2.0.10", "snmp", 161).asked("get-request", Class::Read).answered(2);
    asked.authenticated(true).encrypted(true).property("snmp-user", "nms")
}

fn browser(from: &str, agent: &str) -> Flow {
    let asked = flow(from, "10.1.0.11", "http", 80).asked("get", Class::Read).answered(4);
    asked.secret("password").authenticated(true).property("user-agent", agent)
}

fn ntp() -> Flow {
    flow("10.2.0.10", "10.1.0.10", "ntp", 123).asked("client", Class::Time)
}

pub(crate) fn cases() -> Vec<Case> {
    let bare = || Scene::new().unconfigured();
    let write = |from: &str| flow(from, "10.2.0.10", "modbus", 502).asked("write-single-coil", Class::Write);
    vec![
        Case {
            decider: "unauthenticated-access",
            speaks: bare()
                .with(
                    flow("10.1.0.10", "10.2.0.10", "modbus", 502)
                        .asked("read-coils", Class::Read)
                        .answered(4),
                )
                .with(
                    flow("10.1.0.10", "10.2.0.10", "s7comm", 102).asked("read-var", Class::Read).answered(4),
                ),
            says: &[
                "SR 1.2 refutes asset plc",
                "SR 1.2 refutes conduit C-CTL",
                "SR 1.2 RE(1) refutes asset plc",
                "SR 1.2 RE(1) refutes conduit C-CTL",
            ],
            // Nobody answered; somebody logged in; a page may hide a login; the time of day is no access.
            nearly: bare()
                .with(flow("10.1.0.10", "10.2.0.10", "modbus", 502).asked("read-coils", Class::Read))
                .with(
                    flow("10.1.0.10", "10.2.0.10", "s7comm", 102)
                        .asked("read-var", Class::Read)
                        .asked("security", Class::Authenticate)
                        .answered(4),
                )
                .with(flow("10.1.0.10", "10.2.0.10", "http", 80).asked("post", Class::Write).answered(4))
                .with(ntp().answered(1).authenticated(false)),
            nearly_says: &[],
        },
        Case {
            decider: "shared-machine-identity",
            speaks: bare().with(snmp("10.1.0.10")).with(snmp("10.1.0.11")),
            says: &["SR 1.2 RE(1) refutes asset plc"],
            nearly: bare().with(snmp("10.1.0.10")),
            nearly_says: &[],
        },
        Case {
            decider: "login-in-use",
            speaks: bare().with(
                flow("10.1.0.12", "10.2.0.10", "ssh", 22).property("ssh-version", "2.0").acknowledged(9),
            ),
            says: &["SR 1.1 supports asset plc"],
            nearly: bare().with(
                flow("10.1.0.12", "10.2.0.10", "opcua", 4840)
                    .property("user-token", "anonymous")
                    .acknowledged(9),
            ),
            nearly_says: &[],
        },
        Case {
            decider: "password-alone",
            speaks: bare().with(browser("10.9.0.10", "Mozilla/5.0 (X11)")),
            says: &["SR 1.1 RE(2) refutes asset hist", "SR 1.1 RE(3) refutes asset hist"],
            nearly: bare().with(browser("10.9.0.10", "curl/8.0")),
            nearly_says: &[],
        },
        Case {
            decider: "central-accounts",
            speaks: bare().with(flow("10.1.0.10", "10.1.0.11", "", 636).acknowledged(9)),
            says: &["SR 1.3 RE(1) supports asset scada"],
            nearly: bare().with(flow("10.1.0.10", "10.1.0.11", "", 636)),
            nearly_says: &[],
        },
        Case {
            decider: "unauthorized-functions",
            speaks: bare().with(write("10.1.0.11").answered(4)).with(write("10.1.0.12").answered(4)),
            says: &["SR 2.1 refutes asset plc", "SR 2.1 RE(1) refutes asset plc"],
            // Asked and not answered; and one who may.
            nearly: bare().with(write("10.1.0.11")).with(write("10.1.0.10").answered(4)),
            nearly_says: &[],
        },
        Case {
            decider: "event-records",
            speaks: Scene::new().with(flow("10.2.0.10", "10.1.0.11", "", 514)),
            says: &[
                "SR 2.8 supports asset fw",
                "SR 2.8 supports asset plc",
                "SR 2.8 RE(1) supports asset plc",
            ],
            nearly: Scene::new().ruleset("limit rate 5/second log prefix \"refused \"\n", ""),
            nearly_says: &[],
        },
        Case {
            decider: "time-source",
            speaks: bare().with(ntp().answered(1).authenticated(false)),
            says: &[
                "SR 2.11 supports asset plc",
                "SR 2.11 RE(1) supports asset plc",
                "SR 2.11 RE(2) refutes asset plc",
            ],
            nearly: bare().with(ntp().authenticated(false)),
            nearly_says: &[],
        },
        Case {
            decider: "malware-protection-listed",
            speaks: bare()
                .plant("id = \"scada\"", "id = \"scada\"\nsoftware = [\"Microsoft Defender 4.18\"]"),
            says: &["SR 3.2 supports asset scada"],
            nearly: bare().plant("id = \"scada\"", "id = \"scada\"\nsoftware = [\"Overview Server 9.1\"]"),
            nearly_says: &[],
        },
        Case {
            decider: "inventory-against-captures",
            speaks: bare().with(flow("10.1.0.99", "10.2.0.10", "modbus", 502).acknowledged(4)).device(
                "10.2.0.10",
                Some("v3.1.7"),
                Some("a17"),
            ),
            says: &["SR 7.8 refutes asset plc", "SR 7.8 refutes zone Z-SUP"],
            // What nobody has at that address never spoke; a version may say more than the inventory.
            nearly: bare().with(flow("10.1.0.10", "10.2.0.77", "modbus", 502)).device(
                "10.2.0.10",
                Some("3.2.4"),
                Some("0A17"),
            ),
            nearly_says: &[],
        },
        Case {
            decider: "inventory-against-captures",
            speaks: bare().with(flow("10.1.0.10", "10.2.0.10", "modbus", 502).acknowledged(4)),
            says: &["SR 7.8 supports zone Z-CTL"],
            nearly: bare()
                .plant("vendor = \"Weirtech\"", "")
                .with(flow("10.1.0.10", "10.2.0.10", "modbus", 502).acknowledged(4)),
            nearly_says: &[],
        },
        Case {
            decider: "settings-report",
            speaks: Scene::new(),
            says: &["SR 7.6 supports asset fw", "SR 7.6 RE(1) supports asset fw"],
            nearly: Scene::new().ruleset("limit rate", "flavor sweet accept\n\t\tlimit rate"),
            nearly_says: &["SR 7.6 supports asset fw"],
        },
        Case {
            decider: "load-limits",
            speaks: Scene::new().ruleset("tcp dport 443 accept", "tcp dport 443 limit rate 50/second accept"),
            says: &["SR 7.1 RE(1) supports asset fw"],
            nearly: Scene::new(),
            nearly_says: &[],
        },
    ]
}
