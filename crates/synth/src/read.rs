use std::path::Path;

use minsheng_model::{Diagnostic, Text};

use crate::file::PlanFile;
use crate::plan::Plan;
use crate::resolve::resolve;

/// Reads a plan.
///
/// # Errors
/// Everything that is wrong with it, with its place.
pub fn load(path: &Path) -> Result<Plan, Vec<Diagnostic>> {
    let shown = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| {
        let message = Text::new(
            format!("无法读取模拟方案:{error}"),
            format!("cannot read the plan for synthetic registers: {error}"),
        );
        vec![Diagnostic::error("synth/unreadable", message).in_file(&shown)]
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        let message = Text::new("文件不是 UTF-8 编码", "the file is not UTF-8");
        vec![Diagnostic::error("synth/not-utf8", message).at(&shown, place..place)]
    })?;
    load_str(&shown, &text)
}

/// Reads a plan from its text; `path` is what diagnostics name.
///
/// # Errors
/// Everything that is wrong with it, with its place.
pub fn load_str(path: &str, text: &str) -> Result<Plan, Vec<Diagnostic>> {
    let file: PlanFile = toml::from_str(text).map_err(|error| {
        let found = error.message();
        let message = Text::new(format!("模拟方案写法有误:{found}"), found);
        vec![Diagnostic::error("synth/malformed", message).at(path, error.span().unwrap_or(0..0))]
    })?;
    resolve(path, file)
}
