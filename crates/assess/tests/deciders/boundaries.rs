//! Scenes at boundaries: what passes, what is open, what is recorded.

use super::scene::{Case, Scene, Told, flow};
use zonewright_traffic::protocol::Class;

const OPEN_ANY: (&str, &str) = ("limit rate", "iifname \"ctl0\" oifname \"sup0\" accept\n\t\tlimit rate");
const OPEN_ENT: (&str, &str) =
    ("limit rate", "iifname \"ent0\" oifname \"ctl0\" tcp dport 22 accept\n\t\tlimit rate");

pub(crate) fn cases() -> Vec<Case> {
    let clean = Scene::new;
    vec![
        Case {
            decider: "boundary-control",
            speaks: clean()
                .ruleset(OPEN_ANY.0, OPEN_ANY.1)
                .with(flow("10.1.0.12", "10.3.0.10", "ssh", 22).acknowledged(4)),
            says: &[
                "SR 5.2 refutes conduit C-CTL",
                "SR 5.2 refutes conduit C-SIS",
                "SR 5.2 refutes zone Z-CTL",
                "SR 5.2 refutes zone Z-SIS",
                "SR 5.2 refutes zone Z-SUP",
                "SR 5.2 RE(1) refutes conduit C-CTL",
                "SR 5.2 RE(1) refutes zone Z-CTL",
                "SR 5.2 RE(1) refutes zone Z-SUP",
                "SR 5.2 met conduit C-ENT",
                "SR 5.2 met conduit C-WL",
                "SR 5.2 met zone Z-WL",
                "SR 5.2 RE(1) met conduit C-ENT",
                "SR 5.2 RE(1) met conduit C-WL",
                "SR 5.2 RE(1) met zone Z-WL",
            ],
            // A packet that nobody answered, seen before the boundary, passed nothing; without configuration nothing is met.
            nearly: clean().unconfigured().with(flow("10.1.0.12", "10.3.0.10", "ssh", 22).seen_at("E-SUP")),
            nearly_says: &[],
        },
        Case {
            decider: "boundary-control",
            // Refusals are not recorded: control is shown, watching is not.
            speaks: clean().ruleset("limit rate 5/second log prefix \"refused \"\n", ""),
            says: &[
                "SR 5.2 supports conduit C-CTL",
                "SR 5.2 supports conduit C-ENT",
                "SR 5.2 supports conduit C-SIS",
                "SR 5.2 supports conduit C-WL",
                "SR 5.2 supports zone Z-CTL",
                "SR 5.2 supports zone Z-SIS",
                "SR 5.2 supports zone Z-SUP",
                "SR 5.2 supports zone Z-WL",
                "SR 5.2 RE(1) met conduit C-CTL",
                "SR 5.2 RE(1) met conduit C-ENT",
                "SR 5.2 RE(1) met conduit C-SIS",
                "SR 5.2 RE(1) met conduit C-WL",
                "SR 5.2 RE(1) met zone Z-CTL",
                "SR 5.2 RE(1) met zone Z-SIS",
                "SR 5.2 RE(1) met zone Z-SUP",
                "SR 5.2 RE(1) met zone Z-WL",
            ],
            // A line that was not understood: the configuration is not known in full.
            nearly: clean().ruleset("limit rate", "flavor sweet accept\n\t\tlimit rate"),
            nearly_says: &[],
        },
        Case {
            decider: "boundary-control",
            // An interface of which no zone is known: the zones behind it are open to it, the conduits are not.
            speaks: clean().ruleset("limit rate", "iifname \"ctl0\" oifname \"wan0\" accept\n\t\tlimit rate"),
            says: &[
                "SR 5.2 met conduit C-CTL",
                "SR 5.2 met conduit C-ENT",
                "SR 5.2 met conduit C-SIS",
                "SR 5.2 met conduit C-WL",
                "SR 5.2 met zone Z-SIS",
                "SR 5.2 met zone Z-SUP",
                "SR 5.2 met zone Z-WL",
                "SR 5.2 RE(1) met conduit C-CTL",
                "SR 5.2 RE(1) met conduit C-ENT",
                "SR 5.2 RE(1) met conduit C-SIS",
                "SR 5.2 RE(1) met conduit C-WL",
                "SR 5.2 RE(1) met zone Z-SIS",
                "SR 5.2 RE(1) met zone Z-SUP",
                "SR 5.2 RE(1) met zone Z-WL",
            ],
            nearly: clean().plant("enforced_by = [\"fw\"]", "").unconfigured(),
            nearly_says: &[],
        },
        Case {
            decider: "open-without-need",
            speaks: clean().ruleset(OPEN_ANY.0, OPEN_ANY.1),
            says: &[
                "SR 7.7 refutes conduit C-CTL",
                "SR 7.7 refutes zone Z-SUP",
                "SR 7.7 met conduit C-ENT",
                "SR 7.7 met conduit C-SIS",
                "SR 7.7 met conduit C-WL",
            ],
            // An idle permit is a question, and one without a purpose has no declared need.
            nearly: clean()
                .plant("expected = \"on-demand\"", "expected = \"continuous\"")
                .plant("purpose = \"show\"", ""),
            nearly_says: &[
                "SR 7.7 supports conduit C-CTL",
                "SR 7.7 supports conduit C-SIS",
                "SR 7.7 met conduit C-ENT",
                "SR 7.7 met conduit C-WL",
            ],
        },
        Case {
            decider: "open-without-need",
            speaks: clean()
                .plant("purpose = \"record\"", "purpose = \"record\"\nuntil = 2025-12-31")
                .unconfigured()
                .with(
                    flow("10.1.0.11", "10.2.0.10", "modbus", 502)
                        .asked("read-coils", Class::Read)
                        .answered(9),
                ),
            says: &["SR 7.7 refutes conduit C-CTL", "SR 7.7 refutes zone Z-CTL"],
            nearly: clean().unconfigured().with(
                flow("10.1.0.11", "10.2.0.10", "modbus", 502).asked("read-coils", Class::Read).answered(9),
            ),
            nearly_says: &[],
        },
        Case {
            decider: "access-from-untrusted",
            speaks: clean()
                .ruleset(OPEN_ENT.0, OPEN_ENT.1)
                .with(flow("10.9.0.10", "10.1.0.12", "ssh", 22).acknowledged(4)),
            says: &[
                "SR 1.13 refutes conduit C-ENT",
                "SR 1.13 refutes zone Z-CTL",
                "SR 1.13 refutes zone Z-SUP",
                "SR 1.13 RE(1) refutes conduit C-ENT",
                "SR 1.13 RE(1) refutes zone Z-CTL",
                "SR 1.13 RE(1) refutes zone Z-SUP",
                "SR 1.13 met zone Z-SIS",
                "SR 1.13 met zone Z-WL",
                "SR 1.13 RE(1) met zone Z-SIS",
                "SR 1.13 RE(1) met zone Z-WL",
            ],
            // The refusal of a firewall is no answer.
            nearly: clean().unconfigured().with(flow("10.9.0.10", "10.1.0.12", "ssh", 22).acknowledged(1)),
            nearly_says: &[],
        },
        Case {
            decider: "access-from-untrusted",
            speaks: clean(),
            says: &[
                "SR 1.13 met zone Z-CTL",
                "SR 1.13 met zone Z-SIS",
                "SR 1.13 met zone Z-WL",
                "SR 1.13 RE(1) met zone Z-CTL",
                "SR 1.13 RE(1) met zone Z-SIS",
                "SR 1.13 RE(1) met zone Z-WL",
                "SR 1.13 supports conduit C-ENT",
            ],
            nearly: clean().unconfigured(),
            nearly_says: &[],
        },
        Case {
            decider: "messages-between-people",
            speaks: clean(),
            says: &[
                "SR 5.3 met conduit C-CTL",
                "SR 5.3 met conduit C-SIS",
                "SR 5.3 met zone Z-CTL",
                "SR 5.3 met zone Z-SIS",
                "SR 5.3 RE(1) met conduit C-CTL",
                "SR 5.3 RE(1) met conduit C-SIS",
                "SR 5.3 RE(1) met zone Z-CTL",
                "SR 5.3 RE(1) met zone Z-SIS",
            ],
            nearly: clean().ruleset(OPEN_ANY.0, OPEN_ANY.1).plant(
                "[\"sis\"]\nprotocol = \"modbus\"\nclasses = [\"read\"]",
                "[\"sis\"]\nprotocol = \"tcp\"\nports = [502]",
            ),
            nearly_says: &[],
        },
        Case {
            decider: "messages-between-people",
            speaks: clean().ruleset(
                "limit rate",
                "iifname \"ent0\" oifname \"ctl0\" tcp dport 25 accept\n\t\tiifname \"sis0\" oifname \"ent0\" tcp dport 500-600 accept\n\t\tlimit rate",
            ),
            says: &[
                "SR 5.3 refutes zone Z-CTL",
                "SR 5.3 RE(1) refutes zone Z-SIS",
                "SR 5.3 met conduit C-CTL",
                "SR 5.3 met conduit C-SIS",
                "SR 5.3 RE(1) met conduit C-CTL",
                "SR 5.3 RE(1) met conduit C-SIS",
            ],
            nearly: clean().ruleset(
                "limit rate",
                "iifname \"ent0\" oifname \"ctl0\" tcp dport 26 accept\n\t\tiifname \"sis0\" oifname \"ctl0\" tcp dport 25 accept\n\t\tlimit rate",
            ),
            nearly_says: &[
                "SR 5.3 met conduit C-CTL",
                "SR 5.3 met conduit C-SIS",
                "SR 5.3 RE(1) met conduit C-CTL",
                "SR 5.3 RE(1) met conduit C-SIS",
            ],
        },
        Case {
            decider: "boundary-monitoring",
            speaks: clean().ruleset("tcp dport 443 log accept", "tcp dport 443 accept"),
            says: &[
                "SR 6.2 refutes conduit C-ENT",
                "SR 6.2 supports conduit C-CTL",
                "SR 6.2 supports conduit C-ENT",
                "SR 6.2 supports conduit C-SIS",
                "SR 6.2 supports conduit C-WL",
                "SR 6.2 supports zone Z-CTL",
                "SR 6.2 supports zone Z-SIS",
                "SR 6.2 supports zone Z-SUP",
                "SR 6.2 supports zone Z-WL",
            ],
            nearly: clean()
                .ruleset("tcp dport 443 log accept", "tcp dport 443 accept")
                .ruleset("limit rate 5/second log prefix \"refused \"\n", "")
                .plant("monitoring = \"required\"", ""),
            nearly_says: &[],
        },
        Case {
            decider: "separation",
            speaks: clean()
                .with(
                    flow("10.1.0.12", "10.2.0.10", "modbus", 502)
                        .asked("read-coils", Class::Read)
                        .answered(9),
                )
                .plant("ips = [\"10.3.0.10\"]", "ips = [\"10.3.0.10\", \"10.1.0.99\"]"),
            says: &[
                "SR 5.1 refutes conduit C-CTL",
                "SR 5.1 refutes zone Z-CTL",
                "SR 5.1 refutes zone Z-SIS",
                "SR 5.1 refutes zone Z-SUP",
                "SR 5.1 supports conduit C-ENT",
                "SR 5.1 supports conduit C-SIS",
                "SR 5.1 supports conduit C-WL",
                "SR 5.1 supports zone Z-WL",
            ],
            // It was sent, and seen on the sender's side alone.
            nearly: clean()
                .with(flow("10.1.0.12", "10.2.0.10", "modbus", 502).seen_at("E-SUP"))
                .plant("enforced_by = [\"fw\"]", ""),
            nearly_says: &[
                "SR 5.1 supports conduit C-ENT",
                "SR 5.1 supports conduit C-SIS",
                "SR 5.1 supports conduit C-WL",
                "SR 5.1 supports zone Z-SIS",
                "SR 5.1 supports zone Z-WL",
            ],
        },
        Case {
            decider: "shared-line",
            speaks: clean()
                .plant("interface = \"sup0\"", "interface = \"eth1.10\"")
                .plant("interface = \"sis0\"", "interface = \"eth1.30\"")
                .plant("interface = \"ent0\"", "interface = \"eth2.40\"")
                .plant("interface = \"ctl0\"", "interface = \"eth2.50\""),
            says: &[
                "SR 5.1 RE(1) refutes conduit C-SIS",
                "SR 5.1 RE(1) refutes zone Z-CTL",
                "SR 5.1 RE(1) refutes zone Z-SIS",
                "SR 5.1 RE(1) refutes zone Z-SUP",
                "SR 5.1 RE(3) refutes conduit C-SIS",
                "SR 5.1 RE(3) refutes zone Z-SIS",
            ],
            nearly: clean()
                .plant("interface = \"sup0\"", "interface = \"eth1.10\"")
                .plant("interface = \"ctl0\"", "interface = \"eth1.30\""),
            nearly_says: &[],
        },
        Case {
            decider: "services-from-outside",
            speaks: clean()
                .with(flow("10.2.0.10", "10.9.0.10", "ntp", 123).asked("client", Class::Time).answered(2)),
            says: &["SR 5.1 RE(2) refutes zone Z-CTL"],
            nearly: clean()
                .with(flow("10.2.0.10", "10.9.0.10", "ntp", 123).asked("client", Class::Time).answered(2))
                .with(flow("10.2.0.10", "10.1.0.10", "ntp", 123).asked("client", Class::Time).answered(2)),
            nearly_says: &[],
        },
        Case {
            decider: "wireless-use",
            speaks: clean().unconfigured().with(flow("10.4.0.10", "10.1.0.12", "ssh", 22).acknowledged(4)),
            says: &["SR 2.2 refutes zone Z-WL"],
            nearly: clean().unconfigured().with(flow("10.4.0.10", "10.1.0.10", "tls", 443).acknowledged(4)),
            nearly_says: &[],
        },
        Case {
            decider: "wireless-use",
            speaks: clean(),
            says: &["SR 2.2 supports zone Z-WL"],
            nearly: clean()
                .ruleset("iifname \"wl0\"", "iifname \"wl0\" oifname \"ctl0\" accept\n\t\tiifname \"wl0\""),
            nearly_says: &[],
        },
        Case {
            decider: "portable-use",
            speaks: clean().unconfigured().with(flow("10.4.0.10", "10.1.0.12", "ssh", 22).acknowledged(4)),
            says: &["SR 2.3 refutes zone Z-WL"],
            nearly: clean().unconfigured().with(flow("10.2.0.10", "10.1.0.12", "ssh", 22).acknowledged(4)),
            nearly_says: &[],
        },
    ]
}
