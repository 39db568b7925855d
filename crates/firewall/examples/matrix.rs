//! A long configuration made, read, and judged between every pair of zones: what `cargo xtask bench firewall` measures.
//!
//! `matrix DIALECT RULES` makes the text (always the same), `matrix DIALECT RULES --print` prints it instead.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to whoever runs it")]

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use zonewright_firewall::dialects;
use zonewright_firewall::reach::{Question, Reach, Side};
use zonewright_firewall::ruleset::AddressSet;

/// Zones, each behind an interface and a network of its own.
const ZONES: u64 = 20;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (dialect, rules, print) = match words.as_slice() {
        [dialect, rules] => (*dialect, rules.parse().ok(), false),
        [dialect, rules, "--print"] => (*dialect, rules.parse().ok(), true),
        _ => ("", None, false),
    };
    let (Some(rules), Some(known)) = (rules, dialects::named(dialect)) else {
        eprintln!("usage: matrix nftables|iptables|asa|fortios RULES [--print]");
        return ExitCode::from(2);
    };
    let Some(text) = configuration(dialect, &random(rules)) else {
        eprintln!("no configurations of dialect `{dialect}` are made here");
        return ExitCode::from(2);
    };
    if print {
        print!("{text}");
        return ExitCode::SUCCESS;
    }
    let start = Instant::now();
    let read = dialects::read_bytes("long", text.as_bytes(), Some(known));
    let read_in = start.elapsed();
    let start = Instant::now();
    let mut reach = Reach::new(&read.ruleset);
    let (mut open, mut unknown) = (0, 0);
    for from in 0..ZONES {
        for to in 0..ZONES {
            match reach.opening(&Question::between(zone(from), zone(to))) {
                Ok(opening) => open += u64::from(!opening.sure.is_empty()),
                Err(_) => unknown += 1,
            }
        }
    }
    println!(
        "{rules} rules, {} lines warned about, read in {read_in:?}, {} pairs in {:?}: {open} with something open, {unknown} too large",
        read.ruleset.lines.warned,
        ZONES * ZONES,
        start.elapsed()
    );
    // A configuration that was not read is soon judged.
    let enough = read.ruleset.lines.warned == 0 && unknown == 0 && open * 4 > ZONES * ZONES;
    if enough { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn zone(at: u64) -> Side {
    let network = AddressSet::prefix([10, at as u8, 0, 0].into(), 16);
    Side { interfaces: Some(vec![format!("eth{at}")]), addresses: network }
}

/// A rule, before it is spelled.
struct Wish {
    from: u64,
    to: u64,
    source: Network,
    destination: Network,
    protocol: &'static str,
    port: u64,
    passes: bool,
}

/// The last two numbers of an address in the zone's network; no last one for all of a /24.
struct Network {
    zone: u64,
    third: u64,
    host: Option<u64>,
}

/// Rules between random hosts and networks of the zones (xorshift, always the same).
fn random(count: u64) -> Vec<Wish> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut below = |end: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) % end
    };
    let mut wishes = Vec::new();
    for _ in 0..count {
        let (from, to) = (below(ZONES), below(ZONES));
        let mut network =
            |zone| Network { zone, third: below(256), host: Some(below(256)).filter(|host| host % 2 == 0) };
        let (source, destination) = (network(from), network(to));
        let ports = [22, 80, 443, 502, 102, 4840, 44_818, 20_000, 1_000 + below(3_000)];
        let port = ports.get(below(9) as usize).copied().unwrap_or(502);
        let protocol = if below(2) == 0 { "tcp" } else { "udp" };
        wishes.push(Wish { from, to, source, destination, protocol, port, passes: below(10) != 0 });
    }
    wishes
}

impl Network {
    fn prefix(&self) -> String {
        let Network { zone, third, host } = self;
        host.map_or_else(|| format!("10.{zone}.{third}.0/24"), |host| format!("10.{zone}.{third}.{host}/32"))
    }

    /// Address and mask.
    fn masked(&self, between: &str) -> String {
        let (address, mask) = match self.host {
            Some(host) => (host, "255.255.255.255"),
            None => (0, "255.255.255.0"),
        };
        format!("10.{}.{}.{address}{between}{mask}", self.zone, self.third)
    }
}

fn configuration(dialect: &str, wishes: &[Wish]) -> Option<String> {
    Some(match dialect {
        "nftables" => nftables(wishes),
        "iptables" => iptables(wishes),
        "asa" => asa(wishes),
        "fortios" => fortios(wishes),
        _ => return None,
    })
}

