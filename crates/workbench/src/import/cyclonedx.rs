//! CycloneDX bills of materials, JSON and XML (1.2 to 1.7): devices in them become assets; with an asset named, the bill is
//! that asset's. Libraries are counted, never listed: the bill itself is kept and referred to.

use super::words::{clean, sound};
use super::xml::{Tag, Walk};
use super::{Importable, Incoming, ROWS_MAX, Source, counted};
use serde_json::Value;
use std::collections::BTreeSet;
use zonewright_assess::propose::blank_asset;
use zonewright_plant::id::AssetId;
use zonewright_plant::model::Mac;

/// Components that are read, those within others included.
const COMPONENTS_MAX: usize = 1_000_000;
/// Levels to which components nest.
const DEPTH_MAX: usize = 32;
/// Software of one asset that is named; the bill has the rest.
const SOFTWARE_MAX: usize = 20;

/// What a component is of itself.
#[derive(Debug, Clone, Default)]
struct Component {
    ty: String,
    name: String,
    version: Option<String>,
    /// Manufacturer, supplier or publisher.
    vendor: Option<String>,
    serial: Option<String>,
    macs: Vec<Mac>,
    within: Vec<Component>,
}

/// A bill, read.
#[derive(Debug, Default)]
struct Bill {
    spec: String,
    day: Option<String>,
    about: Option<Component>,
    components: Vec<Component>,
    count: usize,
    notes: Vec<String>,
}

/// Reads a bill of materials in JSON.
pub(super) fn from_json(file: &str, value: &Value, of: Option<&AssetId>) -> Result<Source, String> {
    let text = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_str).map(clean).filter(|text| !text.is_empty())
    };
    let metadata = value.get("metadata").unwrap_or(&Value::Null);
    let mut bill = Bill {
        spec: text(value, "specVersion").unwrap_or_default(),
        day: text(metadata, "timestamp").map(|moment| moment.chars().take(10).collect()),
        ..Bill::default()
    };
    bill.about =
        metadata.get("component").filter(|about| about.is_object()).map(|about| bill.component(about, 0));
    let components = value.get("components").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    bill.components = bill.all(components, 0);
    bill.source(file, of)
}

/// Reads a bill of materials in XML, as far as it goes.
pub(super) fn from_xml(file: &str, text: &str, of: Option<&AssetId>) -> Result<Source, String> {
    let mut reading = XmlReading::default();
    let mut walk = Walk::over(text);
    while let Some(tag) = walk.step() {
        reading.take(&tag);
    }
    let mut bill = reading.bill;
    if let Some(why) = walk.stopped {
        if bill.components.is_empty() && bill.about.is_none() {
            return Err(format!("it is a bill of materials of which nothing could be read: {why}"));
        }
        bill.notes.push(format!("it is not whole and was read as far as it goes: {why}"));
    }
    bill.source(file, of)
}

impl Bill {
    fn all(&mut self, values: &[Value], depth: usize) -> Vec<Component> {
        let mut components = Vec::new();
        for value in values.iter().filter(|value| value.is_object()) {
            if self.count >= COMPONENTS_MAX {
                self.note(format!("only the first {COMPONENTS_MAX} components were read"));
                break;
            }
            self.count += 1;
            components.push(self.component(value, depth));
        }
        components
    }

    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn component(&mut self, value: &Value, depth: usize) -> Component {
        let text =
            |key: &str| value.get(key).and_then(Value::as_str).map(clean).filter(|text| !text.is_empty());
        let of = |key: &str| {
            value.get(key)?.get("name").and_then(Value::as_str).map(clean).filter(|text| !text.is_empty())
        };
        let mut component = Component {
            ty: text("type").unwrap_or_default(),
            name: text("name").unwrap_or_default(),
            version: text("version"),
            vendor: of("manufacturer").or_else(|| of("supplier")).or_else(|| text("publisher")),
            ..Component::default()
        };
        for property in value.get("properties").and_then(Value::as_array).into_iter().flatten() {
            let part = |key: &str| property.get(key).and_then(Value::as_str).unwrap_or_default();
            component.property(part("name"), part("value"));
        }
        let within = value.get("components").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if depth < DEPTH_MAX {
            component.within = self.all(within, depth + 1);
        } else if !within.is_empty() {
            self.note(format!("components within components deeper than {DEPTH_MAX} were left out"));
        }
        component
    }

