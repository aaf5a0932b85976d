use std::path::Path;

use minsheng_model::has_errors;

use crate::city;
use crate::console::Console;
use crate::exit::{Code, Failure};

/// Reads the city and its programmes and runs the programmes' own tests.
///
/// # Errors
/// Mistakes in files; tests whose expectation does not come true.
pub fn run(console: &Console, dir: &Path, only: &[String]) -> Result<(), Failure> {
    let (_, loaded) = city::programmes(console, dir, only, city::Warnings::Whole)?;
    let mut failed = Vec::new();
    let mut report = Vec::new();
    for programme in &loaded {
        let (results, diagnostics) = minsheng_programme::run_tests(programme);
        let passed = results.iter().filter(|r| r.passed).count();
        report.push(serde_json::json!({ "programme": programme.path, "tests": results.len(), "passed": passed }));
        console.tell(
            &format!(
                "{}:正确;自带测试 {passed}/{} 通过",
                programme.path,
                results.len()
            ),
            &format!(
                "{}: no mistakes; {passed} of {} own tests pass",
                programme.path,
                results.len()
            ),
        );
        if has_errors(&diagnostics) {
            failed.extend(diagnostics)
        } else {
            console.diagnostics(&diagnostics)
        }
    }
    if console.json() {
        console.say(&serde_json::Value::from(report).to_string());
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(Failure {
            code: Code::NotHeld,
            diagnostics: failed,
        })
    }
}
