//! `city.toml`.

use std::path::{Path, PathBuf};

use minsheng_model::{Diagnostic, Span, Text};

use crate::sink::Sink;
use crate::view::View;
use crate::{keys_city, parse, shape, text_of};

/// A city's folder as its file describes it.
#[derive(Debug, Clone, Default)]
pub struct City {
    /// Its short name.
    pub name: String,
    /// What people call it.
    pub title: Text,
    /// The programme files, with the folder before them.
    pub programmes: Vec<PathBuf>,
    /// What was found wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// The plans for synthetic registers, with the folder before them.
    pub synth: Vec<PathBuf>,
}

/// Reads `city.toml` in a city's folder.
#[must_use]
pub fn load_city(dir: &Path) -> City {
    let path = dir.join("city.toml");
    let name = path.display().to_string();
    let text = match text_of(&path) {
        Ok(text) => text,
        Err((diagnostic, _)) => {
            return City {
                diagnostics: vec![*diagnostic],
                ..City::default()
            };
        }
    };
    let mut sink = Sink::new(&name, &text);
    let mut city = City::default();
    if let Some(document) = parse(&text, &mut sink) {
        shape::check_record(keys_city::CITY, &document, 0..0, &mut sink);
        let view = View::new(Some(&document), &text).table("city");
        city.name = view.string("name");
        city.title = view.text("title");
        city.programmes = files(dir, view.strings("programmes"), &mut sink);
        let plans = view.words("synth").into_iter();
        let plans = plans.chain(view.strings("synth")).collect();
        city.synth = files(dir, plans, &mut sink);
    }
    city.diagnostics = sink.finish();
    city
}

/// Returns the files with the folder before them, telling of those that are not
/// there or are there twice.
fn files(dir: &Path, named: Vec<(&str, Span)>, sink: &mut Sink<'_>) -> Vec<PathBuf> {
    let mut list: Vec<PathBuf> = Vec::new();
    for (file, span) in named {
        let path = dir.join(file);
        if !path.is_file() {
            sink.error(
                "city/missing-file",
                span,
                format!("找不到文件 `{file}`"),
                format!("there is no file `{file}`"),
            );
        } else if list.contains(&path) {
            sink.error(
                "programme/duplicate",
                span,
                format!("`{file}` 重复"),
                format!("`{file}` is there twice"),
            );
        }
        list.push(path);
    }
    list
}
