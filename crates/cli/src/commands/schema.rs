use crate::args::SchemaOf;
use crate::console::Console;
use crate::exit::Failure;

/// Prints a JSON Schema.
///
/// # Errors
/// None.
#[expect(clippy::unnecessary_wraps, reason = "commands share one signature")]
pub fn run(console: &Console, of: SchemaOf) -> Result<(), Failure> {
    let schema = match of {
        SchemaOf::Programme => minsheng_programme::schema(),
        SchemaOf::WhatIf => minsheng_programme::what_if_schema(),
        SchemaOf::Match => minsheng_plain::schema_match(),
        SchemaOf::Calendar => minsheng_plain::schema_calendar(),
        SchemaOf::Select => minsheng_plain::schema_select(),
        SchemaOf::Assign => minsheng_plain::schema_assign(),
        SchemaOf::Site => minsheng_plain::schema_site(),
        SchemaOf::Access => minsheng_plain::schema_access(),
    };
    console.say(&format!("{schema:#}"));
    Ok(())
}
