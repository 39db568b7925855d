//! Written → read → compared as sets: what a written configuration passes is what its policy says.

use super::{Policy, Writer, Written, meaning};
use crate::dialects;
use crate::reach::{Difference, Path, Question, Reach, ReachError, Side};
use crate::ruleset::{Condition, Family, Hook, Reason, Ruleset};

/// What comes out when a written configuration is read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadBack {
    /// It passes exactly what the policy says.
    Equal,
    /// It does not.
    Differs(Box<Difference>),
    /// Nobody reads it here, or it is too large to tell.
    Unknown(String),
}

/// Most boxes of a difference that are told.
const BOXES_MAX: usize = 100;

/// Reads what was written and compares it with what the policy means.
#[must_use]
pub fn read_back(writer: &dyn Writer, policy: &Policy, written: &Written) -> ReadBack {
    let Some(dialect) = writer.read_by().and_then(dialects::named) else {
        return ReadBack::Unknown(format!("{} is not read here", writer.title()));
    };
    let read = dialects::read_bytes(policy.device.as_str(), written.text.as_bytes(), Some(dialect)).ruleset;
    let read = until_their_end(as_routed(read));
    let meant = meaning(policy, writer.tracking(), &written.unsaid);
    let paths = [Some(Path::Through), policy.own.as_ref().map(|_| Path::ToDevice)];
    for path in paths.into_iter().flatten() {
        let side = || match writer.knows_all_interfaces() {
            true => Side::of_interfaces(policy.interfaces.iter().cloned()),
            false => Side::any(),
        };
        match compare(&meant, &read, Question { path, ..Question::between(side(), side()) }) {
            Ok(difference) if difference.is_none() => {}
            Ok(difference) => return ReadBack::Differs(Box::new(difference)),
            Err(error) => return ReadBack::Unknown(error.to_string()),
        }
    }
    ReadBack::Equal
}

fn compare(meant: &Ruleset, read: &Ruleset, question: Question) -> Result<Difference, ReachError> {
    let (mut first, mut second) = Reach::pair(meant, read);
    first.difference(&mut second, &question, BOXES_MAX)
}

/// The same ruleset with the chains that see frames a bridge forwards as if the frames were routed: what a transparent
/// device passes can then be asked.
#[must_use]
pub fn as_routed(mut ruleset: Ruleset) -> Ruleset {
    let forwards =
        |chain: &crate::ruleset::Chain| chain.base.as_ref().is_some_and(|base| base.hook == Hook::Forward);
    let bridges = ruleset.chains.iter().any(|chain| chain.family == Family::Bridge && forwards(chain));
    let routes = ruleset.chains.iter().any(|chain| chain.family != Family::Bridge && forwards(chain));
    if bridges && !routes {
        for chain in ruleset.chains.iter_mut().filter(|chain| chain.family == Family::Bridge) {
            chain.family = Family::Inet;
        }
    }
    ruleset
}

/// The ruleset as it holds before the ends of its rules: that a rule ends some day is no doubt about it today.
fn until_their_end(mut ruleset: Ruleset) -> Ruleset {
    for rule in ruleset.chains.iter_mut().flat_map(|chain| &mut chain.rules) {
        if rule.until.is_some() {
            rule.conditions
                .retain(|one| !matches!(one, Condition::Undecidable(why) if why.reason == Reason::Time));
        }
    }
    ruleset
}
