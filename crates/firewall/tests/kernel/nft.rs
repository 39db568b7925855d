//! Random nftables rulesets: sets, intervals, concatenations, maps and verdict maps, jumps, states, marks,
//! translation, several base chains per hook.

use super::dice::Dice;
use super::pools::*;

/// What the rules of a chain may use.
#[derive(Clone, Copy)]
struct Scope {
    /// `inet`, `ip` or `ip6`.
    family: &'static str,
    /// Whether connections are tracked where the chain stands.
    tracked: bool,
    /// Whether the way out is known there.
    outgoing: bool,
    /// Chains `c0` to before this may be called.
    callable: u64,
    /// Whether packets can be refused with an answer.
    rejects: bool,
    /// Whether a rule is about IPv6 addresses, if it is about any; a rule cannot be about both versions.
    six: bool,
    /// The transport protocol that a rule is about, if it is about any.
    transport: &'static str,
}

impl Scope {
    /// The scope of one rule.
    fn settled(self, dice: &mut Dice) -> Scope {
        let six = match self.family {
            "ip" => false,
            "ip6" => true,
            _ => dice.one_in(3),
        };
        Scope { six, transport: dice.any(&["tcp", "tcp", "tcp", "udp", "udp", "icmp", "any"]), ..self }
    }
}

/// A ruleset as text.
pub(crate) fn ruleset(dice: &mut Dice) -> String {
    let mut text = String::new();
    let family = dice.any(&["inet", "inet", "inet", "ip", "ip6"]);
    text.push_str(&table(dice, family, "main", true));
    if dice.one_in(3) {
        let family = dice.any(&["inet", "ip", "ip6"]);
        text.push_str(&table(dice, family, "extra", false));
    }
    text
}

/// A ruleset for frames on a bridge, as text. Connections are not tracked there by every kernel, so it asks for none.
pub(crate) fn bridge(dice: &mut Dice) -> String {
    let mut text = "table bridge main {\n".to_owned();
    text.push_str(&sets(dice, "bridge"));
    let callees = dice.below(4);
    let scope = Scope {
        family: "bridge",
        tracked: false,
        outgoing: true,
        callable: 0,
        rejects: false,
        six: false,
        transport: "any",
    };
    for at in 0..callees {
        text.push_str(&format!("  chain c{at} {{\n"));
        text.push_str(&rules(dice, Scope { callable: at, ..scope }, 5));
        text.push_str("  }\n");
    }
    let scope = Scope { callable: callees, ..scope };
    text.push_str(&base(dice, "forward", "forward", "filter", scope, 9));
    if dice.one_in(3) {
        let priority = dice.any(&["-300", "10", "-200"]);
        text.push_str(&base(dice, "forward2", "forward", priority, scope, 4));
    }
    if dice.one_in(2) {
        let priority = dice.any(&["dstnat", "-100", "filter"]);
        text.push_str(&base(dice, "early", "prerouting", priority, scope, 3));
    }
    if dice.one_in(3) {
        text.push_str(&base(dice, "late", "postrouting", "srcnat", scope, 3));
    }
    if dice.one_in(4) {
        // Nothing of it concerns what is bridged.
        text.push_str(&base(dice, "input", "input", "0", scope, 3));
    }
    text + "}\n"
}

