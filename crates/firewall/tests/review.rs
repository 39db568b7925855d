//! What a reviewer would say of rules.

use zonewright_firewall::dialects::read_bytes;
use zonewright_firewall::reach::Reach;

/// The remarks as `kind line[<line,line]`.
fn remarks(text: &str) -> Vec<String> {
    let ruleset = read_bytes("x", text.as_bytes(), None).ruleset;
    assert_eq!(ruleset.lines.warned, 0, "{:?}", ruleset.diagnostics);
    let review = Reach::new(&ruleset).review();
    assert_eq!(review.unjudged, 0);
    let line = |remark: &zonewright_firewall::reach::review::Remark| {
        let by: Vec<String> = remark.by.iter().map(|rule| rule.place.line.to_string()).collect();
        let by = if by.is_empty() { String::new() } else { format!("<{}", by.join(",")) };
        format!("{} {}{by}", remark.kind.as_str(), remark.rule.as_ref().map_or(0, |rule| rule.place.line))
    };
    review.remarks.iter().map(line).collect()
}

fn forward(policy: &str, rules: &str) -> String {
    format!("*filter\n:FORWARD {policy} [0:0]\n{rules}\nCOMMIT\n")
}

#[test]
fn rules_that_decide_nothing_are_told_with_the_reason() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("all is needed", "-A FORWARD -s 10.0.0.1 -p tcp --dport 22 -j ACCEPT", &[]),
        (
            "taken by a rule that does something else",
            "-A FORWARD -s 10.0.0.0/8 -j DROP\n-A FORWARD -s 10.0.0.1 -p tcp --dport 22 -j ACCEPT",
            &["shadowed 4<3"],
        ),
        (
            "taken by two together",
            "-A FORWARD -p tcp --dport 20:21 -j ACCEPT\n-A FORWARD -p tcp --dport 22 -j ACCEPT\n-A FORWARD -p tcp --dport 21:22 -j ACCEPT",
            &["redundant 5<3,4"],
        ),
        (
            "covered by a wider one behind",
            "-A FORWARD -s 10.0.0.1 -p tcp --dport 22 -j ACCEPT\n-A FORWARD -s 10.0.0.0/8 -p tcp --dport 22 -j ACCEPT",
            &["redundant 3<4"],
        ),
        (
            "not covered where a drop stands between",
            "-A FORWARD -s 10.0.0.1 -p tcp --dport 22 -j ACCEPT\n-A FORWARD -s 10.0.0.0/24 -j DROP\n-A FORWARD -s 10.0.0.0/8 -p tcp --dport 22 -j ACCEPT",
            &[],
        ),
        (
            "what it logs would be lost",
            "-A FORWARD -s 10.0.0.1 -j LOG\n-A FORWARD -s 10.0.0.1 -p tcp --dport 22 -j ACCEPT\n-A FORWARD -s 10.0.0.0/8 -p tcp --dport 22 -j ACCEPT",
            &["redundant 4<5"],
        ),
        (
            "what is not decided decides nothing",
            "-A FORWARD -s 10.0.0.0/8 -m limit --limit 1/s -j DROP\n-A FORWARD -s 10.0.0.1 -p tcp --dport 22 -j ACCEPT",
            &[],
        ),
        (
            "in the chain that a jump leads to, of the packets that come there",
            "-N WEB\n-A FORWARD -p tcp -j WEB\n-A WEB -p udp --dport 53 -j ACCEPT\n-A WEB -p tcp --dport 80 -j ACCEPT",
            &["never-matches 5"],
        ),
    ];
    for (name, rules, expected) in cases {
        assert_eq!(remarks(&forward("DROP", rules)), *expected, "{name}");
    }
}

#[test]
fn rules_that_pass_everything_are_told_and_so_is_what_no_rule_stops() {
    let all = |rules: &str| remarks(&forward("DROP", rules));
    assert_eq!(all("-A FORWARD -i eth0 -o eth1 -j ACCEPT"), ["any-any 3"]);
    assert_eq!(all("-A FORWARD -s 10.0.0.1 -j ACCEPT"), ["any-service 3"]);
    assert_eq!(all("-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT"), [] as [&str; 0]);
    let none = remarks(&forward("ACCEPT", "-A FORWARD -s 10.0.0.1 -j DROP"));
    assert_eq!(none, ["default-accept 2"]);
}

#[test]
fn a_line_that_became_several_rules_goes_only_as_a_whole() {
    let list = |ports: &str| {
        format!(
            "table inet t {{\n chain f {{\n  type filter hook forward priority 0; policy drop;\n  tcp dport 22 accept\n  tcp dport vmap {{ {ports} }}\n }}\n}}\n"
        )
    };
    assert_eq!(remarks(&list("22 : drop, 23 : accept")), [] as [&str; 0]);
    assert_eq!(remarks(&list("22 : accept")), ["redundant 5<4"]);
}

#[test]
fn ten_thousand_rules_are_judged() {
    let rules: Vec<String> = (0..10_000_u32)
        .map(|at| {
            format!(
                "-A FORWARD -s 10.{}.{}.0/24 -p tcp --dport {} -j ACCEPT",
                at / 250,
                at % 250,
                1000 + at % 7
            )
        })
        .collect();
    let twice = "-A FORWARD -s 10.0.7.9 -p tcp --dport 1000 -j ACCEPT";
    let text = forward("DROP", &format!("{}\n{twice}", rules.join("\n")));
    let ruleset = read_bytes("x", text.as_bytes(), None).ruleset;
    let review = Reach::new(&ruleset).review();
    assert_eq!(review.unjudged, 0);
    let lines: Vec<u32> =
        review.remarks.iter().filter_map(|one| Some(one.rule.as_ref()?.place.line)).collect();
    assert_eq!(lines, [10_003]);
}
