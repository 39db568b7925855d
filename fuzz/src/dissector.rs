//! Dissectors: each over bytes from either end, whatever its probe says, with the contract of the seam checked.

use zonewright_traffic::dissect::{Conversation, DISSECTORS, Dissector, Hint, Likelihood, Progress};
use zonewright_traffic::facts::{Code, End, Fact, Facts};
use zonewright_traffic::protocol::Carrier;

/// The name of every dissector: that of the first protocol it speaks of.
pub fn names() -> impl Iterator<Item = &'static str> {
    DISSECTORS.iter().filter_map(|dissector| Some(dissector.protocols().first()?.name))
}

/// The dissector of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static dyn Dissector> {
    let (at, _) = names().enumerate().find(|(_, known)| *known == name)?;
    DISSECTORS.get(at).copied()
}

/// Reads the bytes as a stream and as a datagram, from either end; then as a question and its answer.
pub fn run(dissector: &dyn Dissector, bytes: &[u8]) {
    for stream in [true, false] {
        for from in [End::Initiator, End::Responder] {
            let mut conversation = begin(dissector, stream, from, bytes);
            for _ in 0..2 {
                feed(&mut *conversation, stream, from, bytes);
                if !conversation.gap(from) {
                    break;
                }
            }
        }
        let (question, answer) = bytes.split_at(bytes.len() / 2);
        let mut conversation = begin(dissector, stream, End::Initiator, question);
        feed(&mut *conversation, stream, End::Initiator, question);
        feed(&mut *conversation, stream, End::Responder, answer);
        // A second question finds what the first pair left behind.
        feed(&mut *conversation, stream, End::Initiator, question);
    }
}

fn begin(dissector: &dyn Dissector, stream: bool, from: End, bytes: &[u8]) -> Box<dyn Conversation> {
    let carriers = dissector.protocols().iter().flat_map(|protocol| protocol.carriers);
    let ports = carriers.filter_map(|carrier| match carrier {
        Carrier::Tcp(port) if stream => Some(*port),
        Carrier::Udp(port) if !stream => Some(*port),
        _ => None,
    });
    let port = ports.into_iter().next().unwrap_or_default();
    let (source_port, destination_port) =
        if from == End::Initiator { (49_152, port) } else { (port, 49_152) };
    let hint = Hint { stream, from, source_port, destination_port };
    let likelihood = dissector.probe(bytes, &hint);
    assert!(!bytes.is_empty() || likelihood <= Likelihood::Port, "sure of nothing at all");
    dissector.open(&hint)
}

/// Offers bytes as the engine does, until they are used up or given up.
fn feed(conversation: &mut dyn Conversation, stream: bool, from: End, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        match conversation.read(from, bytes, &mut Checked) {
            Progress::Consumed(count) => {
                assert!(count > 0 && count <= bytes.len(), "consumed {count} of {}", bytes.len());
                bytes = &bytes[count..];
            }
            Progress::Skip(count) => {
                assert!(count > 0, "skipped nothing");
                bytes = bytes.get(count..).unwrap_or_default();
            }
            Progress::Need(count) => {
                assert!(count > bytes.len(), "needs {count} of {}", bytes.len());
                conversation.cut(from, bytes, &mut Checked);
                return;
            }
            Progress::Lost => return,
        }
        if !stream {
            return;
        }
    }
}

/// Takes facts and holds them to what the vocabulary promises.
struct Checked;

impl Facts for Checked {
    fn say(&mut self, fact: Fact<'_>) {
        match fact {
            Fact::Message(message) => {
                let element = message.protocol.elements.get(usize::from(message.element));
                assert!(element.is_some(), "{} has no element {}", message.protocol.name, message.element);
                if let Code::Text(text) = message.code {
                    printable(text);
                }
            }
            Fact::Identity { value, .. } | Fact::Property { value, .. } => printable(value),
            _ => {}
        }
    }
}

fn printable(text: &str) {
    assert!(!text.chars().any(char::is_control), "{text:?} is not printable");
}
