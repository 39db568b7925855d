//! What is said about bridges: which way a question goes, and what is sure of bridges, tags and ports that the file does
//! not tell. The kernel's own verdicts on bridges are in `kernel_verdicts.rs`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use zonewright_firewall::dialects;
use zonewright_firewall::reach::review::RemarkKind;
use zonewright_firewall::reach::{Openness, PacketClass, Path, Question, Reach, Side};
use zonewright_firewall::ruleset::{IntervalSet, Ruleset};

fn read(text: &str) -> Ruleset {
    let ruleset = dialects::read_bytes("rules", text.as_bytes(), None).ruleset;
    assert_eq!(ruleset.lines.warned, 0, "{:?}", ruleset.diagnostics);
    ruleset
}

/// A chain of the bridge family that drops what no rule decides.
fn bridge(hook: &str, rules: &str) -> String {
    format!(
        "table bridge {hook} {{\n chain c {{\n type filter hook {hook} priority 0; policy drop;\n{rules}\n }}\n}}\n"
    )
}

fn routed(hook: &str, rules: &str) -> String {
    format!(
        "table inet {hook} {{\n chain c {{\n type filter hook {hook} priority 0; policy drop;\n{rules}\n }}\n}}\n"
    )
}

/// TCP to a port, from one interface to another; `any` for any.
fn ask(text: &str, path: Path, (from, to): (&str, &str), port: u16) -> (Openness, Vec<Path>) {
    let ruleset = read(text);
    let mut reach = Reach::new(&ruleset);
    let side = |name: &str| if name == "any" { Side::any() } else { Side::of_interfaces([name]) };
    let class = PacketClass {
        protocols: Some(IntervalSet::one(6)),
        ports: Some(IntervalSet::one(port)),
        ..PacketClass::default()
    };
    let question = Question { class, path, ..Question::between(side(from), side(to)) };
    let answer = reach.answer(&question, 100).unwrap();
    (answer.verdict, answer.paths)
}

fn through(text: &str, ways: (&str, &str), port: u16) -> Openness {
    ask(text, Path::Through, ways, port).0
}

#[test]
fn the_names_in_rules_tell_which_way_a_question_goes() {
    let bridged = bridge("forward", "iifname \"p1\" oifname \"p2\" tcp dport 502 accept");
    let device =
        [bridged.as_str(), &routed("forward", "iifname \"lan0\" oifname \"wan0\" tcp dport 80 accept")];
    let device = device.concat();
    assert_eq!(ask(&bridged, Path::Through, ("any", "any"), 80), (Openness::None, vec![Path::Bridged]));
    assert_eq!(ask(&device, Path::Through, ("p1", "p2"), 502), (Openness::All, vec![Path::Bridged]));
    assert_eq!(ask(&device, Path::Through, ("p1", "p2"), 80), (Openness::None, vec![Path::Bridged]));
    assert_eq!(ask(&device, Path::Through, ("lan0", "wan0"), 80), (Openness::All, vec![Path::Routed]));
    let both = vec![Path::Routed, Path::Bridged];
    assert_eq!(ask(&device, Path::Through, ("any", "any"), 80), (Openness::Unknown, both.clone()));
    assert_eq!(ask(&device, Path::Through, ("any", "any"), 22), (Openness::None, both));
    assert_eq!(ask(&device, Path::Bridged, ("any", "any"), 80).0, Openness::None);
}

#[test]
fn the_one_bridge_that_rules_name_is_meant() {
    let one = bridge("forward", "meta ibrname \"br0\" obrname \"br0\" tcp dport 502 accept");
    assert_eq!(through(&one, ("any", "any"), 502), Openness::All);
    let two = bridge(
        "forward",
        "meta ibrname \"br0\" tcp dport 502 accept\nmeta ibrname \"br1\" tcp dport 80 accept",
    );
    assert_eq!(through(&two, ("any", "any"), 502), Openness::Unknown);
    assert_eq!(through(&two, ("any", "any"), 22), Openness::None);
    let either = bridge(
        "forward",
        "meta ibrname \"br0\" tcp dport 502 accept\nmeta ibrname != \"br0\" tcp dport 502 accept",
    );
    assert_eq!(through(&either, ("any", "any"), 502), Openness::All);
    // Before and behind forwarding, one of the two is not known.
    assert_eq!(
        through(&bridge("prerouting", "meta obrname \"br0\" accept"), ("any", "any"), 502),
        Openness::None
    );
    assert_eq!(through(&bridge("postrouting", "iifname \"p1\" accept"), ("p1", "any"), 502), Openness::None);
}

