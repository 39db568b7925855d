//! Nmap's XML (`nmap -oX`): hosts that were up become assets. A kind is only guessed from what answered, and the reason says
//! from what. Element and attribute names are those of nmap.dtd.

use super::words::{clean, sound};
use super::xml::{Tag, Walk};
use super::{Importable, Incoming, ROWS_MAX, Source, counted};
use std::collections::BTreeSet;
use zonewright_assess::propose::blank_asset;
use zonewright_plant::id::AssetId;
use zonewright_plant::model::{AssetKind, ComponentType, Mac};

/// Open ports of one host that are named; more are counted.
const PORTS_MAX: usize = 40;
/// Software of one host that is named.
const SOFTWARE_MAX: usize = 20;
/// A guess of the operating system that is surer than this, in percent, is taken over.
const OS_ACCURACY_MIN: u32 = 90;

/// Services by their ports that tell what a host is, and the kind.
const BY_PORT: &[(u16, &str, &str, AssetKind)] = &[
    (102, "tcp", "answers on port 102 (S7comm, MMS)", AssetKind::Plc),
    (502, "tcp", "answers Modbus on port 502", AssetKind::Plc),
    (44818, "tcp", "answers EtherNet/IP on port 44818", AssetKind::Plc),
    (2404, "tcp", "answers IEC 60870-5-104 on port 2404", AssetKind::Rtu),
    (20000, "tcp", "answers DNP3 on port 20000", AssetKind::Rtu),
    (9100, "tcp", "answers as a printer on port 9100", AssetKind::Printer),
    (554, "tcp", "answers RTSP on port 554", AssetKind::Camera),
];

/// Classes of devices as Nmap's fingerprints name them.
const BY_TYPE: &[(&str, AssetKind)] = &[
    ("switch", AssetKind::Switch),
    ("router", AssetKind::Router),
    ("broadband router", AssetKind::Router),
    ("firewall", AssetKind::Firewall),
    ("WAP", AssetKind::AccessPoint),
    ("printer", AssetKind::Printer),
    ("print server", AssetKind::Printer),
    ("webcam", AssetKind::Camera),
    ("phone", AssetKind::Mobile),
];

/// Reads a scan as far as it goes.
pub(super) fn read(file: &str, text: &str) -> Result<Source, String> {
    let mut reading = Reading { file: file.to_string(), ..Reading::default() };
    let mut walk = Walk::over(text);
    while let Some(tag) = walk.step() {
        reading.take(&tag);
        if reading.assets.len() >= ROWS_MAX {
            reading.notes.push(format!("only the first {ROWS_MAX} hosts were read"));
            break;
        }
    }
    if let Some(why) = walk.stopped {
        if reading.assets.is_empty() {
            return Err(format!("it is an Nmap scan of which nothing could be read: {why}"));
        }
        reading.notes.push(format!("the scan is not whole and was read as far as it goes: {why}"));
    } else if !reading.finished {
        reading.notes.push("the scan was stopped before its end: hosts may be missing".into());
    }
    Ok(reading.done())
}

#[derive(Debug, Default)]
struct Reading {
    file: String,
    assets: Vec<Incoming>,
    notes: Vec<String>,
    names: Vec<String>,
    host: Option<Host>,
    /// Day on which the scan began.
    day: Option<String>,
    down: usize,
    finished: bool,
}

/// A host under way.
#[derive(Debug, Default)]
struct Host {
    up: bool,
    day: Option<String>,
    ips: Vec<String>,
    macs: Vec<Mac>,
    vendor: Option<String>,
    hostname: Option<String>,
    port: Option<Port>,
    open: Vec<Port>,
    more: usize,
    system: Option<(u32, String)>,
    device: Option<String>,
}

#[derive(Debug, Default)]
struct Port {
    number: u16,
    transport: String,
    open: bool,
    service: String,
    product: Option<String>,
    version: Option<String>,
    device: Option<String>,
}

impl Port {
    fn words(&self) -> String {
        let service = if self.service.is_empty() { String::new() } else { format!(" {}", self.service) };
        format!("{}/{}{service}", self.number, self.transport)
    }
}

