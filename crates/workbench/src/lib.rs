//! Use cases over files: read a workspace and its evidence, verify, propose, start, review.
