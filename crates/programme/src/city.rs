use std::path::{Path, PathBuf};

use minsheng_model::{Diagnostic, Text, has_errors};
use toml::de::DeTable;

use crate::reader::{Mistakes, Section};

/// A city's folder as its `city.toml` describes it.
#[derive(Debug)]
pub struct City {
    /// Its short name.
    pub name: String,
    /// What people call it.
    pub title: Text,
    /// The programme files, in the file's order.
    pub programmes: Vec<PathBuf>,
    /// The plan for synthetic registers, if there is one.
    pub synth: Option<PathBuf>,
    /// Every mistake.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads `city.toml` in a city's folder.
#[must_use]
pub fn load_city(dir: &Path) -> City {
    let path = dir.join("city.toml");
    let shown = path.display().to_string();
    let mut city = City {
        name: String::new(),
        title: Text::default(),
        programmes: Vec::new(),
        synth: None,
        diagnostics: Vec::new(),
    };
    let text = match crate::read_text(&path) {
        Ok(text) => text,
        Err(diagnostic) => {
            city.diagnostics.push(diagnostic);
            return city;
        }
    };
    let mistakes = Mistakes {
        path: &shown,
        text: &text,
        found: Default::default(),
    };
    let (table, errors) = DeTable::parse_recoverable(&text);
    for error in errors {
        mistakes.push(crate::read::syntax(&shown, &error));
    }
    if !has_errors(&mistakes.found.borrow()) {
        let root = Section::new(&mistakes, table.get_ref(), 0..text.len().min(1));
        if let Some(format) = root.integer_opt("format")
            && format.value != 1
        {
            mistakes.add(
                "city/format",
                format.span,
                "只认识格式 1",
                "only format 1 is known",
            );
        }
        city.name = root.text("name").value;
        city.title = root.both("title");
        for file in root.texts("programmes").unwrap_or_default() {
            let found = dir.join(&file.value);
            if !found.is_file() {
                let name = &file.value;
                mistakes.add(
                    "city/missing-file",
                    file.span,
                    format!("没有文件 `{name}`"),
                    format!("there is no file `{name}`"),
                );
            }
            city.programmes.push(found);
        }
        city.synth = root.text_opt("synth").map(|f| dir.join(f.value));
        root.finish();
    }
    city.diagnostics = mistakes.found.into_inner();
    city
}
