use minsheng_model::Text;

use crate::lexicon::rows;
use crate::statement::Role;

/// A body's name as texts write it, and in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyName {
    /// As written: 市统计局.
    pub alias: String,
    /// In full: 某市统计局.
    pub name: String,
}

/// Somebody whom texts of a city name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName {
    /// As written.
    pub alias: String,
    /// In what role.
    pub role: Role,
    /// For which body.
    pub body: String,
}

/// The words by which an indicator is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndicatorWords {
    /// The indicator.
    pub id: String,
    /// All of these stand in the phrase, its subject, its unit or its heading.
    pub all: Vec<String>,
    /// None of these does.
    pub none: Vec<String>,
    /// The measure word, where only one will do; empty for any.
    pub unit: String,
}

/// A city's own words, given at run time: no crate knows a city.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// Bodies.
    pub bodies: Vec<BodyName>,
    /// People.
    pub people: Vec<PersonName>,
    /// Names whose digits count nothing.
    pub names: Vec<String>,
    /// Indicators; the first that fits is taken.
    pub indicators: Vec<IndicatorWords>,
}

impl Vocabulary {
    /// Reads the four TSV files of a city's `commitments` folder; a file that is
    /// absent is an empty text. Each has a heading; `#` begins a comment.
    ///
    /// `bodies.tsv`: alias, name. `people.tsv`: alias, role (official, deputy,
    /// other), body. `names.tsv`: name. `indicators.tsv`: id, words that all
    /// stand there (blank between), words that must not, measure word.
    ///
    /// # Errors
    /// A row with too few columns or an unknown role, with its line.
    pub fn from_tsv(
        bodies: &str,
        people: &str,
        names: &str,
        indicators: &str,
    ) -> Result<Self, (&'static str, usize, Text)> {
        let mut v = Self::default();
        let line = |text: &str, row: &[&str]| {
            let joined = row.join("\t");
            text.lines().position(|l| l == joined).map_or(1, |n| n + 1)
        };
        let short = |zh: &str, en: &str| Text::new(zh, en);
        for row in rows(bodies) {
            let [alias, name, ..] = row.as_slice() else {
                return Err((
                    "bodies.tsv",
                    line(bodies, &row),
                    short("应有两列:别名、全称", "expected two columns: alias, name"),
                ));
            };
            v.bodies.push(BodyName {
                alias: (*alias).to_owned(),
                name: (*name).to_owned(),
            });
        }
        for row in rows(people) {
            let [alias, role, body, ..] = row.as_slice() else {
                return Err((
                    "people.tsv",
                    line(people, &row),
                    short(
                        "应有三列:姓名、身份、单位",
                        "expected three columns: alias, role, body",
                    ),
                ));
            };
            let role = match *role {
                "official" => Role::Official,
                "deputy" => Role::Deputy,
                "other" => Role::Other,
                other => {
                    let said = Text::new(
                        format!("身份 `{other}` 应是 official、deputy 或 other"),
                        format!("role `{other}` is none of official, deputy, other"),
                    );
                    return Err(("people.tsv", line(people, &row), said));
                }
            };
            v.people.push(PersonName {
                alias: (*alias).to_owned(),
                role,
                body: (*body).to_owned(),
            });
        }
        v.names = rows(names)
            .filter_map(|r| r.first().map(|n| (*n).to_owned()))
            .collect();
        for row in rows(indicators) {
            let [id, all, rest @ ..] = row.as_slice() else {
                return Err((
                    "indicators.tsv",
                    line(indicators, &row),
                    short(
                        "应有至少两列:指标号、词",
                        "expected at least two columns: id, words",
                    ),
                ));
            };
            let split = |cell: Option<&&str>| {
                cell.map_or_else(Vec::new, |c| {
                    c.split_whitespace().map(str::to_owned).collect()
                })
            };
            v.indicators.push(IndicatorWords {
                id: (*id).to_owned(),
                all: split(Some(all)),
                none: split(rest.first()),
                unit: rest.get(1).map_or("", |u| u).to_owned(),
            });
        }
        Ok(v)
    }

    /// Returns the indicator of a phrase, or nothing: what no list names goes to
    /// review.
    #[must_use]
    pub fn link(&self, phrase: &str, unit: &str) -> &str {
        self.indicators
            .iter()
            .find(|i| {
                (i.unit.is_empty() || i.unit == unit)
                    && i.all.iter().all(|w| phrase.contains(w.as_str()))
                    && !i.none.iter().any(|w| phrase.contains(w.as_str()))
            })
            .map_or("", |i| i.id.as_str())
    }

    /// Returns the full name of a body, or nothing.
    #[must_use]
    pub fn body_name(&self, alias: &str) -> &str {
        self.bodies
            .iter()
            .find(|b| b.alias == alias)
            .map_or("", |b| b.name.as_str())
    }
}
