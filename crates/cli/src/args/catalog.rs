//! The arguments of `catalog`.

use super::PlainFormat;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use zonewright_catalog::{ComponentType, Fr, Role, SecurityLevel, Standard};
use zonewright_source::nearest;

/// `catalog`.
#[derive(Debug, Subcommand)]
pub(crate) enum Catalog {
    /// List requirements: by part, foundational requirement, level, component type, reader, conduit, profile
    List(List),
    /// Show requirements with everything that is known of them
    Show {
        /// Ids of requirements, such as `SR 5.2 RE(1)`, `CR 1.1`, `SP.03.02 BR`, `SM-9`
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        #[command(flatten)]
        print: Print,
    },
    /// List the parts of the series: edition, status, whom they concern
    Series {
        /// Only parts that concern this reader
        #[arg(long, value_name = "ROLE", value_parser = role)]
        role: Option<Role>,
        #[command(flatten)]
        print: Print,
    },
    /// List lines to other rule books, published ones apart from our own
    Crosswalk(Crosswalk),
    /// List the sample profiles that the program carries, or print one to begin your own from
    Profile {
        /// The id of a sample
        id: Option<String>,
    },
}

/// `catalog list`.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Of this part, such as `62443-3-3` or `3-3`
    #[arg(long, value_name = "PART", value_parser = standard)]
    pub(crate) standard: Option<Standard>,
    /// Of this foundational requirement: 1 to 7, or IAC, UC, SI, DC, RDF, TRE, RA
    #[arg(long, value_name = "FR", value_parser = foundational)]
    pub(crate) fr: Option<Fr>,
    /// Asked up to this level, 0 to 4: cumulative
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    pub(crate) level: Option<SecurityLevel>,
    /// Asked of this component type: software-application, embedded-device, host-device, network-device
    #[arg(long, value_name = "TYPE", value_parser = component_type)]
    pub(crate) component_type: Option<ComponentType>,
    /// For this reader: asset-owner, integration-service-provider, maintenance-service-provider, product-supplier
    #[arg(long, value_name = "ROLE", value_parser = role)]
    pub(crate) role: Option<Role>,
    /// Only system requirements that apply to conduits
    #[arg(long)]
    pub(crate) conduit: bool,
    /// Selected by this profile: a file, or the id of a sample
    #[arg(long, value_name = "FILE|ID")]
    pub(crate) profile: Option<String>,
    #[command(flatten)]
    pub(crate) print: Print,
}

/// `catalog crosswalk`.
#[derive(Debug, Args)]
pub(crate) struct Crosswalk {
    /// From this requirement
    #[arg(long, value_name = "ID", conflicts_with = "standard")]
    pub(crate) from: Option<String>,
    /// From this part: its requirements, and the part as a whole
    #[arg(long, value_name = "PART", value_parser = standard)]
    pub(crate) standard: Option<Standard>,
    /// To this rule book, such as `CSF-2.0` or `NERC-CIP`
    #[arg(long, value_name = "REGIME")]
    pub(crate) regime: Option<String>,
    /// To this entry of a rule book, such as `PR.AA-03` or `21(2)(j)`
    #[arg(long, value_name = "REF")]
    pub(crate) to: Option<String>,
    #[command(flatten)]
    pub(crate) print: Print,
}

/// How to print, and where.
#[derive(Debug, Args)]
pub(crate) struct Print {
    /// How to print
    #[arg(long, value_enum, default_value_t = PlainFormat::Text)]
    pub(crate) format: PlainFormat,
    /// Write there instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

fn standard(text: &str) -> Result<Standard, String> {
    text.parse().map_err(|error: zonewright_catalog::StandardError| error.to_string())
}

fn level(text: &str) -> Result<SecurityLevel, String> {
    let digits = text.trim().trim_start_matches(['S', 's', 'L', 'l', '-', ' ']);
    let level = digits.parse().ok().and_then(SecurityLevel::new);
    level.ok_or_else(|| "expected a level from 0 to 4".to_string())
}

fn foundational(text: &str) -> Result<Fr, String> {
    let wanted = text.trim();
    let number = wanted.trim_start_matches(['F', 'f', 'R', 'r', ' ']).parse().ok().and_then(Fr::from_number);
    let found = number.or_else(|| Fr::ALL.into_iter().find(|fr| fr.as_str().eq_ignore_ascii_case(wanted)));
    found.ok_or_else(|| "expected 1 to 7, or one of IAC, UC, SI, DC, RDF, TRE, RA".to_string())
}

fn component_type(text: &str) -> Result<ComponentType, String> {
    word(text, ComponentType::ALL)
}

fn role(text: &str) -> Result<Role, String> {
    word(text, Role::ALL)
}

/// A word of a closed vocabulary, or which there are and which is nearest.
fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, String> {
    let wanted = text.trim();
    if let Some((_, value)) = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(wanted)) {
        return Ok(*value);
    }
    let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let near = nearest(wanted, all.iter().copied()).map(|near| format!("; did you mean `{near}`?"));
    Err(format!("expected one of {}{}", all.join(", "), near.unwrap_or_default()))
}
