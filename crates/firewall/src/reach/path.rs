//! A packet's way through the firewall: which base chains are asked, in which order, and what they can see.

use super::condition::{Pair, Sight};
use super::evaluate::Exits;
use super::translate::{SOURCE, Translation};
use super::{Engine, Path, ReachError};
use crate::ruleset::{Base, Chain, ChainId, ChainKind, Effect, Family, Hook, IpVersion, Policy, Verdict};
use crate::sets::{Field, Set, ct_state};

/// Connection tracking sees packets at this priority (`NF_IP_PRI_CONNTRACK`).
const PRIORITY_CONNTRACK: i32 = -200;
/// All chains that translate destinations are asked at this priority, whatever their own (`NF_IP_PRI_NAT_DST`).
const PRIORITY_NAT_DESTINATION: i32 = -100;
/// The same for sources (`NF_IP_PRI_NAT_SRC`).
const PRIORITY_NAT_SOURCE: i32 = 100;

/// One step on the way.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    /// The chains: one that filters, or all that translate at this hook, in order.
    pub(super) chains: Vec<(ChainId, Guard)>,
    pub(super) hook: Hook,
    pub(super) sight: Sight,
    pub(super) kind: StageKind,
}

/// What a stage does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum StageKind {
    /// Lets pass or drops.
    Filter,
    /// Translates, once per connection.
    Translate,
}

/// Which packets come to a chain at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Guard {
    /// Headers that do.
    pub(super) within: Set,
}

impl Path {
    /// The hooks before the destination is final.
    pub(super) fn hooks_before_routing(self) -> &'static [Hook] {
        match self {
            Path::Through | Path::ToDevice => &[Hook::Ingress, Hook::Prerouting],
            Path::FromDevice => &[Hook::Output],
        }
    }

    /// The hooks after it.
    pub(super) fn hooks_after_routing(self) -> &'static [Hook] {
        match self {
            Path::Through => &[Hook::Forward, Hook::Postrouting, Hook::Egress],
            Path::ToDevice => &[Hook::Input],
            Path::FromDevice => &[Hook::Postrouting, Hook::Egress],
        }
    }

    fn sight(self, hook: Hook, priority: i32) -> Sight {
        Sight {
            incoming: self != Path::FromDevice,
            outgoing: !matches!(hook, Hook::Ingress | Hook::Prerouting | Hook::Input),
            tracked: match hook {
                Hook::Ingress => false,
                Hook::Prerouting | Hook::Output => priority > PRIORITY_CONNTRACK,
                Hook::Input | Hook::Forward | Hook::Postrouting | Hook::Egress => true,
            },
        }
    }
}

