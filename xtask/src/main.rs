//! The project's own checks: `cargo xtask tidy` holds the house to its rules, `cargo xtask bench` measures, `cargo xtask
//! vendors` makes the table of vendors anew.

mod bench;
mod tidy;
mod vendors;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["bench"] => bench::run(),
        ["bench", "firewall"] => bench::firewall(),
        ["tidy"] => tidy::run(),
        ["vendors", folder, date] => vendors::run(folder, date),
        _ => {
            say("usage: cargo xtask tidy|bench [firewall]|vendors FOLDER DATE");
            ExitCode::from(3)
        }
    }
}

#[expect(clippy::print_stderr, reason = "a developer's tool speaks to its terminal")]
pub(crate) fn say(text: &str) {
    eprintln!("{text}");
}
