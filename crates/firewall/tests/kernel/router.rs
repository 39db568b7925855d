//! The router (or bridge) in its namespace: starts the worker, talks to it, and is gone with it.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::packet::{Packet, Seen, parse};
use super::pools::INTERFACES;

const WORKER: &str = include_str!("worker.py");

pub(crate) struct Router {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    sent: usize,
    kind: Kind,
}

/// What the interfaces are joined by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// Routes.
    Router,
    /// A bridge, with which only chains of the bridge family have to do.
    Bridge,
    /// A bridge of which chains for routed packets see what it forwards (`br_netfilter`).
    BridgeNetfilter,
}

/// Where a packet turned up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// It came out by the interface of this index.
    Out(usize, Seen),
    /// It was delivered to the router itself.
    Local,
    /// Nowhere.
    Gone,
}

impl Router {
    /// The router, or why there can be none on this machine.
    pub(crate) fn start(kind: Kind, tools: &[&str]) -> Result<Router, String> {
        for tool in ["unshare", "ip", "bridge", "python3"].iter().chain(tools) {
            let found = std::env::var_os("PATH").is_some_and(|path| {
                std::env::split_paths(&path)
                    .chain([Path::new("/usr/sbin").into()])
                    .any(|dir| dir.join(tool).exists())
            });
            if !found {
                return Err(format!("`{tool}` is not installed"));
            }
        }
        if !Path::new("/dev/net/tun").exists() {
            return Err("there is no /dev/net/tun".to_owned());
        }
        let mut child = Command::new("unshare")
            .args(["--net", "python3", "-u", "-c", WORKER, kind.as_str()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| format!("unshare does not start: {error}"))?;
        let requests = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let mut router = Router { child, requests, answers, sent: 0, kind };
        match router.answer().as_str() {
            "ready" => Ok(router),
            other => Err(format!("a network namespace cannot be made (not root?): {other}")),
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Loads a ruleset; the kernel's objection if it has one.
    pub(crate) fn load(&mut self, kind: &str, files: &[&Path]) -> Result<(), String> {
        let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        writeln!(self.requests, "load {kind} {}", files.join(" ")).unwrap();
        match self.answer() {
            ok if ok == "ok" => Ok(()),
            error => Err(error),
        }
    }

    /// Injects packets; each on its own, or (`false`) in the connections that those before it left.
    pub(crate) fn inject(&mut self, packets: &[(Packet, bool)]) -> Vec<Outcome> {
        if packets.is_empty() {
            return Vec::new();
        }
        let mut request = format!("batch {}\n", packets.len());
        for (packet, alone) in packets {
            self.sent += 1;
            let hex: String = packet.bytes(self.sent).iter().map(|byte| format!("{byte:02x}")).collect();
            let way = match self.kind {
                Kind::Router => INTERFACES[packet.interface].to_owned(),
                Kind::Bridge | Kind::BridgeNetfilter => packet.way(),
            };
            request.push_str(&format!("{way} {} {hex}\n", u8::from(*alone)));
        }
        self.requests.write_all(request.as_bytes()).unwrap();
        self.requests.flush().unwrap();
        packets.iter().map(|_| outcome(&self.answer())).collect()
    }
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Kind::Router => "router",
            Kind::Bridge => "bridge",
            Kind::BridgeNetfilter => "bridge-netfilter",
        }
    }
}

fn outcome(line: &str) -> Outcome {
    let Some((place, hex)) = line.split_once(' ') else { return Outcome::Gone };
    let bytes: Vec<u8> =
        (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect();
    match INTERFACES.iter().position(|name| *name == place) {
        Some(interface) => Outcome::Out(interface, parse(&bytes).unwrap()),
        None => Outcome::Local,
    }
}

impl Drop for Router {
    fn drop(&mut self) {
        // Its namespace, interfaces and rules go with it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
