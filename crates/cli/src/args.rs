//! The arguments, as `--help` and the man pages print them.

pub(crate) mod catalog;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use std::path::PathBuf;
use zonewright_assess::propose::Granularity;

/// The IEC 62443 workbench: what a plant declared, what its firewalls pass and what was seen on the wire, side by side.
#[derive(Debug, Parser)]
#[command(name = "zonewright", version, max_term_width = 110)]
#[command(
    after_help = "Exit codes: 0 done; 1 findings at or above --fail-on; 2 an input could not be understood; 3 wrong usage.\n\nBegin with: zonewright start FOLDER   (a folder with captures, firewall files and a list of assets)"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a draft workspace, a first report and a review queue out of a folder of evidence
    Start(Start),
    /// Review what was proposed: accept, reject, rename, merge, undo
    Review(Review),
    /// Propose zones, conduits and permits out of captures
    Propose(Propose),
    /// Read assets from lists and scans, or filled-in workbooks; show what differs; write it with --apply
    Import(Import),
    /// Make an empty workspace to write a plant into
    Init(Init),
    /// Check a workspace: model errors, partition rules, permits, levels
    Check(Judge),
    /// Read captures: assets, flows, functions
    Observe(Observe),
    /// List each owner's permits for the yearly recertification: open or not, last seen, and what to decide
    Recertify(Recertify),
    /// Compare two states of a plant (management of change), two configurations, or two observations
    Diff(Diff),
    /// Set declared, configured and observed side by side
    Verify(Judge),
    /// Assess a workspace against 62443-3-3: requirements met and not shown, achieved levels, gaps
    Assess(Assess),
    /// Ask what would decide most: missing evidence as questions, as a list or a pack to fill in offline
    Ask(Ask),
    /// Write the requirements of a workspace as a spreadsheet (XLSX) to fill in; `import` reads it back
    Workbook(Workbook),
    /// Write the report of a workspace as one HTML file
    Report(Report),
    /// Read firewall configurations and ask what they pass
    #[command(subcommand)]
    Firewall(Firewall),
    /// Look up requirements of the series, its parts, and lines to other rule books
    #[command(subcommand)]
    Catalog(catalog::Catalog),
    /// Print the rules that findings come from
    Rules(Rules),
    /// Print what evidence decides which requirement
    Deciders(Deciders),
    /// Print the protocols that are recognized, with their functions and classes
    Protocols(Protocols),
    /// Print the JSON Schema or the reference page of Workspace/1
    Schema(Schema),
    /// Print the completion script of a shell
    Completions(Completions),
    /// Print the man page
    Man,
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A readable table
    Text,
    /// JSON for programs; `format` names its kind and version
    Json,
    /// SARIF 2.1.0, for code scanning tools (verify and check)
    Sarif,
}

/// How to print, where there is no SARIF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlainFormat {
    /// A readable table
    Text,
    /// JSON for programs; `format` names its kind and version
    Json,
}

/// The least severity at which the exit code is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Any finding
    Note,
    /// Warnings and errors
    Warning,
    /// Errors
    Error,
    /// Nothing
    Never,
}

/// `check` and `verify`.
#[derive(Debug, Args)]
pub(crate) struct Judge {
    /// The workspace: a folder
    #[arg(default_value = ".")]
    pub(crate) workspace: PathBuf,
    /// The judging date, as YYYY-MM-DD; today where absent
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) as_of: Option<Date>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Write there instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The least severity of findings at which the exit code is 1
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t = FailOn::Error)]
    pub(crate) fail_on: FailOn,
}

/// `assess`.
#[derive(Debug, Args)]
pub(crate) struct Assess {
    /// The workspace: a folder
    #[arg(default_value = ".")]
    pub(crate) workspace: PathBuf,
    /// The judging date, as YYYY-MM-DD; today where absent
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) as_of: Option<Date>,
    /// How to print
    #[arg(long, value_enum, default_value_t = PlainFormat::Text)]
    pub(crate) format: PlainFormat,
    /// Write there instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The least severity of findings at which the exit code is 1
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t = FailOn::Never)]
    pub(crate) fail_on: FailOn,
}

