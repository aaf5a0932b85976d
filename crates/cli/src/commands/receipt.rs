use std::path::Path;

use minsheng_bundle::Contents;
use minsheng_cycle::Registers;
use minsheng_model::Publish;

use crate::city::{self, disk};
use crate::commands::verify::bundle_failure;
use crate::console::Console;
use crate::exit::{Code, Failure};

/// Returns the contents with their rows. Where a bundle shows the root over them only,
/// the cycle is decided again from the registers: the same rows, or the root says so.
///
/// # Errors
/// Registers that give another decision.
pub fn opened(contents: Contents, registers: &Registers) -> Result<Contents, Failure> {
    if contents.rules.publish == Publish::Rows {
        return Ok(contents);
    }
    let again = minsheng_cycle::decide(
        &contents.rules,
        &contents.programme_file,
        registers,
        &|_| {},
    )
    .map_err(Failure::wrong_file)?;
    if again.certificate == contents.certificate {
        return Ok(again);
    }
    Err(Failure::new(
        Code::NotHeld,
        "receipt/other-decision",
        "由现有名册得出的决定与公示包不同:名册已变动,或公示包有误",
        "the registers as they are give another decision than the bundle's: they have changed, or the bundle is wrong",
    ))
}

/// Prints one applicant's receipt as JSON: for the applicant alone.
///
/// # Errors
/// When the bundle or the registers cannot be read, or there is no such application.
pub fn run(console: &Console, dir: &Path, bundle: &Path, ticket: &str) -> Result<(), Failure> {
    let (contents, _) = minsheng_bundle::read(bundle).map_err(|e| bundle_failure(bundle, &e))?;
    let rules = &contents.rules;
    let (_, loaded) = city::programmes(
        console,
        dir,
        std::slice::from_ref(&rules.programme),
        city::Warnings::Counted,
    )?;
    let unknown = || {
        Failure::new(
            Code::WrongFile,
            "receipt/unknown-ticket",
            format!("没有申请编号 `{ticket}`"),
            format!("there is no application `{ticket}`"),
        )
    };
    let programme = loaded.first().ok_or_else(unknown)?;
    let staging = crate::interrupt::Staging::new(&dir.join("out")).map_err(|e| disk(dir, &e))?;
    let origin = crate::commands::chain::previous(bundle, &contents, None);
    let origin = origin.as_deref().filter(|_| rules.carried.is_some());
    let registers = city::import_after(dir, staging.path(), rules, programme, &[], origin)?;
    let column = |name: &str| registers.applicants.table.column_index(name);
    let tickets = column(&rules.ticket).ok_or_else(unknown)?;
    let value = |row: usize, column: usize| {
        registers
            .applicants
            .value(row, column)
            .map(|v| v.to_string())
    };
    let row = (0..registers.applicants.rows)
        .find(|row| value(*row, tickets).as_deref() == Some(ticket))
        .ok_or_else(unknown)?;
    let secret = rules
        .secret
        .as_deref()
        .and_then(column)
        .and_then(|c| value(row, c))
        .unwrap_or_default();
    let contents = opened(contents, &registers)?;
    let rules = &contents.rules;
    let facts = minsheng_cycle::receipt_facts(rules, &registers.applicants, row);
    let receipt =
        minsheng_verify::receipt(&contents, ticket, &secret, facts).ok_or_else(unknown)?;
    let text = serde_json::to_string_pretty(&receipt)
        .map_err(|e| Failure::new(Code::Failed, "receipt/json", format!("{e}"), format!("{e}")))?;
    console.say(&text);
    Ok(())
}
