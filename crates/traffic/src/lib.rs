//! Captures to packets, flows, messages and facts.
