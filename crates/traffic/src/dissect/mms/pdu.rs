//! The PDUs of MMS (ISO 9506-2, section 7): which there are, and the services in them.

use crate::dissect::ber::{self, Element};

/// Highest number of a confirmed service (ISO 9506-2:2003, section 7.2).
const SERVICE_MAX: u8 = 86;

/// A PDU.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pdu<'a> {
    /// A service is asked for: the invocation, the service's number and its parameters.
    Request(u32, u8, &'a [u8]),
    /// It was done: the invocation, the service's number and its result.
    Response(u32, u8, &'a [u8]),
    /// Something is said without being asked: its number and its parameters.
    Unconfirmed(u8, &'a [u8]),
    /// Any other, which has no service in it: the number of the choice `MMSpdu`.
    Other(u8),
}

impl<'a> Pdu<'a> {
    /// The PDU at the start of these octets. Where it was cut, as far as it is there.
    pub(super) fn read(data: &'a [u8]) -> Option<Self> {
        let mut data = data;
        let pdu = ber::take(&mut data)?;
        let content = pdu.content;
        match pdu.tag {
            0xa0 => {
                let (invocation, mut rest) = invocation(content, 0x02)?;
                // A list of modifiers may come before the service.
                let _ = ber::expect(&mut rest, 0x30);
                service(rest, SERVICE_MAX).map(|(number, content)| Self::Request(invocation, number, content))
            }
            0xa1 => {
                let (invocation, rest) = invocation(content, 0x02)?;
                service(rest, SERVICE_MAX)
                    .map(|(number, content)| Self::Response(invocation, number, content))
            }
            0xa2 => {
                let (_, mut rest) = invocation(content, 0x80)?;
                let _ = ber::expect(&mut rest, 0x81);
                holds(rest, 0xa2).then_some(Self::Other(2))
            }
            0xa3 => service(content, 3).map(|(number, content)| Self::Unconfirmed(number, content)),
            0xa4 => is_reject(content).then_some(Self::Other(4)),
            0x85 | 0x86 => is_invocation(&pdu).then_some(Self::Other(low(pdu.tag))),
            0xa7 => holds(invocation(content, 0x80)?.1, 0xa1).then_some(Self::Other(7)),
            0xa8 | 0xa9 => is_initiate(content).then_some(Self::Other(low(pdu.tag))),
            0xaa | 0xad => holds(content, 0xa0).then_some(Self::Other(low(pdu.tag))),
            0x8b | 0x8c => content.is_empty().then_some(Self::Other(low(pdu.tag))),
            _ => None,
        }
    }
}

const fn low(tag: u16) -> u8 {
    let [_, octet] = tag.to_be_bytes();
    octet & 0x1f
}

/// The number of an invocation, and what follows it.
fn invocation(content: &[u8], tag: u16) -> Option<(u32, &[u8])> {
    let mut content = content;
    let element = ber::take(&mut content).filter(|element| element.tag == tag && element.whole)?;
    Some((ber::unsigned(element.content)?, content))
}

/// An invocation's number is an unsigned integer of 32 bits.
fn is_invocation(element: &Element<'_>) -> bool {
    element.whole && ber::unsigned(element.content).is_some()
}

fn holds(content: &[u8], tag: u16) -> bool {
    let mut content = content;
    ber::take(&mut content).is_some_and(|element| element.tag == tag)
}

/// The service that comes first: its number and its content.
fn service(content: &[u8], max: u8) -> Option<(u8, &[u8])> {
    let mut content = content;
    let element = ber::take(&mut content)?;
    let number = ber::context_number(element.tag).filter(|number| *number <= max)?;
    Some((number, element.content))
}

/// A rejection: perhaps the invocation's number, then the reason, one of eleven choices.
fn is_reject(content: &[u8]) -> bool {
    let mut content = content;
    if content.first() == Some(&0x80) && ber::take(&mut content).is_none() {
        return false;
    }
    let reason = ber::take(&mut content).and_then(|element| ber::context_number(element.tag));
    reason.is_some_and(|reason| (1..=11).contains(&reason))
}

/// An offer: perhaps a size, then how many services at a time either side may ask for.
fn is_initiate(content: &[u8]) -> bool {
    let mut content = content;
    let _ = ber::expect(&mut content, 0x80);
    ber::expect(&mut content, 0x81).is_some() && ber::expect(&mut content, 0x82).is_some()
}