/// `ask`.
#[derive(Debug, Args)]
pub(crate) struct Ask {
    /// The workspace: a folder
    #[arg(default_value = ".")]
    pub(crate) workspace: PathBuf,
    /// The judging date, as YYYY-MM-DD; today where absent
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) as_of: Option<Date>,
    /// How many questions the list shows; a pack and JSON hold all
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) top: usize,
    /// Only questions that bear on this zone or conduit
    #[arg(long, value_name = "ID")]
    pub(crate) zone: Option<String>,
    /// Only questions that this role can answer
    #[arg(long, value_name = "ROLE")]
    pub(crate) role: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = PlainFormat::Text)]
    pub(crate) format: PlainFormat,
    /// Write there instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write the pack as a page to print, or to fill in offline and save
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write the pack as a spreadsheet to fill in offline
    #[arg(long, value_name = "FILE.xlsx")]
    pub(crate) xlsx: Option<PathBuf>,
}

/// `start`.
#[derive(Debug, Args)]
pub(crate) struct Start {
    /// The folder with the evidence
    pub(crate) folder: PathBuf,
    /// Where the draft workspace goes; a folder `workspace` within the folder where absent
    #[arg(long, value_name = "FOLDER")]
    pub(crate) into: Option<PathBuf>,
    /// Column mapping for a list of assets whose headers are not recognized: `OURS=THEIRS`, e.g. `ips=IP address`
    #[arg(long = "column", value_name = "OURS=THEIRS")]
    pub(crate) columns: Vec<String>,
    /// The judging date of the first report; today where absent
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) as_of: Option<Date>,
}

/// `import`.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The workspace: a folder
    pub(crate) workspace: PathBuf,
    /// Lists (CSV, XLSX, ODS), NetBox JSON, Nmap XML, CycloneDX; or filled-in workbooks and `answers.json`; what each is, is told by its content
    #[arg(required_unless_present = "netbox")]
    pub(crate) files: Vec<PathBuf>,
    /// Ask the NetBox at that address, such as `https://netbox.example/`
    #[arg(long, value_name = "URL")]
    pub(crate) netbox: Option<String>,
    /// The file with NetBox's token; the environment variable NETBOX_TOKEN where absent
    #[arg(long, value_name = "FILE", requires = "netbox")]
    pub(crate) token_file: Option<PathBuf>,
    /// Certificates (PEM) of the authorities to trust for NetBox, in place of the public ones
    #[arg(long, value_name = "FILE", requires = "netbox")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Ask NetBox without encryption, where its address begins with http://
    #[arg(long, requires = "netbox")]
    pub(crate) insecure_http: bool,
    /// What the files are, where it shall not be told by their content
    #[arg(long, value_name = "KIND", value_parser = crate::commands::import_kind)]
    pub(crate) kind: Option<zonewright_workbench::import::Importable>,
    /// What a column of a list is: `OURS=THEIRS`, e.g. `ips=IP address`
    #[arg(long = "column", value_name = "OURS=THEIRS")]
    pub(crate) columns: Vec<String>,
    /// The sheet of a spreadsheet; the one that looks most like a list where absent
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,
    /// The asset whose bill of materials the file is (CycloneDX)
    #[arg(long, value_name = "ASSET")]
    pub(crate) asset: Option<String>,
    /// The zone of new assets whose file names none
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// New assets count as declared at once, and need no review
    #[arg(long)]
    pub(crate) accept: bool,
    /// Where the workspace says something else, take what the files say
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Write; without it, the differences are only shown
    #[arg(long)]
    pub(crate) apply: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = PlainFormat::Text)]
    pub(crate) format: PlainFormat,
    /// Write the account there instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// `workbook`.
