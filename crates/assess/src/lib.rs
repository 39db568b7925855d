//! All that judges: rules, verification of conduits, proposals.