impl Reading {
    fn take(&mut self, tag: &Tag) {
        match tag {
            Tag::Open { name, .. } => {
                self.open(name, tag);
                self.names.push(name.clone());
            }
            Tag::Close => match self.names.pop().as_deref() {
                Some("host") => self.host_ends(),
                Some("port") => {
                    if let Some(host) = &mut self.host {
                        host.port_ends();
                    }
                }
                _ => {}
            },
            Tag::Text(_) => {}
        }
    }

    fn open(&mut self, name: &str, tag: &Tag) {
        let value = |key: &str| tag.attribute(key).map(clean).filter(|text| !text.is_empty());
        match name {
            "nmaprun" => self.day = value("start").and_then(|seconds| day(&seconds)),
            "host" => {
                self.host = Some(Host { day: value("starttime").and_then(|s| day(&s)), ..Host::default() })
            }
            "finished" => self.finished = value("exit").is_none_or(|exit| exit == "success"),
            _ => {
                let inside = |names: &[String], wanted: &str| names.iter().any(|known| known == wanted);
                // Hops of a route and hosts named in passing are not the host.
                if !inside(&self.names, "trace")
                    && !inside(&self.names, "hostscript")
                    && let Some(host) = &mut self.host
                {
                    host.open(name, &value);
                }
            }
        }
    }

    fn host_ends(&mut self) {
        let Some(host) = self.host.take() else { return };
        if !host.up {
            self.down += 1;
            return;
        }
        let day = host.day.clone().or_else(|| self.day.clone());
        self.assets.extend(host.asset(&self.file, self.assets.len() + 1, day.as_deref()));
    }

    fn done(mut self) -> Source {
        // A host that the scan was cut off in is not told whole.
        if self.host.is_some() {
            self.notes.push("the last host is not whole and was left out".into());
        }
        let mut source = Source::new(&self.file, Importable::Nmap);
        let day = self.day.map(|day| format!(" of {day}")).unwrap_or_default();
        source.words = format!("Nmap scan{day}: {} up", counted(self.assets.len(), "host"));
        if self.down > 0 {
            source.words.push_str(&format!(", {} not", self.down));
        }
        source.assets = self.assets;
        source.notes = self.notes;
        source
    }
}

impl Host {
    fn open(&mut self, name: &str, value: &impl Fn(&str) -> Option<String>) {
        match name {
            "status" => self.up = value("state").is_some_and(|state| state == "up"),
            "address" => match value("addrtype").as_deref() {
                Some("mac") => {
                    self.macs.extend(value("addr").and_then(|mac| Mac::parse(&mac)));
                    self.vendor = self.vendor.take().or_else(|| value("vendor"));
                }
                _ => self.ips.extend(value("addr")),
            },
            "hostname" => self.hostname = self.hostname.take().or_else(|| value("name")),
            "port" => {
                let number = value("portid").and_then(|port| port.parse().ok()).unwrap_or_default();
                let transport = value("protocol").unwrap_or_default();
                self.port = Some(Port { number, transport, ..Port::default() });
            }
            "state" => {
                if let Some(port) = &mut self.port {
                    port.open = value("state").is_some_and(|state| state == "open");
                }
            }
            "service" => {
                if let Some(port) = &mut self.port {
                    port.service = value("name").unwrap_or_default();
                    port.product = value("product");
                    port.version = value("version");
                    port.device = value("devicetype");
                }
            }
            "osmatch" => {
                let accuracy = value("accuracy").and_then(|percent| percent.parse().ok()).unwrap_or_default();
                if self.system.as_ref().is_none_or(|(known, _)| *known < accuracy) {
                    self.system = value("name").map(|name| (accuracy, name));
                }
            }
            "osclass" => {
                let sure = value("accuracy")
                    .and_then(|percent| percent.parse().ok())
                    .is_some_and(|p: u32| p >= OS_ACCURACY_MIN);
                self.device = self.device.take().or_else(|| value("type").filter(|_| sure));
            }
            _ => {}
        }
    }

    fn port_ends(&mut self) {
        let Some(port) = self.port.take().filter(|port| port.open) else { return };
        if self.open.len() < PORTS_MAX { self.open.push(port) } else { self.more += 1 }
    }

