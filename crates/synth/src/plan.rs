use std::path::{Path, PathBuf};

use minsheng_model::{Date, Text, Type, Value};

use crate::pattern::Pattern;

/// The most applicants or providers that a plan may ask for.
pub const COUNT_LIMIT: u32 = 100_000_000;

/// A plan, read and checked.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What all chance comes from.
    pub seed: String,
    /// Said in every file.
    pub notice: Text,
    /// Where people live and providers stand.
    pub areas: Vec<Area>,
    /// The name of an area's `n`-th part.
    pub part_name: Pattern,
    /// Who has places.
    pub providers: Option<Providers>,
    /// Who asks.
    pub applicants: Option<People>,
    /// Who asks for what.
    pub choices: Option<Wishes>,
    /// Any other registers: rows spread over the areas.
    pub tables: Vec<Spread>,
}

impl Plan {
    /// Returns the files that the plan makes, relative to the city's folder.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let one = self.providers.iter().map(|t| t.file.as_path());
        let two = self.applicants.iter().map(|t| t.file.as_path());
        let three = self.choices.iter().map(|t| t.file.as_path());
        let others = self.tables.iter().map(|t| t.file.as_path());
        one.chain(two).chain(three).chain(others)
    }

    /// Returns the plan for so many thousandths of the declared size: providers,
    /// places, applicants and the rows of other tables; at least one of each.
    #[must_use]
    pub fn scaled(&self, per_mille: u32) -> Self {
        let scale = |n: u64| n.saturating_mul(u64::from(per_mille)) / 1000;
        let count = |n: u32| {
            let many = scale(u64::from(n)).clamp(1, u64::from(COUNT_LIMIT));
            u32::try_from(many).unwrap_or(COUNT_LIMIT)
        };
        let mut plan = self.clone();
        for table in &mut plan.tables {
            table.count = count(table.count);
        }
        if let Some(people) = &mut plan.applicants {
            people.count = count(people.count);
        }
        if let Some(providers) = &mut plan.providers {
            providers.count = count(providers.count);
            let each = providers.places_each;
            let rows = providers.rows();
            providers.places = scale(providers.places).clamp(
                rows.saturating_mul(u64::from(each.least)),
                rows.saturating_mul(u64::from(each.most)),
            );
        }
        plan
    }
}

/// A district or the like, drawn as a disc.
#[derive(Debug, Clone)]
pub struct Area {
    /// What columns hold.
    pub id: String,
    /// What patterns show.
    pub name: String,
    /// How many live there, or another measure of size.
    pub weight: u32,
    /// Into how many parts it is divided.
    pub parts: u32,
    /// The centre's metres to the east.
    pub x: i64,
    /// The centre's metres to the north.
    pub y: i64,
    /// In metres.
    pub radius: i64,
}

/// From how many to how many.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// At least.
    pub least: u32,
    /// At most.
    pub most: u32,
}

/// The providers' table.
#[derive(Debug, Clone)]
pub struct Providers {
    /// Relative to the city's folder.
    pub file: PathBuf,
    /// How many.
    pub count: u32,
    /// Their places together, exactly.
    pub places: u64,
    /// The places of one.
    pub places_each: Limits,
    /// The most places of one group.
    pub group: u32,
    /// In thousandths, 1000 is usual: a provider twice as popular seems half as far.
    pub popularity: Limits,
    /// Each provider stands once for each of these, such as the sessions it
    /// offers; once when there are none.
    pub editions: Vec<String>,
    /// In the file's order.
    pub columns: Vec<Column>,
}

impl Providers {
    /// Returns how many rows there are.
    #[must_use]
    pub fn rows(&self) -> u64 {
        let editions = u64::try_from(self.editions.len()).unwrap_or(u64::MAX);
        u64::from(self.count).saturating_mul(editions.max(1))
    }
}

/// A table of rows that stand somewhere in the areas.
#[derive(Debug, Clone)]
pub struct Spread {
    /// Relative to the city's folder.
    pub file: PathBuf,
    /// How many.
    pub count: u32,
    /// In the file's order.
    pub columns: Vec<Column>,
}

/// The applicants' table.
#[derive(Debug, Clone)]
pub struct People {
    /// Relative to the city's folder.
    pub file: PathBuf,
    /// How many.
    pub count: u32,
    /// Families with two applicants, in a thousand.
    pub twins: u32,
    /// Families that live in one house with the family before them, in a thousand.
    pub housemates: u32,
    /// In the file's order.
    pub columns: Vec<Column>,
}

