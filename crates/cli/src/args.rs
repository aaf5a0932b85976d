use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

const AFTER: &str = "Exit codes: 0 done; 1 failed; 2 usage; 3 a file is wrong; 4 a check did not hold; 130 interrupted";

/// Runs a city's public programmes: one file in, a decision that nobody has to
/// take on trust out.
#[derive(Debug, Parser)]
#[command(name = "minsheng", version, after_help = AFTER)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How to say it.
    #[command(flatten)]
    pub global: Global,
}

/// Options that every command takes.
#[derive(Debug, Clone, ClapArgs)]
pub struct Global {
    /// Language of messages, letters and reports [default: the system's, Chinese or English]
    #[arg(long, global = true, value_enum)]
    pub lang: Option<LangArg>,
    /// Print one JSON document for machines instead of tables
    #[arg(long, global = true)]
    pub json: bool,
    /// How mistakes in files are shown
    #[arg(long, global = true, value_enum, default_value_t = ErrorFormat::Human)]
    pub error_format: ErrorFormat,
}

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LangArg {
    /// Chinese
    Zh,
    /// English
    En,
}

/// How mistakes are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ErrorFormat {
    /// With the line and the place underlined
    Human,
    /// One line each: file:line:column: message
    Plain,
    /// One JSON object a line
    Json,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read everything, run the programmes' own tests, point at every mistake at once
    Check {
        /// The city's folder
        city: PathBuf,
        /// Only these programmes
        programmes: Vec<String>,
    },
    /// Decide, publish and verify; makes the synthetic registers when there are none
    Run(RunArgs),
    /// Decide the next round after a bundle: take the answers, pass free places on
    Round(RoundArgs),
    /// Look at one application again with corrected facts: is a place owed?
    Appeal(AppealArgs),
    /// Re-prove a bundle
    Verify(VerifyArgs),
    /// Write one person's letter from a bundle alone
    Explain {
        /// The bundle's folder
        bundle: PathBuf,
        /// The application number; also the key of a place that people are sent to, or of whoever sites are chosen for
        ticket: String,
    },
    /// Write one applicant's receipt: own facts, own row, proof that the row is in the bundle
    Receipt {
        /// The city's folder, with its registers
        city: PathBuf,
        /// The bundle's folder
        bundle: PathBuf,
        /// The application number
        ticket: String,
    },
    /// Recompute a public draw alone
    Draw(DrawArgs),
    /// What if: other parameters, seats, draws or mechanisms; who gains, who loses, through what
    Compare(Box<CompareArgs>),
    /// Make registers of the right size from published totals
    Synth {
        /// The city's folder
        city: PathBuf,
        /// Only for these programmes
        programmes: Vec<String>,
        /// Size in thousandths of the declared one
        #[arg(long, default_value_t = 1000)]
        scale: u32,
        /// Add made-up answers to the offers of this bundle to the register of replies, and nothing else
        #[arg(long, value_name = "BUNDLE", conflicts_with = "scale")]
        replies: Option<PathBuf>,
    },
    /// Run one mechanism alone on a plain instance
    Solve {
        /// Which one
        #[command(subcommand)]
        mechanism: Mechanism,
    },
    /// What was promised, what was done: read texts, review, check, track, export
    Commitments {
        /// What to do
        #[command(subcommand)]
        what: Commitments,
    },
    /// Print a JSON Schema, for editors
    Schema {
        /// Of what
        #[arg(value_enum)]
        of: SchemaOf,
    },
    /// Print shell completions
    Completions {
        /// For which shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

/// Options of `run`.
#[derive(Debug, ClapArgs)]
pub struct RunArgs {
    /// The city's folder
    pub city: PathBuf,
    /// Only these programmes
    pub programmes: Vec<String>,
    /// Where bundles go [default: CITY/out]
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Rows of the register files to leave out, as `REGISTER:ROW`, by the officer's decision
    #[arg(long = "set-aside", value_name = "REGISTER:ROW", value_parser = set_aside)]
    pub set_aside: Vec<SetAside>,
    /// Number of threads [default: all cores]
    #[arg(long)]
    pub threads: Option<usize>,
}

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
    /// Write everybody whose place is another into this file, as CSV
    #[arg(long, value_name = "FILE.csv")]
    pub movers: Option<PathBuf>,
    /// Number of threads [default: all cores]
    #[arg(long)]
    pub threads: Option<usize>,
}

