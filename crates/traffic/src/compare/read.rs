//! `zonewright-observation/1` to what is compared.

use super::{AssetSummary, FlowSummary, FunctionSummary};
use crate::json::FORMAT;
use serde_json::Value;
use std::collections::BTreeSet;

/// Why a document is no observation.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// It is of another format.
    #[error("expected a document of the format `{FORMAT}`, found {found}")]
    Format {
        /// What it says it is.
        found: String,
    },
    /// It lacks something.
    #[error("`{key}` is missing, or is not what it is in `{FORMAT}`")]
    Key {
        /// What.
        key: String,
    },
}

/// What an observation shows, without counts and times.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Paths of its captures.
    pub captures: Vec<String>,
    /// Its first moment.
    pub first_seen: Option<String>,
    /// Its last moment.
    pub last_seen: Option<String>,
    pub(super) assets: Vec<Asset>,
    pub(super) flows: Vec<Flow>,
    pub(super) protocols: BTreeSet<String>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Asset {
    pub(super) id: String,
    pub(super) context: Option<String>,
    pub(super) macs: BTreeSet<String>,
    pub(super) ips: BTreeSet<String>,
    vlans: BTreeSet<String>,
    pub(super) names: BTreeSet<String>,
    /// Vendor, product, version, serial number, kind, component type: one or none each.
    vendor: BTreeSet<String>,
    product: BTreeSet<String>,
    version: BTreeSet<String>,
    pub(super) serial: BTreeSet<String>,
    kind: BTreeSet<String>,
    component_type: BTreeSet<String>,
    roles: BTreeSet<String>,
}

