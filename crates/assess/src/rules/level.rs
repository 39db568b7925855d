//! Rules over what an assessment shows: statements, capabilities, levels.

use super::Rule;
use zonewright_source::Severity;

/// Every rule of this kind.
pub(crate) static RULES: &[&Rule] = &[
    &CONTRADICTED,
    &CONFLICTING,
    &UNSUPPORTED,
    &CLAIM_LAPSED,
    &MISPLACED,
    &COMPENSATION_LAPSED,
    &COMPENSATION_INCOMPLETE,
    &BLOCKS_ESSENTIAL_FUNCTION,
    &CAPABILITY_CONTRADICTED,
    &TARGET_MISSED,
    &TARGET_NOT_SHOWN,
];

pub(crate) static CONTRADICTED: Rule = Rule {
    code: "claim/contradicted",
    title: "evidence contradicts what is claimed",
    severity: Severity::Warning,
    requirements: &[],
    finds: "A claim, or a countermeasure in place, states a requirement as met (or not applicable), and a capture or a \
            configuration shows the opposite; or it states it as not met and evidence decides that it is.",
    why: "A claim that evidence contradicts does not count until a person resolves it: either the plant is not as stated, or \
          the evidence is of another time or place.",
    mend: "Look at the evidence. Mend the plant and take the evidence anew, or set the claim's status to what is so; where \
           something stands in for the requirement, add a compensating countermeasure.",
    wrong_when: "The evidence is older than the change that made the claim true: take it anew.",
};

pub(crate) static CONFLICTING: Rule = Rule {
    code: "claim/conflicting",
    title: "two statements about one requirement do not agree",
    severity: Severity::Warning,
    requirements: &[],
    finds: "Two claims or countermeasures state different things of the same subject and requirement.",
    why: "Only one of them can be so. The more cautious one counts until a person resolves it.",
    mend: "Take out the one that is no longer true.",
    wrong_when: "A statement about the plant meets one about a zone that is an exception: state the exception as not applicable, \
                 with its reason, or state each zone.",
};

pub(crate) static UNSUPPORTED: Rule = Rule {
    code: "claim/unsupported",
    title: "a claim gives neither a rationale nor evidence",
    severity: Severity::Warning,
    requirements: &[],
    finds: "A claim states that a requirement is met or partly met without rationale and evidence, or that it does not apply \
            without a reason.",
    why: "A tick is not a reason to believe. Such a claim does not count.",
    mend: "Add `rationale`, or name records of `evidence`.",
    wrong_when: "Never: what is known can be written in a sentence.",
};

pub(crate) static CLAIM_LAPSED: Rule = Rule {
    code: "claim/evidence-lapsed",
    title: "a claim rests on evidence that is out of date or only proposed",
    severity: Severity::Warning,
    requirements: &[],
    finds: "A claim names a record of evidence whose `good_until` has passed on the judging date, or that is only proposed.",
    why: "What showed it once shows it no more. The claim does not count.",
    mend: "Take the evidence anew and name the new record, or accept the proposed one.",
    wrong_when: "The evidence holds for longer than its `good_until` says: set that date.",
};

pub(crate) static MISPLACED: Rule = Rule {
    code: "claim/misplaced",
    title: "a component requirement is claimed of what is no component",
    severity: Severity::Warning,
    requirements: &[],
    finds: "A claim states a requirement of 62443-4-2 (CR, SAR, EDR, HDR, NDR, CCSC) of a plant, zone or conduit.",
    why: "62443-4-2 asks components. The claim has no effect.",
    mend: "State it of the asset, group or product; or state the system requirement (SR) that it serves of the zone.",
    wrong_when: "Never.",
};

pub(crate) static COMPENSATION_LAPSED: Rule = Rule {
    code: "countermeasure/compensation-lapsed",
    title: "the review of a compensating countermeasure is overdue",
    severity: Severity::Warning,
    requirements: &[],
    finds: "A countermeasure compensates requirements, and its review date has passed on the judging date.",
    why: "What stood in for a requirement when it was approved may not do so any more. It counts no longer.",
    mend: "Review it: set a new `review` date, or replace it.",
    wrong_when: "Never: the date is the plant's own.",
};

pub(crate) static COMPENSATION_INCOMPLETE: Rule = Rule {
    code: "countermeasure/compensation-incomplete",
    title: "a compensating countermeasure lacks rationale, approver or review date",
    severity: Severity::Warning,
    requirements: &[],
    finds: "A countermeasure in place compensates requirements without saying why it does, who approved it, or when that is \
            looked at again.",
    why: "An assessor accepts a compensation for its reason, and for a time. Without them it does not count.",
    mend: "Add `rationale`, `approved_by` and `review`.",
    wrong_when: "Never.",
};

pub(crate) static BLOCKS_ESSENTIAL_FUNCTION: Rule = Rule {
    code: "countermeasure/blocks-essential-function",
    title: "a countermeasure could block an essential function",
    severity: Severity::Warning,
    requirements: &[],
    finds: "A countermeasure in place or planned says of itself that it may block an essential function; or it serves a \
            requirement whose usual means does (lockout, session lock, island mode, failing closed) at an HMI, a safety \
            system, or an asset that an essential function needs.",
    why: "Security measures must not adversely affect essential functions (62443-3-3 clause 4.2): an operator who is locked out \
          cannot act.",
    mend: "Exempt the assets that operators and safety need, or compensate there (supervised room, emergency account); then take \
           the function out of `may_block`.",
    wrong_when: "The means chosen does not lock: say so in a claim for the requirement and take it out of `meets`.",
};

pub(crate) static CAPABILITY_CONTRADICTED: Rule = Rule {
    code: "product/capability-contradicted",
    title: "an answer contradicts a product's stated capability level",
    severity: Severity::Warning,
    requirements: &[],
    finds: "A product is stated at a capability level (`sl_c`), and a component requirement of that level or below is answered \
            with not met or partly.",
    why: "A component is of a level when it meets every requirement up to it. The lower level counts.",
    mend: "Ask the supplier which of the two is so, and for which version.",
    wrong_when: "The certificate covers a configuration that the answer leaves out: correct the answer.",
};

pub(crate) static TARGET_MISSED: Rule = Rule {
    code: "level/target-missed",
    title: "a zone or conduit is below its target level",
    severity: Severity::Note,
    requirements: &[],
    finds: "Evidence or statements show that requirements up to the target level are not met: even if all that is not shown were \
            met, the level achieved stays below the target.",
    why: "The target level is what the risk assessment asks for (62443-3-2 ZCR 5.6).",
    mend: "Close the gaps that the finding names, the lowest level first; `zonewright assess` tells of what kind each is.",
    wrong_when: "A requirement does not apply there: claim that with its reason.",
};

pub(crate) static TARGET_NOT_SHOWN: Rule = Rule {
    code: "level/target-not-shown",
    title: "a zone or conduit is not shown to reach its target level",
    severity: Severity::Note,
    requirements: &[],
    finds: "Nothing contradicts that the target level is reached, but evidence is missing.",
    why: "Unknown is not met: an assessor asks to be shown.",
    mend: "`zonewright ask` ranks the questions whose answers decide most.",
    wrong_when: "Never: it says only what is not known.",
};