/// Options of `round`.
#[derive(Debug, ClapArgs)]
pub struct RoundArgs {
    /// The city's folder
    pub city: PathBuf,
    /// The bundle of the round before
    pub bundle: PathBuf,
    /// Records of appeals to enter, as `minsheng appeal` leaves them
    #[arg(long = "appeal", value_name = "FILE")]
    pub appeals: Vec<PathBuf>,
    /// Where the bundle goes [default: CITY/out]
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Rows of the register files to leave out, as `REGISTER:ROW`, by the officer's decision
    #[arg(long = "set-aside", value_name = "REGISTER:ROW", value_parser = set_aside)]
    pub set_aside: Vec<SetAside>,
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

/// Options of `appeal`.
#[derive(Debug, ClapArgs)]
pub struct AppealArgs {
    /// The city's folder
    pub city: PathBuf,
    /// The bundle that is appealed against: that of the last round
    pub bundle: PathBuf,
    /// The application number
    pub ticket: String,
    /// The corrected facts: a JSON object from column to text, `null` for missing
    pub facts: PathBuf,
    /// Where the record goes; it holds personal facts [default: CITY/registers/appeal-TICKET.json]
    #[arg(long)]
    pub record: Option<PathBuf>,
    /// Rows of the register files that were left out, as `REGISTER:ROW`
    #[arg(long = "set-aside", value_name = "REGISTER:ROW", value_parser = set_aside)]
    pub set_aside: Vec<SetAside>,
}

/// A row of a register that the officer leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// The register's name in the programme file.
    pub register: String,
    /// The row of its file; the first one behind the heading is 1.
    pub row: u64,
}

/// A slip here would decide about somebody else, so nothing is guessed.
fn set_aside(text: &str) -> Result<SetAside, String> {
    let parts = text.split_once(':');
    let parsed = parts.and_then(|(register, row)| Some((register, row.parse().ok()?)));
    match parsed {
        Some((register, row)) if !register.is_empty() && row > 0 => Ok(SetAside {
            register: register.to_owned(),
            row,
        }),
        _ => {
            Err("应为 名册:行号,行号从 1 起 / expected REGISTER:ROW, rows count from 1".to_owned())
        }
    }
}

/// Options of `verify`.
#[derive(Debug, ClapArgs)]
pub struct VerifyArgs {
    /// The bundle's folder; with `--instance` an outcome of `solve assign`, `solve site` or `solve access`
    pub bundle: PathBuf,
    /// Check the outcome of a plain instance, this one
    #[arg(long, value_name = "FILE", conflicts_with_all = ["registers", "receipt"])]
    pub instance: Option<PathBuf>,
    /// What was said beside the instance
    #[command(flatten)]
    pub site: SiteArgs,
    /// The bundle of the round before [default: the one of that identity in the same folder]
    #[arg(long, value_name = "BUNDLE", conflicts_with = "instance")]
    pub previous: Option<PathBuf>,
    /// Check as an auditor, against this city's registers
    #[arg(long, value_name = "CITY", conflicts_with = "receipt")]
    pub registers: Option<PathBuf>,
    /// Check as an applicant, with the own receipt
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
}

/// What is said beside a siting instance.
#[derive(Debug, Clone, ClapArgs)]
pub struct SiteArgs {
    /// The model [default: what the instance names; p-median for text]
    #[arg(long, value_enum)]
    pub model: Option<SiteModel>,
    /// How many sites are open, instead of what the instance says
    #[arg(short, long)]
    pub p: Option<u32>,
    /// How far a site reaches, instead of what the instance says
    #[arg(long)]
    pub reach: Option<i64>,
    /// The capacity of every warehouse, where the text leaves it open
    #[arg(long)]
    pub capacity: Option<i64>,
    /// Travel for a JSON instance: a table, or a saved answer of OSRM or Valhalla
    #[arg(long, value_name = "FILE")]
    pub travel: Option<PathBuf>,
}

/// A siting model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SiteModel {
    /// The least sum of weight times cost, with p sites
    PMedian,
    /// The least largest cost, with p sites
    PCenter,
    /// The cheapest sites that reach everybody
    SetCover,
    /// The most weight within reach, with p sites
    MaxCover,
    /// The least sum of opening and serving
    Uncapacitated,
    /// The least sum of opening and serving within the capacities
    Capacitated,
}

/// Options of `draw`.
#[derive(Debug, ClapArgs)]
pub struct DrawArgs {
    /// Recompute the draw of this bundle and print rank, number and ticket
    #[arg(long, value_name = "BUNDLE", conflicts_with_all = ["rfc3797", "vrs"])]
    pub bundle: Option<PathBuf>,
    /// RFC 3797's selection: one winner a line
    #[arg(long, conflicts_with = "vrs", requires_all = ["sources", "pool"])]
    pub rfc3797: bool,
    /// The verifiable random sort (HKDF order): one label a line
    #[arg(long, requires_all = ["sources", "pool"])]
    pub vrs: bool,
    /// The canonical string of the sources, such as `9319./2.5.8.10.12./`
    #[arg(long)]
    pub sources: Option<String>,
    /// A file with one label a line
    #[arg(long)]
    pub pool: Option<PathBuf>,
    /// How many winners [default: all]
    #[arg(long)]
    pub count: Option<usize>,
}

