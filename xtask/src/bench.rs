//! Measurements, as `docs/reference/performance.md` quotes them: `cargo xtask bench`.
//!
//! What is measured is CPU time (user and system) and peak memory of whole processes, as the system counts them, in pairs:
//! the thing and its yardstick run in turn, and the median of their ratios is printed. Seconds of a shared machine mean
//! little, ratios more. Nothing here fails for being slow: a test that is timed is a test that lies.

use crate::say;
use std::error::Error;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// How often each pair runs.
const PAIRS: usize = 7;

/// Size of the capture, as `make-large.sh` takes it, and in bytes.
const CAPTURE: (&str, usize) = ("200M", 200_000_000);

/// The plant: assets, zones, conduits.
const PLANT: [(&str, usize); 3] = [("--assets", 100_000), ("--zones", 500), ("--conduits", 2_000)];

/// Rules of the firewall.
const RULES: usize = 10_000;

/// How many rules the growth curve has points for.
const CURVE: [usize; 5] = [1_000, 3_000, 10_000, 30_000, 100_000];

/// The dialects of the growth curve; one that is not read yet is left out.
const CURVE_DIALECTS: [&str; 4] = ["nftables", "iptables", "asa", "fortios"];

type Outcome<T> = Result<T, Box<dyn Error>>;

pub(crate) fn run() -> ExitCode {
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::from(2)
        }
    }
}

/// `cargo xtask bench firewall`: how reading a configuration and judging it between all pairs of 20 zones grows with its
/// rules.
pub(crate) fn firewall() -> ExitCode {
    match curve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::from(2)
        }
    }
}

