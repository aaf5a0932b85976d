//! The options of `compare`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

/// Options of `compare`: those from `--set` to `--with` make one alternative together.
#[derive(Debug, ClapArgs)]
pub struct CompareArgs {
    /// The city's folder
    pub city: PathBuf,
    /// The programme [default: the city's only one]
    pub programme: Option<String>,
    /// Alternatives from a file (`minsheng schema what-if`), one or several
    #[arg(long, value_name = "FILE.toml")]
    pub file: Option<PathBuf>,
    /// A parameter with another value
    #[arg(long, value_name = "PARAMETER=VALUE", value_parser = setting, help_heading = "The alternative")]
    pub set: Vec<(String, String)>,
    /// One draw for all providers, or one for each
    #[arg(long, value_enum, help_heading = "The alternative")]
    pub tie_break: Option<TieBreakArg>,
    /// Who holds a number of the draw: `applicant`, `family` or `family=COLUMN`
    #[arg(long, value_parser = unit, help_heading = "The alternative")]
    pub unit: Option<minsheng_programme::Unit>,
    /// How places are given
    #[arg(long, value_parser = mechanism, help_heading = "The alternative")]
    pub mechanism: Option<minsheng_programme::Mechanism>,
    /// For `efficiency-adjusted`: the yes-or-no column that says who consents [default: everybody]
    #[arg(long, value_name = "COLUMN", help_heading = "The alternative")]
    pub consent: Option<String>,
    /// Without this reserve
    #[arg(long, value_name = "ID", help_heading = "The alternative")]
    pub no_reserve: Vec<String>,
    /// Without this ceiling
    #[arg(long, value_name = "ID", help_heading = "The alternative")]
    pub no_ceiling: Vec<String>,
    /// Without this tier
    #[arg(long, value_name = "ID", help_heading = "The alternative")]
    pub no_tier: Vec<String>,
    /// Every provider opens, however few its people
    #[arg(long, help_heading = "The alternative")]
    pub no_minimum: bool,
    /// Other places: `+10%` at all providers, `PROVIDER=NUMBER` at one, or a CSV file with the columns `provider,places`
    #[arg(long, value_name = "CHANGE", allow_hyphen_values = true, value_parser = places, help_heading = "The alternative")]
    pub capacity: Vec<minsheng_programme::What>,
    /// No more than so many choices count
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..), help_heading = "The alternative")]
    pub list_length: Option<u32>,
    /// The rules of another programme file over the same registers
    #[arg(long, value_name = "FILE.toml", help_heading = "The alternative")]
    pub with: Option<PathBuf>,
    /// How many draws bands are made of [default: 100]
    #[arg(long, value_parser = clap::value_parser!(u32).range(..=10_000))]
    pub draws: Option<u32>,
    /// The public text that these draws follow from [default: named in the output]
    #[arg(long, value_name = "TEXT")]
    pub seed: Option<String>,
    /// Also by this column of the applicants; may be given again
    #[arg(long, value_name = "COLUMN")]
    pub by: Vec<String>,
    /// The choices' whole-number column with the metres to the provider
    #[arg(long, value_name = "COLUMN")]
    pub travel: Option<String>,
    /// For how many applicants other lists are tried; 0 for none [default: by size]
    #[arg(long, value_name = "NUMBER")]
    pub misreports: Option<u32>,
    /// Write charts (SVG) into this folder
    #[arg(long, value_name = "FOLDER")]
    pub charts: Option<PathBuf>,
    /// Write the charts as PNG too, in the system's fonts
    #[arg(long, requires = "charts")]
    pub png: bool,
    /// Write everybody whose place is another into this file, as CSV
    #[arg(long, value_name = "FILE.csv")]
    pub movers: Option<PathBuf>,
    /// Number of threads [default: all cores]
    #[arg(long)]
    pub threads: Option<usize>,
}

/// One draw, or one for each provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TieBreakArg {
    /// One draw for all providers
    Single,
    /// A draw of its own at each provider
    Multiple,
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => {
            Ok((name.trim_start_matches('$').to_owned(), value.to_owned()))
        }
        _ => Err("应为 参数=值 / expected PARAMETER=VALUE".to_owned()),
    }
}

fn unit(text: &str) -> Result<minsheng_programme::Unit, String> {
    use minsheng_programme::Unit;
    match (text, text.strip_prefix("family=")) {
        ("applicant", _) => Ok(Unit::Applicant),
        ("family", _) => Ok(Unit::Family(None)),
        (_, Some(column)) if !column.is_empty() => Ok(Unit::Family(Some(column.to_owned()))),
        _ => Err(
            "应为 applicant、family 或 family=列名 / expected applicant, family or family=COLUMN"
                .to_owned(),
        ),
    }
}

fn mechanism(text: &str) -> Result<minsheng_programme::Mechanism, String> {
    use minsheng_programme::Mechanism;
    Mechanism::named(text).ok_or_else(|| {
        let names = Mechanism::ALL.map(Mechanism::name);
        let listed = names.join(", ");
        match minsheng_programme::closest(text, names) {
            Some(close) => format!("是不是 {close}? / did you mean {close}? ({listed})"),
            None => format!("应为其中之一 / expected one of: {listed}"),
        }
    })
}

/// A percentage, a provider's number, or a file.
fn places(text: &str) -> Result<minsheng_programme::What, String> {
    use minsheng_programme::What;
    if let Some(percent) = minsheng_programme::parse_percent(text) {
        return Ok(What::CapacityPercent(percent));
    }
    // A provider's key may hold `=` itself.
    let number = text
        .rsplit_once('=')
        .and_then(|(provider, number)| Some((provider, number.parse().ok()?)));
    match number {
        Some((provider, number)) if !provider.is_empty() => {
            Ok(What::CapacityOf(provider.to_owned(), number))
        }
        _ if text.ends_with(".csv") => Ok(What::CapacityFile(PathBuf::from(text))),
        _ => Err(
            "应为 +10%、供给方=名额 或 .csv 文件 / expected +10%, PROVIDER=NUMBER or a .csv file"
                .to_owned(),
        ),
    }
}
