//! Names that several dialects use for numbers: services, IP protocols, ICMP types and codes.

mod icmp;
mod protocols;
mod services;

pub use icmp::{Icmp, nft_icmp_code, nft_icmp_type, xtables_icmp};
pub use protocols::{protocol_names, protocol_number};
pub use services::{service_names, service_port};

/// Looks a name up in a table sorted by name, in any case.
fn find<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    let name = name.to_ascii_lowercase();
    let at = table.binary_search_by(|(known, _)| (*known).cmp(name.as_str())).ok()?;
    table.get(at).map(|(_, value)| *value)
}
