//! Levels against a second, naive implementation written from the definition, on random plants; and what must never happen:
//! a requirement that is met lowers a level, missing evidence raises one.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod levels {
    mod naive;
    mod plants;
    mod properties;
}
