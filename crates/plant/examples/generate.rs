//! Writes a large plant into a folder, to measure reading and checking:
//! `generate FOLDER [--assets N] [--zones Z] [--conduits C] [--seed S] [--toml]`, or reads one: `generate --read FOLDER`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for people at a terminal")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;
use zonewright_plant::text;

struct Wish {
    folder: PathBuf,
    assets: usize,
    zones: usize,
    conduits: usize,
    seed: u64,
    toml: bool,
    read: bool,
}

fn main() -> ExitCode {
    let Some(wish) = wish(std::env::args().skip(1)) else {
        eprintln!(
            "usage: generate FOLDER [--assets N] [--zones Z] [--conduits C] [--seed S] [--toml] | generate --read FOLDER"
        );
        return ExitCode::from(3);
    };
    let done = if wish.read { read(&wish.folder) } else { generate(&wish) };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", wish.folder.display());
            ExitCode::from(2)
        }
    }
}

fn wish(mut args: impl Iterator<Item = String>) -> Option<Wish> {
    let mut wish = Wish {
        folder: PathBuf::new(),
        assets: 100_000,
        zones: 500,
        conduits: 2_000,
        seed: 1,
        toml: false,
        read: false,
    };
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--assets" => wish.assets = args.next()?.parse().ok()?,
            "--zones" => wish.zones = args.next()?.parse().ok()?,
            "--conduits" => wish.conduits = args.next()?.parse().ok()?,
            "--seed" => wish.seed = args.next()?.parse().ok()?,
            "--toml" => wish.toml = true,
            "--read" => wish.read = true,
            folder if !folder.starts_with('-') => wish.folder = PathBuf::from(folder),
            _ => return None,
        }
    }
    (wish.zones > 1 && !wish.folder.as_os_str().is_empty()).then_some(wish)
}

/// Even bits from a seed (splitmix64).
struct Rng(u64);

impl Rng {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % n.max(1) as u64).unwrap_or(0)
    }
}

const KINDS: [&str; 6] = ["plc", "hmi", "remote-io", "drive", "sensor", "workstation"];

fn generate(wish: &Wish) -> std::io::Result<()> {
    let rng = &mut Rng(wish.seed);
    std::fs::create_dir_all(&wish.folder)?;
    let mut zones =
        String::from("workspace = 1\n\n[plant]\nid = \"generated\"\n\n[[plant.role]]\nid = \"R-OPS\"\n");
    for z in 0..wish.zones {
        // A network of 1,024 addresses each, so that none lies within another.
        let (high, low) = (z / 64, z % 64 * 4);
        let _ = write!(
            zones,
            "\n[[zone]]\nid = \"Z-{z:04}\"\nname = \"Cell {z}\"\ntype = \"control\"\nnetworks = [\"10.{high}.{low}.0/22\"]\nsl_t = {}\naccountable = \"R-OPS\"\n",
            1 + rng.below(3)
        );
    }
    let mut conduits = String::from("workspace = 1\n");
    for c in 0..wish.conduits {
        let from = rng.below(wish.zones);
        let to = (from + 1 + rng.below(wish.zones - 1)) % wish.zones;
        let _ = write!(
            conduits,
            "\n[[conduit]]\nid = \"C-{c:05}\"\nzones = [\"Z-{from:04}\", \"Z-{to:04}\"]\nmedium = \"ip\"\nmonitoring = \"required\"\n"
        );
        for p in 0..2 {
            let _ = write!(
                conduits,
                "\n[[conduit.permit]]\nid = \"P-{c:05}-{p}\"\nfrom = \"Z-{from:04}\"\nto = \"Z-{to:04}\"\nprotocol = \"modbus\"\nclasses = [\"read\"]\npurpose = \"trends\"\nexpected = \"daily\"\nowner = \"R-OPS\"\n"
            );
        }
    }
    std::fs::write(wish.folder.join("plant.toml"), zones)?;
    std::fs::write(wish.folder.join("conduits.toml"), conduits)?;
    std::fs::write(wish.folder.join(if wish.toml { "assets.toml" } else { "assets.csv" }), assets(wish, rng))
}

fn assets(wish: &Wish, rng: &mut Rng) -> String {
    let mut out = String::from(if wish.toml {
        "workspace = 1\n"
    } else {
        "id,name,kind,zone,ips,macs,vlans,vendor,model,version,serial,criticality,owner\n"
    });
    for a in 0..wish.assets {
        let zone = a % wish.zones;
        let (high, low, host) = (zone / 64, zone % 64 * 4, a / wish.zones + 1);
        let ip = format!("10.{high}.{}.{}", low + host / 256, host % 256);
        let mac =
            format!("02:00:{:02x}:{:02x}:{:02x}:{:02x}", a >> 24 & 255, a >> 16 & 255, a >> 8 & 255, a & 255);
        let kind = KINDS.get(rng.below(KINDS.len())).copied().unwrap_or("plc");
        let (vlan, serial) = (1 + zone % 4000, rng.below(1 << 40));
        let _ = if wish.toml {
            write!(
                out,
                "\n[[asset]]\nid = \"A-{a:06}\"\nname = \"Device {a}\"\nkind = \"{kind}\"\nzone = \"Z-{zone:04}\"\nips = [\"{ip}\"]\nmacs = [\"{mac}\"]\nvlans = [{vlan}]\nvendor = \"Vendor\"\nmodel = \"M-100\"\nversion = \"2.9.4\"\nserial = \"{serial:012}\"\ncriticality = \"medium\"\nowner = \"R-OPS\"\n"
            )
        } else {
            writeln!(
                out,
                "A-{a:06},Device {a},{kind},Z-{zone:04},{ip},{mac},{vlan},Vendor,M-100,2.9.4,{serial:012},medium,R-OPS"
            )
        };
    }
    out
}

fn read(folder: &Path) -> std::io::Result<()> {
    let start = Instant::now();
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
        match text::decode(&name, std::fs::read(&path)?) {
            Ok(file) => files.push(file),
            Err(diagnostic) => println!("{}", zonewright_source::render_plain(&diagnostic)),
        }
    }
    let loaded = start.elapsed();
    let read = text::read(&files);
    for diagnostic in &read.diagnostics {
        println!("{}\n", zonewright_source::render_plain(diagnostic));
    }
    let plant = &read.plant;
    println!(
        "{} assets, {} zones, {} conduits, {} diagnostics; files loaded in {loaded:.2?}, read and checked in {:.2?}",
        plant.assets.len(),
        plant.zones.len(),
        plant.conduits.len(),
        read.diagnostics.len(),
        start.elapsed() - loaded
    );
    Ok(())
}
