//! The same registers give the same bytes; an interrupted run leaves none.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::city::{City, bytes, done, names};

#[test]
fn threads_and_the_order_of_rows_change_nothing() {
    let city = City::small();
    let path = city.path();
    let mut seen = Vec::new();
    for (round, threads) in ["1", "4", "3"].iter().enumerate() {
        if round == 2 {
            let file = city.dir().join("registers/kindergartens.csv");
            let text = std::fs::read_to_string(&file).unwrap();
            let mut lines: Vec<&str> = text.lines().collect();
            lines[1..].reverse();
            std::fs::write(&file, lines.join("\n")).unwrap();
        }
        let target = city.dir().join(format!("round-{round}"));
        done(&[
            "run",
            &path,
            "--threads",
            threads,
            "--out",
            &target.display().to_string(),
        ]);
        let bundles = names(&target);
        assert_eq!(bundles.len(), 1, "{bundles:?}");
        seen.push((
            bundles[0].file_name().unwrap().to_owned(),
            bytes(&bundles[0]),
        ));
    }
    assert!(seen[0] == seen[1], "one thread and four");
    assert!(seen[0] == seen[2], "rows turned round");
}

#[test]
fn the_same_plan_gives_the_same_registers() {
    let (first, second) = (City::small(), City::small());
    let of = |city: &City| bytes(&city.dir().join("registers"));
    assert!(of(&first) == of(&second));
    assert!(of(&first).len() >= 3);
}

/// Interrupts a run after ever longer times: whenever it comes, the output folder
/// has a whole bundle or nothing.
#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_nothing() {
    let city = City::small();
    let target = city.dir().join("interrupted");
    let mut interrupted = 0;
    for wait in [0, 20, 60, 120, 250, 400, 600, 900] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_minsheng"))
            .args(["run", &city.path(), "--out", &target.display().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        let id = child.id().to_string();
        Command::new("kill").args(["-INT", &id]).status().unwrap();
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(120),
                "it does not stop"
            );
            std::thread::sleep(Duration::from_millis(5));
        };
        if status.success() {
            // Done before; or, with no time to set itself up, where whoever runs these
            // tests has it ignore interrupts.
            if interrupted > 0 {
                break;
            }
            continue;
        }
        interrupted += 1;
        let left = names(&target);
        let whole = |p: &std::path::PathBuf| minsheng_verify::anybody(p).is_ok_and(|r| r.ok());
        assert!(left.iter().all(whole), "after {wait} ms: {left:?}");
    }
    assert!(interrupted > 0);
}
