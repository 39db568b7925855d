//! Sparkplug B: topics, and the metrics of its payloads that tell what a node is (Sparkplug 3.0.0, 4 and 6.4).

use super::super::octets::{Octets, printable};
use super::super::once::Once;
use super::table::{MESSAGE, SPARKPLUG, type_of};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::Class;

/// Metrics of one payload that are looked at.
const METRICS_MAX: usize = 4096;
/// Fields of one metric that are looked at.
const FIELDS_MAX: usize = 32;
/// Longest name of a device that is said, with its group and node.
const NAME_LENGTH_MAX: usize = 192;

/// What a topic tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Topic<'a> {
    /// `NBIRTH`, `DDATA` and so on.
    kind: &'a str,
    group: &'a str,
    /// The edge node; of STATE: the host application.
    node: &'a str,
    device: Option<&'a str>,
}

impl<'a> Topic<'a> {
    /// Reads a topic: `spBv1.0/group/type/node[/device]`, `spBv1.0/STATE/host`, `STATE/host` (Sparkplug 2.2).
    pub(super) fn read(topic: &'a str) -> Option<Self> {
        let mut parts = topic.split('/');
        let first = parts.next()?;
        let second = parts.next()?;
        let read = if first == "STATE" {
            Self { kind: first, group: "", node: second, device: None }
        } else if !matches!(first, "spBv1.0" | "spAv1.0") {
            return None;
        } else if second == "STATE" {
            Self { kind: second, group: "", node: parts.next()?, device: None }
        } else {
            let kind = parts.next()?;
            Self { kind, group: second, node: parts.next()?, device: parts.next() }
        };
        let of_device = read.kind.starts_with('D');
        let whole = parts.next().is_none() && of_device == read.device.is_some() && !read.node.is_empty();
        (whole && type_of(read.kind).is_some()).then_some(read)
    }

    /// Does the payload have metrics that are worth reading?
    pub(super) fn tells(&self) -> bool {
        matches!(self.kind, "NBIRTH" | "NCMD" | "DCMD")
    }
}

/// Says a message. `publisher` sent it to the broker; `None` where a broker hands it on.
pub(super) fn say(
    topic: Topic<'_>,
    payload: &[u8],
    publisher: Option<End>,
    devices: &mut Once<8>,
    facts: &mut dyn Facts,
) {
    let Some((name, class)) = type_of(topic.kind) else { return };
    let mut meaning = (name, class);
    if topic.kind.ends_with("CMD") && !controls(payload) {
        meaning =
            if topic.device.is_some() { ("dcmd-write", Class::Write) } else { ("ncmd-write", Class::Write) };
    }
    facts.say(Fact::Message(Message {
        protocol: &SPARKPLUG,
        element: MESSAGE,
        code: Code::Text(topic.kind),
        direction: Direction::None,
        meaning: Some(meaning),
    }));
    if let (Some(device), "DBIRTH") = (topic.device, topic.kind) {
        say_device(topic, device, devices, facts);
    }
    let Some(about) = publisher else { return };
    match topic.kind {
        "NBIRTH" => {
            say_identity(about, Identity::Name, topic.node, facts);
            say_identity(about, Identity::Kind, "Sparkplug edge node", facts);
            if let Some(value) = printable(topic.group.as_bytes()) {
                facts.say(Fact::Property { name: "sparkplug-group", value });
            }
            birth(about, payload, facts);
        }
        "STATE" => {
            say_identity(about, Identity::Name, topic.node, facts);
            say_identity(about, Identity::Kind, "Sparkplug host application", facts);
        }
        _ => {}
    }
}

fn say_identity(about: End, what: Identity, text: &str, facts: &mut dyn Facts) {
    if let Some(value) = printable(text.as_bytes()) {
        facts.say(Fact::Identity { about, what, value });
    }
}

/// Devices have no address of their own: they are said as properties, with their group and node.
fn say_device(topic: Topic<'_>, device: &str, devices: &mut Once<8>, facts: &mut dyn Facts) {
    if topic.group.len() + topic.node.len() + device.len() > NAME_LENGTH_MAX {
        return;
    }
    let name = format!("{}/{}/{device}", topic.group, topic.node);
    if let Some(value) = printable(name.as_bytes())
        && devices.is_new(name.as_bytes())
    {
        facts.say(Fact::Property { name: "sparkplug-device", value });
    }
}

