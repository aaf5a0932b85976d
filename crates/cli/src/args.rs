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
    /// Re-prove a bundle
    Verify(VerifyArgs),
    /// Write one person's letter from a bundle alone
    Explain {
        /// The bundle's folder
        bundle: PathBuf,
        /// The application number
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
    /// Make registers of the right size from published totals
    Synth {
        /// The city's folder
        city: PathBuf,
        /// Size in thousandths of the declared one
        #[arg(long, default_value_t = 1000)]
        scale: u32,
    },
    /// Run one mechanism alone on a plain instance
    Solve {
        /// Which one
        #[command(subcommand)]
        mechanism: Mechanism,
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
    #[arg(long = "set-aside", value_name = "REGISTER:ROW")]
    pub set_aside: Vec<String>,
    /// Number of threads [default: all cores]
    #[arg(long)]
    pub threads: Option<usize>,
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
    /// Demand to capacity at least cost
    Assign {
        /// DIMACS `.min` or JSON; `-` reads standard input
        file: PathBuf,
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
    },
}

/// What a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// A programme file
    Programme,
    /// An instance for `solve match`
    Match,
    /// An instance for `solve assign`
    Assign,
    /// An instance for `solve site`
    Site,
    /// An instance for `solve access`
    Access,
}
