//! `zonewright observe`: what captures show, without any plant.

use super::{Exit, Outcome, VERSION, emit};
use crate::args::{Observe, PlainFormat};
use crate::terminal::{self, Reading};
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{Cell, CellAlignment, Table};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zonewright_traffic::observation::Observation;
use zonewright_traffic::{CaptureInput, Hashing, Options, json};
use zonewright_workbench::files;

pub(super) fn run(observe: &Observe) -> Outcome {
    let points = observe.capture_point.len();
    if points > 1 && points != observe.files.len() {
        terminal::note(&format!(
            "error: {points} capture points for {} files; give one for all files, or one per file",
            observe.files.len()
        ));
        return Ok(Exit::Usage);
    }
    let observation = read(&observe.files, &observe.capture_point, observe.no_hash, observe.threads)?;
    terminal::diagnostics(&observation.diagnostics, |_| None);
    let text = match observe.format {
        PlainFormat::Json => {
            let findings = serde_json::Value::Array(Vec::new());
            json::Document { observation: &observation, version: VERSION, findings: &findings }.to_text()
        }
        PlainFormat::Text => readable(&observation),
    };
    emit(&text, observe.output.as_deref())?;
    Ok(if observation.understood() { Exit::Done } else { Exit::NotUnderstood })
}

/// The captures as one observation, those of folders with them. One capture point is for all files.
pub(super) fn read(
    files: &[PathBuf],
    points: &[String],
    no_hash: bool,
    threads: u32,
) -> Result<Observation, Box<dyn Error>> {
    let mut inputs = Vec::new();
    for (at, given) in files.iter().enumerate() {
        let point = points.get(at).or_else(|| points.first()).map(|point| Arc::from(point.as_str()));
        for file in within(given)? {
            inputs.push(CaptureInput { capture_point: point.clone(), ..CaptureInput::new(file) });
        }
    }
    let hashing = if no_hash { Hashing::None } else { Hashing::Blake3 };
    let reading = Reading::new("reading captures");
    let threads = match threads {
        0 => std::thread::available_parallelism().map_or(1, |cores| cores.get() as u32),
        threads => threads,
    };
    let options = Options { hashing, threads };
    Ok(zonewright_traffic::observe(&inputs, &options, &mut |progress| reading.update(progress)))
}

/// The file itself, or the captures in a folder, told by their content; other files are counted and left.
fn within(given: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    if !given.is_dir() {
        return Ok(vec![given.to_owned()]);
    }
    let below = files::below(given)?;
    let all = below.len();
    let captures: Vec<PathBuf> = below
        .into_iter()
        .map(|path| given.join(path))
        // A file that cannot be opened is kept: that it could not be read is said.
        .filter(|path| !matches!(zonewright_traffic::kind_of(path), Ok(None)))
        .collect();
    if captures.is_empty() {
        return Err(format!("no capture is in the folder `{}`", given.display()).into());
    }
    if captures.len() < all {
        let others = all - captures.len();
        let (are, what) = if others == 1 { ("is", "no capture") } else { ("are", "no captures") };
        terminal::note(&format!("left in `{}`: {others} that {are} {what}", given.display()));
    }
    Ok(captures)
}

/// Most rows of a table; the JSON has them all.
const ROWS_MAX: usize = 60;

fn readable(observation: &Observation) -> String {
    let mut out = String::new();
    for capture in &observation.captures {
        let window = match (capture.first_seen, capture.last_seen) {
            (Some(first), Some(last)) => format!(", {first} to {last}"),
            _ => String::new(),
        };
        out.push_str(&format!(
            "{}: {} packets, {} bytes{window}\n",
            capture.path, capture.packets, capture.bytes
        ));
    }
    let mut protocols = table(&["protocol", "packets"]);
    for protocol in &observation.protocols {
        protocols.add_row([Cell::new(&protocol.name), number(protocol.packets)]);
    }
    section(&mut out, "Protocols", &protocols, observation.protocols.len());
    let mut assets = table(&["asset", "addresses", "what", "roles"]);
    for asset in observation.assets.iter().take(ROWS_MAX) {
        let addresses: Vec<String> = asset
            .ips
            .iter()
            .map(ToString::to_string)
            .chain(asset.macs.iter().map(ToString::to_string))
            .take(4)
            .collect();
        let what: Vec<&str> = [&asset.kind, &asset.vendor, &asset.product, &asset.version]
            .into_iter()
            .flatten()
            .map(AsRef::as_ref)
            .chain(asset.names.first().map(|name| name.name.as_ref()))
            .collect();
        let roles: Vec<String> =
            asset.roles.iter().map(|role| format!("{} {}", role.protocol, role.role.as_str())).collect();
        assets.add_row([asset.id.to_string(), addresses.join("\n"), what.join(" "), roles.join("\n")]);
    }
    section(&mut out, "Assets", &assets, observation.assets.len());
    let mut flows = table(&["from", "to", "protocol", "functions", "packets", "first packet"]);
    let mut busiest: Vec<_> = observation.flows.iter().collect();
    busiest.sort_by_key(|flow| std::cmp::Reverse(flow.packets));
    for flow in busiest.into_iter().take(ROWS_MAX) {
        let end = |end: &zonewright_traffic::observation::FlowEnd| {
            end.ip.map(|ip| ip.to_string()).or_else(|| end.mac.map(|mac| mac.to_string())).unwrap_or_default()
        };
        let port = flow.responder.port.map(|port| format!(":{port}")).unwrap_or_default();
        let mut classes: Vec<&str> = flow.functions.iter().map(|function| function.class.as_str()).collect();
        classes.sort_unstable();
        classes.dedup();
        let protocol =
            flow.protocol.as_deref().map_or_else(|| format!("{} ?", flow.transport), ToString::to_string);
        let place = flow.places.first().map(|place| place.packet.to_string()).unwrap_or_default();
        flows.add_row([
            Cell::new(end(&flow.initiator)),
            Cell::new(format!("{}{port}", end(&flow.responder))),
            Cell::new(protocol),
            Cell::new(classes.join(", ")),
            number(flow.packets),
            Cell::new(place).set_alignment(CellAlignment::Right),
        ]);
    }
    section(&mut out, "Flows, busiest first", &flows, observation.flows.len());
    if !observation.understood() {
        return out;
    }
    out.push_str(
        "\nNext: `zonewright propose FILE… --into FOLDER` makes a draft of zones and conduits out of this.\n",
    );
    out
}

fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_header(head);
    table.set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
    if let Ok(width) = u16::try_from(terminal::width()) {
        table.set_width(width);
    }
    table
}

fn number(n: u64) -> Cell {
    Cell::new(n).set_alignment(CellAlignment::Right)
}

fn section(out: &mut String, title: &str, table: &Table, rows: usize) {
    if rows == 0 {
        return;
    }
    out.push_str(&format!("\n{title} ({rows})\n{table}\n"));
    if rows > ROWS_MAX {
        out.push_str(&format!("and {} more: `--format json` has them all\n", rows - ROWS_MAX));
    }
}
