//! A ruleset as short text, for people and for snapshots.

use super::{Chain, Effect, Nat, Rule, Ruleset, Verdict};
use std::fmt;

impl fmt::Display for Ruleset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.lines;
        writeln!(
            f,
            "{}: {} modeled, {} ignored, {} warned",
            self.dialect, lines.modeled, lines.ignored, lines.warned
        )?;
        for set in &self.sets {
            let dynamic = if set.dynamic { ", dynamic" } else { "" };
            let (family, table) = (set.family.as_str(), &set.table);
            writeln!(
                f,
                "set {family} {table}/{} {} ({}{dynamic})",
                set.name, set.type_name, set.element_count
            )?;
        }
        for zone in &self.zones {
            writeln!(f, "zone {} = {}", zone.name, zone.interfaces.join(","))?;
        }
        for one in &self.addresses {
            writeln!(f, "address {} = {}/{}", one.interface, one.address, one.length)?;
        }
        for one in &self.credentials {
            writeln!(f, "credential {}: {} ({})", one.place.line, one.what, one.keeping.as_str())?;
        }
        for chain in &self.chains {
            self.write_chain(f, chain)?;
        }
        Ok(())
    }
}

impl Ruleset {
    fn write_chain(&self, f: &mut fmt::Formatter<'_>, chain: &Chain) -> fmt::Result {
        write!(f, "chain {} {}/{}", chain.family.as_str(), chain.table, chain.name)?;
        if let Some(base) = &chain.base {
            write!(f, ": {} {} {}", base.kind.as_str(), base.hook.as_str(), base.priority)?;
            if !base.devices.is_empty() {
                write!(f, " on {}", base.devices.join(","))?;
            }
            write!(f, ", else {}{}", base.policy.as_str(), if base.dormant { ", dormant" } else { "" })?;
        }
        writeln!(f)?;
        chain.rules.iter().try_for_each(|rule| writeln!(f, "  {}: {}", rule.place.line, self.rule_text(rule)))
    }

    /// A rule as one line: conditions, effects, verdict.
    #[must_use]
    pub fn rule_text(&self, rule: &Rule) -> String {
        let mut words: Vec<String> = rule.conditions.iter().map(ToString::to_string).collect();
        words.extend(rule.effects.iter().map(|effect| format!("[{effect}]")));
        if let Some(log) = &rule.log {
            let prefix = log.prefix.as_ref().map_or(String::new(), |prefix| format!(" {prefix:?}"));
            words.push(format!("[log{prefix}]"));
        }
        if let Some(until) = rule.until {
            words.push(format!("[until {until}]"));
        }
        words.push(format!("-> {}", self.verdict_text(&rule.verdict)));
        words.join(" ")
    }

    /// A verdict as text, with the names of chains.
    #[must_use]
    pub fn verdict_text(&self, verdict: &Verdict) -> String {
        match verdict {
            Verdict::Jump(id) | Verdict::Goto(id) => {
                format!("{} {}", verdict.as_str(), self.chain(*id).map_or("?", |chain| chain.name.as_str()))
            }
            Verdict::Nat(nat) => nat.to_string(),
            Verdict::Unknown(what) => format!("unknown({what})"),
            _ => verdict.as_str().to_owned(),
        }
    }
}

impl fmt::Display for Nat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.as_str())?;
        match self.addresses {
            Some((first, last)) if first == last => write!(f, " to {first}")?,
            Some((first, last)) => write!(f, " to {first}-{last}")?,
            None => {}
        }
        match self.ports {
            Some((first, last)) if first == last => write!(f, " port {first}")?,
            Some((first, last)) => write!(f, " port {first}-{last}")?,
            None => {}
        }
        for option in &self.options {
            write!(f, " {option}")?;
        }
        self.unknown.as_ref().map_or(Ok(()), |unknown| write!(f, " ?({unknown})"))
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetMark { of, keep: 0, flip } => write!(f, "{} := {flip:#x}", of.as_str()),
            Self::SetMark { of, keep, flip } => {
                write!(f, "{} := {} & {keep:#x} ^ {flip:#x}", of.as_str(), of.as_str())
            }
            Self::CopyMark { from, to, mask } => {
                write!(f, "{} := {} & {mask:#x}", to.as_str(), from.as_str())
            }
            Self::ScrambleMark { of } => write!(f, "{} := ?", of.as_str()),
            Self::NoTrack => f.write_str("notrack"),
            Self::Rewrite(what) => write!(f, "rewrite {what}"),
            Self::Other(what) => f.write_str(what),
        }
    }
}
