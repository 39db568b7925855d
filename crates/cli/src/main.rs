//! `zonewright`: the one binary. Owns arguments, terminals and exit codes; what is done lives in `workbench`.

mod args;
mod commands;
mod terminal;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = match args::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let outcome = commands::run(&arguments);
    ExitCode::from(match outcome {
        Ok(exit) => exit.code(),
        Err(error) => {
            terminal::error(error.as_ref());
            commands::Exit::NotUnderstood.code()
        }
    })
}

/// Help and version are no errors; wrong usage is 3 (`INTERFACES`: 1 and 2 mean something else).
fn usage(error: &clap::Error) -> ExitCode {
    // Nothing more can be told if the terminal itself is gone.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() {
        commands::Exit::Usage.code()
    } else {
        commands::Exit::Done.code()
    })
}
