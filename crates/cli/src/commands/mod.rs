//! One module a command: arguments in, text or JSON out, an exit code.

mod answers;
mod ask;
mod assess;
mod catalog;
mod change;
mod check;
mod deciders;
mod diff;
mod firewall;
mod import;
mod init;
mod manual;
mod observe;
mod propose;
mod question;
mod recertify;
mod report;
mod review;
mod start;
mod verify;
mod workbook;

pub(crate) use import::kind as import_kind;

use crate::args::{Arguments, Command, FailOn};
use jiff::civil::Date;
use std::error::Error;
use std::path::Path;
use zonewright_plant::Finding;
use zonewright_source::Severity;

/// The version that every document carries.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How a command ends (INTERFACES, "Exit codes").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Done,
    Findings,
    NotUnderstood,
    Usage,
}

impl Exit {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Findings => 1,
            Self::NotUnderstood => 2,
            Self::Usage => 3,
        }
    }
}

pub(crate) type Outcome = Result<Exit, Box<dyn Error>>;

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    match &arguments.command {
        Command::Start(arguments) => start::run(arguments),
        Command::Review(arguments) => review::run(arguments),
        Command::Propose(arguments) => propose::run(arguments),
        Command::Import(arguments) => import::run(arguments),
        Command::Init(init) => init::run(init),
        Command::Check(judge) => check::run(judge),
        Command::Observe(observe) => observe::run(observe),
        Command::Recertify(recertify) => recertify::run(recertify),
        Command::Diff(diff) => diff::run(diff),
        Command::Verify(judge) => verify::run(judge),
        Command::Assess(assess) => assess::run(assess),
        Command::Ask(ask) => ask::run(ask),
        Command::Workbook(workbook) => workbook::run(workbook),
        Command::Report(report) => report::run(report),
        Command::Firewall(firewall) => firewall::run(firewall),
        Command::Catalog(command) => catalog::run(command),
        Command::Rules(rules) => manual::rules(rules),
        Command::Deciders(deciders) => deciders::run(deciders),
        Command::Protocols(protocols) => manual::protocols(protocols),
        Command::Schema(schema) => manual::schema(schema),
        Command::Completions(completions) => manual::completions(completions),
        Command::Man => manual::man(),
    }
}

/// Today, in the zone of the machine: the judging date where none is given. Every result prints the date it used.
pub(crate) fn judging_date(given: Option<Date>) -> Date {
    given.unwrap_or_else(|| jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::system()).date())
}

/// Text to standard output, or to a file.
pub(crate) fn emit(text: &str, output: Option<&Path>) -> Result<(), Box<dyn Error>> {
    match output {
        Some(path) => {
            zonewright_workbench::files::write(path, text.as_bytes())?;
            crate::terminal::note(&format!("written to {}", path.display()));
        }
        None => crate::terminal::print(text)?,
    }
    Ok(())
}

/// The exit code for findings that no waiver covers.
pub(crate) fn findings_exit(findings: &[Finding], fail_on: FailOn) -> Exit {
    let least = match fail_on {
        FailOn::Never => return Exit::Done,
        FailOn::Note => Severity::Note,
        FailOn::Warning => Severity::Warning,
        FailOn::Error => Severity::Error,
    };
    let fails = |finding: &Finding| finding.waiver.is_none() && finding.severity >= least;
    if findings.iter().any(fails) { Exit::Findings } else { Exit::Done }
}