fn table(dice: &mut Dice, family: &'static str, name: &str, main: bool) -> String {
    let mut text = format!("table {family} {name} {{\n");
    text.push_str(&sets(dice, family));
    let callees = dice.below(4);
    let scope = Scope {
        family,
        tracked: true,
        outgoing: true,
        callable: 0,
        rejects: true,
        six: false,
        transport: "any",
    };
    for at in 0..callees {
        text.push_str(&format!("  chain c{at} {{\n"));
        text.push_str(&rules(dice, Scope { callable: at, ..scope }, 5));
        text.push_str("  }\n");
    }
    let scope = Scope { callable: callees, ..scope };
    if main || dice.one_in(2) {
        text.push_str(&base(dice, "forward", "forward", "0", scope, 9));
    }
    if dice.one_in(4) {
        let priority = dice_priority(dice);
        text.push_str(&base(dice, "forward2", "forward", priority, scope, 4));
    }
    if dice.one_in(3) {
        text.push_str(&base(dice, "input", "input", "0", Scope { outgoing: false, ..scope }, 5));
    }
    if dice.one_in(3) {
        // Callees may look at connections and reject, which a raw chain must not; so it calls none.
        let scope = Scope { tracked: false, outgoing: false, callable: 0, rejects: false, ..scope };
        text.push_str(&raw(dice, scope));
    }
    if dice.one_in(4) {
        let scope = Scope { outgoing: false, callable: 0, rejects: false, ..scope };
        text.push_str(&base(dice, "mangle", "prerouting", "-150", scope, 4));
    }
    if dice.one_in(4) {
        let scope = Scope { callable: 0, rejects: false, ..scope };
        text.push_str(&base(dice, "post", "postrouting", "0", scope, 3));
    }
    if dice.one_in(2) {
        text.push_str(&destination_nat(dice, scope));
    }
    if dice.one_in(3) {
        text.push_str(&source_nat(dice, scope));
    }
    text + "}\n"
}

fn dice_priority(dice: &mut Dice) -> &'static str {
    dice.any(&["-10", "10", "filter", "mangle"])
}

fn sets(dice: &mut Dice, family: &str) -> String {
    let mut text = String::new();
    if family != "ip6" {
        let nets = some(dice, &V4_NETS, 3).join(", ");
        text.push_str(&format!(
            "  set nets4 {{ type ipv4_addr; flags interval; auto-merge; elements = {{ {nets} }} }}\n"
        ));
        let hosts = some(dice, &V4, 4).join(", ");
        text.push_str(&format!("  set hosts4 {{ type ipv4_addr; elements = {{ {hosts} }} }}\n"));
        let pairs: Vec<String> =
            some(dice, &V4, 3).iter().map(|host| format!("{host} . {}", dice.any(&PORTS))).collect();
        text.push_str(&format!(
            "  set pairs4 {{ type ipv4_addr . inet_service; elements = {{ {} }} }}\n",
            pairs.join(", ")
        ));
    }
    if family != "ip" {
        let nets = some(dice, &V6_NETS, 2).join(", ");
        text.push_str(&format!(
            "  set nets6 {{ type ipv6_addr; flags interval; auto-merge; elements = {{ {nets} }} }}\n"
        ));
    }
    let ports: Vec<String> = ports(dice, 3);
    text.push_str(&format!("  set ports {{ type inet_service; elements = {{ {} }} }}\n", ports.join(", ")));
    text.push_str(&format!(
        "  map verdicts {{ type inet_service : verdict; elements = {{ {} }} }}\n",
        ports.iter().map(|port| format!("{port} : {}", plain_verdict(dice))).collect::<Vec<_>>().join(", ")
    ));
    text
}

fn ports(dice: &mut Dice, most: u64) -> Vec<String> {
    let mut chosen: Vec<u16> = (0..=dice.below(most)).map(|_| dice.any(&PORTS)).collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen.iter().map(u16::to_string).collect()
}

fn base(dice: &mut Dice, name: &str, hook: &str, priority: &str, scope: Scope, most: u64) -> String {
    let policy = dice.any(&["accept", "drop", "accept", "drop", "drop"]);
    let policy = if hook == "forward" || hook == "input" { policy } else { "accept" };
    let mut text =
        format!("  chain {name} {{\n    type filter hook {hook} priority {priority}; policy {policy};\n");
    if policy == "drop" && scope.tracked && dice.one_in(2) {
        text.push_str("    ct state established,related accept\n");
    }
    text.push_str(&rules(dice, scope, most));
    text + "  }\n"
}

fn raw(dice: &mut Dice, scope: Scope) -> String {
    let mut text = "  chain raw {\n    type filter hook prerouting priority raw;\n".to_owned();
    for _ in 0..=dice.below(2) {
        let scope = scope.settled(dice);
        let matches = self::matches(dice, scope);
        let action = dice.any(&["notrack", "notrack accept", "drop", "meta mark set 3", "accept"]);
        text.push_str(&format!("    {matches} {action}\n"));
    }
    text + "  }\n"
}

