use std::path::Path;

use crate::commands::verify::bundle_failure;
use crate::console::Console;
use crate::exit::{Code, Failure};

/// Prints one person's letter.
///
/// # Errors
/// When the bundle cannot be read, shows no rows, or has no such application.
pub fn run(console: &Console, bundle: &Path, ticket: &str) -> Result<(), Failure> {
    let (contents, _) = minsheng_bundle::read(bundle).map_err(|e| bundle_failure(bundle, &e))?;
    match minsheng_letter::write(&contents, ticket, console.lang()) {
        Some(letter) if console.json() => {
            let document = serde_json::json!({ "ticket": ticket, "lang": console.lang().as_str(), "letter": letter });
            console.say(&document.to_string());
            Ok(())
        }
        Some(letter) => {
            console.say(letter.trim_end());
            Ok(())
        }
        None if contents.applicants.is_empty() => Err(Failure::new(
            Code::WrongFile,
            "explain/no-rows",
            "本公示包只公布根值,不含各申请的行;请用本人回执核对",
            "this bundle publishes roots only, no rows; check with your own receipt instead",
        )),
        None => Err(Failure::new(
            Code::WrongFile,
            "explain/unknown-ticket",
            format!("公示包中没有编号 `{ticket}`"),
            format!("the bundle has no application, point or place `{ticket}`"),
        )),
    }
}
