//! NetBox: versions 3 and 4, several files together, fixtures; and the client against a small server that plays answers.

use super::*;
use crate::import::netbox::rest::{Remote, RestError, Token, Transport};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use zonewright_plant::model::AssetKind;

const V3: &str = include_str!("samples/devices-v3.json");
const V4: &str = include_str!("samples/devices-v4.json");
const INTERFACES: &str = include_str!("samples/interfaces-v4.json");
const ADDRESSES: &str = include_str!("samples/ip-addresses.json");

fn together(files: &[(&str, &str)]) -> Vec<Source> {
    let mut read = Files::new(Reading::default());
    for (name, text) in files {
        assert_eq!(read.read(name, text.as_bytes()), Ok(Importable::NetBox), "{name}");
    }
    read.done().unwrap()
}

#[test]
fn devices_of_version_three_say_what_they_are() {
    let sources = together(&[("devices.json", V3)]);
    let source = sources.first().unwrap();
    let [switch, plc] = source.assets.as_slice() else { panic!("two devices: {source:?}") };
    let asset = &switch.asset;
    assert_eq!((asset.id.as_str(), asset.kind), ("sw-a", Some(AssetKind::Switch)));
    assert_eq!((asset.vendor.as_deref(), asset.model.as_deref()), (Some("Norrholt Networks"), Some("NX-8i")));
    assert_eq!((asset.serial.as_deref(), asset.ips.len()), (Some("NN-8I-00417"), 1));
    assert_eq!(asset.software, ["NX OS"]);
    let note =
        "NetBox: status planned; site Waterworks; rack Cabinet 4; tags hall-a; description beside the door";
    assert_eq!(asset.common.note.as_deref(), Some(note));
    assert_eq!((plc.asset.id.as_str(), plc.asset.common.name.as_deref()), ("Pump-PLC-7", Some("Pump PLC 7")));
    assert_eq!(plc.asset.common.note.as_deref(), Some("NetBox: role Field thing"));
    assert!(source.notes.iter().any(|note| note.contains("`Field thing`")), "{:?}", source.notes);
}

#[test]
fn files_of_version_four_are_read_together_in_any_order() {
    let files = [("ips.json", ADDRESSES), ("interfaces.json", INTERFACES), ("devices.json", V4)];
    let sources = together(&files);
    let counts: Vec<usize> = sources.iter().map(|source| source.assets.len()).collect();
    assert_eq!(counts, [0, 0, 1]);
    let asset = &sources.last().unwrap().assets.first().unwrap().asset;
    let ips: Vec<String> = asset.ips.iter().map(|ip| format!("{} {:?}", ip.ip, ip.context)).collect();
    assert_eq!(ips, ["10.20.41.2 None", "192.168.1.1 Some(\"Cell-A\")"]);
    let macs: Vec<String> = asset.macs.iter().map(ToString::to_string).collect();
    assert_eq!(macs, ["02:57:57:00:04:02", "02:57:57:00:04:03"]);
    assert_eq!(asset.vlans, [41]);
    // Plain arrays are read the same.
    let bare = |text: &str| serde_json::from_str::<Value>(text).unwrap()["results"].to_string();
    let again = together(
        &files.map(|(name, text)| (name, bare(text))).each_ref().map(|(name, text)| (*name, text.as_str())),
    );
    assert_eq!(&again.last().unwrap().assets.first().unwrap().asset, asset);
}

