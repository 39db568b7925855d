//! Class maps, policy maps and where they are applied: whether ICMP is inspected, and whether anything is.

use super::config::Inspection;
use crate::dialects::cisco::Word;
use std::collections::{BTreeMap, BTreeSet};
use zonewright_source::Diagnostic;

/// What was read of them.
#[derive(Debug, Default)]
pub(super) struct Policies {
    /// The class maps that take all packets.
    whole: BTreeSet<String>,
    policies: BTreeMap<String, Policy>,
    /// The policies that are applied, and whether everywhere.
    applied: Vec<(String, bool)>,
}

#[derive(Debug, Default)]
struct Policy {
    class: String,
    /// The classes of which ICMP is inspected.
    icmp: Vec<String>,
    /// Whether anything else is.
    inspects: bool,
}

impl Policies {
    /// A line of a class map.
    pub(super) fn class_line(&mut self, class: &str, words: &[Word<'_>]) {
        let texts: Vec<&str> = words.iter().map(|word| word.text).collect();
        if matches!(texts.as_slice(), ["match", "default-inspection-traffic"] | ["match", "any"]) {
            self.whole.insert(class.to_owned());
        }
    }

    /// A line of a policy map; `Err` for what sets the tracking of connections aside.
    pub(super) fn policy_line(&mut self, policy: &str, words: &[Word<'_>]) -> Result<(), Box<Diagnostic>> {
        let texts: Vec<&str> = words.iter().map(|word| word.text).collect();
        let policy = self.policies.entry(policy.to_owned()).or_default();
        match texts.as_slice() {
            ["class", class] => policy.class = (*class).to_owned(),
            ["inspect", "icmp", "error", ..] => {}
            ["inspect", "icmp", ..] => policy.icmp.push(policy.class.clone()),
            ["inspect", ..] => policy.inspects = true,
            ["set", "connection", "advanced-options", "tcp-state-bypass", ..] => {
                return Err(Box::new(
                    Diagnostic::warning("firewall/not-computed", "`tcp-state-bypass` is not computed")
                        .because(
                            "for its class, packets of TCP are judged one by one and not as connections",
                        ),
                ));
            }
            ["sfr" | "ips" | "csc" | "cxsc", ..] => {
                return Err(Box::new(
                    Diagnostic::warning("firewall/not-computed", "what the module stops is not computed")
                        .because("it decides by content, so what the lists let through may be stopped there"),
                ));
            }
            _ => {}
        }
        Ok(())
    }

    /// `service-policy POLICY global|interface NAME`.
    pub(super) fn applied(&mut self, policy: &str, global: bool) {
        self.applied.push((policy.to_owned(), global));
    }

    /// What the policies that are applied inspect: ICMP, and whether anything else.
    pub(super) fn inspections(&self) -> (Inspection, bool) {
        let (mut icmp, mut inspects) = (Inspection::No, false);
        for (name, global) in &self.applied {
            let Some(policy) = self.policies.get(name) else { continue };
            inspects |= policy.inspects;
            for class in &policy.icmp {
                let whole = *global && (class == "class-default" || self.whole.contains(class));
                icmp = icmp.max(if whole { Inspection::All } else { Inspection::Some });
            }
        }
        (icmp, inspects)
    }
}
