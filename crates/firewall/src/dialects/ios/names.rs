//! Names of interfaces as IOS writes them, and as people abbreviate them.

/// The name of an interface: its words without a space between type and number.
pub(super) fn interface_name(words: &[&str]) -> String {
    let kept =
        words.iter().take_while(|word| !["point-to-point", "multipoint", "l2transport"].contains(word));
    let name: String = kept.copied().collect();
    let split = name.find(|letter: char| letter.is_ascii_digit()).unwrap_or(name.len());
    let (kind, number) = (name.get(..split).unwrap_or_default(), name.get(split..).unwrap_or_default());
    match KINDS
        .iter()
        .find(|(short, full)| kind.eq_ignore_ascii_case(short) || kind.eq_ignore_ascii_case(full))
    {
        Some((_, full)) if !number.is_empty() => format!("{full}{number}"),
        _ => name,
    }
}

/// Abbreviations that `show interfaces` and people use, and the names in a running configuration.
const KINDS: [(&str, &str); 34] = [
    ("Gi", "GigabitEthernet"),
    ("gig", "GigabitEthernet"),
    ("g", "GigabitEthernet"),
    ("Fa", "FastEthernet"),
    ("f", "FastEthernet"),
    ("fast", "FastEthernet"),
    ("Te", "TenGigabitEthernet"),
    ("ten", "TenGigabitEthernet"),
    ("Tw", "TwoGigabitEthernet"),
    ("Twe", "TwentyFiveGigE"),
    ("Fo", "FortyGigabitEthernet"),
    ("Hu", "HundredGigE"),
    ("Et", "Ethernet"),
    ("eth", "Ethernet"),
    ("e", "Ethernet"),
    ("Se", "Serial"),
    ("s", "Serial"),
    ("Lo", "Loopback"),
    ("loop", "Loopback"),
    ("Vl", "Vlan"),
    ("Tu", "Tunnel"),
    ("Po", "Port-channel"),
    ("Di", "Dialer"),
    ("BV", "BVI"),
    ("BD", "BDI"),
    ("Vi", "Virtual-Access"),
    ("Vt", "Virtual-Template"),
    ("Mu", "Multilink"),
    ("AT", "ATM"),
    ("Ce", "Cellular"),
    ("Ap", "AppGigabitEthernet"),
    ("As", "Async"),
    ("Nu", "Null"),
    ("BR", "BRI"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_out() {
        for (words, name) in [
            ("GigabitEthernet0/0/1.10", "GigabitEthernet0/0/1.10"),
            ("gigabitethernet 0/1", "GigabitEthernet0/1"),
            ("Gi0/1", "GigabitEthernet0/1"),
            ("Serial0/0/0.1 point-to-point", "Serial0/0/0.1"),
            ("Vlan 10", "Vlan10"),
            ("Null0", "Null0"),
            ("plc", "plc"),
        ] {
            let words: Vec<&str> = words.split(' ').collect();
            assert_eq!(interface_name(&words), name);
        }
    }
}
