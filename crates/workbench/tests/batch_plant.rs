//! The second example, a batch plant with a safety system: what was planted is found, and nothing else of severity warning or worse.

mod planted;

const NAME: &str = "batch-plant";

#[test]
fn planted_disagreements_are_found_and_nothing_else() {
    planted::disagreements_are_found(NAME);
}

#[test]
fn statements_that_do_not_hold_are_found_and_nothing_else() {
    planted::misstatements_are_found(NAME);
}

#[test]
fn each_planted_path_has_its_row() {
    planted::paths_have_their_rows(NAME);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    planted::bytes_are_the_same(NAME);
}