fn rules(dice: &mut Dice, scope: Scope, most: u64) -> String {
    let mut text = String::new();
    for _ in 0..dice.below(most) + 1 {
        text.push_str("    ");
        text.push_str(&rule(dice, scope));
        text.push('\n');
    }
    text
}

fn rule(dice: &mut Dice, scope: Scope) -> String {
    let scope = scope.settled(dice);
    let matches = matches(dice, scope);
    if dice.one_in(5) {
        return format!("{matches} {}", verdict_map(dice, scope));
    }
    let extra = match dice.below(12) {
        0 => "counter ",
        1 => "log prefix \"z: \" ",
        2 => mark_statement(dice, scope),
        3 if dice.one_in(3) => "limit rate 1000000/second ",
        _ => "",
    };
    let comment = if dice.one_in(8) { " comment \"why\"" } else { "" };
    format!("{matches} {extra}{}{comment}", verdict(dice, scope))
}

fn mark_statement(dice: &mut Dice, scope: Scope) -> &'static str {
    let all = [
        "meta mark set 1 ",
        "meta mark set meta mark or 2 ",
        "meta mark set meta mark and 1 ",
        "meta mark set meta mark xor 3 ",
        "ct mark set 2 ",
        "ct mark set meta mark ",
        "meta mark set ct mark ",
    ];
    dice.any(&all[..if scope.tracked { 7 } else { 4 }])
}

fn plain_verdict(dice: &mut Dice) -> &'static str {
    dice.any(&["accept", "accept", "drop", "return", "continue"])
}

fn verdict(dice: &mut Dice, scope: Scope) -> String {
    match dice.below(10) {
        0..4 => "accept".to_owned(),
        4 | 5 => "drop".to_owned(),
        6 if scope.rejects => "reject".to_owned(),
        7 => "return".to_owned(),
        8 | 9 if scope.callable > 0 => {
            format!("{} c{}", dice.any(&["jump", "jump", "goto"]), dice.below(scope.callable))
        }
        _ => "accept".to_owned(),
    }
}

fn map_verdict(dice: &mut Dice, scope: Scope) -> String {
    match dice.below(6) {
        0 if scope.callable > 0 => format!("jump c{}", dice.below(scope.callable)),
        1 if scope.callable > 0 => format!("goto c{}", dice.below(scope.callable)),
        _ => plain_verdict(dice).to_owned(),
    }
}

fn verdict_map(dice: &mut Dice, scope: Scope) -> String {
    let entries = |dice: &mut Dice, keys: Vec<String>| {
        let entries = keys.into_iter().map(|key| format!("{key} : {}", map_verdict(dice, scope)));
        entries.collect::<Vec<_>>().join(", ")
    };
    match dice.below(7) {
        0 if scope.transport == "tcp" => {
            let keys = ports(dice, 3);
            format!("tcp dport vmap {{ {} }}", entries(dice, keys))
        }
        1 if scope.transport == "udp" => {
            format!("udp dport vmap {{ 1-99 : {}, 100-1023 : {} }}", plain_verdict(dice), plain_verdict(dice))
        }
        3 if scope.tracked => {
            let new = map_verdict(dice, scope);
            format!("ct state vmap {{ established : accept, related : accept, invalid : drop, new : {new} }}")
        }
        4 if !scope.six && scope.transport == "tcp" => {
            let keys = some(dice, &V4, 3);
            let keys = keys.iter().map(|host| format!("{host} . {}", dice.any(&PORTS))).collect();
            format!("ip {}addr . tcp dport vmap {{ {} }}", dice.any(&["s", "d"]), entries(dice, keys))
        }
        5 if scope.six => {
            let keys = some(dice, &V6, 3);
            format!("ip6 daddr vmap {{ {} }}", entries(dice, keys))
        }
        6 if scope.transport == "tcp" => "tcp dport vmap @verdicts".to_owned(),
        6 if scope.transport == "udp" => "th dport vmap @verdicts".to_owned(),
        0 | 1 | 4 if scope.tracked => {
            let keys = ["new", "established"].iter().map(|key| (*key).to_owned()).collect();
            format!("ct state vmap {{ {} }}", entries(dice, keys))
        }
        2 | 3 => {
            let keys = some(dice, &INTERFACES, 3).iter().map(|name| format!("\"{name}\"")).collect();
            format!("iifname vmap {{ {} }}", entries(dice, keys))
        }
        _ if scope.transport != "any" => "meta mark vmap { 0 : continue, 1 : accept, 2-3 : drop }".to_owned(),
        _ => {
            let keys = ["tcp", "udp"].iter().map(|key| (*key).to_owned()).collect();
            format!("meta l4proto vmap {{ {} }}", entries(dice, keys))
        }
    }
}

