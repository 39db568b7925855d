//! Firewall configurations to a vendor-independent ruleset, and what a ruleset passes as exact sets.