impl Asset {
    /// What may change, by key, what matters most first.
    pub(super) fn fields(&self) -> [(&'static str, &BTreeSet<String>); 11] {
        [
            ("version", &self.version),
            ("serial", &self.serial),
            ("product", &self.product),
            ("vendor", &self.vendor),
            ("macs", &self.macs),
            ("ips", &self.ips),
            ("names", &self.names),
            ("kind", &self.kind),
            ("component_type", &self.component_type),
            ("roles", &self.roles),
            ("vlans", &self.vlans),
        ]
    }

    pub(super) fn summary(&self) -> AssetSummary {
        let what = [&self.kind, &self.vendor, &self.product, &self.version];
        AssetSummary {
            id: self.id.clone(),
            addresses: self.ips.iter().chain(&self.macs).cloned().collect(),
            names: self.names.iter().cloned().collect(),
            what: what.into_iter().flatten().cloned().collect(),
            roles: self.roles.iter().cloned().collect(),
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct FlowEnd {
    pub(super) asset: Option<String>,
    pub(super) address: Option<String>,
}

impl FlowEnd {
    fn words(&self) -> String {
        self.asset.clone().or_else(|| self.address.clone()).unwrap_or_default()
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Flow {
    pub(super) id: String,
    pub(super) context: Option<String>,
    pub(super) transport: String,
    pub(super) initiator: FlowEnd,
    pub(super) responder: FlowEnd,
    pub(super) port: Option<u64>,
    pub(super) protocol: Option<String>,
    pub(super) functions: BTreeSet<FunctionSummary>,
    encrypted: Option<bool>,
    authenticated: Option<bool>,
    clear_text_credentials: bool,
    properties: BTreeSet<String>,
    place: Option<String>,
}

impl Flow {
    /// The same flow seen elsewhere, or at another address of its end: protected only if all that show it are.
    pub(super) fn join(&mut self, other: &Self) {
        let weaker = |a: Option<bool>, b: Option<bool>| match (a, b) {
            (Some(a), Some(b)) => Some(a && b),
            (known, None) | (None, known) => known,
        };
        self.functions.extend(other.functions.iter().cloned());
        self.encrypted = weaker(self.encrypted, other.encrypted);
        self.authenticated = weaker(self.authenticated, other.authenticated);
        self.clear_text_credentials |= other.clear_text_credentials;
        self.properties.extend(other.properties.iter().cloned());
    }

    /// Protection and properties, by key.
    pub(super) fn protections(&self) -> [(&'static str, Vec<String>); 4] {
        let word = |said: Option<bool>| said.iter().map(ToString::to_string).collect();
        [
            ("clear_text_credentials", vec![self.clear_text_credentials.to_string()]),
            ("encrypted", word(self.encrypted)),
            ("authenticated", word(self.authenticated)),
            ("properties", self.properties.iter().cloned().collect()),
        ]
    }

    pub(super) fn summary(&self) -> FlowSummary {
        FlowSummary {
            id: self.id.clone(),
            transport: self.transport.clone(),
            initiator: self.initiator.words(),
            responder: self.responder.words(),
            port: self.port,
            protocol: self.protocol.clone(),
            functions: self.functions.iter().cloned().collect(),
            place: self.place.clone(),
        }
    }
}

/// Properties of sessions that a change of is a change of the flow: versions, policies, certificates. The others (names of
/// hosts asked for, user agents) come and go.
const PROPERTIES: [&str; 12] = [
    "tls-version",
    "tls-cipher-suite",
    "certificate-subject",
    "certificate-issuer",
    "certificate-not-after",
    "security-policy",
    "security-mode",
    "ssh-version",
    "snmp-version",
    "rdp-security",
    "suricata-alert",
    "zeek-notice",
];

impl Seen {
    /// Reads a document.
    pub fn of(document: &Value) -> Result<Self, DocumentError> {
        match document.get("format").and_then(Value::as_str) {
            Some(FORMAT) => {}
            Some(other) => return Err(DocumentError::Format { found: format!("`{other}`") }),
            None => return Err(DocumentError::Format { found: "none".to_owned() }),
        }
        let captures = list(document, "captures")?;
        let moments =
            |key: &str| captures.iter().filter_map(|capture| text(capture, key)).collect::<Vec<_>>();
        Ok(Self {
            captures: captures.iter().filter_map(|capture| text(capture, "path")).collect(),
            first_seen: moments("first_seen").into_iter().min(),
            last_seen: moments("last_seen").into_iter().max(),
            assets: list(document, "assets")?.iter().map(asset).collect::<Result<_, _>>()?,
            flows: list(document, "flows")?.iter().map(flow).collect::<Result<_, _>>()?,
            protocols: list(document, "protocols")?.iter().filter_map(|one| text(one, "name")).collect(),
        })
    }
}

fn asset(value: &Value) -> Result<Asset, DocumentError> {
    let one = |key| text(value, key).into_iter().collect();
    let named = |key: &str, each: &dyn Fn(&Value) -> Option<String>| -> BTreeSet<String> {
        value.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(each).collect()
    };
    let plain = |item: &Value| match item {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    Ok(Asset {
        id: required(value, "assets", "id")?,
        context: text(value, "context"),
        macs: named("macs", &plain),
        ips: named("ips", &plain),
        vlans: named("vlans", &plain),
        names: named("names", &|name| text(name, "name")),
        vendor: one("vendor"),
        product: one("product"),
        version: one("version"),
        serial: one("serial"),
        kind: one("kind"),
        component_type: one("component_type"),
        roles: named("roles", &|role| Some(format!("{} {}", text(role, "protocol")?, text(role, "role")?))),
    })
}

fn flow(value: &Value) -> Result<Flow, DocumentError> {
    let end = |key: &str| {
        let end = value.get(key).unwrap_or(&Value::Null);
        FlowEnd { asset: text(end, "asset"), address: text(end, "ip").or_else(|| text(end, "mac")) }
    };
    let items = |key: &str| value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let properties = items("properties").iter().filter_map(|property| {
        let (name, value) = (text(property, "name")?, text(property, "value")?);
        PROPERTIES.contains(&name.as_str()).then(|| format!("{name} {value}"))
    });
    let place = items("places").first().and_then(|place| {
        let (unit, number) =
            ["line", "packet"].into_iter().find_map(|unit| Some((unit, place.get(unit)?.as_u64()?)))?;
        Some(format!("{} {unit} {number}", text(place, "capture")?))
    });
    Ok(Flow {
        id: required(value, "flows", "id")?,
        context: text(value, "context"),
        transport: required(value, "flows", "transport")?,
        initiator: end("initiator"),
        responder: end("responder"),
        port: value.get("responder").and_then(|end| end.get("port")).and_then(Value::as_u64),
        protocol: text(value, "protocol"),
        functions: items("functions").iter().map(function).collect::<Result<_, _>>()?,
        encrypted: value.get("encrypted").and_then(Value::as_bool),
        authenticated: value.get("authenticated").and_then(Value::as_bool),
        clear_text_credentials: value.get("clear_text_credentials").and_then(Value::as_bool) == Some(true),
        properties: properties.collect(),
        place,
    })
}

/// Asked or answered, it is the same function.
fn function(value: &Value) -> Result<FunctionSummary, DocumentError> {
    let code = match value.get("code") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => return Err(DocumentError::Key { key: "functions[].code".to_owned() }),
    };
    Ok(FunctionSummary {
        protocol: required(value, "functions", "protocol")?,
        element: required(value, "functions", "element")?,
        code,
        name: text(value, "name"),
        class: required(value, "functions", "class")?,
    })
}

fn list<'a>(value: &'a Value, key: &str) -> Result<&'a [Value], DocumentError> {
    let list = value.get(key).and_then(Value::as_array).map(Vec::as_slice);
    list.ok_or_else(|| DocumentError::Key { key: key.to_owned() })
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn required(value: &Value, of: &str, key: &str) -> Result<String, DocumentError> {
    text(value, key).ok_or_else(|| DocumentError::Key { key: format!("{of}[].{key}") })
}
