//! Asking a routing server: a small one answers here, and counts what it was asked.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::city::{done, err, minsheng, out};

/// A server that takes at most `most` places in a question. Two places are as many
/// seconds apart as the differences of their degrees say; none leads to `lon` 200.
struct Server {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn new(most: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                answer(stream.unwrap(), most, &log);
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

fn answer(mut stream: TcpStream, most: usize, log: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut first = String::new();
    reader.read_line(&mut first).unwrap();
    let (mut length, mut line) = (0usize, String::new());
    while reader.read_line(&mut line).unwrap() > 2 {
        let lower = line.to_lowercase();
        if let Some(n) = lower.strip_prefix("content-length:") {
            length = n.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    log.lock().unwrap().push(first.clone());
    let path = first.split(' ').nth(1).unwrap();
    let (status, said) = if path.starts_with("/table/v1/foot/") {
        osrm(path, most)
    } else if path == "/sources_to_targets" {
        valhalla(&body)
    } else {
        (
            404,
            json!({ "code": "InvalidUrl", "message": "no such thing" }),
        )
    };
    let said = said.to_string();
    let _ = write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{said}",
        said.len()
    );
}

fn seconds(a: (f64, f64), b: (f64, f64)) -> Value {
    if b.0 > 199.0 {
        return Value::Null;
    }
    json!(((a.0 - b.0).abs() + (a.1 - b.1).abs()) * 10_000.0)
}

fn osrm(path: &str, most: usize) -> (u16, Value) {
    let (places, query) = path
        .strip_prefix("/table/v1/foot/")
        .unwrap()
        .split_once('?')
        .unwrap();
    let places: Vec<(f64, f64)> = places
        .split(';')
        .map(|p| {
            let (lon, lat) = p.split_once(',').unwrap();
            (lon.parse().unwrap(), lat.parse().unwrap())
        })
        .collect();
    if places.len() > most {
        return (
            400,
            json!({ "code": "TooBig", "message": "Too many table coordinates" }),
        );
    }
    assert!(query.contains("annotations=duration"));
    let list = |name: &str| -> Vec<(f64, f64)> {
        let own = query
            .split('&')
            .find_map(|p| p.strip_prefix(&format!("{name}=")))
            .unwrap();
        own.split(';')
            .map(|k| places[k.parse::<usize>().unwrap()])
            .collect()
    };
    let (from, to) = (list("sources"), list("destinations"));
    let rows: Vec<Vec<Value>> = from
        .iter()
        .map(|a| to.iter().map(|b| seconds(*a, *b)).collect())
        .collect();
    let end = |p: &(f64, f64)| json!({ "location": [p.0, p.1], "distance": if p.1 > 40.05 { 812.4 } else { 3.0 } });
    let ends = |list: &[(f64, f64)]| list.iter().map(end).collect::<Vec<_>>();
    (
        200,
        json!({ "code": "Ok", "durations": rows, "sources": ends(&from), "destinations": ends(&to) }),
    )
}

fn valhalla(body: &[u8]) -> (u16, Value) {
    let body: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(body["costing"], "pedestrian");
    let list = |name: &str| -> Vec<(f64, f64)> {
        let own = body[name].as_array().unwrap().iter();
        own.map(|p| (p["lon"].as_f64().unwrap(), p["lat"].as_f64().unwrap()))
            .collect()
    };
    let (from, to) = (list("sources"), list("targets"));
    let rows: Vec<Vec<Value>> = from
        .iter()
        .map(|a| to.iter().map(|b| seconds(*a, *b)).collect())
        .collect();
    (200, json!({ "sources_to_targets": { "durations": rows } }))
}

/// Demands on a line eastwards, sites beside some of them, and one beyond the sea.
fn instance() -> Value {
    let demands: Vec<Value> = (0..9)
        .map(|k| json!({ "id": format!("d{k}"), "weight": k + 1, "lon": 116.0 + f64::from(k) / 100.0, "lat": 40.0 }))
        .collect();
    let sites: Vec<Value> = [
        (116.001, 40.001),
        (116.041, 40.0),
        (116.08, 40.06),
        (200.0, 40.0),
    ]
    .iter()
    .enumerate()
    .map(|(k, (lon, lat))| json!({ "id": format!("s{k}"), "lon": lon, "lat": lat }))
    .collect();
    json!({ "model": "p-median", "p": 2, "metric": "great-circle", "demands": demands, "sites": sites })
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let own = Self(tempfile::tempdir().unwrap());
        fs::write(own.path("site.json"), instance().to_string()).unwrap();
        own
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }
}

#[test]
fn answers_are_frozen_and_solved_with() {
    let (server, folder) = (Server::new(100), Folder::new());
    let (file, table, raw) = (
        folder.text("site.json"),
        folder.text("t.csv"),
        folder.text("t.json"),
    );
    let said = done(&[
        "travel",
        &file,
        "--osrm",
        &server.address,
        "-o",
        &table,
        "--lang",
        "en",
    ]);
    assert!(said.contains("1 questions, 27 pairs with a way"), "{said}");
    assert!(
        said.contains("`s2` is 812 m from the nearest road"),
        "{said}"
    );
    let rows = fs::read_to_string(&table).unwrap();
    assert!(
        rows.starts_with("origin,destination,seconds\nd0,s0,20\n"),
        "{rows}"
    );
    assert!(!rows.contains("s3"), "there is no way");
    done(&["travel", &file, "--valhalla", &server.address, "-o", &raw]);
    let solved = |travel: &str| done(&["solve", "site", &file, "--travel", travel]);
    assert_eq!(solved(&table), solved(&raw));
    let outcome: Value = serde_json::from_str(&solved(&table)).unwrap();
    assert_eq!(outcome["status"], "proved-optimal");
    fs::write(folder.path("o.json"), outcome.to_string()).unwrap();
    done(&[
        "verify",
        &folder.text("o.json"),
        "--instance",
        &file,
        "--travel",
        &raw,
    ]);
    // Nothing else is left in the folder.
    assert_eq!(fs::read_dir(folder.0.path()).unwrap().count(), 4);
}

#[test]
fn many_small_questions_give_the_same_table() {
    let (server, folder) = (Server::new(4), Folder::new());
    let file = folder.text("site.json");
    let ask = |out: &str, more: &[&str]| {
        let mut words = vec!["travel", &file, "--osrm", &server.address, "--places", "4"];
        let out = folder.text(out);
        words.extend(["-o", &out]);
        words.extend(more);
        done(&words);
        fs::read_to_string(&out).unwrap()
    };
    let all = ask("a.csv", &[]);
    assert_eq!(all.lines().count(), 28);
    assert_eq!(server.asked(), 10);
    // As the crow flies: fewer questions, and every pair within is still there.
    let near = ask("b.csv", &["--within", "1500"]);
    assert!(server.asked() < 20, "{}", server.asked());
    assert!(
        near.contains("d0,s0,20\n") && near.contains("d4,s1,10\n"),
        "{near}"
    );
    assert!(near.lines().all(|l| all.contains(l)));
    assert!(!near.contains("d0,s2"));
    // The other server is not asked about more than it takes.
    let refused = minsheng(&[
        "travel",
        &file,
        "--osrm",
        &server.address,
        "-o",
        &folder.text("c.csv"),
        "--lang",
        "en",
    ]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        err(&refused).contains("TooBig") && err(&refused).contains("--places"),
        "{}",
        err(&refused)
    );
    assert!(!folder.path("c.csv").exists());
}

#[test]
fn two_tables_are_asked_about() {
    let (server, folder) = (Server::new(100), Folder::new());
    fs::write(
        folder.path("homes.csv"),
        "no,name,east,north\nh1,\"a, b\",116.0,40.0\nh2,c,116.01,40.0\n",
    )
    .unwrap();
    fs::write(folder.path("posts.csv"), "no,east,north\np1,116.0,40.001\n").unwrap();
    let (homes, posts) = (folder.text("homes.csv"), folder.text("posts.csv"));
    let ask = |columns: &str| {
        minsheng(&[
            "travel",
            &homes,
            "--to",
            &posts,
            "--columns",
            columns,
            "--osrm",
            &server.address,
            "-o",
            &folder.text("t.csv"),
            "--lang",
            "en",
            "--json",
        ])
    };
    let told = ask("no,east,north");
    assert!(told.status.success(), "{}", err(&told));
    let told: Value = serde_json::from_str(&out(&told)).unwrap();
    assert_eq!((&told["questions"], &told["pairs"]), (&json!(1), &json!(2)));
    let table = fs::read_to_string(folder.path("t.csv")).unwrap();
    assert_eq!(table, "origin,destination,seconds\nh1,p1,10\nh2,p1,110\n");
    let wrong = ask("no,lon,north");
    assert_eq!(wrong.status.code(), Some(3));
    assert!(
        err(&wrong).contains("homes.csv:1:1: the heading has no column `lon`"),
        "{}",
        err(&wrong)
    );
    fs::write(folder.path("posts.csv"), "no,east,north\np1,116.0,north\n").unwrap();
    let wrong = ask("no,east,north");
    assert!(
        err(&wrong).contains("posts.csv:2:10: `north` has to be degrees"),
        "{}",
        err(&wrong)
    );
}

#[test]
fn a_server_that_is_not_there_leaves_nothing() {
    let folder = Folder::new();
    let (file, table) = (folder.text("site.json"), folder.text("t.csv"));
    // Bound and let go: nobody listens there.
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let failed = minsheng(&[
        "travel", &file, "--osrm", &address, "-o", &table, "--lang", "en",
    ]);
    assert_eq!(failed.status.code(), Some(1));
    assert!(
        err(&failed).contains("the routing server did not answer"),
        "{}",
        err(&failed)
    );
    assert!(!folder.path("t.csv").exists());
    let server = Server::new(100);
    let failed = minsheng(&[
        "travel",
        &file,
        "--osrm",
        &server.address,
        "--by",
        "sail",
        "-o",
        &table,
        "--lang",
        "en",
    ]);
    assert!(
        err(&failed).contains("refused with status 404"),
        "{}",
        err(&failed)
    );
    fs::write(
        folder.path("site.json"),
        r#"{"demands":[{"id":"a","x":1}],"sites":[]}"#,
    )
    .unwrap();
    let failed = minsheng(&[
        "travel",
        &file,
        "--osrm",
        &server.address,
        "-o",
        &table,
        "--lang",
        "en",
    ]);
    assert_eq!(failed.status.code(), Some(3));
    assert!(err(&failed).contains("has no `lon`"), "{}", err(&failed));
    let neither = minsheng(&["travel", &file, "-o", &table]);
    assert_eq!(neither.status.code(), Some(2));
}