fn curve() -> Outcome<()> {
    let matrix =
        built(&["build", "--release", "--package", "zonewright-firewall", "--example", "matrix"], "matrix")?;
    say("| dialect | rules | CPU s | MB |\n| --- | ---: | ---: | ---: |");
    for dialect in CURVE_DIALECTS {
        for rules in CURVE {
            let count = rules.to_string();
            let words = [matrix.as_path(), Path::new(dialect), Path::new(&count)];
            match cost(&words) {
                Ok(cost) => {
                    say(&format!("| {dialect} | {rules} | {:.1} | {:.0} |", cost.seconds, cost.megabytes))
                }
                Err(error) if rules == CURVE[0] => {
                    say(&format!("{dialect} is left out: {error}"));
                    break;
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

fn measure() -> Outcome<()> {
    let folder = PathBuf::from("out/bench");
    std::fs::create_dir_all(&folder)?;
    say("building");
    let zonewright = built(&["build", "--release", "--package", "zonewright"], "zonewright")?;
    let generate =
        built(&["build", "--release", "--package", "zonewright-plant", "--example", "generate"], "generate")?;
    let bare_loop = built(
        &["bench", "--no-run", "--package", "zonewright-traffic", "--bench", "bare_loop"],
        "bare_loop",
    )?;

    let capture = capture(&folder)?;
    let observe = |format: &'static str| {
        [
            &zonewright,
            Path::new("observe"),
            &capture,
            Path::new("--no-hash"),
            Path::new("--format"),
            Path::new(format),
        ]
    };
    let yardstick = [bare_loop.as_path(), &capture];
    pair("observe a capture", &observe("text"), "count its 5-tuples", &yardstick)?;
    pair("observe it, all as JSON", &observe("json"), "count its 5-tuples", &yardstick)?;
    let mut two = observe("text").to_vec();
    two.extend([Path::new("--threads"), Path::new("2")]);
    in_time("observe with two threads", &two, "with one", &observe("text"))?;
    peers(&folder, &capture, &observe("text"), &zonewright)?;

    let plant = folder.join("plant");
    let mut words = vec![generate.clone(), plant.clone(), "--seed".into(), "1".into()];
    words.extend(PLANT.iter().flat_map(|(option, count)| [PathBuf::from(option), count.to_string().into()]));
    once(&words)?;
    let check = [
        zonewright.as_path(),
        Path::new("check"),
        &plant,
        Path::new("--as-of"),
        Path::new("2026-11-26"),
        Path::new("--fail-on"),
        Path::new("never"),
    ];
    let read = [generate.as_path(), Path::new("--read"), &plant];
    pair("check a plant", &check, "read it", &read)?;
    let assess = [
        zonewright.as_path(),
        Path::new("assess"),
        &plant,
        Path::new("--as-of"),
        Path::new("2026-11-26"),
        Path::new("--format"),
        Path::new("json"),
    ];
    pair("assess a plant", &assess, "read it", &read)?;

    let rules = folder.join("rules.nft");
    std::fs::write(&rules, ruleset(RULES))?;
    let firewall = |what: &'static str| {
        [
            zonewright.as_path(),
            Path::new("firewall"),
            Path::new(what),
            &rules,
            Path::new("--format"),
            Path::new("json"),
        ]
    };
    pair("ask a firewall everything", &firewall("query"), "read it", &firewall("read"))
}

/// What others make of the same captures, where they are installed; and what one packet costs in instructions, which does
/// not hang on how busy the machine is.
fn peers(folder: &Path, capture: &Path, observe: &[&Path], zonewright: &Path) -> Outcome<()> {
    if has("ndpiReader") {
        let names = [Path::new("ndpiReader"), Path::new("-q"), Path::new("-i"), capture];
        pair("name protocols (ndpiReader)", &names, "observe", observe)?;
    }
    let slice = folder.join("slice.pcap");
    let packets = slice_of(capture, &slice)?;
    let small = [
        zonewright,
        Path::new("observe"),
        &slice,
        Path::new("--no-hash"),
        Path::new("--format"),
        Path::new("text"),
    ];
    if has("tshark") {
        let mut fields = vec![Path::new("tshark"), Path::new("-n"), Path::new("-r"), &slice];
        fields.extend(["-T", "fields"].map(Path::new));
        for field in FUNCTION_FIELDS {
            fields.extend([Path::new("-e"), Path::new(field)]);
        }
        pair("function fields (tshark)", &fields, "observe", &small)?;
    }
    if has("valgrind") {
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .args(small)
            .stdout(Stdio::null())
            .output()?;
        let text = String::from_utf8_lossy(&output.stderr);
        let collected = text.lines().find_map(|line| line.split("Collected : ").nth(1));
        let instructions: f64 = collected.and_then(|number| number.trim().parse().ok()).unwrap_or(0.0);
        say(&format!(
            "instructions per packet      {:8.0}   ({packets} packets)",
            instructions / packets as f64
        ));
    }
    Ok(())
}

/// The fields by which tshark tells what industrial messages do.
const FUNCTION_FIELDS: [&str; 7] = [
    "modbus.func_code",
    "s7comm.param.func",
    "cip.service",
    "dnp3.al.func",
    "iec60870_asdu.typeid",
    "opcua.servicenodeid.numeric",
    "bacapp.confirmed_service",
];

/// Bytes of a capture that slow programs are given.
const SLICE_BYTES: usize = 40_000_000;

/// Writes the first packets of a classic little-endian capture to a file; how many there are.
fn slice_of(capture: &Path, to: &Path) -> Outcome<usize> {
    let mut bytes = Vec::new();
    std::io::Read::take(std::fs::File::open(capture)?, SLICE_BYTES as u64).read_to_end(&mut bytes)?;
    let (mut end, mut packets) = (24, 0);
    while let Some(length) = bytes.get(end + 8..).and_then(|rest| rest.first_chunk()) {
        let next = end + 16 + u32::from_le_bytes(*length) as usize;
        if next > bytes.len() {
            break;
        }
        end = next;
        packets += 1;
    }
    std::fs::write(to, bytes.get(..end).unwrap_or_default())?;
    Ok(packets)
}

/// Is a program installed?
fn has(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder| folder.join(program).is_file())
}

/// Builds, and returns where the executable of that name is.
fn built(words: &[&str], name: &str) -> Outcome<PathBuf> {
    let output =
        Command::new("cargo").args(words).arg("--message-format=json").stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("cargo {} failed", words.join(" ")).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let executables = text.split("\"executable\":\"").skip(1).filter_map(|rest| rest.split('"').next());
    let named = |path: &&str| {
        Path::new(path).file_name().is_some_and(|file| file.to_string_lossy().starts_with(name))
    };
    let found = executables.filter(named).last();
    found.map(PathBuf::from).ok_or_else(|| format!("cargo built no `{name}`").into())
}

/// A large classic capture: made by the shared data's own tool, or the example's captures over and over.
fn capture(folder: &Path) -> Outcome<PathBuf> {
    let path = folder.join("large.pcap");
    let shared =
        std::env::var_os("ZONEWRIGHT_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let maker = shared.join("data/make-large.sh");
    if maker.is_file() {
        once(&[maker, CAPTURE.0.into(), path.clone()])?;
        return Ok(path);
    }
    let mut files: Vec<PathBuf> = std::fs::read_dir("examples/waterworks/evidence")?
        .map(|entry| Ok(entry?.path()))
        .collect::<Outcome<_>>()?;
    files.retain(|file| file.extension().is_some_and(|ending| ending == "pcap"));
    files.sort();
    let (mut head, mut records) = (None, Vec::new());
    for file in files {
        let bytes = std::fs::read(file)?;
        if let Some((own, rest)) = bytes.split_at_checked(24)
            && head.get_or_insert_with(|| own.to_vec()) == own
        {
            records.extend_from_slice(rest);
        }
    }
    if records.is_empty() {
        return Err("the example has no captures to repeat".into());
    }
    let mut bytes = head.unwrap_or_default();
    while bytes.len() < CAPTURE.1 {
        bytes.extend_from_slice(&records);
    }
    std::fs::write(&path, bytes)?;
    Ok(path)
}

/// A forward chain of that many rules between random networks (splitmix64, always the same), behind one for replies.
fn ruleset(count: usize) -> String {
    let mut state = 1_u64;
    let mut below = |limit: u64| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    };
    let mut text = String::from(
        "table inet plant {\n\tchain forward {\n\t\ttype filter hook forward priority 0; policy drop;\n\t\tct state established,related accept\n",
    );
    for _ in 0..count {
        let (from, to, host, port) = (below(256), below(256), below(256), 1 + below(9_999));
        let protocol = if below(4) == 0 { "udp" } else { "tcp" };
        let verdict = if below(5) == 0 { "drop" } else { "accept" };
        let _ = writeln!(
            text,
            "\t\tip saddr 10.1.{from}.0/24 ip daddr 10.2.{to}.{host} {protocol} dport {port} {verdict}"
        );
    }
    text.push_str("\t}\n}\n");
    text
}

/// Runs a command that prepares something.
fn once(words: &[PathBuf]) -> Outcome<()> {
    let Some((program, rest)) = words.split_first() else { return Ok(()) };
    let status = Command::new(program).args(rest).stdout(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(format!("{} failed", program.display()).into()) }
}

/// What one run cost.
struct Cost {
    seconds: f64,
    megabytes: f64,
    /// Time that passed.
    elapsed: f64,
}

/// Waits for the command in the words and prints its user and system time and its peak memory, which only a parent is told.
const WAIT: &str = "
import os, sys, time
began = time.monotonic()
null = os.open(os.devnull, os.O_WRONLY)
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)])
_, status, used = os.wait4(child, 0)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, time.monotonic() - began)
sys.exit(os.waitstatus_to_exitcode(status))
";