/// The choices' table.
#[derive(Debug, Clone)]
pub struct Wishes {
    /// Relative to the city's folder.
    pub file: PathBuf,
    /// How many one applicant names.
    pub length: Limits,
    /// Among how many near providers.
    pub among: u32,
    /// How many metres of whim are added at most.
    pub whim: u32,
    /// Where providers are looked for.
    pub within: Within,
    /// Columns of the applicants and of the providers that have to agree.
    pub matching: Vec<(usize, usize)>,
    /// Applicants in a thousand who do not look whether they agree.
    pub stray: u32,
    /// Only providers with this value are considered.
    pub only: Option<Condition>,
    /// The applicants' column with a provider that comes first, and how often in a thousand.
    pub first: Option<(usize, u32)>,
    /// In the file's order.
    pub columns: Vec<Column>,
}

/// One column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name in the file.
    pub name: String,
    /// How a value is made.
    pub make: Make,
    /// Whether a family shares it.
    pub per: Per,
    /// How many values in a thousand are missing.
    pub missing: u32,
    /// Otherwise there is no value.
    pub when: Option<Condition>,
}

/// Who has a value of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// Every row.
    Row,
    /// Every family.
    Family,
    /// Every house.
    House,
}

/// How far is looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// Everywhere.
    City,
    /// In the own area.
    Area,
    /// In the own part.
    Part,
}

/// An earlier column has this value.
#[derive(Debug, Clone)]
pub struct Condition {
    /// Which column.
    pub column: usize,
    /// Which value.
    pub is: Value,
}

/// How a value is made.
#[derive(Debug, Clone)]
pub enum Make {
    /// The row's key by a pattern.
    Serial(Pattern),
    /// Text by a pattern.
    Pattern(Pattern),
    /// The family's key by a pattern.
    Family(Pattern),
    /// The house's key by a pattern.
    House(Pattern),
    /// Whether another family lives in the house.
    Shared,
    /// One of these for each member of a family, in turn.
    Member(Vec<Value>),
    /// The provider's edition.
    Edition,
    /// By the value of an earlier column: the first of these that names it, or
    /// that names none.
    Cases(usize, Vec<(Option<Value>, Make)>),
    /// The name of the area's part that is the so many nearest to the own one.
    NearPart(u32),
    /// Metres to the east.
    X,
    /// Metres to the north.
    Y,
    /// So many hexadecimal digits.
    Token(u32),
    /// Always the same.
    Constant(Value),
    /// A day between two, both included.
    Date(Date, Date),
    /// From the first to the second, in steps of the third.
    Integer(i64, i64, i64),
    /// True so many times in a thousand.
    Boolean(u32),
    /// One of several, by weight.
    Choice(Vec<(Value, u32)>),
    /// The area's id.
    Area,
    /// The name of the area's part.
    Part,
    /// The value declared for the area.
    ByArea(Vec<Value>),
    /// By how many metres from the drawing's middle: up to each of these edges, its
    /// value; beyond them the last.
    Band(Vec<i64>, Vec<Value>),
    /// A provider's places.
    Places,
    /// A provider's groups: places divided by the size of a group, rounded up.
    Groups,
    /// The nearest provider's key; of those whose column has this value, in the own area.
    Nearest(Option<Condition>),
    /// A choice's applicant.
    Applicant,
    /// A choice's provider.
    Provider,
    /// A choice's position from 1.
    Position,
    /// Metres from home to the provider.
    Distance,
}

impl Make {
    /// Returns the type of the values made.
    #[must_use]
    pub fn data_type(&self) -> Type {
        let of = |value: Option<&Value>| value.map_or(Type::Text, Value::type_of);
        match self {
            Self::Constant(value) => value.type_of(),
            Self::Choice(values) => of(values.first().map(|(value, _)| value)),
            Self::ByArea(values) | Self::Band(_, values) => of(values.first()),
            Self::Date(..) => Type::Date,
            Self::Boolean(_) => Type::Boolean,
            Self::Member(values) => of(values.first()),
            Self::Cases(_, cases) => cases
                .first()
                .map_or(Type::Text, |(_, make)| make.data_type()),
            Self::Shared => Type::Boolean,
            Self::X
            | Self::Y
            | Self::Integer(..)
            | Self::Places
            | Self::Groups
            | Self::Position
            | Self::Distance => Type::Integer,
            Self::Serial(_)
            | Self::Pattern(_)
            | Self::Family(_)
            | Self::Token(_)
            | Self::Area
            | Self::Part
            | Self::Nearest(_)
            | Self::House(_)
            | Self::Edition
            | Self::NearPart(_)
            | Self::Applicant
            | Self::Provider => Type::Text,
        }
    }
}
