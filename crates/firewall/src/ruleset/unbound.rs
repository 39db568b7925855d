//! Lists that a configuration defines and binds to nothing.

use super::{
    Base, Chain, ChainId, ChainKind, Condition, Family, Hook, Policy, Reason, Rule, Ruleset, Undecidable,
    Verdict,
};

/// The table of a chain that stands for lists that are bound to nothing.
pub(crate) const UNBOUND: &str = "unbound";

/// Makes lists of packets stand on the way of forwarded packets, in a file that binds none of its lists to an interface: a
/// part of a configuration, as policy generators write and as people hand on. One list stands there as if each packet passed
/// it. Of several, which stands where is not told, so what they say is possible and not sure
/// ([`Ruleset::with_only`] chooses one).
///
/// The lists must be chains without a base, whose last rule decides what no other did.
pub(crate) fn stand_unbound(ruleset: &mut Ruleset, lists: &[ChainId]) {
    let chains = lists.iter().filter_map(|id| Some((*id, ruleset.chain(*id)?)));
    let mut rules = Vec::new();
    for (id, chain) in chains {
        let mut rule = Rule::new(chain.place.clone());
        if lists.len() > 1 {
            let what = format!("list {} stands here", chain.name);
            rule.conditions.push(Condition::Undecidable(Undecidable { what, reason: Reason::Unread }));
        }
        rule.verdict = Verdict::Jump(id);
        rules.push(rule);
    }
    let Some(place) = rules.first().map(|rule| rule.place.clone()) else { return };
    let policy = if lists.len() > 1 { Policy::Unknown } else { Policy::Drop };
    ruleset.chains.push(base_chain(rules, place, policy));
}

fn base_chain(rules: Vec<Rule>, place: zonewright_source::TextPlace, policy: Policy) -> Chain {
    let base = Base {
        hook: Hook::Forward,
        kind: ChainKind::Filter,
        priority: 0,
        policy,
        devices: Vec::new(),
        dormant: false,
    };
    Chain {
        name: "lists".into(),
        table: UNBOUND.into(),
        family: Family::Inet,
        base: Some(base),
        rules,
        place,
        comment: None,
    }
}

impl Ruleset {
    /// The lists by name that can stand alone: chains that packets enter by a jump only.
    pub fn lists(&self) -> impl Iterator<Item = &str> {
        self.chains.iter().filter(|chain| chain.base.is_none()).map(|chain| chain.name.as_str())
    }

    /// The same ruleset with nothing on the way of forwarded packets but the list of this name, whatever else filters in the
    /// configuration; `None` where no list has the name. What the list does not decide is dropped.
    #[must_use]
    pub fn with_only(&self, list: &str) -> Option<Self> {
        let at = self.chains.iter().position(|chain| chain.base.is_none() && chain.name == list)?;
        let place = self.chains.get(at)?.place.clone();
        let mut alone = self.clone();
        for base in alone.chains.iter_mut().filter_map(|chain| chain.base.as_mut()) {
            base.dormant = true;
        }
        let mut rule = Rule::new(place.clone());
        rule.verdict = Verdict::Jump(ChainId(at));
        alone.chains.push(base_chain(vec![rule], place, Policy::Drop));
        Some(alone)
    }
}
