//! A device that filters on a bridge alone is asked about what the bridge passes; one that filters on both ways is only
//! answered for sure where the file tells which way packets go.

use crate::run_in;

const BRIDGE: &str = "table bridge br {\n  chain forward {\n    type filter hook forward priority 0; policy drop;\n    ct state established accept\n    iifname \"up0\" oifname \"cell0\" ip daddr 10.0.0.1 tcp dport 502 accept\n  }\n}\n";
const ROUTER: &str = "table inet rt {\n  chain forward {\n    type filter hook forward priority 0; policy drop;\n    iifname \"lan0\" oifname \"wan0\" tcp dport 502 accept\n  }\n}\n";

fn asked(ruleset: &str, from: &str, to: &str, port: &str) -> serde_json::Value {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("br.nft"), ruleset).unwrap();
    let ran = run_in(
        folder.path(),
        &[
            "firewall",
            "query",
            "br.nft",
            "--from",
            from,
            "--to",
            to,
            "--protocol",
            "tcp",
            "--port",
            port,
            "--format",
            "json",
        ],
    );
    ran.json()
}

#[test]
fn what_is_filtered_on_a_bridge_alone_is_asked_of_the_bridge() {
    for (to, port, verdict) in [("10.0.0.1/32", "502", "some"), ("10.0.0.1/32", "80", "none")] {
        let answer = asked(BRIDGE, "any", to, port);
        assert_eq!(answer["verdict"], verdict, "{answer}");
        assert_eq!(answer["paths"], serde_json::json!(["bridged"]));
    }
    assert_eq!(asked(BRIDGE, "cell0", "up0", "502")["verdict"], "none");
}

#[test]
fn a_device_that_routes_and_bridges_is_asked_the_way_that_its_interfaces_are_on() {
    let both = [BRIDGE, ROUTER].concat();
    let bridged = asked(&both, "up0", "cell0", "80");
    assert_eq!((&bridged["verdict"], &bridged["paths"][0]), (&"none".into(), &"bridged".into()));
    let routed = asked(&both, "lan0", "wan0", "502");
    assert_eq!((&routed["verdict"], &routed["paths"][0]), (&"all".into(), &"routed".into()));
    // Neither side says an interface: either way it may be stopped, and by one it passes.
    let either = asked(&both, "any", "10.0.0.1/32", "502");
    assert_eq!(either["verdict"], "unknown", "{either}");
    assert_eq!(either["paths"], serde_json::json!(["routed", "bridged"]));
    assert_eq!(asked(&both, "any", "any", "80")["verdict"], "none");
}
