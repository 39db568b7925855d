//! Chains that jump in circles or too deeply.

use super::{ChainId, Ruleset, Verdict};
use zonewright_source::{Diagnostic, TextPlace};

/// Replaces every jump that closes a circle, or that leads deeper than `depth_max` chains, by an unknown verdict, and
/// says so. Afterwards, whoever follows jumps comes to an end within `depth_max` steps.
pub(crate) fn break_loops(ruleset: &mut Ruleset, depth_max: usize) -> Vec<(TextPlace, Diagnostic)> {
    let mut search = Search {
        depths: vec![None; ruleset.chains.len()],
        on_path: vec![false; ruleset.chains.len()],
        cuts: Vec::new(),
        depth_max,
    };
    for start in 0..ruleset.chains.len() {
        search.from(ruleset, start);
    }
    let mut said = Vec::new();
    for cut in search.cuts {
        let Some(rule) = ruleset.chains.get_mut(cut.chain).and_then(|chain| chain.rules.get_mut(cut.rule))
        else {
            continue;
        };
        let place = rule.place.clone();
        rule.verdict =
            Verdict::Unknown(if cut.circle { "jump in a circle" } else { "jump too deep" }.to_owned());
        let diagnostic = if cut.circle {
            Diagnostic::warning("firewall/jump-loop", "the jump leads back to a chain that it came from")
                .because("the kernel refuses such a configuration; what becomes of the packet is not known")
                .help("remove the jump that closes the circle")
        } else {
            Diagnostic::warning(
                "firewall/jump-depth",
                format!("the jump leads deeper than {depth_max} chains"),
            )
            .because("the kernel refuses such a configuration; what becomes of the packet is not known")
            .help("jump to the chain from a shallower one")
        };
        said.push((place, diagnostic));
    }
    said
}

struct Cut {
    chain: usize,
    rule: usize,
    circle: bool,
}

struct Search {
    /// How many jumps can follow each other from a chain on, where that is known.
    depths: Vec<Option<usize>>,
    on_path: Vec<bool>,
    cuts: Vec<Cut>,
    depth_max: usize,
}

/// A chain on the path: its index, the next rule to look at, and the depth found so far.
struct Step {
    chain: usize,
    rule: usize,
    depth: usize,
}

impl Search {
    /// A depth-first search without recursion, since chains are as many as the input likes.
    fn from(&mut self, ruleset: &Ruleset, start: usize) {
        if self.depths.get(start).is_none_or(Option::is_some) {
            return;
        }
        let mut path = vec![Step { chain: start, rule: 0, depth: 0 }];
        self.set_on_path(start, true);
        while let Some(step) = path.last_mut() {
            let rule = ruleset.chains.get(step.chain).and_then(|chain| chain.rules.get(step.rule));
            let Some(rule) = rule else {
                let (chain, depth) = (step.chain, step.depth);
                path.pop();
                self.set_on_path(chain, false);
                if let Some(known) = self.depths.get_mut(chain) {
                    *known = Some(depth);
                }
                continue;
            };
            let (Verdict::Jump(ChainId(target)) | Verdict::Goto(ChainId(target))) = rule.verdict else {
                step.rule += 1;
                continue;
            };
            if self.on_path.get(target).copied().unwrap_or(true) {
                self.cuts.push(Cut { chain: step.chain, rule: step.rule, circle: true });
                step.rule += 1;
                continue;
            }
            match self.depths.get(target).copied().flatten() {
                None => {
                    self.set_on_path(target, true);
                    path.push(Step { chain: target, rule: 0, depth: 0 });
                }
                Some(depth) if depth + 1 > self.depth_max => {
                    self.cuts.push(Cut { chain: step.chain, rule: step.rule, circle: false });
                    step.rule += 1;
                }
                Some(depth) => {
                    step.depth = step.depth.max(depth + 1);
                    step.rule += 1;
                }
            }
        }
    }

    fn set_on_path(&mut self, chain: usize, on: bool) {
        if let Some(flag) = self.on_path.get_mut(chain) {
            *flag = on;
        }
    }
}