/// Does a command change what a node or device does (6.4.6: `Node Control/Rebirth`, `Node Control/Reboot`)?
fn controls(payload: &[u8]) -> bool {
    metrics(payload).any(|metric| {
        [&b"Node Control/"[..], b"Device Control/"].iter().any(|prefix| metric.name.starts_with(prefix))
    })
}

/// The properties that a birth certificate tells (6.4.7 of Sparkplug 3.0.0 gives the names as examples).
fn birth(about: End, payload: &[u8], facts: &mut dyn Facts) {
    for metric in metrics(payload) {
        let Some(property) = metric.name.strip_prefix(b"Properties/") else { continue };
        let what = match property.to_ascii_lowercase().as_slice() {
            b"hardware make" | b"manufacturer" | b"vendor" => Identity::Vendor,
            b"hardware model" | b"model" | b"product" => Identity::Product,
            b"os version" | b"firmware version" | b"fw version" | b"hardware version" | b"version" => {
                Identity::Version
            }
            b"serial number" | b"serial" | b"hardware serial" => Identity::Serial,
            _ => continue,
        };
        if let Some(value) = metric.text.and_then(printable) {
            facts.say(Fact::Identity { about, what, value });
        }
    }
}

/// A metric of a payload.
#[derive(Debug, Default, Clone, Copy)]
struct Metric<'a> {
    name: &'a [u8],
    text: Option<&'a [u8]>,
}

/// The metrics of a payload: field 2 of `Payload` (6.4.1).
fn metrics(payload: &[u8]) -> impl Iterator<Item = Metric<'_>> {
    let mut octets = Octets::new(payload);
    let fields = std::iter::from_fn(move || field(&mut octets)).take(METRICS_MAX);
    fields.filter_map(|(number, value)| match (number, value) {
        (2, Some(data)) => Some(metric(data)),
        _ => None,
    })
}

fn metric(data: &[u8]) -> Metric<'_> {
    let mut metric = Metric::default();
    let mut octets = Octets::new(data);
    for _ in 0..FIELDS_MAX {
        match field(&mut octets) {
            Some((1, Some(name))) => metric.name = name,
            Some((15, Some(text))) => metric.text = Some(text),
            Some(_) => {}
            None => break,
        }
    }
    metric
}

/// The next field of a protocol buffer: its number, and its octets where it has a length.
fn field<'a>(octets: &mut Octets<'a>) -> Option<(u64, Option<&'a [u8]>)> {
    let key = variable(octets)?;
    let value = match key & 7 {
        0 => variable(octets).map(|_| None)?,
        1 => octets.skip(8).map(|()| None)?,
        2 => {
            let length = usize::try_from(variable(octets)?).ok()?;
            Some(octets.take(length)?)
        }
        5 => octets.skip(4).map(|()| None)?,
        _ => return None,
    };
    Some((key >> 3, value))
}

/// A number in groups of seven bits, at most ten of them.
fn variable(octets: &mut Octets<'_>) -> Option<u64> {
    let mut value = 0_u64;
    for at in 0..10 {
        let octet = octets.u8()?;
        value |= u64::from(octet & 0x7F).checked_shl(7 * at)?;
        if octet & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_topics_are_sparkplug() {
        let read = |text| Topic::read(text).map(|topic| (topic.kind, topic.node, topic.device));
        assert_eq!(read("spBv1.0/Plant/NBIRTH/Line 1"), Some(("NBIRTH", "Line 1", None)));
        assert_eq!(read("spBv1.0/Plant/DCMD/Line 1/Mixer"), Some(("DCMD", "Line 1", Some("Mixer"))));
        assert_eq!(read("spBv1.0/STATE/scada"), Some(("STATE", "scada", None)));
        assert_eq!(read("STATE/scada"), Some(("STATE", "scada", None)));
        for other in [
            "spBv1.0/Plant/NBIRTH",
            "spBv1.0/Plant/NBIRTH/a/b",
            "spBv1.0/Plant/DDATA/a",
            "spBv1.0/Plant/DDATA/a/b/c",
            "spBv1.0/Plant/nbirth/a",
            "plant/line/1",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
