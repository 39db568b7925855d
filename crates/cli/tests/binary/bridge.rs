//! A device that filters on a bridge alone: what it passes is not computed, and never said to be open or closed.

use crate::run_in;

#[test]
fn what_is_filtered_on_a_bridge_alone_is_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let ruleset = "table bridge br {\n  chain forward {\n    type filter hook forward priority 0; policy drop;\n    ip daddr 10.0.0.1 tcp dport 502 accept\n  }\n}\n";
    std::fs::write(folder.path().join("br.nft"), ruleset).unwrap();
    for service in [["502", "tcp"], ["80", "tcp"]] {
        let ran = run_in(
            folder.path(),
            &[
                "firewall",
                "query",
                "br.nft",
                "--from",
                "any",
                "--to",
                "10.0.0.1/32",
                "--protocol",
                service[1],
                "--port",
                service[0],
                "--format",
                "json",
            ],
        );
        assert_eq!(ran.json()["verdict"], "unknown", "{}", ran.stdout);
    }
}
