use std::path::Path;

use minsheng_model::has_errors;

use crate::city;
use crate::console::Console;
use crate::exit::{Code, Failure};

/// Makes synthetic registers, replacing those that are there: the whole city's,
/// or those of the programmes named.
///
/// # Errors
/// When there is no plan for them, or a plan is wrong.
pub fn run(console: &Console, dir: &Path, only: &[String], scale: u32) -> Result<(), Failure> {
    let found = minsheng_programme::load_city(dir);
    if has_errors(&found.diagnostics) {
        return Err(Failure::wrong_file(found.diagnostics));
    }
    let mut plans = city::plans(&found)?;
    if !only.is_empty() {
        let (_, loaded) = city::programmes(console, dir, only)?;
        plans = city::wanted(plans, &loaded);
    }
    if plans.is_empty() {
        return Err(Failure::new(
            Code::WrongFile,
            "synth/no-plan",
            format!(
                "`{}` 的城市文件没有为此写明模拟方案(`synth`)",
                dir.display()
            ),
            format!(
                "the city file of `{}` names no plan for these synthetic registers (`synth`)",
                dir.display()
            ),
        ));
    }
    let mut written = Vec::new();
    for (_, plan) in &plans {
        let plan = if scale == 1000 {
            plan.clone()
        } else {
            plan.scaled(scale)
        };
        written.extend(city::synthesise(console, &plan, dir)?);
    }
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