#[test]
fn prefixes_in_no_zone_are_named_with_the_zone_that_bears_their_name() {
    let prefixes = r#"{"count":5,"results":[
        {"id":1,"url":"https://n/api/ipam/prefixes/1/","prefix":"10.1.0.0/16","status":{"value":"container"}},
        {"id":2,"url":"https://n/api/ipam/prefixes/2/","prefix":"10.1.1.0/24","status":{"value":"active"},"vlan":{"id":7,"vid":11,"name":"Control A"}},
        {"id":3,"url":"https://n/api/ipam/prefixes/3/","prefix":"10.1.2.0/24","status":{"value":"active"},"description":"somewhere"},
        {"id":4,"url":"https://n/api/ipam/prefixes/4/","prefix":"10.1.3.0/25","status":{"value":"active"},"description":"Control A"},
        {"id":5,"url":"https://n/api/ipam/prefixes/5/","prefix":"10.1.3.0/25","vrf":{"id":1,"name":"Cell 1"},"status":{"value":"active"},"role":{"id":1,"name":"z-a"}}]}"#;
    let text =
        "[plant]\nid = \"p\"\n[[zone]]\nid = \"Z-A\"\nname = \"Control A\"\nnetworks = [\"10.1.3.0/24\"]\n";
    let read = zonewright_plant::text::read(&[zonewright_source::SourceText::new("plant.toml", text)]);
    let plan =
        compare::compare(&read.plant, &together(&[("prefixes.json", prefixes)]), &compare::Policy::default());
    let fits = "add it to `networks` of zone Z-A, which bears that name, if it is that";
    assert_eq!(
        plan.networks,
        [
            format!("10.1.1.0/24, called `Control A`: {fits}"),
            "10.1.2.0/24, called `somewhere`: no zone bears such a name".to_string(),
            format!("10.1.3.0/25 (context Cell-1), called `z-a`: {fits}")
        ]
    );
    assert_eq!(plan.after, read.plant);
}

#[test]
fn files_that_are_spoiled_are_read_or_refused() {
    for text in [V3, V4, INTERFACES, ADDRESSES] {
        spoil("netbox.json", text.as_bytes(), 500);
    }
}

/// The demonstration data of NetBox, a fixture of 6,915 objects.
#[test]
fn a_fixture_is_read() {
    let Some(folder) = shared("assets") else { return };
    let bytes = std::fs::read(folder.join("netbox-demo-v3.6.json")).unwrap();
    let source = read_one("demo.json", &bytes, &Reading::default()).unwrap();
    println!("{}; {:?}", source.words, source.notes);
    assert_eq!(source.assets.len(), 72 + 180);
    let by_id = |id: &str| source.assets.iter().find(|incoming| incoming.asset.id.as_str() == id).unwrap();
    let router = &by_id("dmi01-akron-rtr01").asset;
    assert_eq!(router.kind, Some(AssetKind::Router));
    assert!(router.vendor.is_some() && router.model.is_some());
    // The demonstration assigns no address to anybody; roles are all there is to tell kinds by.
    let switches = source.assets.iter().filter(|incoming| incoming.asset.kind == Some(AssetKind::Switch));
    assert!(switches.count() > 10);
}

/// Plays answers by path, and keeps what was asked.
struct Player {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

fn play(answers: Vec<(&str, u16, String)>) -> Player {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answers: BTreeMap<String, (u16, String)> = answers
        .into_iter()
        .map(|(path, status, body)| (path.to_string(), (status, body.replace("HOST", &url))))
        .collect();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    // The thread ends with the test's process.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            for line in BufReader::new(&stream).lines() {
                match line {
                    Ok(line) if !line.is_empty() => request.push(line),
                    _ => break,
                }
            }
            let path =
                request.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_string();
            log.lock().unwrap().push(request.join("\n"));
            let (status, body) =
                answers.get(&path).cloned().unwrap_or((404, "{\"detail\":\"Not found.\"}".into()));
            let head = format!(
                "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nLocation: /elsewhere\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
        }
    });
    Player { url, asked }
}

fn remote(url: &str) -> Remote {
    Remote {
        url: url.to_string(),
        token: Token::new("secret0token"),
        authorities: None,
        transport: Transport::InsecureHttp,
    }
}

fn ask(remote: &Remote) -> Result<Vec<Source>, RestError> {
    let mut files = Files::new(Reading::default());
    files.ask(remote)?;
    Ok(files.done().unwrap())
}

const DEVICES: &str = "/api/dcim/devices/?exclude=config_context&limit=500";

fn page(next: Option<&str>, of: &str, only: usize) -> String {
    let mut page: Value = serde_json::from_str(of).unwrap();
    page["next"] = next.map_or(Value::Null, Into::into);
    let one = page["results"][only].clone();
    page["results"] = Value::Array(vec![one]);
    page.to_string()
}

