//! A small edition of the example city in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub struct City {
    dir: tempfile::TempDir,
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if path.is_file() {
            std::fs::copy(&path, to.join(name)).unwrap();
        } else if name != "registers" && name != "out" {
            copy(&path, &to.join(name));
        }
    }
}

/// Runs the command with its messages in English.
pub fn minsheng(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_minsheng"))
        .args(arguments)
        .env("LC_ALL", "C")
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Sees that it was done, and returns what it said.
#[track_caller]
pub fn done(arguments: &[&str]) -> String {
    let output = minsheng(arguments);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{arguments:?}\n{}\n{}",
        out(&output),
        err(&output)
    );
    out(&output)
}

impl City {
    /// Returns the example city with its first programme alone, without registers.
    pub fn bare() -> Self {
        let city = Self::whole();
        let path = city.dir().join("city.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let keep =
            |line: &&str| !line.trim_start().starts_with("\"") || line.contains("toddler-classes");
        let kept: Vec<&str> = text.lines().filter(keep).collect();
        std::fs::write(path, kept.join("\n")).unwrap();
        city
    }

    /// Returns the example city with all its programmes, without registers.
    pub fn whole() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/beijing");
        copy(&from, &dir.path().join("city"));
        Self { dir }
    }

    /// Returns the example city with registers of a fiftieth of its size.
    pub fn small() -> Self {
        let city = Self::bare();
        done(&["synth", &city.path(), "--scale", "20"]);
        city
    }

    pub fn dir(&self) -> PathBuf {
        self.dir.path().join("city")
    }

    pub fn path(&self) -> String {
        self.dir().display().to_string()
    }

    /// Returns the programme file that the tests change.
    pub fn programme(&self) -> PathBuf {
        self.dir().join("programmes/toddler-classes.toml")
    }

    /// Replaces a text, which has to be there, in a file of the city.
    #[track_caller]
    pub fn replace(&self, file: &str, from: &str, to: &str) {
        let path = self.dir().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "`{from}` is not in {file}");
        std::fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    /// Returns the bundles that are there.
    pub fn bundles(&self) -> Vec<PathBuf> {
        names(&self.dir().join("out"))
    }
}

/// Returns what is in a folder, hidden files too, by name; nothing where there is
/// no folder.
pub fn names(dir: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(dir)
        .map(|entries| entries.map(|e| e.unwrap().path()).collect())
        .unwrap_or_default();
    all.sort();
    all
}

/// Returns every file of a folder with its bytes.
pub fn bytes(dir: &Path) -> Vec<(String, Vec<u8>)> {
    names(dir)
        .into_iter()
        .map(|p| {
            (
                p.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read(&p).unwrap(),
            )
        })
        .collect()
}