fn matches(dice: &mut Dice, scope: Scope) -> String {
    let mut chosen: Vec<String> = Vec::new();
    if scope.family == "bridge" && dice.one_in(3) {
        let not = if dice.one_in(4) { "!= " } else { "" };
        let (frame, alone) = frame(dice, scope, not);
        if alone {
            return format!("iifname {} {frame}", names(dice));
        }
        chosen.push(frame);
    }
    for _ in 0..dice.below(4) {
        chosen.push(one_match(dice, scope));
    }
    chosen.join(" ")
}

fn one_match(dice: &mut Dice, scope: Scope) -> String {
    let not = if dice.one_in(5) { "!= " } else { "" };
    match dice.below(23) {
        0..5 => address(dice, scope, not),
        5 => format!("iifname {not}{}", names(dice)),
        6 if scope.outgoing => format!("oifname {not}{}", names(dice)),
        7 => format!("iif {not}\"{}\"", dice.any(&INTERFACES)),
        8 if scope.transport == "any" => format!(
            "meta l4proto {not}{}",
            dice.any(&["tcp", "udp", "{ tcp, udp }", "{ icmp, ipv6-icmp }", "50"])
        ),
        9..13 => port(dice, scope, not),
        13 | 14 if matches!(scope.transport, "tcp" | "udp") => {
            format!(
                "meta l4proto {} th {}port {not}{}",
                scope.transport,
                dice.any(&["s", "d"]),
                port_set(dice)
            )
        }
        14 if scope.transport != "icmp" => port(dice, scope, not),
        14 if !scope.six => {
            format!(
                "icmp type {not}{}",
                dice.any(&["echo-request", "{ echo-request, echo-reply }", "8", "13-15"])
            )
        }
        14 => {
            format!("icmpv6 type {not}{}", dice.any(&["echo-request", "{ echo-request, echo-reply }", "128"]))
        }
        15 if scope.tracked => {
            format!("ct state {not}{}", dice.any(&["new", "established,related", "new,untracked", "invalid"]))
        }
        16 if scope.transport == "tcp" => dice
            .any(&[
                "tcp flags syn",
                "tcp flags & (fin|syn|rst|ack) == syn",
                "tcp flags != syn",
                "tcp flags & (syn|ack) == (syn|ack)",
                "tcp flags syn / fin,syn,rst,ack",
            ])
            .to_owned(),
        17 => concatenation(dice, scope),
        18 => format!("meta mark {not}{}", dice.any(&["0", "1", "2", "3", "1-2"])),
        19 if scope.tracked => dice
            .any(&["ct mark 2", "ct mark != 2", "ct status dnat", "ct direction original", "ct state new"])
            .to_owned(),
        20 if scope.tracked && !scope.six => {
            let host = dice.of(&V4);
            dice.any(&["ct original ip saddr", "ct original ip daddr"]).to_owned() + " " + host
        }
        20 if scope.tracked && matches!(scope.transport, "tcp" | "udp") => {
            format!("meta l4proto {} ct original proto-dst {}", scope.transport, dice.any(&PORTS))
        }
        21 if !scope.six => {
            dice.any(&["ip saddr & 255.255.0.255 == 10.0.0.5", "ip daddr & 0.0.0.1 == 0.0.0.1"]).to_owned()
        }
        22 if scope.family == "inet" => format!("meta nfproto {}", if scope.six { "ipv6" } else { "ipv4" }),
        22 if scope.family == "ip" && scope.transport == "any" => {
            format!("ip protocol {not}{}", dice.any(&["tcp", "udp", "{ tcp, icmp }"]))
        }
        _ => port(dice, scope, not),
    }
}

