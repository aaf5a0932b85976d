use std::path::Path;

use minsheng_model::has_errors;

use crate::city;
use crate::console::Console;
use crate::exit::{Code, Failure};

/// Makes a city's synthetic registers, replacing those that are there.
///
/// # Errors
/// When the city has no plan, or the plan is wrong.
pub fn run(console: &Console, dir: &Path, scale: u32) -> Result<(), Failure> {
    let found = minsheng_programme::load_city(dir);
    if has_errors(&found.diagnostics) {
        return Err(Failure::wrong_file(found.diagnostics));
    }
    let Some(plan) = &found.synth else {
        return Err(Failure::new(
            Code::WrongFile,
            "synth/no-plan",
            format!("`{}` 的城市文件没有写明模拟方案(`synth`)", dir.display()),
            format!(
                "the city file of `{}` names no plan for synthetic registers (`synth`)",
                dir.display()
            ),
        ));
    };
    let written = city::synthesise(console, plan, dir, scale)?;
    if console.json() {
        let files: Vec<_> = written
            .iter()
            .map(|(path, rows)| serde_json::json!({ "path": path, "rows": rows }))
            .collect();
        console.say(&serde_json::Value::from(files).to_string());
    }
    for (path, rows) in written {
        let path = path.display();
        console.tell(
            &format!("{path}:{rows} 行(模拟数据)"),
            &format!("{path}: {rows} rows (synthetic)"),
        );
    }
    Ok(())
}