fn cost(words: &[&Path]) -> Outcome<Cost> {
    let output = Command::new("python3").args(["-c", WAIT]).args(words).stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8(output.stdout)?;
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match numbers.as_slice() {
        [seconds, megabytes, elapsed] if output.status.success() => {
            Ok(Cost { seconds: *seconds, megabytes: *megabytes, elapsed: *elapsed })
        }
        _ => Err(format!("{:?} failed", words).into()),
    }
}

/// Runs both in turn, and prints the medians.
fn pair(what: &str, thing: &[&Path], than: &str, yardstick: &[&Path]) -> Outcome<()> {
    let (mut ratios, mut seconds, mut yards) = (Vec::new(), Vec::new(), Vec::new());
    let (mut peak, mut yard_peak) = (0.0_f64, 0.0_f64);
    // The first pair warms the caches and does not count.
    for round in 0..=PAIRS {
        let (one, other) = (cost(thing)?, cost(yardstick)?);
        peak = peak.max(one.megabytes);
        yard_peak = yard_peak.max(other.megabytes);
        if round > 0 {
            ratios.push(one.seconds / other.seconds.max(0.001));
            seconds.push(one.seconds);
            yards.push(other.seconds);
        }
    }
    say(&format!(
        "{what:28} {:8.3} s CPU {peak:7.0} MB   {than:20} {:8.3} s CPU {yard_peak:7.0} MB   ratio {:.1}",
        median(&mut seconds),
        median(&mut yards),
        median(&mut ratios)
    ));
    Ok(())
}

/// Runs both in turn, and prints the medians of the time that passed.
fn in_time(what: &str, thing: &[&Path], than: &str, yardstick: &[&Path]) -> Outcome<()> {
    let (mut ratios, mut work) = (Vec::new(), Vec::new());
    for round in 0..=PAIRS {
        let (one, other) = (cost(thing)?, cost(yardstick)?);
        if round > 0 {
            ratios.push(other.elapsed / one.elapsed.max(0.001));
            work.push(one.seconds / other.seconds.max(0.001));
        }
    }
    say(&format!(
        "{what:28} {:.2} times as fast as {than}, for {:.2} times its CPU time",
        median(&mut ratios),
        median(&mut work)
    ));
    Ok(())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
