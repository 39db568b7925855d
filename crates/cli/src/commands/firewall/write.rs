//! `zonewright firewall write`: the conduits of a device as its configuration, with what loading it changes.

use super::packets;
use crate::args::{PlainFormat, Write};
use crate::commands::{Exit, Outcome, VERSION, emit, judging_date};
use crate::terminal::{self, Reading};
use jiff::civil::Date;
use serde_json::{Value, json};
use zonewright_assess::compile::{CompileOptions, CutOff, Functions, Note, OwnTraffic};
use zonewright_firewall::reach::{Difference, PacketBox, Question, difference_json};
use zonewright_firewall::write::{End, Permit, Policy, ReadBack, Service, WRITERS, Writer, writer_named};
use zonewright_plant::id::AssetId;
use zonewright_report::json::to_text;
use zonewright_source::nearest;
use zonewright_workbench::Workspace;
use zonewright_workbench::written::{WritingError, WrittenConduits, write};

/// Most rows of a kind in the summary; the JSON has all.
const ROWS_MAX: usize = 20;

pub(super) fn run(arguments: &Write) -> Outcome {
    let Some(writer) = writer_named(&arguments.dialect) else {
        let names: Vec<&str> = WRITERS.iter().map(|writer| writer.name()).collect();
        return usage(&arguments.dialect, "dialect", "is not written here", &names);
    };
    let workspace = Workspace::read(&arguments.workspace)?;
    terminal::diagnostics(&workspace.diagnostics, |file| workspace.text(file));
    if workspace.has_errors() {
        terminal::note("the model has errors; mend them first, nothing was written");
        return Ok(Exit::NotUnderstood);
    }
    let device = AssetId::from(arguments.device.as_str());
    if !workspace.plant.assets.contains_key(&device) {
        let conduits = workspace.plant.conduits.values();
        let mut names: Vec<&str> =
            conduits.flat_map(|conduit| conduit.enforced_by.iter().map(AssetId::as_str)).collect();
        names.sort_unstable();
        names.dedup();
        return usage(&arguments.device, "asset", "is not in the model", &names);
    }
    let as_of = judging_date(arguments.as_of);
    let options = CompileOptions {
        device: &device,
        as_of,
        own_traffic: if arguments.close_device { OwnTraffic::Ruled } else { OwnTraffic::Left },
        functions: if arguments.drop { Functions::Stopped } else { Functions::Reported },
    };
    let reading = Reading::new("reading captures");
    let against = arguments.against.as_deref();
    let result = write(&workspace, options, writer, against, &mut |progress| reading.update(progress));
    drop(reading);
    let done = match result {
        Ok(done) => done,
        Err(error @ WritingError::Compile(_)) => {
            terminal::note(&format!("error: {error}"));
            return Ok(Exit::Findings);
        }
        Err(error @ WritingError::Against(_)) => {
            terminal::note(&format!("error: {error}"));
            return Ok(Exit::NotUnderstood);
        }
        Err(error) => return Err(error.into()),
    };
    if let ReadBack::Differs(difference) = &done.read_back {
        terminal::note(&format!(
            "error: what would be written as {} does not say what the conduits do; nothing was written",
            writer.title()
        ));
        say_sets(difference, ["too little", "too much", "unclear"]);
        return Ok(Exit::NotUnderstood);
    }
    let text = match arguments.format {
        PlainFormat::Text => done.written.text.clone(),
        PlainFormat::Json => to_text(&document(&workspace, &done, writer, as_of)),
    };
    emit(&text, arguments.output.as_deref())?;
    summary(&done, writer);
    terminal::note(&next(arguments, writer));
    let whole = done.compiled.uncompiled.is_empty() && done.written.unsaid.is_empty();
    Ok(if whole { Exit::Done } else { Exit::Findings })
}

fn usage(word: &str, kind: &str, what: &str, names: &[&str]) -> Outcome {
    let help = nearest(word, names.iter().copied()).map_or_else(
        || {
            if names.is_empty() {
                "no conduit names one".into()
            } else {
                format!("known are {}", names.join(", "))
            }
        },
        |near| format!("did you mean `{near}`?"),
    );
    terminal::note(&format!("error: {kind} `{word}` {what}; {help}"));
    Ok(Exit::Usage)
}

