//! Files of each kind as users have them, and as nobody should have them.

mod bills;
mod netboxes;
mod scans;
mod sheets;

use super::*;

/// Reads one file.
fn read_one(file: &str, bytes: &[u8], reading: &Reading) -> Result<Source, NotImportable> {
    let mut files = Files::new(reading.clone());
    files.read(file, bytes)?;
    let mut sources = files.done().unwrap();
    assert_eq!(sources.len(), 1);
    Ok(sources.remove(0))
}

/// A folder of the shared test data, where it is at hand.
fn shared(folder: &str) -> Option<std::path::PathBuf> {
    let shared = std::env::var_os("ZONEWRIGHT_SHARED").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        std::path::PathBuf::from,
    );
    let folder = shared.join("data").join(folder);
    if !folder.is_dir() {
        println!("skipped: {} is not here", folder.display());
        return None;
    }
    Some(folder)
}

/// Numbers out of a seed (xorshift64*).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap() % below.max(1)
    }
}

/// A file cut off and spoiled in many ways is read or refused, never more; and what was read of it can be written and reads
/// back without errors.
fn spoil(file: &str, bytes: &[u8], rounds: usize) {
    let seed = 0x5eed_0001;
    let mut dice = Dice(seed);
    for round in 0..rounds {
        let mut spoiled = bytes.to_vec();
        if dice.roll(2) == 0 {
            spoiled.truncate(dice.roll(bytes.len()));
        }
        for _ in 0..dice.roll(8) {
            let at = dice.roll(spoiled.len());
            let of = dice.roll(bytes.len());
            match (dice.roll(4), spoiled.get(at), bytes.get(of)) {
                (0, Some(_), _) => spoiled[at] = u8::try_from(dice.roll(256)).unwrap(),
                (1, Some(_), _) => drop(spoiled.remove(at)),
                (2, _, Some(byte)) => spoiled.insert(at, *byte),
                _ => {
                    let piece: Vec<u8> = bytes.iter().skip(of).take(dice.roll(40)).copied().collect();
                    let tail = spoiled.split_off(at.min(spoiled.len()));
                    spoiled.extend(piece);
                    spoiled.extend(tail);
                }
            }
        }
        let mut files = Files::new(Reading::default());
        let _ = files.read(file, &spoiled);
        let sources = files.done().unwrap();
        let plan =
            compare::compare(&zonewright_plant::Plant::default(), &sources, &compare::Policy::default());
        let again = zonewright_plant::text::read(&zonewright_plant::text::write(&plan.after));
        assert!(!again.has_errors(), "seed {seed:#x}, round {round}: {:?}", again.diagnostics);
    }
}

#[test]
fn lists_that_are_spoiled_are_read_as_far_as_they_go() {
    let list = "Assets of hall A\n\nid;name;type;ip;mac;zone;eol;safety;software;note\nplc-1;\"Pump; \"\"big\"\"\";PLC;10.0.0.1@a;02-00-00-00-00-01;Z;31.12.2030;x;Base 3|Tool 1;\"two\nlines\"\nhmi-1;Panel;HMI;fe80::1 10.0.0.2;;;2030-01-01;no;;\n";
    spoil("list.csv", list.as_bytes(), 2_000);
}

#[test]
fn a_column_that_no_list_has_is_an_error_that_names_those_there_are() {
    let told = Reading { columns: vec![("ips".into(), "Adresse".into())], ..Reading::default() };
    let mut files = Files::new(told.clone());
    files.read("a.csv", b"Tag,Address 1\nx,10.0.0.1\n").unwrap();
    let error = files.done().unwrap_err().to_string();
    assert!(error.contains("`Adresse`") && error.contains("`Tag`, `Address 1`"), "{error}");
    let mut files = Files::new(told);
    assert!(files.read("a.csv", b"Ding,Adresse 1\nx,10.0.0.1\n").is_err());
    let error = files.done().unwrap_err();
    assert_eq!(error.near.as_deref(), Some("Adresse 1"));
}

#[test]
fn a_column_can_be_told_and_old_encodings_are_read() {
    let bytes: Vec<u8> =
        "Gerät,Netz\nPumpe-Süd,10.0.0.1\n".chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let columns = vec![("id".to_string(), "Gerät".to_string()), ("ips".to_string(), "netz".to_string())];
    assert!(read_one("x.csv", &bytes, &Reading::default()).is_err());
    let source = read_one("x.csv", &bytes, &Reading { columns, ..Reading::default() }).unwrap();
    assert_eq!(source.assets.first().unwrap().asset.id.as_str(), "Pumpe-Süd");
    assert!(source.notes.iter().any(|note| note.contains("Latin-1")));
    let utf16: Vec<u8> =
        [0xfeff].into_iter().chain("id,ip\na,10.0.0.1\n".encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(read_one("x.csv", &utf16, &Reading::default()).unwrap().assets.len(), 1);
}

#[test]
fn what_is_no_list_is_refused_with_the_reason() {
    for (bytes, why) in [
        (&b""[..], "empty"),
        (b"\x01\x00\x02\x00", "neither text"),
        (b"one\ntwo\n", "only one column"),
        (b"color,size\nred,1\n", "no column of ids"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as XLSX"),
        (b"PK\x03\x04", "damaged"),
        (b"[[zone]]\nid = \"Z\"\n", "begins like JSON"),
        (b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00", "it is a capture"),
        (b"*filter\n:INPUT DROP [0:0]\nCOMMIT\n", "firewall read"),
    ] {
        let not = read_one("x", bytes, &Reading::default()).unwrap_err();
        assert!(not.why.contains(why), "{not:?}");
    }
}