#[derive(Debug, Args)]
pub(crate) struct Workbook {
    /// The workspace: a folder
    #[arg(default_value = ".")]
    pub(crate) workspace: PathBuf,
    /// The spreadsheet to write, such as requirements.xlsx
    #[arg(long, value_name = "FILE.xlsx")]
    pub(crate) output: PathBuf,
    /// The judging date, as YYYY-MM-DD; today where absent
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) as_of: Option<Date>,
}

/// `init`.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The folder to make
    pub(crate) folder: PathBuf,
    /// Name of the plant; the folder's where absent
    #[arg(long)]
    pub(crate) name: Option<String>,
}

/// `observe`.
#[derive(Debug, Args)]
pub(crate) struct Observe {
    /// Captures (pcap, pcapng), logs (Zeek, Suricata EVE), also compressed, and folders of them, read as one observation; `-`
    /// is standard input
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = PlainFormat::Text)]
    pub(crate) format: PlainFormat,
    /// Write there instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Threads that read plain captures side by side, 0 for as many as there are cores. What comes out is the same; each
    /// further thread reads the headers again, so that the work of all is more
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) threads: u32,
    /// Do not hash the files
    #[arg(long)]
    pub(crate) no_hash: bool,
    /// Where the captures were taken; addresses of different points are kept apart. Once for all files, or once per file
    #[arg(long, value_name = "TEXT")]
    pub(crate) capture_point: Vec<String>,
}

/// `diff`.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The earlier: a workspace, a firewall's configuration, what `observe --format json` wrote, or a capture, a log, or a
    /// folder of them
    pub(crate) old: PathBuf,
    /// The later, of the same kind
    pub(crate) new: PathBuf,
    /// The judging date of workspaces, as YYYY-MM-DD; today where absent
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<Date>,
    /// Write the change record of two workspaces there: two pages of HTML to be printed and signed
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = PlainFormat::Text)]
    pub(crate) format: PlainFormat,
    /// Write there instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Differences at which the exit code is 1
    #[arg(long, value_enum, default_value_t = FailOnDifference::Never)]
    pub(crate) fail_on: FailOnDifference,
}

/// `recertify`.
#[derive(Debug, Args)]
pub(crate) struct Recertify {
    /// Folder of the workspace
    pub(crate) workspace: PathBuf,
    /// The permits of this role alone
    #[arg(long, value_name = "ROLE")]
    pub(crate) owner: Option<String>,
    /// Write the sheets there: HTML to be printed and signed
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The judging date, as YYYY-MM-DD; today where absent
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<Date>,
    /// How to print
    #[arg(long, value_enum, default_value_t = PlainFormat::Text)]
    pub(crate) format: PlainFormat,
}

/// Differences at which the exit code is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOnDifference {
    /// Any: also what is only gone
    Any,
    /// What is new or changed
    New,
    /// None
    Never,
}

/// `propose`.
#[derive(Debug, Args)]
pub(crate) struct Propose {
    /// Captures to propose from
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Write the proposed workspace there; print it where absent
    #[arg(long, value_name = "FOLDER")]
    pub(crate) into: Option<PathBuf>,
    /// How finely the plant is parted: coarse (blocks of 16 bits), normal (networks), fine (networks, and within each by what
    /// devices do), or the length of a prefix, 8 to 30
    #[arg(long, value_name = "HOW", default_value = "normal", value_parser = granularity)]
    pub(crate) granularity: Granularity,
    /// Add to the workspace in FOLDER: its zones and all else in it stay, only what is new is proposed, and what was rejected
    /// is not proposed again
    #[arg(long, requires = "into")]
    pub(crate) keep_zones: bool,
}

fn granularity(word: &str) -> Result<Granularity, String> {
    Granularity::from_word(word)
        .ok_or_else(|| "expected coarse, normal, fine, or a length of 8 to 30".to_owned())
}

/// `review`.
#[derive(Debug, Args)]
pub(crate) struct Review {
    /// The workspace
    #[arg(default_value = ".")]
    pub(crate) workspace: PathBuf,
    #[command(subcommand)]
    pub(crate) action: Option<ReviewAction>,
}

