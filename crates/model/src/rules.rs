//! A programme's rules, resolved for one cycle: parameters have one value, names
//! stand in for nothing. It is what `programme` makes of the file, what the
//! engines and the specification evaluate, and (as canonical JSON) the file
//! `rules.json` of a bundle.

use serde::{Deserialize, Serialize};

use crate::{Carried, Date, Mechanism, Offers, Text, Type, Value};

/// Everything one cycle of a programme is decided by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The programme's short name: lower-case letters, digits and hyphens.
    pub programme: String,
    /// The version of the programme file.
    pub version: u32,
    /// What people call it.
    pub title: Text,
    /// The responsible body.
    pub body: Text,
    /// How and where to object.
    pub objection: Text,
    /// Said in every published file when the registers are invented; empty otherwise.
    pub notice: Text,
    /// By which mechanism it is decided. What only a match has is empty for others.
    #[serde(default, skip_serializing_if = "Mechanism::is_match")]
    pub mechanism: Mechanism,
    /// The cycle's short name.
    pub cycle: String,
    /// The day on which facts and parameters are read; `$as_of` in expressions.
    pub as_of: Date,
    /// The last day for objections.
    pub objections_until: Option<Date>,
    /// The law the rules cite, in the file's order.
    pub law: Vec<Law>,
    /// Who asks: the table behind [`Scope::Applicant`].
    pub applicants: Table,
    /// Who has places.
    pub providers: Table,
    /// Who asks for what, in which position.
    pub choices: Table,
    /// From which earlier decision the candidates come; `None` where the register is a
    /// file alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<Carried>,
    /// The applicants' column with the public application number.
    pub ticket: String,
    /// The applicants' column with the secret that only the applicant and the city hold.
    pub secret: Option<String>,
    /// The choices' columns: application number, provider, position (1 is the most wanted).
    pub choice_applicant: String,
    /// See [`Rules::choice_applicant`].
    pub choice_provider: String,
    /// See [`Rules::choice_applicant`].
    pub choice_position: String,
    /// The applicants' column naming the provider where a seat is kept for them.
    pub current_provider: Option<String>,
    /// Parameters, one value each, by name.
    pub parameters: Vec<Parameter>,
    /// Named expressions, each after those it uses.
    pub variables: Vec<Variable>,
    /// Named conditions; bit `i` of a mask is the `i`-th clause **of its scope**.
    pub clauses: Vec<Clause>,
    /// How the applicants' clauses combine.
    pub eligibility: Combine,
    /// How the choices' clauses combine.
    pub choice_eligibility: Option<Combine>,
    /// Served in this order; who meets none comes last, in tier `tiers.len()`.
    pub tiers: Vec<Tier>,
    /// Orders people within a tier.
    pub score: Option<Score>,
    /// Orders people within a score.
    pub tie_break: TieBreak,
    /// The public draw behind the tie-break.
    pub draw: Draw,
    /// A provider's seats: an integer expression over the providers, never below 0.
    pub capacity: String,
    /// How many people a provider needs to open at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Minimum>,
    /// Seats kept for a group, filled in this order before the open ones.
    pub reserves: Vec<Reserve>,
    /// Seats that a group may have at most.
    pub ceilings: Vec<Ceiling>,
    /// How places are offered, answered and passed on; `None` where the decision is
    /// final.
    pub offers: Option<Offers>,
    /// What the bundle shows.
    pub publish: Publish,
    /// Counts below this are not shown in indicators (0 shows all).
    pub cell_min: u32,
    /// Figures published with the bundle.
    pub indicators: Vec<Indicator>,
}

impl Rules {
    /// Returns the clauses of the scope, in the order of their mask bits.
    pub fn clauses_of(&self, scope: Scope) -> impl Iterator<Item = &Clause> {
        self.clauses.iter().filter(move |c| c.scope == scope)
    }

    /// Returns the applicants' columns whose values stand in a bundle's rows, each once:
    /// those that indicators count by, in the order of the indicators; then, where
    /// candidates are chosen and nobody is matched, every other column that may be
    /// published, in the file's order.
    #[must_use]
    pub fn group_columns(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        let counted = self.indicators.iter().filter_map(|i| i.by.as_deref());
        let columns = self.applicants.columns.iter();
        let shown = columns
            .filter(|c| !self.mechanism.is_match() && c.publish && c.name != self.ticket)
            .map(|c| c.name.as_str());
        for name in counted.chain(shown) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

/// How many people a provider needs: with fewer it does not open, and its people go
/// on along their lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Minimum {
    /// A whole number, seen from a provider.
    pub sql: String,
    /// Where it comes from.
    pub cite: String,
}

/// Whether a fact was found in its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Read in the source named.
    Verified,
    /// Assumed; to be confirmed before use.
    Unverified,
}

/// One cited text of law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Law {
    /// What citations name.
    pub id: String,
    /// Title of the text.
    pub title: Text,
    /// Article or clause.
    pub article: String,
    /// The same in English, where it was put into English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article_en: Option<String>,
    /// Where it was published.
    pub source: String,
    /// Whether it was read there.
    pub status: Status,
}

/// A register as the rules see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The register's name in expressions (`children.birth`).
    pub name: String,
    /// The columns that together name a row, at least one.
    pub key: Vec<String>,
    /// Columns in the file's order.
    pub columns: Vec<Column>,
}

impl Table {
    /// Returns where the column stands.
    #[must_use]
    pub fn column_index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == name)
    }
}

/// One declared column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name in the file and in expressions.
    pub name: String,
    /// Its type; never inferred.
    #[serde(rename = "type")]
    pub data_type: Type,
    /// The unit, such as `fen`, `metre`, `person`.
    pub unit: Option<String>,
    /// Whether a value may be missing.
    pub nullable: bool,
    /// Whether it may appear in a bundle.
    pub publish: bool,
    /// What people call it.
    pub label: Text,
    /// The paper that proves it, named to whom it is missing.
    pub document: Option<Text>,
    /// For text: the only values allowed; empty allows all.
    pub values: Vec<String>,
}