/// A mechanism.
#[derive(Debug, Subcommand)]
pub enum Mechanism {
    /// Applicants to places
    Match {
        /// The instance as JSON; `-` reads standard input
        file: PathBuf,
    },
    /// In which period each project starts, under crews, seasons, budgets and targets
    Calendar {
        /// The instance as JSON; `-` reads standard input
        file: PathBuf,
    },
    /// Which projects, under budgets, quotas and dependencies
    Select {
        /// The instance as JSON, or OR-Library's multi-dimensional knapsacks; `-` reads standard input
        file: PathBuf,
    },
    /// Demand to capacity at least cost
    Assign {
        /// DIMACS `.min` or JSON; `-` reads standard input
        file: PathBuf,
        /// Travel for a JSON instance: a table, or a saved answer of OSRM or Valhalla
        #[arg(long, value_name = "FILE")]
        travel: Option<PathBuf>,
    },
    /// Where to open
    Site {
        /// OR-Library text or JSON; `-` reads standard input
        file: PathBuf,
        /// What is said beside it
        #[command(flatten)]
        options: SiteArgs,
    },
    /// Who reaches how much
    Access {
        /// The instance as JSON; `-` reads standard input
        file: PathBuf,
        /// Travel: a table, or a saved answer of OSRM or Valhalla
        #[arg(long, value_name = "FILE")]
        travel: Option<PathBuf>,
    },
}

/// What a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// A programme file
    Programme,
    /// A file of what-if alternatives, for `compare --file`
    WhatIf,
    /// An instance for `solve match`
    Match,
    /// An instance for `solve select`
    Select,
    /// An instance for `solve calendar`
    Calendar,
    /// An instance for `solve assign`
    Assign,
    /// An instance for `solve site`
    Site,
    /// An instance for `solve access`
    Access,
}

/// What can be done with promises.
#[derive(Debug, Subcommand)]
pub enum Commitments {
    /// Read Chinese or English prose into statements with their exact quotes
    Read(ReadArgs),
    /// Read numbers alone, each line of a text by itself; one JSON list a line
    Numbers {
        /// The text; `-` reads standard input
        file: PathBuf,
    },
    /// Find contradictions within and between texts; each shows its quotes and the arithmetic
    Check(ReadArgs),
    /// Let people confirm what was read: write the sheet, take it in, print what is accepted
    Review {
        /// Which step
        #[command(subcommand)]
        step: ReviewStep,
    },
    /// Targets against results on a day, with last year's result beside
    Status {
        /// The city's folder
        city: PathBuf,
        /// The day, as `YYYY-MM-DD`
        #[arg(long, value_name = "DATE")]
        as_of: String,
        /// A bundle that queries may count from [default: the only one of its cycle in CITY/out]
        #[arg(long = "bundle", value_name = "BUNDLE")]
        bundles: Vec<PathBuf>,
    },
    /// Write what others read: IATI XML, Table Schema, the four-column performance table
    Export(ExportArgs),
}

/// Options of `commitments read` and `commitments check`.
#[derive(Debug, ClapArgs)]
pub struct ReadArgs {
    /// The texts: UTF-8, GB18030 or UTF-16
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Print CSV (one text); offsets count characters of the text, without a byte order mark
    #[arg(long)]
    pub csv: bool,
    /// The day of publication, from which 去年 and 目前 are told: `YYYY-MM-DD`, `YYYY-MM` or `YYYY` [default: the text's own dateline, else its file name]
    #[arg(long, value_name = "DATE")]
    pub published: Option<String>,
    /// A city's folder, for its bodies, people and indicators
    #[arg(long, value_name = "CITY")]
    pub city: Option<PathBuf>,
}

/// Steps of a review.
#[derive(Debug, Subcommand)]
pub enum ReviewStep {
    /// Write the sheet that reviewers fill in, as TSV
    Sheet(ReadArgs),
    /// Take in a filled sheet: append its verdicts to the history
    Take {
        /// The filled sheet
        sheet: PathBuf,
        /// The history; made if it is not there, only ever added to
        #[arg(long)]
        history: PathBuf,
    },
    /// Print the statements that the history accepts, as CSV
    Accepted {
        /// What was read
        #[command(flatten)]
        read: ReadArgs,
        /// The history
        #[arg(long)]
        history: PathBuf,
    },
}

/// Options of `commitments export`.
#[derive(Debug, ClapArgs)]
pub struct ExportArgs {
    /// The city's folder
    pub city: PathBuf,
    /// In which form
    #[arg(long, value_enum)]
    pub form: ExportForm,
    /// The day, as `YYYY-MM-DD`: nothing that became known later is written
    #[arg(long, value_name = "DATE")]
    pub as_of: String,
    /// The year of the performance table [default: that of the day]
    #[arg(long)]
    pub year: Option<i32>,
}

/// A form of export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportForm {
    /// IATI activities 2.03
    Iati,
    /// The Table Schema of the statements' CSV
    TableSchema,
    /// 序号, 任务名称, 年度任务及目标, 全年完成情况
    Performance,
}