/// What only frames have, and whether nft takes no match on addresses beside it.
fn frame(dice: &mut Dice, scope: Scope, not: &str) -> (String, bool) {
    let version = if scope.six { "ip6" } else { "ip" };
    let kind = dice.below(7);
    let text = match kind {
        0 => format!("ether type {version}"),
        1 => format!("ether type {not}{{ {version}, arp }}"),
        2 => format!("meta protocol {version}"),
        3 => format!("vlan id {not}{}", dice.any(&["10", "20", "10-15", "{ 1, 20 }"])),
        4 => format!("vlan id 10 vlan type {version}"),
        5 => format!("meta protocol {not}{{ {version}, arp }}"),
        _ => "ether type 8021q".to_owned(),
    };
    (text, matches!(kind, 1 | 5))
}

fn names(dice: &mut Dice) -> String {
    match dice.below(4) {
        0 => "\"ot*\"".to_owned(),
        1 => format!("{{ {} }}", some(dice, &INTERFACES, 2).join(", ")),
        _ => format!("\"{}\"", dice.any(&["lan0", "ot1", "ot2", "wan0", "eth7"])),
    }
}

fn address(dice: &mut Dice, scope: Scope, not: &str) -> String {
    let six = scope.six;
    let side = dice.any(&["saddr", "daddr"]);
    let (single, nets, ranges): (&[&str], &[&str], &[&str]) =
        if six { (&V6, &V6_NETS, &V6_RANGES) } else { (&V4, &V4_NETS, &V4_RANGES) };
    let set = match dice.below(7) {
        0 | 1 => dice.of(single).to_owned(),
        2 => dice.of(nets).to_owned(),
        3 => dice.of(ranges).to_owned(),
        4 => format!("{{ {} }}", some(dice, single, 3).join(", ")),
        5 if six => "@nets6".to_owned(),
        5 => dice.any(&["@nets4", "@hosts4"]).to_owned(),
        _ => dice.of(nets).to_owned(),
    };
    format!("{} {side} {not}{set}", if six { "ip6" } else { "ip" })
}

fn port(dice: &mut Dice, scope: Scope, not: &str) -> String {
    let protocol = match scope.transport {
        "icmp" | "any" => return address(dice, scope, not),
        protocol => protocol,
    };
    let side = if dice.one_in(4) { "sport" } else { "dport" };
    let port = dice.any(&PORTS);
    match dice.below(8) {
        0 => format!("{protocol} {side} {} {port}", dice.any(&[">=", "<", ">", "<="])),
        _ => format!("{protocol} {side} {not}{}", port_set(dice)),
    }
}

fn port_set(dice: &mut Dice) -> String {
    match dice.below(5) {
        0 => port_range(dice),
        1 => format!("{{ {} }}", ports(dice, 3).join(", ")),
        2 => "@ports".to_owned(),
        _ => dice.any(&PORTS).to_string(),
    }
}

