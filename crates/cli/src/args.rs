mod commitments;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

pub use commitments::{
    Commitments, ExportArgs, ExportForm, ReadArgs, ReviewStep, SheetArgs, TextArgs,
};

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
        /// The application number, or, where people are sent to places, a place's key
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
    Compare(Box<crate::args_compare::CompareArgs>),
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
    /// Ask a routing server for travel times and freeze its answers in a file
    Travel(TravelArgs),
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

/// The columns of a table that name a point and say where it is.
#[derive(Debug, Clone)]
pub struct PointColumns {
    /// Its id.
    pub id: String,
    /// Degrees east.
    pub lon: String,
    /// Degrees north.
    pub lat: String,
}

fn point_columns(text: &str) -> Result<PointColumns, String> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    match parts.as_slice() {
        [id, lon, lat] if parts.iter().all(|p| !p.is_empty()) => Ok(PointColumns {
            id: (*id).to_owned(),
            lon: (*lon).to_owned(),
            lat: (*lat).to_owned(),
        }),
        _ => Err("expected three names parted by commas, as in id,lon,lat".to_owned()),
    }
}

/// Options of `travel`.
#[derive(Debug, ClapArgs)]
#[command(group(clap::ArgGroup::new("server").required(true).args(["osrm", "valhalla"])))]
pub struct TravelArgs {
    /// A JSON instance of `solve site`, `access` or `assign` with `lon` and `lat`; with `--to` a table of origins
    #[arg(value_name = "FILE")]
    pub instance: PathBuf,
    /// A table of destinations
    #[arg(long, value_name = "TABLE")]
    pub to: Option<PathBuf>,
    /// The tables' columns: id, degrees east, degrees north
    #[arg(long, value_name = "ID,LON,LAT", value_parser = point_columns, default_value = "id,lon,lat", requires = "to")]
    pub columns: PointColumns,
    /// The address of an OSRM server, such as http://127.0.0.1:5000
    #[arg(long, value_name = "ADDRESS")]
    pub osrm: Option<String>,
    /// The address of a Valhalla server, such as http://127.0.0.1:8002
    #[arg(long, value_name = "ADDRESS")]
    pub valhalla: Option<String>,
    /// By what means: OSRM's profile or Valhalla's costing [default: foot, pedestrian]
    #[arg(long, value_name = "MEANS")]
    pub by: Option<String>,
    /// Leave out pairs farther apart than so many metres as the crow flies
    #[arg(long, value_name = "METRES", value_parser = clap::value_parser!(i64).range(0..))]
    pub within: Option<i64>,
    /// At most so many places in one question; servers have a limit
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(2..))]
    pub places: u32,
    /// Tell of places farther than so many metres from a road
    #[arg(long, value_name = "METRES", default_value_t = 500)]
    pub snap: u32,
    /// Where to write: `.csv` for a table, else the answers as they came
    #[arg(long, short, value_name = "FILE")]
    pub out: PathBuf,
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
    /// A bundle that candidates come from [default: that of this run, else the only one of that programme and cycle among the bundles]
    #[arg(long, value_name = "BUNDLE")]
    pub previous: Vec<PathBuf>,
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
    /// The bundle's folder; with `--instance` an outcome of `solve`
    pub bundle: PathBuf,
    /// Check the outcome of a plain instance, this one
    #[arg(long, value_name = "FILE", conflicts_with_all = ["registers", "receipt"])]
    pub instance: Option<PathBuf>,
    /// What was said beside the instance
    #[command(flatten)]
    pub site: SiteArgs,
    /// The bundle of the round before, or that candidates come from [default: the one of that identity in the same folder]
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
