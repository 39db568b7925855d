//! `zonewright start`: a folder of evidence becomes a draft workspace with a first report and a review queue.

use super::review::{ITEMS_MAX, one};
use super::{Exit, Outcome, VERSION, judging_date};
use crate::args;
use crate::terminal::{self, Reading};
use zonewright_workbench::review::{self, KINDS};
use zonewright_workbench::start::{FileWords, Start, StartError, Started, start};

pub(super) fn run(arguments: &args::Start) -> Outcome {
    let columns = match super::import::columns(&arguments.columns) {
        Ok(columns) => columns,
        Err(message) => {
            terminal::note(&format!("error: {message}"));
            return Ok(Exit::Usage);
        }
    };
    let job = Start {
        folder: arguments.folder.clone(),
        into: arguments.into.clone().unwrap_or_else(|| arguments.folder.join("workspace")),
        columns,
        as_of: judging_date(arguments.as_of),
        version: VERSION.to_string(),
    };
    let reading = Reading::new("reading captures");
    let started = start(&job, &mut |progress| reading.update(progress));
    drop(reading);
    match started {
        Ok(started) => {
            terminal::print(&told(&job, &started))?;
            Ok(Exit::Done)
        }
        Err(error) => {
            if let StartError::Nothing { files, .. } = &error {
                terminal::note(&listed(files));
            }
            terminal::error(&error);
            if let StartError::Column(_) = error {
                return Ok(Exit::Usage);
            }
            terminal::note(
                "help: put captures (pcap, pcapng), firewall configurations (nftables, iptables-save) and lists or scans of assets (CSV, XLSX, NetBox, Nmap) into one folder",
            );
            Ok(Exit::NotUnderstood)
        }
    }
}

fn listed(files: &[FileWords]) -> String {
    let mut out = String::new();
    for (title, read) in [("Read:", true), ("Not read:", false)] {
        let files: Vec<&FileWords> = files.iter().filter(|file| file.read == read).collect();
        if !files.is_empty() {
            out.push_str(&format!("{title}\n"));
        }
        for file in files {
            out.push_str(&super::review::hang(&format!("  {}: ", file.name), &file.words));
        }
    }
    out
}

fn told(job: &Start, started: &Started) -> String {
    let mut out = listed(&started.files);
    let workspace = job.into.display();
    let Some(verified) = &started.verified else {
        out.push_str(&format!(
            "\nNothing new: the workspace {workspace} has all of it already and was left as it is.\n"
        ));
        out.push_str(&format!(
            "Next: `zonewright review {workspace}`, or `zonewright verify {workspace}`.\n"
        ));
        return out;
    };
    let queue = review::queue(&started.plant);
    let counts: Vec<String> = KINDS
        .iter()
        .map(|(kind, title)| {
            (title.to_lowercase(), queue.iter().filter(|item| item.name.kind == *kind).count())
        })
        .filter(|(_, n)| *n > 0)
        .map(|(title, n)| match title.as_str() {
            "evidence" => format!("{n} files of evidence"),
            _ => format!("{n} {title}"),
        })
        .collect();
    let verb = if started.added_to { "What is new was added to" } else { "A draft workspace was written to" };
    out.push_str(&format!("\n{verb} {workspace}\n"));
    out.push_str(&super::review::hang("", &format!("Waiting for your review: {}.", counts.join(", "))));
    out.push_str("Nothing of it counts as declared until you accept it.\n\nZones\n");
    for item in queue.iter().filter(|item| item.name.kind == "zone").take(ITEMS_MAX) {
        out.push_str(&one(item));
    }
    let twice: Vec<_> = queue.iter().filter(|item| item.needs_a_look()).collect();
    if !twice.is_empty() {
        out.push_str(&format!("\nLook twice at {} of these\n", twice.len()));
        for item in twice.iter().take(ITEMS_MAX) {
            out.push_str(&one(item));
        }
        if twice.len() > ITEMS_MAX {
            out.push_str(&format!("  and {} more\n", twice.len() - ITEMS_MAX));
        }
    }
    if !started.questions.is_empty() {
        out.push_str(&format!(
            "\nOpen questions ({}, also in {}/questions.txt)\n",
            started.questions.len(),
            workspace
        ));
        for question in started.questions.iter().take(ITEMS_MAX) {
            out.push_str(&super::review::hang("  - ", question));
        }
        if started.questions.len() > ITEMS_MAX {
            out.push_str(&format!("  and {} more\n", started.questions.len() - ITEMS_MAX));
        }
    }
    out.push_str("\nWhat the draft comes to, if you accepted all of it:\n\n");
    out.push_str(&zonewright_report::text::verification(&verified.report_input(VERSION), terminal::width()));
    out.push_str(&format!(
        "\nReport: {} (open it in a browser; it needs no network)\n\nGo on with:\n  zonewright review {workspace}              look at each proposal, accept or reject\n  zonewright review {workspace} accept all   accept everything (undo takes it back)\n  zonewright report {workspace}              judge what you accepted\n",
        started.report.display()
    ));
    out
}
