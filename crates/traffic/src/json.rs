//! The JSON form of an observation: `zonewright-observation/1`, to the letter of the interfaces.
//!
//! Owns the shape and nothing else: keys are never renamed, dropped or retyped without a new number. Written straight from
//! the observation, which may be large; members stand in the order of their names, as in every document.

use crate::observation::{
    AnomalyUse, Asset, AssetName, AssetRole, Basis, Capture, Flow, FlowEnd, FunctionCode, FunctionUse,
    Observation, Property, ProtocolUse,
};
use serde::ser::{SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::fmt::Display;
use std::sync::Arc;
use zonewright_source::{Diagnostic, PacketPlace, Unit};

/// Name and number of the shape.
pub const FORMAT: &str = "zonewright-observation/1";

/// An observation as a document. `version` is that of the program; `findings` are others' (a JSON list), empty if there are
/// none.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// What was observed.
    pub observation: &'a Observation,
    /// The program's version.
    pub version: &'a str,
    /// What others found.
    pub findings: &'a Value,
}

impl Document<'_> {
    /// The document as text, indented, with a line's end at the end.
    #[must_use]
    pub fn to_text(&self) -> String {
        // Keys are texts and numbers finite: nothing of it can fail.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// The whole observation as a value.
#[must_use]
pub fn observation(observation: &Observation, version: &str, findings: Value) -> Value {
    // Keys are texts and numbers finite: nothing of it can fail.
    serde_json::to_value(Document { observation, version, findings: &findings }).unwrap_or_default()
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { observation, version, findings } = self;
        let mut map = serializer.serialize_struct("Observation", 9)?;
        map.serialize_field("format", FORMAT)?;
        map.serialize_field("zonewright", version)?;
        map.serialize_field("assets", &Items(&observation.assets))?;
        map.serialize_field("captures", &Items(&observation.captures))?;
        map.serialize_field("diagnostics", &Items(&observation.diagnostics))?;
        map.serialize_field("findings", findings)?;
        map.serialize_field("flows", &Items(&observation.flows))?;
        map.serialize_field("functions", &Items(&observation.functions))?;
        map.serialize_field("protocols", &Items(&observation.protocols))?;
        map.end()
    }
}

/// What has a shape here.
trait Shape {
    fn shape<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

/// One, in its shape.
struct Item<'a, T>(&'a T);

impl<T: Shape> Serialize for Item<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.shape(serializer)
    }
}

/// Several, each in its shape.
struct Items<'a, T>(&'a [T]);

impl<T: Shape> Serialize for Items<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for item in self.0 {
            list.serialize_element(&Item(item))?;
        }
        list.end()
    }
}

/// What is written as it is displayed.
struct Text<T>(T);

impl<T: Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Several that are written as they are displayed.
struct Texts<'a, T>(&'a [T]);

impl<T: Display> Serialize for Texts<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for item in self.0 {
            list.serialize_element(&Text(item))?;
        }
        list.end()
    }
}

fn optional(text: &Option<Arc<str>>) -> Option<&str> {
    text.as_deref()
}

/// Writes members in the order given, which is that of their names.
macro_rules! members {
    ($serializer:expr, $($name:literal: $value:expr),+ $(,)?) => {{
        let count = [$($name),+].len();
        let mut map = $serializer.serialize_struct("", count)?;
        $(map.serialize_field($name, &$value)?;)+
        map.end()
    }};
}

impl Shape for Capture {
    fn shape<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        members!(serializer,
            "bytes": self.bytes,
            "capture_point": optional(&self.capture_point),
            "first_seen": self.first_seen.map(Text),
            "hash": self.hash,
            "kind": self.kind.map(crate::observation::CaptureKind::as_str),
            "last_seen": self.last_seen.map(Text),
            "lines": self.lines,
            "malformed_packets": self.malformed_packets,
            "packets": self.packets,
            "path": &*self.path,
            "read_error": self.read_error,
            "size": self.size,
            "truncated_packets": self.truncated_packets,
        )
    }
}