    /// What the scan concluded; all of it is a guess but the addresses.
    fn asset(self, file: &str, number: usize, day: Option<&str>) -> Option<Incoming> {
        let mut ips: Vec<_> = self.ips.iter().filter_map(|ip| super::words::address(ip)).collect();
        ips.sort();
        ips.dedup();
        let wanted = self.hostname.clone().or_else(|| ips.first().map(|ip| ip.ip.to_string()));
        let wanted = wanted.or_else(|| self.macs.first().map(ToString::to_string))?;
        let on = day.map(|day| format!(" on {day}")).unwrap_or_default();
        let place = format!("{file}, host {number}");
        let (kind, why) = self.kind();
        let why = why.map(|why| format!("; a guess: {why}")).unwrap_or_default();
        let mut asset = blank_asset(
            AssetId::from(sound(&wanted).as_str()),
            format!("answered a scan{on} ({place}){why}"),
        );
        asset.common.name.clone_from(&self.hostname);
        asset.common.note = Some(clean(&format!("Nmap{on}: {}", self.seen())));
        asset.kind = kind;
        asset.component_type = kind.and_then(type_of);
        asset.vendor.clone_from(&self.vendor);
        asset.software = self.software();
        asset.ips = ips;
        asset.macs.clone_from(&self.macs);
        let guessed = ["name", "note", "kind", "component_type", "vendor", "software"];
        // A host name that the network gives is no id that a person gave: addresses tell who it is.
        Some(Incoming { asset, place, named: false, guessed: BTreeSet::from(guessed) })
    }

    fn kind(&self) -> (Option<AssetKind>, Option<String>) {
        let devices = self.open.iter().filter_map(|port| port.device.as_ref()).chain(&self.device);
        for device in devices {
            if let Some((_, kind)) = BY_TYPE.iter().find(|(word, _)| word.eq_ignore_ascii_case(device)) {
                return (Some(*kind), Some(format!("Nmap's fingerprint says {device}")));
            }
        }
        let answers = |number: u16, transport: &str| {
            self.open.iter().any(|p| p.number == number && p.transport == transport)
        };
        let mut fits = BY_PORT.iter().filter(|(number, transport, ..)| answers(*number, transport));
        match (fits.next(), fits.next()) {
            // One that answers several protocols of controllers may be a gateway or a server.
            (Some((_, _, why, kind)), None) => (Some(*kind), Some((*why).to_string())),
            _ => (None, None),
        }
    }

    fn seen(&self) -> String {
        let mut parts = Vec::new();
        let ports: Vec<String> = self.open.iter().map(Port::words).collect();
        let more = if self.more > 0 { format!(" and {} more", self.more) } else { String::new() };
        parts.push(match ports.is_empty() {
            true => "no open port was seen".to_string(),
            false => format!("open {}{more}", ports.join(", ")),
        });
        if let Some((accuracy, name)) = &self.system {
            parts.push(format!("system looks like {name} ({accuracy} %)"));
        }
        parts.join("; ")
    }

    fn software(&self) -> Vec<String> {
        let mut software: Vec<String> = Vec::new();
        for port in &self.open {
            let Some(product) = &port.product else { continue };
            let words = clean(
                &[Some(product), port.version.as_ref()]
                    .into_iter()
                    .flatten()
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(" "),
            );
            // A semicolon divides the items of a cell.
            let words = words.replace(';', ",");
            if !software.contains(&words) && software.len() < SOFTWARE_MAX {
                software.push(words);
            }
        }
        software
    }
}

fn type_of(kind: AssetKind) -> Option<ComponentType> {
    match kind {
        AssetKind::Plc | AssetKind::Rtu | AssetKind::Printer | AssetKind::Camera => {
            Some(ComponentType::EmbeddedDevice)
        }
        AssetKind::Switch | AssetKind::Router | AssetKind::Firewall | AssetKind::AccessPoint => {
            Some(ComponentType::NetworkDevice)
        }
        _ => None,
    }
}

/// The day of seconds since 1970, in UTC.
fn day(seconds: &str) -> Option<String> {
    let second = seconds.parse().ok()?;
    let moment = jiff::Timestamp::from_second(second).ok()?;
    Some(moment.to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
}