/// A parameter's value on the cycle's day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Written `$name` in expressions.
    pub name: String,
    /// The value that holds.
    pub value: Value,
    /// The value's unit.
    pub unit: Option<String>,
    /// The day from which it holds.
    pub since: Date,
    /// The law it comes from.
    pub cite: String,
    /// Whether it was found in its source.
    pub status: Status,
    /// What people call it.
    pub label: Text,
}

/// Which rows an expression sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// One applicant's row.
    Applicant,
    /// One provider's row.
    Provider,
    /// One choice's row with its applicant's and its provider's.
    Choice,
}

/// A named expression. Using it means writing its expression in brackets; where
/// `missing` is given, a missing result becomes that value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Its name in expressions.
    pub name: String,
    /// The rows it sees.
    pub scope: Scope,
    /// The SQL expression.
    pub sql: String,
    /// The declared value of a missing result.
    pub missing: Option<Value>,
    /// The law that says so; given exactly when `missing` is.
    pub missing_cite: Option<String>,
    /// What people call it.
    pub label: Text,
}

/// One named, cited condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Its name in combinations, tests and letters.
    pub id: String,
    /// [`Scope::Applicant`] or [`Scope::Choice`].
    pub scope: Scope,
    /// The nullable boolean SQL expression.
    pub when: String,
    /// The law it comes from.
    pub cite: String,
    /// Said to whom meets it.
    pub met: Text,
    /// Said to whom fails it.
    pub failed: Text,
    /// Said to whom a fact is missing: which paper to bring.
    pub unknown: Text,
}

/// AND and OR over clauses; a negation belongs inside a clause, so that a
/// missing fact makes a verdict undetermined exactly when it could change it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Combine {
    /// The `i`-th clause of the scope.
    Clause(usize),
    /// Every part.
    All(Vec<Combine>),
    /// At least one part.
    Any(Vec<Combine>),
}

/// One step of the order of service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Its name in tests and letters.
    pub id: String,
    /// What people call it.
    pub title: Text,
    /// The boolean SQL expression over a choice.
    pub when: String,
    /// The law it comes from.
    pub cite: String,
    /// The rule that an unknown `when` counts as not met; required where `when` may be missing.
    pub unknown_cite: Option<String>,
}

/// Which scores come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The highest.
    HighFirst,
    /// The lowest.
    LowFirst,
}

/// Points within a tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// An integer SQL expression over a choice, never missing.
    pub sql: String,
    /// Which come first.
    pub order: Order,
    /// The unit, if any.
    pub unit: Option<String>,
    /// What people call it.
    pub title: Text,
    /// The law it comes from.
    pub cite: String,
}

/// One number for all providers, or one for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TieMethod {
    /// One draw orders everybody everywhere.
    Single,
    /// Every provider has its own order.
    Multiple,
}

/// Who holds a number of the draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DrawUnit {
    /// Each application.
    Applicant,
    /// All with the same value in this applicants' column draw one number and
    /// stand together, in the order of their application numbers.
    Family(String),
}

/// How equal priority is parted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TieBreak {
    /// Single or multiple.
    pub method: TieMethod,
    /// Applicant or family.
    pub unit: DrawUnit,
}

/// A source of public chance, announced before anybody can know its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawSource {
    /// A short name.
    pub id: String,
    /// What will be read, when and where.
    pub title: Text,
    /// The numbers read, as RFC 3797 section 4 writes them: whole numbers; they
    /// are sorted by size where `sorted` is set.
    pub values: Vec<u64>,
    /// Whether the order of the numbers means nothing.
    pub sorted: bool,
}

/// The draw as announced and held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draw {
    /// Which draw this is: a second one under the same name is not possible.
    pub id: String,
    /// The sources in the announced order.
    pub sources: Vec<DrawSource>,
}

/// What becomes of reserved seats that members leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unused {
    /// They become open seats (a soft reserve).
    Open,
    /// They stay empty (a hard reserve).
    Empty,
}

/// Seats kept for a group at each provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reserve {
    /// Its name.
    pub id: String,
    /// What people call it.
    pub title: Text,
    /// Who belongs: a boolean SQL expression over a choice, never missing.
    pub members: String,
    /// How many: an integer SQL expression over a provider, never missing.
    pub seats: String,
    /// What becomes of the rest.
    pub unused: Unused,
    /// The law it comes from.
    pub cite: String,
}

/// The most seats a group may have at each provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ceiling {
    /// Its name.
    pub id: String,
    /// What people call it.
    pub title: Text,
    /// Who belongs: a boolean SQL expression over a choice, never missing.
    pub members: String,
    /// How many at most: an integer SQL expression over a provider, never missing.
    pub seats: String,
    /// The law it comes from.
    pub cite: String,
}

/// How much of the rows a bundle shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Publish {
    /// Every applicant's row, by application number.
    Rows,
    /// Cut-offs, counts and the Merkle root over the rows.
    Roots,
}

/// What an indicator adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Applicants.
    Applicants,
    /// Applicants with a place.
    Placed,
    /// Applicants placed at their first choice.
    FirstChoice,
    /// Applicants whose verdict is undetermined.
    Undetermined,
    /// Candidates that are chosen.
    Chosen,
}

/// A published figure: a count of applicants, by the values of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Its name.
    pub id: String,
    /// What people call it.
    pub title: Text,
    /// What is counted.
    pub measure: Measure,
    /// A publishable text column of the applicants to count by.
    pub by: Option<String>,
}