impl Engine<'_> {
    /// The stages at these hooks, in the order in which packets pass them.
    pub(super) fn stages(&mut self, path: Path, hooks: &[Hook]) -> Result<Vec<Stage>, ReachError> {
        let mut stages = Vec::new();
        for hook in hooks {
            stages.extend(self.stages_at(path, *hook)?);
        }
        Ok(stages)
    }

    fn stages_at(&mut self, path: Path, hook: Hook) -> Result<Vec<Stage>, ReachError> {
        let mut bases: Vec<(usize, &Chain, &Base)> = Vec::new();
        for (at, chain) in self.ruleset.chains.iter().enumerate() {
            match &chain.base {
                Some(base) if base.hook == hook && !base.dormant => bases.push((at, chain, base)),
                _ => {}
            }
        }
        // The kernel puts a chain in front of those of equal priority that were there before
        // (nf_hook_entries_grow), so the one declared last comes first.
        bases.sort_by_key(|(at, _, base)| (base.priority, std::cmp::Reverse(*at)));
        let mut stages: Vec<(i32, Stage)> = Vec::new();
        for (at, chain, base) in bases {
            let Some(guard) = self.guard(chain, base, hook)? else { continue };
            let chain = (ChainId(at), guard);
            if base.kind == ChainKind::Nat {
                let known = stages.iter_mut().find(|(_, stage)| stage.kind == StageKind::Translate);
                if let Some((_, stage)) = known {
                    stage.chains.push(chain);
                    continue;
                }
            }
            let (kind, priority) = match (base.kind, hook) {
                (ChainKind::Nat, Hook::Prerouting | Hook::Output) => {
                    (StageKind::Translate, PRIORITY_NAT_DESTINATION)
                }
                (ChainKind::Nat, _) => (StageKind::Translate, PRIORITY_NAT_SOURCE),
                _ => (StageKind::Filter, base.priority),
            };
            let sight = path.sight(hook, priority);
            stages.push((priority, Stage { chains: vec![chain], hook, sight, kind }));
        }
        stages.sort_by_key(|(priority, _)| *priority);
        Ok(stages.into_iter().map(|(_, stage)| stage).collect())
    }

    /// Which packets come to the chain; `None` where routed packets never do.
    fn guard(&mut self, chain: &Chain, base: &Base, hook: Hook) -> Result<Option<Guard>, ReachError> {
        let of_family = match chain.family {
            Family::Inet | Family::Netdev => Set::ALL,
            Family::Ipv4 => self.version(IpVersion::V4)?,
            Family::Ipv6 => self.version(IpVersion::V6)?,
            Family::Bridge | Family::Arp => return Ok(None),
        };
        let field = match hook {
            Hook::Ingress => Field::InInterface,
            Hook::Egress => Field::OutInterface,
            _ => return Ok(Some(Guard { within: of_family })),
        };
        let mut devices = Vec::new();
        for device in &base.devices {
            let numbers = self.interfaces.numbers_of_name(device);
            devices.push(self.diagram.ranges(field, &numbers)?);
        }
        let devices = self.diagram.union(devices)?;
        Ok(Some(Guard { within: self.diagram.and(of_family, devices)? }))
    }

    /// The headers that fare well if they enter the stages, given those that do behind them. `local` is where a
    /// translation to this machine leads.
    pub(super) fn before_stages(
        &mut self,
        stages: &[Stage],
        behind: Pair,
        local: LocalExit,
    ) -> Result<Pair, ReachError> {
        let mut pair = behind;
        for stage in stages.iter().rev() {
            pair = match stage.kind {
                StageKind::Filter => self.before_base_chains(stage, pair, Pair::NONE, Pair::NONE)?,
                StageKind::Translate => {
                    let local = if local == LocalExit::Leaves { Pair::NONE } else { pair };
                    let translated = self.before_base_chains(stage, pair, pair, local)?;
                    // Only the first packet of a connection asks for a translation; later ones repeat it.
                    let first = [(ct_state::NEW, ct_state::NEW), (ct_state::RELATED, ct_state::RELATED)];
                    let first = self.diagram.ranges(Field::CtState, &first)?;
                    self.choose(Pair::exact(first), translated, pair)?
                }
            };
        }
        Ok(pair)
    }

    fn before_base_chains(
        &mut self,
        stage: &Stage,
        behind: Pair,
        translated: Pair,
        local: Pair,
    ) -> Result<Pair, ReachError> {
        let mut pair = behind;
        for (id, guard) in stage.chains.iter().rev() {
            let back = match self.policy(*id) {
                Policy::Accept => pair,
                Policy::Drop => Pair::NONE,
                Policy::Unknown => Pair { sure: Set::NONE, possible: pair.possible },
            };
            let inside = if self.shape(*id).broken {
                Pair { sure: Set::NONE, possible: pair.possible }
            } else {
                self.before_chain(*id, stage.sight, Exits { accept: pair, back, translated, local })?
            };
            pair = self.choose(Pair::exact(guard.within), inside, pair)?;
        }
        Ok(pair)
    }

    /// Whether no chain before routing changes what a question says about the sender.
    pub(super) fn keeps_origin(&self) -> bool {
        let chains = &self.ruleset.chains;
        let early = |chain: &Chain| {
            let hook = chain.base.as_ref().map(|base| base.hook);
            matches!(hook, Some(Hook::Ingress | Hook::Prerouting | Hook::Output))
        };
        let mut open: Vec<usize> = (0..chains.len()).filter(|at| chains.get(*at).is_some_and(early)).collect();
        let mut seen = std::collections::BTreeSet::from_iter(open.iter().copied());
        while let Some(chain) = open.pop().and_then(|at| chains.get(at)) {
            for rule in &chain.rules {
                match &rule.verdict {
                    Verdict::Jump(id) | Verdict::Goto(id) if seen.insert(id.0) => open.push(id.0),
                    Verdict::Nat(nat) if Translation::of(nat).side == Some(SOURCE) => return false,
                    _ => {}
                }
                if rule.effects.iter().any(|effect| matches!(effect, Effect::Rewrite(_))) {
                    return false;
                }
            }
        }
        true
    }

    pub(super) fn policy(&self, id: ChainId) -> Policy {
        let base = self.ruleset.chain(id).and_then(|chain| chain.base.as_ref());
        base.map_or(Policy::Accept, |base| base.policy)
    }
}

/// Whether a packet that was redirected to this machine is still on the path that is asked about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum LocalExit {
    /// It is not forwarded any more.
    Leaves,
    /// It goes where the question goes.
    Stays,
}
