//! Configurations that name different things, or stand in different places, set side by side.

#![expect(clippy::unwrap_used, reason = "the functions beside the tests are part of them")]

use zonewright_firewall::dialects::read_bytes;
use zonewright_firewall::reach::align::align;
use zonewright_firewall::reach::{BOXES_MAX, Question, Reach};
use zonewright_firewall::ruleset::Ruleset;

/// A filter of an own kind: where it stands, and its rules.
fn nft(hook: &str, rules: &str) -> Ruleset {
    let text = format!(
        "table inet t {{\n chain c {{\n  type filter hook {hook} priority 0; policy drop;\n  ct state established,related accept\n{rules}\n }}\n}}\n"
    );
    read("x.nft", &text)
}

fn iptables(chain: &str, rules: &str) -> Ruleset {
    let state = "-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT";
    let text = format!("*filter\n:{chain} DROP [0:0]\n-A {chain} {state}\n{rules}\nCOMMIT\n");
    read("x.v4", &text)
}

fn read(file: &str, text: &str) -> Ruleset {
    let ruleset = read_bytes(file, text.as_bytes(), None).ruleset;
    assert_eq!(ruleset.lines.warned, 0, "{:?}", ruleset.diagnostics);
    ruleset
}

/// In one word: how they compare, with the notes.
fn compared(first: &Ruleset, second: &Ruleset) -> (String, Vec<String>) {
    let alignment = match align(first, second, &Question::default(), false) {
        Ok(alignment) => alignment,
        Err(error) => return (error.to_string(), Vec::new()),
    };
    let (mut one, mut two) = Reach::pair(first, second);
    let mut words: Vec<&str> = Vec::new();
    for part in &alignment.parts {
        let difference = one.difference_of(&mut two, part, BOXES_MAX).unwrap();
        words.extend((!difference.opened.is_empty()).then_some("opened"));
        words.extend((!difference.closed.is_empty()).then_some("closed"));
        words.extend((!difference.unclear.is_empty()).then_some("unclear"));
    }
    (if words.is_empty() { "same".into() } else { words.join(" ") }, alignment.notes)
}

const WEB: &str = "  ip daddr 10.1.0.0/16 tcp dport 443 accept";

#[test]
fn filters_are_compared_wherever_they_stand() {
    let to_host = iptables("INPUT", "-A INPUT -d 10.1.0.0/16 -p tcp --dport 443 -j ACCEPT");
    let (word, notes) = compared(&nft("input", WEB), &to_host);
    assert_eq!(word, "same");
    assert_eq!(notes, ["one of the two filters IPv4 alone, so nothing else was compared"]);
    let (word, notes) = compared(&nft("forward", WEB), &to_host);
    assert_eq!(word, "same");
    assert!(notes.iter().any(|note| note.contains("compared as filters")), "{notes:?}");
    let wider = iptables("INPUT", "-A INPUT -d 10.1.0.0/16 -p tcp -j ACCEPT");
    assert_eq!(compared(&nft("forward", WEB), &wider).0, "opened");
    assert_eq!(compared(&wider, &nft("forward", WEB)).0, "closed");
}

#[test]
fn a_list_without_interfaces_stands_at_each_pair_of_the_other() {
    let zoned = nft("forward", "  iifname \"lan\" oifname \"wan\" ip daddr 10.1.0.0/16 tcp dport 443 accept");
    let bare = iptables("FORWARD", "-A FORWARD -d 10.1.0.0/16 -p tcp --dport 443 -j ACCEPT");
    let (word, notes) = compared(&zoned, &bare);
    assert_eq!(word, "same");
    assert!(notes.iter().any(|note| note.contains("from lan to wan")), "{notes:?}");
    assert_eq!(compared(&bare, &zoned).0, "same");
    let more = iptables("FORWARD", "-A FORWARD -d 10.0.0.0/8 -p tcp --dport 443 -j ACCEPT");
    assert_eq!(compared(&zoned, &more).0, "opened");
}

#[test]
fn one_pair_stands_for_another_and_many_must_be_named() {
    let rule = |from: &str, to: &str| format!("  iifname \"{from}\" oifname \"{to}\" tcp dport 443 accept");
    let forward =
        |from: &str, to: &str| format!("-A FORWARD -i {from} -o {to} -p tcp --dport 443 -j ACCEPT\n");
    let (word, notes) =
        compared(&nft("forward", &rule("lan", "wan")), &iptables("FORWARD", &forward("eth0", "eth1")));
    assert_eq!(word, "same");
    assert!(notes.iter().any(|note| note.contains("from eth0 to eth1")), "{notes:?}");
    let two = nft("forward", &[rule("lan", "wan"), rule("dmz", "wan")].join("\n"));
    let other = iptables("FORWARD", &[forward("eth0", "eth1"), forward("eth2", "eth1")].concat());
    assert!(compared(&two, &other).0.contains("which stands for which is not told"));
    let names = [("eth0", "lan"), ("eth1", "wan"), ("eth2", "dmz")];
    let named = other.renamed(&names.map(|(from, to)| (from.to_owned(), to.to_owned())).into());
    assert_eq!(compared(&two, &named).0, "same");
}

#[test]
fn lists_that_keep_no_state_are_compared_both_ways() {
    let list = |rules: &str| read("x.v4", &format!("*filter\n:FORWARD DROP [0:0]\n{rules}\nCOMMIT\n"));
    let there = "-A FORWARD -p tcp --dport 443 -j ACCEPT";
    let back = "-A FORWARD -p tcp --sport 443 -j ACCEPT";
    assert_eq!(compared(&list(there), &list(there)).0, "same");
    assert_eq!(compared(&list(there), &list(&format!("{there}\n{back}"))).0, "opened opened");
}

#[test]
fn nothing_in_common_is_said() {
    let mut first = nft("forward", WEB);
    first.chains.extend(nft("output", WEB).chains);
    let mut second = nft("input", WEB);
    second.dialect = "iptables";
    // Of a host that filters both ways, what comes to it stands beside what a router passes.
    let mut host = nft("output", WEB);
    host.chains.extend(second.chains.clone());
    host.dialect = "iptables";
    let (word, notes) = compared(&nft("forward", WEB), &host);
    assert_eq!(word, "same");
    assert!(
        notes.iter().any(|note| note.contains("from the device itself are filtered by one")),
        "{notes:?}"
    );
    assert!(compared(&first, &second).0.contains("nothing of the two can be compared"));
}
