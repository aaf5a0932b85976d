use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

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
    Check(TextArgs),
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
    /// Print a table of tasks and results (序号, 任务名称, 年度任务及目标, 全年完成情况) as a text that `read` and `review` take
    Import {
        /// The table, CSV or XLSX
        table: PathBuf,
        /// The year of its targets and results [default: relative times decide]
        #[arg(long)]
        year: Option<i32>,
        /// Write to a file
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// Texts to read.
#[derive(Debug, ClapArgs)]
pub struct TextArgs {
    /// The texts: UTF-8, GB18030 or UTF-16; `-` reads standard input
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// The day of publication, from which 去年 and 目前 are told: `YYYY-MM-DD`, `YYYY-MM` or `YYYY` [default: the text's own dateline, else its file name]
    #[arg(long, value_name = "DATE")]
    pub published: Option<String>,
    /// A city's folder, for its bodies, people and indicators
    #[arg(long, value_name = "CITY")]
    pub city: Option<PathBuf>,
}

/// Options of `commitments read`.
#[derive(Debug, ClapArgs)]
pub struct ReadArgs {
    #[command(flatten)]
    pub texts: TextArgs,
    /// Print CSV (one text); offsets count characters of the text, without a byte order mark
    #[arg(long)]
    pub csv: bool,
    /// Print JSON Lines, one statement or other number a line, with its file
    #[arg(long, conflicts_with = "csv")]
    pub lines: bool,
    /// Write to a file, which is there whole or not at all [default: the standard output, as it is read]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Options of `commitments review sheet`.
#[derive(Debug, ClapArgs)]
pub struct SheetArgs {
    #[command(flatten)]
    pub texts: TextArgs,
    /// Write to a file, a workbook if it ends in `.xlsx`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Steps of a review.
#[derive(Debug, Subcommand)]
pub enum ReviewStep {
    /// Write the sheet that reviewers fill in, as TSV or XLSX
    Sheet(SheetArgs),
    /// Take in a filled sheet: append its verdicts to the history
    Take {
        /// The filled sheet, TSV or XLSX
        sheet: PathBuf,
        /// The history; made if it is not there, only ever added to
        #[arg(long)]
        history: PathBuf,
    },
    /// Print the statements that the history accepts, as CSV
    Accepted {
        #[command(flatten)]
        texts: TextArgs,
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
