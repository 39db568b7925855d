//! A packet's way through the firewall: which base chains are asked, in which order, and what they can see.

use super::condition::{Layer, Pair, Sight};
use super::evaluate::Exits;
use super::translate::{SOURCE, Translation};
use super::{Engine, Path, Question, ReachError};
use crate::ruleset::{Base, Chain, ChainId, ChainKind, Family, Hook, IpVersion, Policy, Verdict};
use crate::sets::{Diagram, Field, Set, ct_state};

/// Connection tracking sees packets at this priority (`NF_IP_PRI_CONNTRACK`).
const PRIORITY_CONNTRACK: i32 = -200;
/// All chains that translate destinations are asked at this priority, whatever their own (`NF_IP_PRI_NAT_DST`).
const PRIORITY_NAT_DESTINATION: i32 = -100;
/// The same for sources (`NF_IP_PRI_NAT_SRC`).
const PRIORITY_NAT_SOURCE: i32 = 100;

/// When `br_netfilter` asks the chains for routed packets (`NF_BR_PRI_BRNF`); behind forwarding it does so last.
const PRIORITY_BRIDGE_NETFILTER: i32 = 0;

/// When the chains of a stage are asked: the priority among the hooks of the bridge, before or after its equals, and
/// the priority among the chains that `br_netfilter` asks.
type Turn = (i32, u8, i32);

/// How many nodes a question may leave to the next, which may need the same; more are thrown away.
const LEFTOVERS_MAX: usize = 200_000;

/// One step on the way.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    /// The chains: one that filters, or all that translate at this hook, in order.
    pub(super) chains: Vec<(ChainId, Guard)>,
    pub(super) hook: Hook,
    pub(super) view: View,
    pub(super) kind: StageKind,
}

/// What a chain is evaluated for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct View {
    /// What it can see.
    pub(super) sight: Sight,
    /// The headers that come to it in the question that is asked; of others nothing is said.
    pub(super) within: Set,
}

/// The headers that a question is about, at the places on the way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Scope {
    /// Before routing.
    before: Set,
    /// Behind it.
    behind: Set,
    /// Behind it, where the source may have been translated.
    anonymous: Set,
}