#[test]
fn what_is_open_is_so_without_a_tag_and_what_is_closed_with_any() {
    assert_eq!(through(&bridge("forward", "vlan id 10 accept"), ("any", "any"), 502), Openness::Unknown);
    assert_eq!(
        through(&bridge("forward", "ether type ip accept\nether type ip6 accept"), ("any", "any"), 502),
        Openness::All
    );
    let around = bridge("forward", "ether type { ip, ip6 } drop\naccept");
    assert_eq!(through(&around, ("any", "any"), 502), Openness::Unknown);
    let closed = bridge("forward", "meta protocol { ip, ip6 } drop\naccept");
    assert_eq!(through(&closed, ("any", "any"), 502), Openness::None);
    assert_eq!(through(&bridge("forward", "ether type arp accept"), ("any", "any"), 502), Openness::None);
}

#[test]
fn what_a_bridge_may_stop_is_not_sure_for_routed_packets() {
    let device =
        [bridge("input", "tcp dport 22 accept"), routed("forward", "tcp dport { 22, 80 } accept")].concat();
    assert_eq!(through(&device, ("lan0", "wan0"), 22), Openness::All);
    assert_eq!(through(&device, ("lan0", "wan0"), 80), Openness::Unknown);
    assert_eq!(through(&device, ("lan0", "wan0"), 443), Openness::None);
    let own =
        [bridge("input", "tcp dport 22 accept"), routed("input", "tcp dport { 22, 80 } accept")].concat();
    assert_eq!(ask(&own, Path::ToDevice, ("lan0", "any"), 22).0, Openness::All);
    assert_eq!(ask(&own, Path::ToDevice, ("lan0", "any"), 80).0, Openness::Unknown);
    assert_eq!(ask(&own, Path::ToDevice, ("lan0", "any"), 443).0, Openness::None);
}

#[test]
fn rules_that_ask_for_ports_see_what_a_bridge_passes() {
    let rules = "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m physdev --physdev-in p1 --physdev-out p2 -p tcp -m tcp --dport 502 -j ACCEPT\n-A FORWARD -i lan0 -o wan0 -p tcp -m tcp --dport 80 -j ACCEPT\n-A FORWARD -i br0 -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n";
    let four = |ways, port| {
        let ruleset = read(rules);
        let mut reach = Reach::new(&ruleset);
        let side = |name: &str| Side::of_interfaces([name]);
        let (from, to): (&str, &str) = ways;
        let class = PacketClass {
            source: Some(
                zonewright_firewall::ruleset::AddressSet::prefix("10.0.0.0".parse().unwrap(), 8).unwrap(),
            ),
            protocols: Some(IntervalSet::one(6)),
            ports: Some(IntervalSet::one(port)),
            ..PacketClass::default()
        };
        let question = Question { class, ..Question::between(side(from), side(to)) };
        let answer = reach.answer(&question, 100).unwrap();
        (answer.verdict, answer.paths)
    };
    assert_eq!(four(("p1", "p2"), 502), (Openness::All, vec![Path::Bridged]));
    assert_eq!(four(("p2", "p1"), 502), (Openness::None, vec![Path::Bridged]));
    assert_eq!(four(("p1", "p2"), 80), (Openness::None, vec![Path::Bridged]));
    // Which bridge it is, is not told.
    assert_eq!(four(("p1", "p2"), 22), (Openness::Unknown, vec![Path::Bridged]));
    assert_eq!(four(("lan0", "wan0"), 80), (Openness::All, vec![Path::Routed]));
    assert_eq!(four(("lan0", "wan0"), 502), (Openness::None, vec![Path::Routed]));
}

#[test]
fn a_reviewer_does_not_take_rules_for_other_frames_for_idle() {
    let ruleset = read(&bridge(
        "forward",
        "ether type arp accept\nip saddr 10.0.0.0/8 accept\nip saddr 10.1.0.0/16 accept\nip saddr 0.0.0.0/0 accept\nip6 saddr ::/0 accept\ndrop",
    ));
    let review = Reach::new(&ruleset).review();
    let said: Vec<(RemarkKind, Option<u32>)> = review
        .remarks
        .iter()
        .filter(|remark| {
            matches!(remark.kind, RemarkKind::NeverMatches | RemarkKind::Shadowed | RemarkKind::Redundant)
        })
        .map(|remark| (remark.kind, remark.rule.as_ref().map(|rule| rule.place.line)))
        .collect();
    assert_eq!(said, [(RemarkKind::Redundant, Some(6))]);
}