    fn source(self, file: &str, of: Option<&AssetId>) -> Result<Source, String> {
        let mut source = Source::new(file, Importable::CycloneDx);
        let about = self.about.as_ref().filter(|about| !about.name.is_empty());
        let day = self.day.as_ref().map(|day| format!(" of {day}")).unwrap_or_default();
        let what = about.map(|about| format!(" of {}", about.words())).unwrap_or_default();
        source.words = format!(
            "CycloneDX {} bill of materials{what}{day}: {}",
            self.spec,
            counted(self.count, "component")
        );
        source.notes.clone_from(&self.notes);
        if let Some(id) = of {
            source.assets.push(self.of_asset(file, id));
            source.keeps = true;
            return Ok(source);
        }
        // In a bill of one device, devices are its parts.
        let devices: Vec<&Component> = match about.filter(|about| about.is_device()) {
            Some(about) => vec![about],
            None => self.components.iter().filter(|component| component.is_device()).collect(),
        };
        if devices.is_empty() {
            return Err(format!(
                "it is a bill of materials ({} components) without a device: say whose it is with --asset ID",
                self.count
            ));
        }
        let alone = about.is_some_and(Component::is_device);
        let mut taken = BTreeSet::new();
        for (at, device) in devices.iter().take(ROWS_MAX).enumerate() {
            let parts = if alone { &self.components } else { &device.within };
            let mut incoming = device.incoming(file, at + 1, parts);
            let id = super::words::free(incoming.asset.id.as_str(), &mut taken);
            incoming.asset.id = AssetId::from(id.as_str());
            source.assets.push(incoming);
        }
        source.keeps = alone;
        Ok(source)
    }

    /// The bill of an asset that the workspace has: what the bill is about, and the systems and applications in it.
    fn of_asset(&self, file: &str, id: &AssetId) -> Incoming {
        let mut asset = blank_asset(id.clone(), format!("its bill of materials is {file}"));
        let mut parts: Vec<&Component> = Vec::new();
        match &self.about {
            Some(about) if about.is_device() => {
                asset.vendor.clone_from(&about.vendor);
                asset.model = Some(about.name.clone()).filter(|name| !name.is_empty());
                asset.version.clone_from(&about.version);
                asset.serial.clone_from(&about.serial);
                parts.extend(&about.within);
            }
            Some(about) => parts.push(about),
            None => {}
        }
        parts.extend(&self.components);
        asset.software = software(parts.into_iter());
        let guessed = BTreeSet::from(["vendor", "model", "software"]);
        Incoming { asset, place: file.to_string(), named: true, guessed }
    }
}

impl Component {
    fn is_device(&self) -> bool {
        matches!(self.ty.as_str(), "device" | "firmware") && !self.name.is_empty()
    }

    fn words(&self) -> String {
        match &self.version {
            Some(version) => format!("{} {version}", self.name),
            None => self.name.clone(),
        }
    }

    /// Names of the device property taxonomy of CycloneDX.
    fn property(&mut self, name: &str, value: &str) {
        match name {
            "cdx:device:serialNumber" => self.serial = Some(clean(value)).filter(|text| !text.is_empty()),
            "cdx:device:macAddress" => self.macs.extend(Mac::parse(value)),
            _ => {}
        }
    }