fn nftables(wishes: &[Wish]) -> String {
    let mut text = String::from(
        "table inet f {\n\tchain forward {\n\t\ttype filter hook forward priority 0; policy drop;\n\t\tct state established,related accept\n",
    );
    for (at, wish) in wishes.iter().enumerate() {
        let names = if at % 3 == 0 {
            format!("iifname \"eth{}\" oifname \"eth{}\" ", wish.from, wish.to)
        } else {
            String::new()
        };
        let verdict = if wish.passes { "accept" } else { "drop" };
        let (source, destination) = (wish.source.prefix(), wish.destination.prefix());
        let _ = writeln!(
            text,
            "\t\t{names}ip saddr {source} ip daddr {destination} {} dport {} {verdict}",
            wish.protocol, wish.port
        );
    }
    text + "\t}\n}\n"
}

fn iptables(wishes: &[Wish]) -> String {
    let mut text = String::from(
        "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n",
    );
    for (at, wish) in wishes.iter().enumerate() {
        let names =
            if at % 3 == 0 { format!("-i eth{} -o eth{} ", wish.from, wish.to) } else { String::new() };
        let verdict = if wish.passes { "ACCEPT" } else { "DROP" };
        let (source, destination) = (wish.source.prefix(), wish.destination.prefix());
        let _ = writeln!(
            text,
            "-A FORWARD -s {source} -d {destination} {names}-p {0} -m {0} --dport {1} -j {verdict}",
            wish.protocol, wish.port
        );
    }
    text + "COMMIT\n"
}

fn asa(wishes: &[Wish]) -> String {
    let mut text = String::from("ASA Version 9.16(4)\n!\nhostname bench\n!\n");
    for at in 0..ZONES {
        let _ = writeln!(
            text,
            "interface GigabitEthernet0/{at}\n nameif eth{at}\n security-level 50\n ip address 10.{at}.0.1 255.255.0.0\n!"
        );
    }
    text.push_str("same-security-traffic permit inter-interface\n");
    for wish in wishes {
        let verdict = if wish.passes { "permit" } else { "deny" };
        let _ = writeln!(
            text,
            "access-list in_{} extended {verdict} {} {} {} eq {}",
            wish.from,
            wish.protocol,
            wish.source.masked(" "),
            wish.destination.masked(" "),
            wish.port
        );
    }
    let mut named: Vec<u64> = wishes.iter().map(|wish| wish.from).collect();
    named.sort_unstable();
    named.dedup();
    for at in named {
        let _ = writeln!(text, "access-group in_{at} in interface eth{at}");
    }
    text
}

fn fortios(wishes: &[Wish]) -> String {
    let mut text =
        String::from("#config-version=FGT60F-7.2.5-FW-build1517-230607:opmode=0:vdom=0:user=admin\n");
    text.push_str("config system interface\n");
    for at in 0..ZONES {
        let _ = writeln!(
            text,
            "    edit \"eth{at}\"\n        set vdom \"root\"\n        set ip 10.{at}.0.1 255.255.0.0\n    next"
        );
    }
    text.push_str("end\nconfig firewall address\n");
    let networks = || wishes.iter().flat_map(|wish| [&wish.source, &wish.destination]);
    for network in networks().map(|network| network.masked(" ")).collect::<std::collections::BTreeSet<_>>() {
        let _ = writeln!(text, "    edit \"{network}\"\n        set subnet {network}\n    next");
    }
    text.push_str("end\nconfig firewall service custom\n");
    let services: std::collections::BTreeSet<(&str, u64)> =
        wishes.iter().map(|wish| (wish.protocol, wish.port)).collect();
    for (protocol, port) in services {
        let _ = writeln!(
            text,
            "    edit \"{protocol}-{port}\"\n        set {protocol}-portrange {port}\n    next"
        );
    }
    text.push_str("end\nconfig firewall policy\n");
    for (at, wish) in wishes.iter().enumerate() {
        let verdict = if wish.passes { "accept\n        set nat enable" } else { "deny" };
        let _ = writeln!(
            text,
            "    edit {}\n        set srcintf \"eth{}\"\n        set dstintf \"eth{}\"\n        set action {verdict}\n        set srcaddr \"{}\"\n        set dstaddr \"{}\"\n        set schedule \"always\"\n        set service \"{}-{}\"\n    next",
            at + 1,
            wish.from,
            wish.to,
            wish.source.masked(" "),
            wish.destination.masked(" "),
            wish.protocol,
            wish.port
        );
    }
    text + "end\n"
}
