//! Lists of packets: `access-list N …`, `ip access-list …`, `ipv6 access-list …` and their entries.

use super::ace::{Kind, entry as read_entry};
use super::config::{AccessList, Entry};
use super::reader::{Block, Read, Reader, Statement};
use crate::ruleset::IpVersion;
use zonewright_source::Diagnostic;

/// Longest text of remarks that is kept with an entry, in bytes.
const REMARK_BYTES_MAX: usize = 400;

/// Most entries that are taken out of lists again, since each is looked for.
const REMOVALS_MAX: usize = 10_000;

/// Most entries of all lists.
const ENTRIES_MAX: usize = 1_000_000;

/// A statement that opens or removes a list, or is an entry of a numbered one.
pub(super) fn top(reader: &mut Reader<'_>, statement: &Statement<'_>) -> Read {
    use IpVersion::{V4, V6};
    match statement.words {
        ["no", "access-list", number] | ["no", "access-list", number, "extended" | "standard"] => {
            remove(reader, V4, number)
        }
        ["no", "ip" | "ipv4", "access-list", "extended" | "standard", name]
        | ["no", "ip" | "ipv4", "access-list", name] => remove(reader, V4, name),
        ["no", "ipv6", "access-list", name] => remove(reader, V6, name),
        [
            "ip",
            "access-list",
            "resequence" | "log-update" | "logging" | "persistent" | "match-local-traffic",
            ..,
        ]
        | ["ipv6", "access-list", "log-update", ..] => Read::Foreign,
        ["ip", "access-list", "role-based" | "fqdn", ..] => Read::Unread,
        ["ip", "access-list", kind @ ("extended" | "standard"), name] => {
            let standard = *kind == "standard";
            declare(reader, V4, name, standard, statement)
        }
        ["ip" | "ipv4", "access-list", name] => declare(reader, V4, name, false, statement),
        ["ipv6", "access-list", kind @ ("extended" | "standard"), name] => {
            declare(reader, V6, name, *kind == "standard", statement)
        }
        ["ipv6", "access-list", name] => declare(reader, V6, name, false, statement),
        ["access-list", name, kind @ ("standard" | "extended"), rest @ ..] => {
            let read = declare(reader, V4, name, *kind == "standard", statement);
            if rest.is_empty() { read } else { add(reader, V4, name, rest, statement) }
        }
        ["access-list", name, rest @ ..] => match (list_kind(name), rest) {
            (ListKind::Other, _) => Read::Ignored,
            (_, []) | (ListKind::Unknown, _) => Read::Unread,
            (kind, rest) => {
                list(reader, V4, name, kind == ListKind::Standard, statement);
                add(reader, V4, name, rest, statement)
            }
        },
        _ => Read::Foreign,
    }
}

/// What the number of a list says of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ListKind {
    Standard,
    Extended,
    /// Of another protocol than IP.
    Other,
    Unknown,
}

/// The ranges of numbers (Cisco IOS Security Configuration Guide, *Access Control Lists*).
fn list_kind(name: &str) -> ListKind {
    match name.parse::<u16>() {
        Ok(1..=99 | 1300..=1999) => ListKind::Standard,
        Ok(100..=199 | 2000..=2699) => ListKind::Extended,
        Ok(200..=1299) => ListKind::Other,
        _ => ListKind::Unknown,
    }
}

fn remove(reader: &mut Reader<'_>, version: IpVersion, name: &str) -> Read {
    reader.config.lists(version).retain(|list| list.name != name);
    Read::Modeled
}

fn declare(
    reader: &mut Reader<'_>,
    version: IpVersion,
    name: &str,
    standard: bool,
    statement: &Statement<'_>,
) -> Read {
    // The number tells the kind also where the word does not.
    let standard = standard || version == IpVersion::V4 && list_kind(name) == ListKind::Standard;
    list(reader, version, name, standard, statement);
    reader.open(Block::List(version, name.to_owned()), statement.words);
    Read::Modeled
}

fn list<'r>(
    reader: &'r mut Reader<'_>,
    version: IpVersion,
    name: &str,
    standard: bool,
    statement: &Statement<'_>,
) -> &'r mut AccessList {
    reader.config.lists(version).get_or_add(name, || AccessList {
        name: name.to_owned(),
        version,
        standard,
        entries: Vec::new(),
        remark: None,
        remark_used: false,
        last: 0,
        span: statement.span.clone(),
    })
}

/// A line within a list.
pub(super) fn entry(
    reader: &mut Reader<'_>,
    version: IpVersion,
    name: &str,
    statement: &Statement<'_>,
) -> Read {
    match statement.words {
        ["no", rest @ ..] => remove_entry(reader, version, name, rest),
        ["statistics", "per-entry"] | ["ignore", "routable"] => Read::Modeled,
        words => add(reader, version, name, words, statement),
    }
}

fn remove_entry(reader: &mut Reader<'_>, version: IpVersion, name: &str, words: &[&str]) -> Read {
    reader.removals += 1;
    if reader.removals > REMOVALS_MAX {
        return Read::Unread;
    }
    let Some(list) = reader.config.lists(version).get_mut(name) else { return Read::Unread };
    match words {
        [number] if number.parse::<u64>().is_ok() => {
            let number: u64 = number.parse().unwrap_or_default();
            list.entries.retain(|entry| entry.number != number);
        }
        [number, rest @ ..] if number.parse::<u64>().is_ok() => {
            let number: u64 = number.parse().unwrap_or_default();
            let text = rest.join(" ");
            list.entries.retain(|entry| entry.number != number || entry.text != text);
        }
        ["remark", ..] => {}
        ["permit" | "deny" | "evaluate" | "dynamic", ..] => {
            let text = words.join(" ");
            list.entries.retain(|entry| entry.text != text);
        }
        _ => return Read::Unread,
    }
    Read::Modeled
}