impl Scope {
    pub(super) const ALL: Scope = Scope { before: Set::ALL, behind: Set::ALL, anonymous: Set::ALL };
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
            Path::Through | Path::Routed | Path::Bridged | Path::ToDevice => {
                &[Hook::Ingress, Hook::Prerouting]
            }
            Path::FromDevice => &[Hook::Output],
        }
    }

    /// The hooks after it.
    pub(super) fn hooks_after_routing(self) -> &'static [Hook] {
        match self {
            Path::Through | Path::Routed | Path::Bridged => &[Hook::Forward, Hook::Postrouting, Hook::Egress],
            Path::ToDevice => &[Hook::Input],
            Path::FromDevice => &[Hook::Postrouting, Hook::Egress],
        }
    }

    pub(super) fn sight(self, hook: Hook, priority: i32, layer: Layer) -> Sight {
        // A device does not say at its egress where a packet came in by (nf_hook_egress), nor does a bridge behind
        // forwarding (br_forward_finish).
        let forgotten = matches!(hook, Hook::Output | Hook::Egress)
            || hook == Hook::Postrouting && layer != Layer::Routed;
        Sight {
            layer,
            incoming: self != Path::FromDevice && !forgotten,
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
        let early = hooks == path.hooks_before_routing();
        let mut within = if early { self.scope.before } else { self.scope.behind };
        for hook in hooks {
            if !early && self.translates.contains(&(*hook, Target::Source)) {
                within = self.scope.anonymous;
            }
            stages.extend(self.stages_at(path, *hook, within)?);
        }
        Ok(stages)
    }

    pub(super) fn stages_at(
        &mut self,
        path: Path,
        hook: Hook,
        within: Set,
    ) -> Result<Vec<Stage>, ReachError> {
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
        let mut stages: Vec<(Turn, Stage)> = Vec::new();
        for (at, chain, base) in bases {
            let Some(layer) = self.layer(path, chain, hook) else { continue };
            let guard = self.guard(chain, base, hook)?;
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
            let view = View { sight: path.sight(hook, priority, layer), within };
            let turn = match layer {
                Layer::BridgeNetfilter if hook == Hook::Postrouting => (i32::MAX, 0, priority),
                Layer::BridgeNetfilter => (PRIORITY_BRIDGE_NETFILTER, 0, priority),
                Layer::Routed | Layer::Bridge => (priority, 1, 0),
            };
            stages.push((turn, Stage { chains: vec![chain], hook, view, kind }));
        }
        stages.sort_by_key(|(turn, _)| *turn);
        Ok(stages.into_iter().map(|(_, stage)| stage).collect())
    }

    /// How the chain comes to see packets of a path; `None` where it never does.
    pub(super) fn layer(&self, path: Path, chain: &Chain, hook: Hook) -> Option<Layer> {
        match (path, chain.family) {
            (_, Family::Arp) => None,
            (Path::Bridged, Family::Bridge) => Some(Layer::Bridge),
            (Path::Bridged, _) if matches!(hook, Hook::Ingress | Hook::Egress) => Some(Layer::Bridge),
            (Path::Bridged, _) => self.asks_ports.then_some(Layer::BridgeNetfilter),
            (_, Family::Bridge) => None,
            _ => Some(Layer::Routed),
        }
    }

    /// Which packets come to the chain.
    pub(super) fn guard(&mut self, chain: &Chain, base: &Base, hook: Hook) -> Result<Guard, ReachError> {
        let of_family = match chain.family {
            Family::Inet | Family::Netdev | Family::Bridge | Family::Arp => Set::ALL,
            Family::Ipv4 => self.version(IpVersion::V4)?,
            Family::Ipv6 => self.version(IpVersion::V6)?,
        };
        let field = match hook {
            Hook::Ingress => Field::InInterface,
            Hook::Egress => Field::OutInterface,
            _ => return Ok(Guard { within: of_family }),
        };
        let mut devices = Vec::new();
        for device in &base.devices {
            let numbers = self.interfaces.numbers_of_name(device);
            devices.push(self.diagram.ranges(field, &numbers)?);
        }
        let devices = self.diagram.union(devices)?;
        Ok(Guard { within: self.diagram.and(of_family, devices)? })
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
        // A bridged packet with another address may be routed away instead.
        let (translated, local) = match stage.view.sight.layer {
            Layer::BridgeNetfilter => {
                let unknown = Pair { sure: Set::NONE, possible: translated.possible };
                (unknown, unknown)
            }
            Layer::Routed | Layer::Bridge => (translated, local),
        };
        for (id, guard) in stage.chains.iter().rev() {
            let back = match self.policy(*id) {
                Policy::Accept => pair,
                Policy::Drop => Pair::NONE,
                Policy::Unknown => Pair { sure: Set::NONE, possible: pair.possible },
            };
            let inside = if self.shape(*id).broken {
                Pair { sure: Set::NONE, possible: pair.possible }
            } else {
                self.before_chain(*id, stage.view, Exits { accept: pair, back, translated, local })?
            };
            pair = self.choose(Pair::exact(guard.within), inside, pair)?;
        }
        Ok(pair)
    }

    /// Sets the scope of a question, and forgets what was worked out for the one before.
    pub(super) fn settle(&mut self, question: &Question) -> Result<(), ReachError> {
        if self.settled.as_ref() == Some(question) {
            return Ok(());
        }
        self.segments.clear();
        self.runs.clear();
        self.translated.clear();
        self.settled = None;
        if self.diagram.node_count() > LEFTOVERS_MAX {
            self.diagram = Diagram::new();
        }
        self.scope = self.scope_of(question)?;
        self.settled = Some(question.clone());
        Ok(())
    }

    fn scope_of(&mut self, question: &Question) -> Result<Scope, ReachError> {
        if self.rewrites {
            return Ok(Scope::ALL);
        }
        let first = self.whole_packets(question.phase)?;
        let origin = self.origin(question)?;
        let before = self.diagram.and(origin, first)?;
        let late = question.path.hooks_after_routing();
        let moves = late.iter().any(|hook| self.translates.contains(&(*hook, Target::Destination)));
        if moves || !self.keeps_origin(question.path) {
            return Ok(Scope { before: if moves { Set::ALL } else { first }, ..Scope::ALL });
        }
        let target = self.target(question)?;
        let behind = self.diagram.and(before, target)?;
        let anonymous = self.diagram.some(behind, Field::Source)?;
        let anonymous = self.diagram.some(anonymous, Field::SourcePort)?;
        Ok(Scope { before, behind, anonymous })
    }

    /// Whether no chain before routing changes what a question says about the sender.
    pub(super) fn keeps_origin(&self, path: Path) -> bool {
        let mut hooks = path.hooks_before_routing().iter();
        !self.rewrites && !hooks.any(|hook| self.translates.contains(&(*hook, Target::Source)))
    }

    /// Finds out at which hooks what is translated.
    pub(super) fn find_translations(&mut self) {
        let chains = &self.ruleset.chains;
        let mut open: Vec<(Hook, usize)> = Vec::new();
        for (at, chain) in chains.iter().enumerate() {
            open.extend(chain.base.iter().map(|base| (base.hook, at)));
        }
        let mut seen = std::collections::BTreeSet::from_iter(open.iter().copied());
        while let Some((hook, at)) = open.pop() {
            for rule in chains.get(at).into_iter().flat_map(|chain| &chain.rules) {
                match &rule.verdict {
                    Verdict::Jump(id) | Verdict::Goto(id) if seen.insert((hook, id.0)) => {
                        open.push((hook, id.0));
                    }
                    Verdict::Nat(nat) => {
                        let side = Translation::of(nat).side;
                        let target = if side == Some(SOURCE) { Target::Source } else { Target::Destination };
                        self.translates.extend(side.map(|_| (hook, target)));
                    }
                    _ => {}
                }
            }
        }
    }

    pub(super) fn policy(&self, id: ChainId) -> Policy {
        let base = self.ruleset.chain(id).and_then(|chain| chain.base.as_ref());
        base.map_or(Policy::Accept, |base| base.policy)
    }
}

/// Which end of a packet is translated.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Target {
    Source,
    Destination,
}

/// Whether a packet that was redirected to this machine is still on the path that is asked about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum LocalExit {
    /// It is not forwarded any more.
    Leaves,
    /// It goes where the question goes.
    Stays,
}