fn concatenation(dice: &mut Dice, scope: Scope) -> String {
    let not = if dice.one_in(6) { "!= " } else { "" };
    let ported = matches!(scope.transport, "tcp" | "udp");
    if scope.six {
        let (a, b, c) = (dice.of(&V6), dice.any(&PORTS), dice.of(&V6));
        return if ported {
            format!("ip6 saddr . {} dport {not}{{ {a} . {b} }}", scope.transport)
        } else {
            format!("ip6 saddr . ip6 daddr {not}{{ {a} . {c} }}")
        };
    }
    match dice.below(4) {
        0 if ported => format!("ip daddr . {} dport {not}@pairs4", scope.transport),
        1 if ported => {
            let (a, b) = (dice.of(&V4_NETS), port_range(dice));
            format!("ip saddr . {} dport {not}{{ {a} . {b} }}", scope.transport)
        }
        2 if scope.transport == "any" => {
            let (a, b, c) = (dice.of(&V4), dice.any(&["tcp", "udp"]), dice.any(&PORTS));
            format!("ip daddr . meta l4proto . th dport {not}{{ {a} . {b} . {c} }}")
        }
        _ => {
            let (a, b) = (dice.of(&V4), dice.of(&V4));
            format!("ip saddr . ip daddr {not}{{ {a} . {b} }}")
        }
    }
}

fn destination_nat(dice: &mut Dice, scope: Scope) -> String {
    let mut text = "  chain inward {\n    type nat hook prerouting priority dstnat;\n".to_owned();
    let scope = Scope { outgoing: false, callable: 0, rejects: false, ..scope };
    for _ in 0..=dice.below(3) {
        let rule = if scope.family == "ip6" || scope.family == "inet" && dice.one_in(4) {
            let target = dice.of(&V6);
            match dice.below(3) {
                0 => format!("{} dnat ip6 to {target}", address6(dice)),
                1 => format!("tcp dport {} dnat ip6 to [{target}]:{}", port_set(dice), dice.any(&PORTS)),
                _ => format!("{} accept", address6(dice)),
            }
        } else {
            let target = dice.of(&V4);
            let dport = dice.any(&["tcp dport", "udp dport"]);
            match dice.below(8) {
                0 | 1 => format!("{} dnat ip to {target}", matches4(dice)),
                2 | 3 => format!("{dport} {} dnat ip to {target}:{}", port_set(dice), dice.any(&PORTS)),
                4 => format!("tcp dport {} redirect to :{}", port_set(dice), dice.any(&PORTS)),
                5 => {
                    let keys: Vec<String> =
                        ports(dice, 3).iter().map(|port| format!("{port} : {}", dice.of(&V4))).collect();
                    format!("dnat ip to tcp dport map {{ {} }}", keys.join(", "))
                }
                6 => format!("{} accept", matches4(dice)),
                _ => {
                    let (a, b) = (dice.of(&V4), dice.any(&PORTS));
                    format!(
                        "dnat ip to ip daddr . tcp dport map {{ {a} . {b} : {target} . {} }}",
                        dice.any(&PORTS)
                    )
                }
            }
        };
        text.push_str(&format!("    {rule}\n"));
    }
    text + "  }\n"
}

fn address6(dice: &mut Dice) -> String {
    format!("ip6 {} {}", dice.any(&["saddr", "daddr"]), dice.of(&V6_NETS))
}

fn matches4(dice: &mut Dice) -> String {
    let inner = Scope {
        family: "ip",
        tracked: true,
        outgoing: false,
        callable: 0,
        rejects: false,
        six: false,
        transport: dice.any(&["tcp", "udp"]),
    };
    let first = address(dice, inner, "");
    if dice.one_in(2) { format!("{first} {}", port(dice, inner, "")) } else { first }
}

fn source_nat(dice: &mut Dice, scope: Scope) -> String {
    let mut text = "  chain outward {\n    type nat hook postrouting priority srcnat;\n".to_owned();
    for _ in 0..=dice.below(2) {
        let out = dice.any(&INTERFACES);
        let rule = if scope.family == "ip6" {
            format!("oifname \"{out}\" snat ip6 to 2001:db8::fe")
        } else {
            match dice.below(4) {
                0 => format!("oifname \"{out}\" masquerade"),
                1 => format!("{} snat ip to 203.0.113.254", matches4(dice)),
                2 => format!("oifname \"{out}\" {} snat ip to 203.0.113.240-203.0.113.250", matches4(dice)),
                _ => format!("{} accept", matches4(dice)),
            }
        };
        text.push_str(&format!("    {rule}\n"));
    }
    text + "  }\n"
}