#[test]
fn pages_are_followed_and_lists_that_may_not_be_read_are_told() {
    let player = play(vec![
        (DEVICES, 200, page(Some("HOST/api/dcim/devices/?limit=500&offset=1"), V3, 0)),
        ("/api/dcim/devices/?limit=500&offset=1", 200, page(None, V3, 1)),
        ("/api/dcim/interfaces/?limit=500", 200, INTERFACES.into()),
        ("/api/ipam/ip-addresses/?limit=500", 200, ADDRESSES.into()),
        ("/api/ipam/prefixes/?limit=500", 403, "{\"detail\":\"no\"}".into()),
    ]);
    let sources = ask(&remote(&player.url)).unwrap();
    let source = sources.first().unwrap();
    assert_eq!(source.assets.len(), 2);
    assert_eq!(source.assets.first().unwrap().asset.macs.len(), 2);
    assert!(
        source.notes.iter().any(|note| note.contains("ipam/prefixes may not be read")),
        "{:?}",
        source.notes
    );
    let asked = player.asked.lock().unwrap();
    assert!(
        asked.len() >= 8
            && asked
                .iter()
                .all(|request| request.to_lowercase().contains("authorization: token secret0token"))
    );
}

#[test]
fn what_a_server_does_wrong_is_told_and_the_token_never() {
    let check = |answers: Vec<(&str, u16, String)>, said: &[&str]| {
        let player = play(answers);
        let error = ask(&remote(&player.url)).unwrap_err();
        let words = format!("{error} {error:?}");
        for word in said {
            assert!(words.contains(word), "{word}: {words}");
        }
        assert!(!words.contains("secret0token"));
    };
    check(
        vec![(DEVICES, 403, "{\"detail\":\"Invalid token\"}".into())],
        &["403", "Invalid token", "--token-file"],
    );
    check(vec![(DEVICES, 401, String::new())], &["401", "--token-file"]);
    check(vec![], &["404", "is the address that of NetBox"]);
    check(vec![(DEVICES, 302, String::new())], &["302", "leads to another address"]);
    check(vec![(DEVICES, 500, "<html>".into())], &["500"]);
    check(vec![(DEVICES, 200, "<html>".into())], &["web page"]);
    check(vec![(DEVICES, 200, "{\"results\":[".into())], &["no list of NetBox"]);
    check(vec![(DEVICES, 200, "{\"detail\":1}".into())], &["`results`"]);
    check(
        vec![(DEVICES, 200, page(Some("http://192.0.2.1/api/dcim/devices/?offset=1"), V3, 0))],
        &["another server", "192.0.2.1"],
    );
    check(vec![(DEVICES, 200, page(Some("HOST/admin/"), V3, 0))], &["another server"]);
    check(vec![(DEVICES, 200, page(Some(&format!("HOST{DEVICES}")), V3, 0))], &["in a circle"]);
}

#[test]
fn addresses_and_encryption_are_checked_before_anything_is_sent() {
    let player = play(vec![]);
    let secure = |url: &str| Remote { transport: Transport::EncryptedOnly, ..remote(url) };
    assert!(matches!(ask(&secure(&player.url)), Err(RestError::ClearText)));
    for url in [
        "netbox.example",
        "ftp://netbox.example/",
        "https://",
        "https://user:secret0token@netbox.example/",
        "",
    ] {
        let error = ask(&secure(url)).unwrap_err();
        assert!(
            matches!(error, RestError::Address(_)) && !error.to_string().contains("secret"),
            "{url}: {error}"
        );
    }
    let authorities =
        Remote { authorities: Some(b"no certificate".to_vec()), ..secure("https://127.0.0.1/") };
    assert!(matches!(ask(&authorities), Err(RestError::Authorities)));
    // A server that speaks no TLS is not spoken to without it.
    let error = ask(&secure(&player.url.replace("http:", "https:"))).unwrap_err();
    assert!(matches!(error, RestError::Connection { .. }), "{error}");
    assert!(player.asked.lock().unwrap().iter().all(|request| !request.contains("secret0token")));
}

#[test]
fn a_token_is_sent_as_its_version_wants_and_shown_nowhere() {
    assert!(Token::new("two words").is_none() && Token::new(" \n").is_none());
    assert_eq!(format!("{:?}", Token::new("Token abc").unwrap()), "Token(hidden)");
    let player = play(vec![]);
    let with = Remote { token: Token::new("nbt_key.value\n"), ..remote(&player.url) };
    assert!(ask(&with).is_err());
    assert!(
        player
            .asked
            .lock()
            .unwrap()
            .iter()
            .any(|request| request.to_lowercase().contains("authorization: bearer nbt_key.value"))
    );
}
