//! Bodies of services in clear (OPC 10000-4, clause 5): who client and server are, how users prove who they are, which
//! security the server offers.

use super::binary::{Decoder, NodeId, Value};
use crate::dissect::octets::printable;
use crate::facts::{End, Fact, Facts, Identity};

/// Elements of an array that are looked at.
const ELEMENTS_MAX: usize = 64;
/// Nodes of a read request that are looked at, and awaited answers that are kept.
const NODES_MAX: usize = 32;
/// Read requests and responses that are looked into in one conversation: clients ask who the server is when they begin.
const READS_MAX: u8 = 64;

/// What is remembered between a read request and its response.
#[derive(Debug, Default)]
pub(super) struct Reads {
    looked_into: u8,
    awaited: Vec<Awaited>,
}

/// A node that tells who the server is, asked for in a request.
#[derive(Debug)]
struct Awaited {
    request: u32,
    index: usize,
    what: Identity,
}

/// Is there something of interest in the body of this service?
pub(super) const fn is_of_interest(service: u32) -> bool {
    matches!(service, 431 | 437 | 446 | 461 | 464 | 467 | 631 | 634 | 12211)
}

/// Reads the body of a service after its node id. What does not fit the encoding is left unread.
pub(super) fn read(
    service: u32,
    request: u32,
    from: End,
    body: &[u8],
    reads: &mut Reads,
    facts: &mut dyn Facts,
) {
    let mut decoder = Decoder::new(body);
    let understood = match service {
        431 => response_header(&mut decoder).and_then(|()| endpoints(&mut decoder, from, facts)),
        437 | 12211 => request_header(&mut decoder).and_then(|()| registered(&mut decoder, from, facts)),
        446 => request_header(&mut decoder).and_then(|()| security_mode(&mut decoder, facts)),
        461 => request_header(&mut decoder).and_then(|()| application(&mut decoder, from, facts)),
        464 => response_header(&mut decoder).and_then(|()| session_created(&mut decoder, from, facts)),
        467 => request_header(&mut decoder).and_then(|()| user(&mut decoder, facts)),
        631 if reads.looks() => {
            request_header(&mut decoder).and_then(|()| reads.request(&mut decoder, request))
        }
        634 if reads.looks() => {
            response_header(&mut decoder).and_then(|()| reads.response(&mut decoder, request, from, facts))
        }
        _ => Some(()),
    };
    if understood.is_none() {
        facts.say(Fact::Anomaly { what: "opcua-body" });
    }
}

/// OPC 10000-4, 7.33.
fn request_header(decoder: &mut Decoder<'_>) -> Option<()> {
    decoder.node_id()?;
    // Time stamp, handle, return diagnostics.
    decoder.skip(8 + 4 + 4)?;
    decoder.string()?;
    decoder.skip(4)?;
    decoder.extension_object().map(|_| ())
}

/// OPC 10000-4, 7.34.
fn response_header(decoder: &mut Decoder<'_>) -> Option<()> {
    // Time stamp, handle, result.
    decoder.skip(8 + 4 + 4)?;
    decoder.skip_diagnostics()?;
    decoder.skip_strings()?;
    decoder.extension_object().map(|_| ())
}

/// The rest of an open secure channel request (OPC 10000-4, 5.6.2): version, request type, mode.
fn security_mode(decoder: &mut Decoder<'_>, facts: &mut dyn Facts) -> Option<()> {
    decoder.skip(8)?;
    let value = mode(decoder.u32()?)?;
    facts.say(Fact::Property { name: "security-mode", value });
    Some(())
}

/// A message security mode (OPC 10000-4, 7.20).
pub(super) const fn mode(number: u32) -> Option<&'static str> {
    match number {
        1 => Some("None"),
        2 => Some("Sign"),
        3 => Some("SignAndEncrypt"),
        _ => None,
    }
}