/// What to do with proposals; the queue is printed where nothing is said.
#[derive(Debug, Subcommand)]
pub(crate) enum ReviewAction {
    /// Accept proposals: they count as declared from then on
    Accept {
        /// Ids (`zone:Z-1`, or `Z-1` where that is unique); `all` for everything
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Reject proposals: they are taken out, with what hangs on them
    Reject {
        /// Ids
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Rename a record and every reference to it
    Rename {
        /// Its id
        id: String,
        /// Its new id
        to: String,
    },
    /// Merge one record into another of its kind: references move, then it is taken out
    Merge {
        /// The record that goes
        id: String,
        /// The record that stays
        into: String,
    },
    /// Undo the last step
    Undo,
    /// Write the queue as a spreadsheet with an empty `decision` column
    Export {
        /// The CSV file to write
        file: PathBuf,
    },
    /// Apply a spreadsheet of decisions: accept, reject, `rename NEW-ID` or `merge OTHER-ID`
    Import {
        /// The CSV file
        file: PathBuf,
    },
}

/// `report`.
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The workspace
    #[arg(default_value = ".")]
    pub(crate) workspace: PathBuf,
    /// The HTML file to write
    #[arg(long, value_name = "FILE", default_value = "report.html")]
    pub(crate) output: PathBuf,
    /// The judging date; today where absent
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) as_of: Option<Date>,
}

/// `firewall`.
#[derive(Debug, Subcommand)]
pub(crate) enum Firewall {
    /// Read a configuration: rules, translations, and every line that was not understood
    Read {
        /// The configuration
        file: PathBuf,
        #[command(flatten)]
        dialect: Dialect,
        /// How to print
        #[arg(long, value_enum, default_value_t = PlainFormat::Text)]
        format: PlainFormat,
    },
    /// Ask which new connections pass from one side to another
    Query {
        /// The configuration
        file: PathBuf,
        #[command(flatten)]
        question: Question,
        #[command(flatten)]
        dialect: Dialect,
        /// How to print
        #[arg(long, value_enum, default_value_t = PlainFormat::Text)]
        format: PlainFormat,
    },
    /// Say which rules decide, in order
    Explain {
        /// The configuration
        file: PathBuf,
        #[command(flatten)]
        question: Question,
        #[command(flatten)]
        dialect: Dialect,
        /// How to print
        #[arg(long, value_enum, default_value_t = PlainFormat::Text)]
        format: PlainFormat,
    },
    /// Say what a reviewer would of the rules: open by default, any-any, shadowed, redundant, never matching or expired
    /// ones, and where secrets stand
    Check {
        /// The configuration
        file: PathBuf,
        #[command(flatten)]
        dialect: Dialect,
        /// The judging date, as YYYY-MM-DD; today where absent
        #[arg(long, value_name = "DATE")]
        as_of: Option<Date>,
        /// From which severity on the exit code is 1
        #[arg(long, value_enum, default_value_t = FailOn::Never)]
        fail_on: FailOn,
        /// How to print
        #[arg(long, value_enum, default_value_t = PlainFormat::Text)]
        format: PlainFormat,
    },
    /// Write the conduits of a device as its configuration, and say what loading it changes
    Write(Write),
    /// Compare what two configurations of any dialects pass; exit code 1 where they differ
    Diff {
        /// The first configuration
        a: PathBuf,
        /// The second
        b: PathBuf,
        /// The dialect of the first, and of the second if given twice, where it shall not be detected
        #[arg(long, value_name = "NAME")]
        dialect: Vec<String>,
        /// Compare this list alone; given twice, this of the first with that of the second
        #[arg(long, value_name = "LIST")]
        list: Vec<String>,
        /// An interface or zone of the first that stands for one of the second: `inside=port1`
        #[arg(long, value_name = "FIRST=SECOND")]
        map: Vec<String>,
        #[command(flatten)]
        question: Question,
        /// How to print
        #[arg(long, value_enum, default_value_t = PlainFormat::Text)]
        format: PlainFormat,
    },
}