/// What was written and what it changes, in some lines.
fn summary(done: &WrittenConduits<'_>, writer: &dyn Writer) {
    let policy = &done.compiled.policy;
    let mut ids: Vec<&str> = policy.permits.iter().map(|permit| permit.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let read = match &done.read_back {
        ReadBack::Equal => "read back, it passes exactly what they say".to_string(),
        ReadBack::Differs(_) => "read back, it passes something else".to_string(),
        ReadBack::Unknown(why) => format!("not read back: {why}"),
    };
    terminal::note(&format!("{} as {}: {} permits; {read}", policy.device, writer.title(), ids.len()));
    let unsaid: Vec<String> =
        done.written.unsaid.iter().map(|unsaid| format!("{}: {}", unsaid.id, unsaid.why)).collect();
    let notes = |notes: &[Note]| -> Vec<String> {
        notes.iter().map(|note| format!("{}: {}", note.subject(), note.text)).collect()
    };
    for (title, lines) in [
        ("could not be compiled", notes(&done.compiled.uncompiled)),
        ("cannot be said in this dialect", unsaid),
        ("left out", notes(&done.compiled.left_out)),
        ("asked for beyond a packet filter", notes(&done.compiled.beyond)),
        ("to know", done.written.remarks.clone()),
    ] {
        list(title, &lines);
    }
    match (&done.running, &done.change.sets) {
        (Some(running), Some(Ok(difference))) => {
            terminal::note(&format!("against {}:", name_of(running)));
            if difference.is_none() {
                terminal::note("  the two pass the same");
            }
            say_sets(difference, ["closes", "opens", "unclear"]);
        }
        (Some(running), Some(Err(error))) => {
            terminal::note(&format!("against {}: the difference cannot be told: {error}", name_of(running)));
        }
        _ => terminal::note("no running configuration is known: nothing to compare with (--against FILE)"),
    }
    cut_off(done);
}

fn cut_off(done: &WrittenConduits<'_>) {
    let (flows, judged) = (&done.change.cut_off, done.change.flows_judged);
    if judged == 0 {
        return terminal::note("no captured flow passes this device: what would be cut off is not known");
    }
    terminal::note(&format!(
        "of {judged} captured flows between its zones, {} would be cut off",
        flows.len()
    ));
    let rows: Vec<String> = flows.iter().map(row).collect();
    list("", &rows);
}

fn row(flow: &CutOff) -> String {
    let port = flow.port.map(|port| format!(" {port}")).unwrap_or_default();
    let running = match flow.running.as_str() {
        "unknown" => String::new(),
        word => format!("; {word} today"),
    };
    format!(
        "{} {} -> {} {}, {}{port}, {} packets{running}",
        flow.from_zone, flow.from, flow.to_zone, flow.to, flow.protocol, flow.packets
    )
}

fn name_of(running: &zonewright_workbench::written::Running) -> String {
    match &running.evidence {
        Some(evidence) => format!("evidence {evidence} ({})", running.file),
        None => running.file.clone(),
    }
}

fn list(title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    if !title.is_empty() {
        terminal::note(&format!("{title}:"));
    }
    for line in lines.iter().take(ROWS_MAX) {
        terminal::note(&format!("  {line}"));
    }
    if lines.len() > ROWS_MAX {
        terminal::note(&format!("  and {} more (--format json has all)", lines.len() - ROWS_MAX));
    }
}

fn say_sets(difference: &Difference, words: [&str; 3]) {
    let sets: [&[PacketBox]; 3] = [&difference.closed, &difference.opened, &difference.unclear];
    for (word, boxes) in words.into_iter().zip(sets) {
        let rows: Vec<String> =
            boxes.iter().map(|one| format!("{word:8} {}", packets(one, &Question::default()))).collect();
        list("", &rows);
    }
}

fn next(arguments: &Write, writer: &dyn Writer) -> String {
    let folder = arguments.workspace.display();
    let file = arguments.output.as_deref().map_or_else(|| "FILE".into(), |path| path.display().to_string());
    match (writer.read_by(), arguments.output.as_deref(), arguments.format) {
        (None, _, _) => {
            format!("Next: test it (suricata -T -S {file}), then load it on the sensor that sees these ways")
        }
        (Some(_), Some(_), PlainFormat::Text) => format!(
            "Next: `zonewright firewall read {file}`; when it is loaded, add the device's configuration as evidence and run `zonewright verify {folder}`"
        ),
        (Some(_), _, _) => format!(
            "Next: `zonewright firewall write {folder} --device {} --dialect {} --output FILE`, look at it, load it",
            arguments.device, arguments.dialect
        ),
    }
}

/// The document `zonewright-written/1`.
fn document(workspace: &Workspace, done: &WrittenConduits<'_>, writer: &dyn Writer, as_of: Date) -> Value {
    let compiled = &done.compiled;
    let (read_back, why) = match &done.read_back {
        ReadBack::Equal => ("equal", None),
        ReadBack::Differs(_) => ("differs", None),
        ReadBack::Unknown(why) => ("unknown", Some(why.clone())),
    };
    json!({
        "format": "zonewright-written/1",
        "zonewright": VERSION,
        "plant": workspace.plant.system.as_ref().map(|system| system.id.clone()),
        "device": compiled.policy.device,
        "dialect": writer.name(),
        "as_of": as_of.to_string(),
        "interfaces_from": compiled.interfaces.id.to_string(),
        "configuration": done.written.text,
        "permits": permits(&compiled.policy),
        "left_out": notes(&compiled.left_out),
        "uncompiled": notes(&compiled.uncompiled),
        "beyond": notes(&compiled.beyond),
        "unsaid": done.written.unsaid.iter().map(|unsaid| json!({"permit": unsaid.id, "text": unsaid.why})).collect::<Vec<_>>(),
        "remarks": done.written.remarks,
        "read_back": read_back,
        "read_back_unknown": why,
        "against": against(done),
        "flows_judged": done.change.flows_judged,
        "cut_off": done.change.cut_off.iter().map(flow).collect::<Vec<_>>(),
    })
}

fn notes(notes: &[Note]) -> Vec<Value> {
    let one = |note: &Note| {
        json!({
            "conduit": note.conduit.to_string(),
            "permit": note.permit.as_ref().map(ToString::to_string),
            "text": note.text,
        })
    };
    notes.iter().map(one).collect()
}

fn permits(policy: &Policy) -> Vec<Value> {
    let end = |end: &End| json!({"interfaces": end.interfaces, "addresses": end.addresses.to_string()});
    let one = |permit: &Permit| {
        json!({
            "id": permit.id,
            "from": end(&permit.from),
            "to": end(&permit.to),
            "services": permit.services.iter().map(service).collect::<Vec<_>>(),
            "log": permit.logged,
            "until": permit.until.map(|until| until.to_string()),
            "purpose": permit.purpose,
            "functions": permit.functions.as_ref().map(|limit| {
                limit.allowed.iter().map(|function| function.name.clone()).collect::<Vec<_>>()
            }),
        })
    };
    policy.permits.iter().chain(policy.own.iter().flatten()).map(one).collect()
}

fn service(service: &Service) -> Value {
    match service {
        Service::Any => json!({"protocol": "any"}),
        Service::Protocol(number) => json!({"protocol": number}),
        Service::Ports { protocol, ports } => json!({"protocol": protocol, "ports": ports.to_string()}),
        Service::Icmp { version, kind, code } => {
            let protocol = if version.as_str() == "ipv4" { 1 } else { 58 };
            json!({"protocol": protocol, "icmp_type": kind, "icmp_code": code})
        }
        Service::Frames(kind) => json!({"ethertype": format!("{kind:#06x}")}),
    }
}

fn against(done: &WrittenConduits<'_>) -> Value {
    let Some(running) = &done.running else { return Value::Null };
    let mut value = match &done.change.sets {
        Some(Ok(difference)) => difference_json(difference),
        Some(Err(error)) => json!({"equal": null, "limit": error.to_string()}),
        None => json!({"equal": null}),
    };
    if let Some(object) = value.as_object_mut() {
        object.remove("format");
        object.remove("zonewright");
        object.insert("file".into(), running.file.clone().into());
        object.insert("evidence".into(), running.evidence.as_ref().map(ToString::to_string).into());
        object.insert("dialect".into(), running.ruleset.dialect.into());
    }
    value
}

fn flow(flow: &CutOff) -> Value {
    json!({
        "flow": flow.flow,
        "from_zone": flow.from_zone.to_string(),
        "to_zone": flow.to_zone.to_string(),
        "from": flow.from,
        "to": flow.to,
        "protocol": flow.protocol,
        "port": flow.port,
        "packets": flow.packets,
        "running": flow.running.as_str(),
        "written": flow.written.as_str(),
    })
}