    fn incoming(&self, file: &str, number: usize, parts: &[Component]) -> Incoming {
        let place = format!("{file}, {} {number}", self.ty);
        let mut asset = blank_asset(
            AssetId::from(sound(&self.name).as_str()),
            format!("a {} of the bill of materials {place}", self.ty),
        );
        asset.common.name = Some(self.name.clone());
        asset.vendor.clone_from(&self.vendor);
        let is_firmware = self.ty == "firmware";
        asset.model = (!is_firmware).then(|| self.name.clone());
        asset.version.clone_from(&self.version);
        asset.serial.clone_from(&self.serial);
        asset.macs.clone_from(&self.macs);
        let itself = is_firmware.then_some(self);
        asset.software = software(itself.into_iter().chain(&self.within).chain(parts));
        Incoming {
            asset,
            place,
            named: true,
            guessed: BTreeSet::from(["name", "model", "vendor", "software"]),
        }
    }
}

/// What runs on a device: systems, firmware and applications, never the libraries that they are made of.
fn software<'a>(parts: impl Iterator<Item = &'a Component>) -> Vec<String> {
    let runs =
        |ty: &str| matches!(ty, "operating-system" | "firmware" | "application" | "platform" | "container");
    let mut software = Vec::new();
    for part in parts.filter(|part| runs(&part.ty) && !part.name.is_empty()) {
        let words = part.words().replace(';', ",");
        if software.len() < SOFTWARE_MAX && !software.contains(&words) {
            software.push(words);
        }
    }
    software
}

/// A bill in XML under way.
#[derive(Debug, Default)]
struct XmlReading {
    bill: Bill,
    names: Vec<String>,
    open: Vec<Component>,
    property: Option<String>,
    text: String,
}

impl XmlReading {
    fn take(&mut self, tag: &Tag) {
        match tag {
            Tag::Open { name, .. } => {
                self.text.clear();
                match name.as_str() {
                    "bom" if self.names.is_empty() => {
                        self.bill.spec = tag
                            .attribute("xmlns")
                            .and_then(|ns| ns.rsplit('/').next())
                            .map(clean)
                            .unwrap_or_default()
                    }
                    "component" => {
                        let ty = tag.attribute("type").map(clean).unwrap_or_default();
                        self.open.push(Component { ty, ..Component::default() });
                    }
                    "property" => self.property = tag.attribute("name").map(clean),
                    _ => {}
                }
                self.names.push(name.clone());
            }
            Tag::Text(text) => {
                if self.text.len() < super::CELL_CHARS_MAX {
                    self.text.push_str(text);
                }
            }
            Tag::Close => {
                let name = self.names.pop().unwrap_or_default();
                self.close(&name);
                self.text.clear();
            }
        }
    }

    fn close(&mut self, name: &str) {
        let parent = self.names.last().map(String::as_str);
        let text = Some(clean(&self.text)).filter(|text| !text.is_empty());
        if name == "component" {
            let Some(component) = self.open.pop() else { return };
            match self.open.last_mut() {
                Some(outer) => outer.within.push(component),
                None if parent == Some("metadata") => {
                    self.bill.about = Some(component);
                    return;
                }
                // Components of tools, of evidence and of vulnerabilities are no parts.
                None if self.names.iter().all(|name| matches!(name.as_str(), "bom" | "components")) => {
                    if self.bill.components.len() < COMPONENTS_MAX {
                        self.bill.components.push(component);
                    }
                }
                None => return,
            }
            self.bill.count += 1;
            return;
        }
        if name == "timestamp" && parent == Some("metadata") {
            self.bill.day = text.map(|moment| moment.chars().take(10).collect());
            return;
        }
        let Some(component) = self.open.last_mut() else { return };
        match (name, parent) {
            ("name", Some("component")) => component.name = text.unwrap_or_default(),
            ("version", Some("component")) => component.version = text,
            ("name", Some("manufacturer" | "supplier")) => {
                component.vendor = component.vendor.take().or(text)
            }
            ("publisher", Some("component")) => component.vendor = component.vendor.take().or(text),
            ("property", _) => {
                if let (Some(name), Some(value)) = (self.property.take(), text) {
                    component.property(&name, &value);
                }
            }
            _ => {}
        }
    }
}
