use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use minsheng_plain::{Tile, travel_instance, travel_rows, travel_tiles};
use serde_json::{Value, json};

use crate::args::TravelArgs;
use crate::commands::solve;
use crate::commands::whole_file::Out;
use crate::console::Console;
use crate::exit::Failure;
use crate::routing::{Client, Server};
use crate::table::quoted;

/// Asks a routing server for the travel of an instance and freezes the answers in a
/// file, whole or not at all.
///
/// # Errors
/// A wrong instance, a server that does not answer or refuses, a full disk.
pub fn run(console: &Console, options: &TravelArgs) -> Result<(), Failure> {
    let instance = instance(options)?;
    let places = usize::try_from(options.places).unwrap_or(usize::MAX);
    let tiles = travel_tiles(&instance, places, options.within)
        .map_err(|e| solve::wrong(&options.instance, &e))?;
    let by = |own: &str| options.by.clone().unwrap_or_else(|| own.to_owned());
    let server = match (&options.osrm, &options.valhalla) {
        (Some(base), _) => Server::Osrm(base.clone(), by("foot")),
        (None, Some(base)) => Server::Valhalla(base.clone(), by("pedestrian")),
        // The arguments ask for one of the two.
        (None, None) => return Ok(()),
    };
    let client = Client::new(server);
    let bar = console.spinner("询问路径服务器", "asking the routing server");
    let mut answers = Vec::with_capacity(tiles.len());
    for (number, tile) in tiles.iter().enumerate() {
        bar.set_message(format!("{}/{}", number + 1, tiles.len()));
        answers.push(answer(tile, client.ask(tile)?));
    }
    bar.finish_and_clear();
    let far = far(&answers, options.snap);
    let whole = json!({ "asked": client.described(), "tiles": answers });
    let text = whole.to_string();
    let rows = travel_rows(&text).map_err(|e| solve::wrong(&options.out, &e))?;
    let is_table = options.out.extension().is_some_and(|e| e == "csv");
    let written = if is_table { table(&rows) } else { text };
    write(&options.out, &written)?;
    report(console, options, &tiles, rows.len(), &far);
    alone(console, &tiles, &rows);
    Ok(())
}

/// Returns the instance: the file itself, or the points of two tables.
fn instance(options: &TravelArgs) -> Result<String, Failure> {
    let first = solve::read(&options.instance)?;
    let Some(to) = &options.to else {
        return Ok(first);
    };
    let tables = [first.as_str(), &solve::read(to)?];
    let own = &options.columns;
    travel_instance(tables, [&own.id, &own.lon, &own.lat]).map_err(|(which, e)| {
        let file = if which == 0 { &options.instance } else { to };
        solve::wrong(file, &e)
    })
}

fn answer(tile: &Tile, answer: Value) -> Value {
    let ids = |stops: &[minsheng_plain::Stop]| -> Vec<String> {
        stops.iter().map(|s| s.id.clone()).collect()
    };
    json!({
        "sources": ids(&tile.sources),
        "destinations": ids(&tile.destinations),
        "answer": answer,
    })
}

/// Returns the points that the server moved by more than so many metres to a road, each
/// once, with the metres.
fn far(answers: &[Value], snap: u32) -> BTreeSet<(String, u64)> {
    let mut far = BTreeSet::new();
    for tile in answers {
        for side in ["sources", "destinations"] {
            let ids = tile.get(side).and_then(Value::as_array);
            let ends = tile
                .pointer(&format!("/answer/{side}"))
                .and_then(Value::as_array);
            for (id, end) in ids.into_iter().flatten().zip(ends.into_iter().flatten()) {
                // Metres, with tenths; only told, nothing is decided by it.
                let moved = end.get("distance").and_then(Value::as_f64).unwrap_or(0.0);
                if moved > f64::from(snap) {
                    let metres = format!("{moved:.0}").parse().unwrap_or(u64::MAX);
                    far.insert((id.as_str().unwrap_or_default().to_owned(), metres));
                }
            }
        }
    }
    far
}

fn table(rows: &[(String, String, i64)]) -> String {
    let mut out = String::from("origin,destination,seconds\n");
    for (from, to, seconds) in rows {
        // Writing to a string does not fail.
        let _ = writeln!(out, "{},{},{seconds}", quoted(from), quoted(to));
    }
    out
}

/// Writes the file whole, or not at all.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let mut out = Out::open(Some(path))?;
    let told = out.write_all(text.as_bytes());
    out.finish(told)
}

fn report(
    console: &Console,
    options: &TravelArgs,
    tiles: &[Tile],
    rows: usize,
    far: &BTreeSet<(String, u64)>,
) {
    let (asked, at) = (tiles.len(), options.out.display());
    if console.json() {
        let far: Vec<Value> = far
            .iter()
            .map(|(id, m)| json!({ "id": id, "metres": m }))
            .collect();
        let said = json!({ "file": options.out, "questions": asked, "pairs": rows, "far_from_a_road": far });
        console.say(&said.to_string());
        return;
    }
    console.tell(
        &format!("{asked} 次询问,{rows} 对有路可走,写入 `{at}`"),
        &format!("{asked} questions, {rows} pairs with a way, written to `{at}`"),
    );
    for (id, metres) in far {
        console.tell(
            &format!("注意:`{id}` 距最近的路 {metres} 米,其时间不含这一段"),
            &format!("note: `{id}` is {metres} m from the nearest road, which its times leave out"),
        );
    }
}

/// Names who was asked about and has no way to anywhere: more likely a wrong point than
/// an island.
fn alone(console: &Console, tiles: &[Tile], rows: &[(String, String, i64)]) {
    let with: BTreeSet<&str> = rows.iter().map(|(from, _, _)| from.as_str()).collect();
    let asked: BTreeSet<&str> = tiles
        .iter()
        .flat_map(|t| t.sources.iter().map(|s| s.id.as_str()))
        .collect();
    let none: Vec<&str> = asked.difference(&with).copied().collect();
    if none.is_empty() || console.json() {
        return;
    }
    let (n, some) = (
        none.len(),
        none.iter().take(10).copied().collect::<Vec<_>>().join(", "),
    );
    console.tell(
        &format!("注意:{n} 处无路可达任何点:{some}"),
        &format!("note: {n} have no way to anywhere: {some}"),
    );
}