impl Shape for Asset {
    fn shape<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        members!(serializer,
            "basis": Items(&self.basis),
            "component_type": optional(&self.component_type),
            "context": optional(&self.context),
            "first_seen": Text(self.first_seen),
            "id": &*self.id,
            "interface_vendor": optional(&self.interface_vendor),
            "ips": Texts(&self.ips),
            "kind": optional(&self.kind),
            "last_seen": Text(self.last_seen),
            "macs": Texts(&self.macs),
            "names": Items(&self.names),
            "packets_received": self.packets_received,
            "packets_sent": self.packets_sent,
            "product": optional(&self.product),
            "roles": Items(&self.roles),
            "serial": optional(&self.serial),
            "vendor": optional(&self.vendor),
            "version": optional(&self.version),
            "vlans": self.vlans,
        )
    }
}

impl Shape for AssetName {
    fn shape<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        members!(serializer, "name": &*self.name, "source": &*self.source)
    }
}

impl Shape for AssetRole {
    fn shape<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        members!(serializer, "protocol": &*self.protocol, "role": self.role.as_str())
    }
}

impl Shape for Basis {
    fn shape<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        members!(serializer, "place": self.place.as_ref().map(Item), "text": &*self.text)
    }
}

/// An end of a flow; the responder's has a port.
struct End<'a>(&'a FlowEnd, bool);

impl Serialize for End<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(end, is_responder) = self;
        let mut map = serializer.serialize_struct("", 4)?;
        map.serialize_field("asset", &optional(&end.asset))?;
        map.serialize_field("ip", &end.ip.map(Text))?;
        map.serialize_field("mac", &end.mac.map(Text))?;
        if *is_responder {
            map.serialize_field("port", &end.port)?;
        }
        map.end()
    }
}

impl Shape for Flow {
    fn shape<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        members!(serializer,
            "active_days": self.active_days.len(),
            "anomalies": Items(&self.anomalies),
            "authenticated": self.authenticated,
            "bytes": self.bytes,
            "capture_points": Texts(&self.capture_points),
            "clear_text_credentials": self.clear_text_credentials,
            "context": optional(&self.context),
            "conversations": self.conversations,
            "encrypted": self.encrypted,
            "first_seen": Text(self.first_seen),
            "functions": Items(&self.functions),
            "id": &*self.id,
            "initiator": End(&self.initiator, false),
            "initiator_basis": self.initiator_basis.as_str(),
            "inside": optional(&self.inside),
            "last_seen": Text(self.last_seen),
            "packets": self.packets,
            "packets_from_initiator": self.packets_from_initiator,
            "packets_from_responder": self.packets_from_responder,
            "places": Items(&self.places),
            "properties": Items(&self.properties),
            "protocol": optional(&self.protocol),
            "responder": End(&self.responder, true),
            "transport": Text(self.transport),
            "vlans": self.vlans,
        )
    }
}

impl Shape for AnomalyUse {
    fn shape<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        members!(serializer, "count": self.count, "place": Item(&self.place), "what": &*self.what)
    }
}

impl Shape for Property {
    fn shape<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        members!(serializer, "name": &*self.name, "place": Item(&self.place), "value": &*self.value)
    }
}

impl Serialize for FunctionCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_u64(u64::from(*number)),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl Shape for FunctionUse {
    fn shape<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        members!(serializer,
            "class": self.class.as_str(),
            "code": self.code,
            "count": self.count,
            "direction": self.direction.as_str(),
            "element": &*self.element,
            "first": Item(&self.first),
            "name": optional(&self.name),
            "protocol": &*self.protocol,
        )
    }
}

impl Shape for ProtocolUse {
    fn shape<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        members!(serializer, "name": &*self.name, "packets": self.packets)
    }
}

impl Shape for Diagnostic {
    fn shape<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        members!(serializer,
            "code": self.code,
            "help": self.help,
            "message": self.message,
            "place": self.place.as_ref().map(Text),
            "severity": self.severity.as_str(),
        )
    }
}

impl Shape for PacketPlace {
    fn shape<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.unit {
            Unit::Packet => members!(serializer, "capture": &*self.file, "packet": self.packet),
            Unit::Line => {
                let none: Option<u64> = None;
                members!(serializer, "capture": &*self.file, "line": self.packet, "packet": none)
            }
        }
    }
}