/// Says who an application is (application description, OPC 10000-4, 7.2).
fn application(decoder: &mut Decoder<'_>, about: End, facts: &mut dyn Facts) -> Option<()> {
    let application_uri = decoder.string()?;
    let product_uri = decoder.string()?;
    let name = decoder.localized_text()?;
    let kind = match decoder.u32()? {
        0 => "OPC UA server",
        1 => "OPC UA client",
        2 => "OPC UA client and server",
        3 => "OPC UA discovery server",
        _ => return None,
    };
    // Gateway server, discovery profile, discovery addresses.
    decoder.string()?;
    decoder.string()?;
    decoder.skip_strings()?;
    identity(about, Identity::Product, product_uri, facts);
    identity(about, Identity::Name, name, facts);
    facts.say(Fact::Identity { about, what: Identity::Kind, value: kind });
    if let Some(value) = printable(application_uri) {
        facts.say(Fact::Property { name: "application-uri", value });
    }
    Some(())
}

fn identity(about: End, what: Identity, value: &[u8], facts: &mut dyn Facts) {
    if let Some(value) = printable(value) {
        facts.say(Fact::Identity { about, what, value });
    }
}

/// A server's own description for a discovery server (OPC 10000-4, 7.32).
fn registered(decoder: &mut Decoder<'_>, about: End, facts: &mut dyn Facts) -> Option<()> {
    let _server_uri = decoder.string()?;
    identity(about, Identity::Product, decoder.string()?, facts);
    for _ in 0..decoder.count()?.min(ELEMENTS_MAX) {
        identity(about, Identity::Name, decoder.localized_text()?, facts);
    }
    facts.say(Fact::Identity { about, what: Identity::Kind, value: "OPC UA server" });
    Some(())
}

/// Endpoint descriptions (OPC 10000-4, 7.14): the server, and the security that it offers.
fn endpoints(decoder: &mut Decoder<'_>, about: End, facts: &mut dyn Facts) -> Option<()> {
    for _ in 0..decoder.count()?.min(ELEMENTS_MAX) {
        decoder.string()?;
        application(decoder, about, facts)?;
        decoder.string()?;
        let value = mode(decoder.u32()?)?;
        facts.say(Fact::Property { name: "offered-security-mode", value });
        if let Some(value) = printable(policy(decoder.string()?)) {
            facts.say(Fact::Property { name: "offered-security-policy", value });
        }
        for _ in 0..decoder.count()?.min(ELEMENTS_MAX) {
            user_token_policy(decoder, facts)?;
        }
        decoder.string()?;
        decoder.skip(1)?;
    }
    Some(())
}

/// A user token policy (OPC 10000-4, 7.42).
fn user_token_policy(decoder: &mut Decoder<'_>, facts: &mut dyn Facts) -> Option<()> {
    decoder.string()?;
    let value = match decoder.u32()? {
        0 => "anonymous",
        1 => "user-name",
        2 => "certificate",
        3 => "issued",
        _ => return None,
    };
    decoder.string()?;
    decoder.string()?;
    decoder.string()?;
    facts.say(Fact::Property { name: "offered-user-token", value });
    Some(())
}

/// The last part of a security policy's address: `Basic256Sha256`.
pub(super) fn policy(uri: &[u8]) -> &[u8] {
    uri.rsplit(|&octet| octet == b'#').next().unwrap_or(uri)
}

/// The rest of a create session response (OPC 10000-4, 5.7.2).
fn session_created(decoder: &mut Decoder<'_>, about: End, facts: &mut dyn Facts) -> Option<()> {
    decoder.node_id()?;
    decoder.node_id()?;
    decoder.skip(8)?;
    decoder.string()?;
    decoder.string()?;
    endpoints(decoder, about, facts)
}