/// `firewall write`.
#[derive(Debug, Args)]
pub(crate) struct Write {
    /// The workspace
    #[arg(default_value = ".")]
    pub(crate) workspace: PathBuf,
    /// The enforcing device: an asset that conduits name in `enforced_by`
    #[arg(long, value_name = "ASSET")]
    pub(crate) device: String,
    /// What to write: nftables, nftables-bridge, fortios, asa, suricata
    #[arg(long, value_name = "NAME")]
    pub(crate) dialect: String,
    /// Where to write; standard output where absent
    #[arg(long, visible_alias = "out", value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The configuration that runs today; the newest evidence of the device where absent
    #[arg(long, value_name = "FILE")]
    pub(crate) against: Option<PathBuf>,
    /// Close the device itself too: only declared permits reach it (nftables)
    #[arg(long)]
    pub(crate) close_device: bool,
    /// Stop functions that no permit allows instead of reporting them (suricata)
    #[arg(long)]
    pub(crate) drop: bool,
    /// The judging date; today where absent
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) as_of: Option<Date>,
    /// How to print: the configuration itself, or a JSON document with all that is said about it
    #[arg(long, value_enum, default_value_t = PlainFormat::Text)]
    pub(crate) format: PlainFormat,
}

/// In which dialect a configuration is.
#[derive(Debug, Args)]
pub(crate) struct Dialect {
    /// The dialect, where it shall not be detected
    #[arg(long, value_name = "NAME")]
    pub(crate) dialect: Option<String>,
    /// Take this list alone, as if it stood on the way of all packets
    #[arg(long, value_name = "LIST")]
    pub(crate) list: Option<String>,
}

/// What is asked of a configuration.
#[derive(Debug, Args)]
pub(crate) struct Question {
    /// Where packets come from: addresses (`10.1.0.0/16,10.2.0.1`), `any`, or an interface or zone of the configuration
    #[arg(long, value_name = "SET", default_value = "any")]
    pub(crate) from: String,
    /// Where they go, likewise
    #[arg(long, value_name = "SET", default_value = "any")]
    pub(crate) to: String,
    /// Their protocol: tcp, udp, icmp, icmpv6, sctp, or a number
    #[arg(long, value_name = "PROTOCOL")]
    pub(crate) protocol: Option<String>,
    /// Their destination port or ports (`502`, `6000-6010`)
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<String>,
    /// Which way they go, seen from the device; `through` where absent
    #[arg(long, value_enum, value_name = "WAY")]
    pub(crate) way: Option<Way>,
}

/// Which way packets go, seen from the device that filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    /// From one interface to another, routed or over a bridge, as the configuration shows
    Through,
    /// From one interface to another, routed
    Routed,
    /// From one port of a bridge to another
    Bridged,
    /// To the device itself: its management above all
    ToDevice,
    /// From the device itself
    FromDevice,
}

/// `rules`.
#[derive(Debug, Args)]
pub(crate) struct Rules {
    /// One rule in full; a list of all where absent
    pub(crate) code: Option<String>,
    /// As a manual page in Markdown, all rules in full
    #[arg(long)]
    pub(crate) markdown: bool,
}

/// `deciders`.
#[derive(Debug, Args)]
pub(crate) struct Deciders {
    /// One decider in full; a list of all where absent
    pub(crate) code: Option<String>,
    /// As a manual page in Markdown, all requirements and deciders in full
    #[arg(long)]
    pub(crate) markdown: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = PlainFormat::Text)]
    pub(crate) format: PlainFormat,
}

/// `protocols`.
#[derive(Debug, Args)]
pub(crate) struct Protocols {
    /// One protocol in full; a list of all where absent
    pub(crate) name: Option<String>,
    /// As a reference page in Markdown, all protocols in full
    #[arg(long)]
    pub(crate) markdown: bool,
}

/// `schema`.
#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// The reference page in Markdown in place of the JSON Schema
    #[arg(long)]
    pub(crate) markdown: bool,
}

/// `completions`.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// A day, or what a day looks like.
fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "expected a day of the calendar as YYYY-MM-DD, such as 2026-11-26".to_string())
}