fn add(
    reader: &mut Reader<'_>,
    version: IpVersion,
    name: &str,
    words: &[&str],
    statement: &Statement<'_>,
) -> Read {
    let total = reader.entries;
    let Some(list) = reader.config.lists(version).get_mut(name) else { return Read::Unread };
    let (number, words) = match words {
        [number, rest @ ..] if number.parse::<u64>().is_ok() => (number.parse().ok(), rest),
        ["sequence", number, rest @ ..] => (number.parse().ok(), rest),
        _ => (None, words),
    };
    let words = match words {
        ["extended", rest @ ..] | ["standard", rest @ ..] => rest,
        _ => words,
    };
    if let ["remark", text @ ..] = words {
        list.note(text);
        return Read::Modeled;
    }
    if words.is_empty() && number.is_some() {
        return Read::Unread;
    }
    let kind = Kind { version, standard: list.standard };
    let Some(ace) = read_entry(kind, words) else {
        return broken(reader, version, name, words, statement);
    };
    if total >= ENTRIES_MAX {
        return too_many(reader, version, name, statement);
    }
    list.remark_used = true;
    let last = list.last;
    let sequence = words.windows(2).find_map(|pair| match pair {
        ["sequence", number] => number.parse().ok(),
        _ => None,
    });
    let number = number.or(sequence).unwrap_or(last.saturating_add(10));
    let entry = Entry {
        number,
        action: ace.action,
        asks: ace.asks,
        log: ace.log,
        remark: list.remark.clone(),
        text: words.join(" "),
        span: statement.span.clone(),
    };
    list.insert(entry);
    reader.entries += 1;
    match ace.unclear {
        None => Read::Modeled,
        Some(unclear) => {
            let said = Diagnostic::warning("firewall/unread-part", format!("`{unclear}` is not understood"))
                .because(
                    "whether the entry matches a packet is not known, so it lies between surely and possibly",
                )
                .help(if unclear.starts_with("address") {
                    "lists take wildcards (0.0.0.255), not masks (255.255.255.0)"
                } else {
                    "see the manual page of the dialect for what is read"
                });
            reader.warn(statement, said);
            Read::Warned
        }
    }
}

/// A line of a list that is no entry: it may permit or deny anything.
fn broken(
    reader: &mut Reader<'_>,
    version: IpVersion,
    name: &str,
    words: &[&str],
    statement: &Statement<'_>,
) -> Read {
    let unread =
        Diagnostic::warning("firewall/unread-statement", format!("expected an entry of list `{name}`"))
            .because("what the line permits or denies is not known")
            .help("entries begin with permit, deny, remark or evaluate");
    reader.warn(statement, unread);
    let text = words.join(" ");
    if let Some(list) = reader.config.lists(version).get_mut(name) {
        let last = list.last;
        list.insert(Entry::unknown(version, last.saturating_add(10), text, statement.span.clone()));
    }
    Read::Warned
}

fn too_many(reader: &mut Reader<'_>, version: IpVersion, name: &str, statement: &Statement<'_>) -> Read {
    let limit =
        Diagnostic::warning("firewall/too-many-rules", format!("more than {ENTRIES_MAX} entries of lists"))
            .because("what this entry says is not in the ruleset");
    reader.warn(statement, limit);
    if let Some(list) = reader.config.lists(version).get_mut(name)
        && list.entries.last().is_none_or(|entry| !entry.is_unknown())
    {
        let last = list.last;
        list.insert(Entry::unknown(
            version,
            last.saturating_add(10),
            "entries behind the limit".into(),
            statement.span.clone(),
        ));
    }
    Read::Warned
}

impl AccessList {
    /// Adds an entry. They are put in order when all are there.
    fn insert(&mut self, entry: Entry) {
        self.last = self.last.max(entry.number);
        self.entries.push(entry);
    }

    /// Puts the entries in the order of their numbers; of one number, the last holds.
    pub(super) fn settle(&mut self) {
        if self.entries.is_sorted_by(|a, b| a.number < b.number) {
            return;
        }
        self.entries.sort_by_key(|entry| entry.number);
        self.entries.reverse();
        self.entries.dedup_by_key(|entry| entry.number);
        self.entries.reverse();
    }

    /// Takes note of a remark for the entries below. `$Id:$` and its like name a revision of a policy, not an entry.
    fn note(&mut self, words: &[&str]) {
        if self.remark_used {
            (self.remark, self.remark_used) = (None, false);
        }
        let before = self.remark.as_deref().unwrap_or_default();
        if before.len() >= REMARK_BYTES_MAX
            || matches!(words, [] | [""])
            || words.first().is_some_and(|word| word.starts_with('$'))
        {
            return;
        }
        let gap = if before.is_empty() { "" } else { " " };
        let mut text = format!("{before}{gap}{}", words.join(" "));
        if text.len() > REMARK_BYTES_MAX {
            text.truncate(text.floor_char_boundary(REMARK_BYTES_MAX));
            text.push('…');
        }
        self.remark = Some(text.into());
    }
}
