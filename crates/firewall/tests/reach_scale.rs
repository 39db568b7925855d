//! A long ruleset: read, and judged between every pair of zones, without reaching a limit.
//!
//! `ZONEWRIGHT_SCALE_RULES=100000` asks for more rules than the usual 10,000, and prints the times.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fmt::Write;
use std::time::Instant;

use zonewright_firewall::dialects;
use zonewright_firewall::reach::{Question, Reach, Side};
use zonewright_firewall::ruleset::AddressSet;

const ZONES: u64 = 20;

#[test]
fn a_long_ruleset_is_judged_between_all_zones() {
    let rules =
        std::env::var("ZONEWRIGHT_SCALE_RULES").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let text = ruleset(rules);
    let start = Instant::now();
    let read = dialects::read_bytes("long.nft", text.as_bytes(), None);
    assert_eq!(read.ruleset.lines.warned, 0);
    let read_in = start.elapsed();
    let start = Instant::now();
    let mut reach = Reach::new(&read.ruleset);
    let (mut open, mut rows) = (0, 0);
    for from in 0..ZONES {
        for to in 0..ZONES {
            let question = Question::between(zone(from), zone(to));
            let opening = reach.opening(&question).unwrap();
            open += u32::from(!opening.sure.is_empty());
            // Listing the rows is what a report does for the pairs that it shows.
            if from < 2 {
                rows += reach.rows(&question, &opening, 10_000).unwrap().0.len();
            }
        }
    }
    println!(
        "{rules} rules read in {read_in:?}, {} pairs judged in {:?}, {rows} rows",
        ZONES * ZONES,
        start.elapsed()
    );
    assert!(open > 300 && rows > 40);
}

fn zone(at: u64) -> Side {
    let network = AddressSet::prefix(format!("10.{at}.0.0").parse().unwrap(), 16);
    Side { interfaces: Some(vec![format!("eth{at}")]), addresses: network }
}

fn ruleset(rules: u64) -> String {
    let mut state = 88_172_645_463_325_252u64;
    let mut below = |end: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) % end
    };
    let mut text = String::from(
        "table inet f {\n chain forward {\n  type filter hook forward priority 0; policy drop;\n",
    );
    text.push_str("  ct state established,related accept\n");
    for _ in 0..rules {
        let (from, to) = (below(ZONES), below(ZONES));
        let mut network = |zone: u64, any: u64| match below(10) {
            0..4 => format!("10.{zone}.{}.{}", below(256), below(256)),
            9 if any == 1 => "0.0.0.0/0".to_owned(),
            _ => format!("10.{zone}.{}.0/24", below(256)),
        };
        let (source, destination) = (network(from, 0), network(to, 1));
        let interfaces =
            if below(3) == 0 { format!("iifname \"eth{from}\" oifname \"eth{to}\" ") } else { String::new() };
        let protocol = ["tcp", "udp"][below(2) as usize];
        let port = [22, 80, 443, 502, 102, 4840, 44_818, 20_000, 1000 + below(3000)][below(9) as usize];
        let verdict = if below(10) == 0 { "drop" } else { "accept" };
        let _ = writeln!(
            text,
            "  {interfaces}ip saddr {source} ip daddr {destination} {protocol} dport {port} {verdict}"
        );
    }
    text + " }\n}\n"
}