/// The rest of an activate session request (OPC 10000-4, 5.7.3): the user's token (7.41).
fn user(decoder: &mut Decoder<'_>, facts: &mut dyn Facts) -> Option<()> {
    decoder.string()?;
    decoder.string()?;
    for _ in 0..decoder.count()? {
        decoder.string()?;
        decoder.string()?;
    }
    decoder.skip_strings()?;
    let (kind, body) = decoder.extension_object()?;
    let NodeId::Numeric(0, kind) = kind else { return None };
    let value = match kind {
        // No token at all stands for an anonymous user.
        0 | 321 => "anonymous",
        324 => "user-name",
        327 => "certificate",
        940 => "issued",
        _ => return None,
    };
    facts.say(Fact::Property { name: "user-token", value });
    facts.say(Fact::Authenticated(value != "anonymous"));
    if kind == 324 {
        user_name(body, facts)?;
    }
    Some(())
}

/// A user name token (OPC 10000-4, 7.41.4): without an encryption algorithm the password is in clear.
fn user_name(body: &[u8], facts: &mut dyn Facts) -> Option<()> {
    let mut decoder = Decoder::new(body);
    decoder.string()?;
    decoder.string()?;
    let password = decoder.string()?;
    let algorithm = decoder.string()?;
    if !password.is_empty() && algorithm.is_empty() {
        facts.say(Fact::ClearTextCredential { what: "password" });
    }
    Some(())
}

impl Reads {
    /// Is it still worthwhile? Counts.
    fn looks(&mut self) -> bool {
        self.looked_into = self.looked_into.saturating_add(1);
        self.looked_into <= READS_MAX
    }

    /// The rest of a read request (OPC 10000-4, 5.11.2): which nodes that tell who the server is.
    fn request(&mut self, decoder: &mut Decoder<'_>, request: u32) -> Option<()> {
        decoder.skip(8 + 4)?;
        for index in 0..decoder.count()?.min(NODES_MAX) {
            let node = decoder.node_id()?;
            let attribute = decoder.u32()?;
            decoder.string()?;
            decoder.skip_qualified_name()?;
            // Attribute 13 is the value. Nodes: Server_ServerStatus_BuildInfo_* (OPC 10000-6, annex A).
            let what = match (node, attribute) {
                (NodeId::Numeric(0, 2261), 13) => Identity::Product,
                (NodeId::Numeric(0, 2263), 13) => Identity::Vendor,
                (NodeId::Numeric(0, 2264), 13) => Identity::Version,
                _ => continue,
            };
            if self.awaited.len() >= NODES_MAX {
                self.awaited.remove(0);
            }
            self.awaited.push(Awaited { request, index, what });
        }
        Some(())
    }

    /// The rest of a read response.
    fn response(
        &mut self,
        decoder: &mut Decoder<'_>,
        request: u32,
        from: End,
        facts: &mut dyn Facts,
    ) -> Option<()> {
        for index in 0..decoder.count()?.min(ELEMENTS_MAX) {
            match decoder.data_value()? {
                Value::String(value) => {
                    let asked =
                        self.awaited.iter().find(|asked| asked.request == request && asked.index == index);
                    if let Some(asked) = asked {
                        identity(from, asked.what, value, facts);
                    }
                }
                Value::Object(NodeId::Numeric(0, 340), body) => {
                    build_info(&mut Decoder::new(body), from, facts)?;
                }
                Value::Object(NodeId::Numeric(0, 864), body) => {
                    let mut status = Decoder::new(body);
                    // Start time, current time, state (OPC 10000-5, 12.10).
                    status.skip(8 + 8 + 4)?;
                    build_info(&mut status, from, facts)?;
                }
                _ => {}
            }
        }
        self.awaited.retain(|asked| asked.request != request);
        Some(())
    }
}

/// Build information of a server (OPC 10000-5, 12.4).
fn build_info(decoder: &mut Decoder<'_>, about: End, facts: &mut dyn Facts) -> Option<()> {
    let product_uri = decoder.string()?;
    identity(about, Identity::Vendor, decoder.string()?, facts);
    let product = decoder.string()?;
    identity(about, Identity::Product, if product.is_empty() { product_uri } else { product }, facts);
    identity(about, Identity::Version, decoder.string()?, facts);
    Some(())
}
