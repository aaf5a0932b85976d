//! The columns of the four tables: what is written, what is accepted, and what
//! `datapackage.json` says about them.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field as ArrowField, Schema as ArrowSchema};
use minsheng_model::{Door, Rules, Text};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    U8,
    U16,
    U32,
    I64,
    Bool,
}

impl Kind {
    fn arrow(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::U8 => DataType::UInt8,
            Self::U16 => DataType::UInt16,
            Self::U32 => DataType::UInt32,
            Self::I64 => DataType::Int64,
            Self::Bool => DataType::Boolean,
        }
    }

    /// Returns the type's name in a Frictionless Table Schema.
    pub(crate) fn table_schema(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Bool => "boolean",
            Self::U8 | Self::U16 | Self::U32 | Self::I64 => "integer",
        }
    }
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub name: String,
    pub kind: Kind,
    pub nullable: bool,
    pub text: Text,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableSchema {
    pub file: &'static str,
    pub title: Text,
    pub key: &'static [&'static str],
    pub fields: Vec<Field>,
}

impl TableSchema {
    /// Returns the schema of the batches that are read.
    pub fn arrow(&self) -> ArrowSchema {
        let fields = self.fields.iter();
        ArrowSchema::new(
            fields
                .map(|f| ArrowField::new(&f.name, f.kind.arrow(), f.nullable))
                .collect::<Vec<_>>(),
        )
    }

    /// Returns the schema of the batches that are written: the same in the file,
    /// with the named texts given by dictionary.
    pub fn arrow_with_dictionaries(&self, names: &[&str]) -> Arc<ArrowSchema> {
        let fields = self.fields.iter().map(|f| {
            let plain = f.kind.arrow();
            let kind = if names.contains(&f.name.as_str()) {
                DataType::Dictionary(Box::new(DataType::Int32), Box::new(plain))
            } else {
                plain
            };
            ArrowField::new(&f.name, kind, f.nullable)
        });
        Arc::new(ArrowSchema::new(fields.collect::<Vec<_>>()))
    }
}

fn field(name: &str, kind: Kind, nullable: bool, zh: &str, en: &str) -> Field {
    Field {
        name: name.to_owned(),
        kind,
        nullable,
        text: Text::new(zh, en),
    }
}

pub(crate) const APPLICANTS: &str = "applicants.parquet";
pub(crate) const CHOICES: &str = "choices.parquet";
pub(crate) const PROVIDERS: &str = "providers.parquet";
pub(crate) const DOORS: &str = "doors.parquet";
pub(crate) const STANDINGS: &str = "standings.parquet";

/// Returns the applicants' columns; one more for each column that indicators count by.
pub(crate) fn applicants(rules: &Rules) -> TableSchema {
    let mut fields = vec![
        field(
            "ticket",
            Kind::Text,
            false,
            "申请编号",
            "application number",
        ),
        field(
            "draw_ticket",
            Kind::Text,
            false,
            "摇号用号",
            "number that stands in the draw",
        ),
        field(
            "holds",
            Kind::U32,
            false,
            "成立的条件(位掩码)",
            "clauses that hold, as a mask",
        ),
        field(
            "unknown",
            Kind::U32,
            false,
            "未知的条件(位掩码)",
            "clauses that are unknown, as a mask",
        ),
        field(
            "verdict",
            Kind::Text,
            false,
            "资格结论",
            "verdict: eligible, not-eligible or undetermined",
        ),
        field(
            "placed_provider",
            Kind::Text,
            true,
            "安排到的供给方",
            "provider of the place",
        ),
        field(
            "placed_door",
            Kind::Text,
            true,
            "入口",
            "door of the place: kept, reserve:ID or open",
        ),
        field(
            "placed_position",
            Kind::U32,
            true,
            "第几志愿",
            "position of the place on the own list",
        ),
        field(
            "facts_hash",
            Kind::Text,
            false,
            "事实散列",
            "hash over secret and facts; empty without a secret",
        ),
    ];
    let matched = rules.mechanism.is_match();
    // Nobody is placed anywhere where candidates are chosen.
    fields.retain(|f| matched || !f.name.starts_with("placed_"));
    for name in rules.group_columns() {
        let column = rules.applicants.columns.iter().find(|c| c.name == name);
        let text = column.map_or_else(|| Text::same(name), |c| c.label.clone());
        fields.push(Field {
            name: if matched {
                format!("group:{name}")
            } else {
                format!("fact:{name}")
            },
            kind: Kind::Text,
            nullable: true,
            text,
        });
    }
    TableSchema {
        file: APPLICANTS,
        title: Text::new("申请人", "applicants"),
        key: &["ticket"],
        fields,
    }
}

/// Returns the choices' columns.
pub(crate) fn choices() -> TableSchema {
    TableSchema {
        file: CHOICES,
        title: Text::new("志愿", "choices"),
        key: &["ticket", "position"],
        fields: vec![
            field(
                "ticket",
                Kind::Text,
                false,
                "申请编号",
                "application number",
            ),
            field(
                "position",
                Kind::U32,
                false,
                "第几志愿",
                "position on the list, 1 is the most wanted",
            ),
            field("provider", Kind::Text, false, "供给方", "provider"),
            field(
                "holds",
                Kind::U32,
                false,
                "成立的条件(位掩码)",
                "clauses that hold, as a mask",
            ),
            field(
                "unknown",
                Kind::U32,
                false,
                "未知的条件(位掩码)",
                "clauses that are unknown, as a mask",
            ),
            field(
                "verdict",
                Kind::Text,
                false,
                "该志愿的结论",
                "verdict of the choice alone",
            ),
            field(
                "tier_holds",
                Kind::U32,
                false,
                "成立的优先级(位掩码)",
                "tiers whose condition holds, as a mask",
            ),
            field(
                "tier_unknown",
                Kind::U32,
                false,
                "未知的优先级(位掩码)",
                "tiers whose condition is unknown, as a mask",
            ),
            field(
                "tier",
                Kind::U8,
                false,
                "优先级,0 为保留原位",
                "tier, 0 for a kept seat",
            ),
            field("score", Kind::I64, false, "分数", "score"),
            field(
                "reserves",
                Kind::U16,
                false,
                "所属保留名额(位掩码)",
                "memberships of reserves, as a mask",
            ),
            field(
                "ceilings",
                Kind::U16,
                false,
                "所属上限(位掩码)",
                "memberships of ceilings, as a mask",
            ),
            field("kept", Kind::Bool, false, "保留原位", "a seat is kept here"),
        ],
    }
}

/// Returns the providers' columns; one more for each publishable column.
pub(crate) fn providers(rules: &Rules) -> TableSchema {
    let mut fields = vec![
        field("provider", Kind::Text, false, "供给方", "provider"),
        field("capacity", Kind::U32, false, "名额", "seats"),
        field("placed", Kind::U32, false, "已安排", "placed"),
    ];
    if !rules.mechanism.is_match() {
        fields.retain(|f| f.name == "provider");
    }
    let key = &rules.providers.key;
    for column in rules
        .providers
        .columns
        .iter()
        .filter(|c| c.publish && !key.contains(&c.name))
    {
        let name = format!("fact:{}", column.name);
        fields.push(Field {
            name,
            kind: Kind::Text,
            nullable: true,
            text: column.label.clone(),
        });
    }
    TableSchema {
        file: PROVIDERS,
        title: Text::new("供给方", "providers"),
        key: &["provider"],
        fields,
    }
}

/// Returns the doors' columns.
pub(crate) fn doors() -> TableSchema {
    TableSchema {
        file: DOORS,
        title: Text::new("入口与末位", "doors and cut-offs"),
        key: &["provider", "door"],
        fields: vec![
            field("provider", Kind::Text, false, "供给方", "provider"),
            field(
                "door",
                Kind::Text,
                false,
                "入口",
                "door: kept, reserve:ID, open or ceiling:ID",
            ),
            field(
                "declared",
                Kind::U32,
                false,
                "规则给出的名额",
                "seats that the rules give",
            ),
            field(
                "seats",
                Kind::U32,
                false,
                "实有名额",
                "seats left by the doors before",
            ),
            field("placed", Kind::U32, false, "已安排", "placed"),
            field(
                "last_ticket",
                Kind::Text,
                true,
                "末位的申请编号",
                "application number of the last admitted, where full",
            ),
            field(
                "last_tier",
                Kind::U8,
                true,
                "末位的优先级",
                "tier of the last admitted",
            ),
            field(
                "last_score",
                Kind::I64,
                true,
                "末位的分数",
                "score of the last admitted",
            ),
            field(
                "last_rank",
                Kind::U32,
                true,
                "末位的摇号名次",
                "rank in the draw of the last admitted",
            ),
        ],
    }
}

/// Returns the columns of where everybody stands after a later round.
pub(crate) fn standings() -> TableSchema {
    let f = field;
    TableSchema {
        file: STANDINGS,
        title: Text::new("各人状态", "standings"),
        key: &["ticket"],
        fields: vec![
            f(
                "ticket",
                Kind::Text,
                false,
                "申请编号",
                "application number",
            ),
            f(
                "answer",
                Kind::Text,
                true,
                "对上一轮的答复",
                "answer to the round before: accept, keep, decline, withdraw or silent",
            ),
            f(
                "standing",
                Kind::Text,
                false,
                "本轮后的状态",
                "standing after this round: offered, kept, settled, waiting or out",
            ),
            f(
                "held_provider",
                Kind::Text,
                true,
                "答复后、递补前所占的供给方",
                "provider of the place held once the answers were in",
            ),
            f("held_door", Kind::Text, true, "其入口", "its door"),
            f(
                "held_position",
                Kind::U32,
                true,
                "其志愿序号",
                "its position on the own list",
            ),
            f(
                "since",
                Kind::U32,
                true,
                "现有名额是第几轮给的",
                "round in which the present place was offered",
            ),
            f(
                "extra",
                Kind::Bool,
                false,
                "所占名额为名额之外另加",
                "the place held is one more than the capacity",
            ),
            f(
                "arrived",
                Kind::Text,
                true,
                "逾期申请的到达日期",
                "day of arrival, of late applications",
            ),
            f(
                "refused",
                Kind::Text,
                true,
                "已谢绝的志愿序号",
                "positions of the own list that were refused",
            ),
            f(
                "owed",
                Kind::U32,
                true,
                "在此志愿处先于所有候补者",
                "position at whose provider this person comes before all who wait",
            ),
            f(
                "appeal",
                Kind::Text,
                true,
                "最近纳入的复核记录散列",
                "hash of the last appeal that was entered",
            ),
        ],
    }
}

/// Returns the text that stands for a door in files, `None` for a reserve that the
/// rules do not have.
#[must_use]
pub fn door_name(rules: &Rules, door: Door) -> Option<String> {
    Some(match door {
        Door::Kept => "kept".to_owned(),
        Door::Open => "open".to_owned(),
        Door::Reserve(index) => {
            format!("reserve:{}", rules.reserves.get(usize::from(index))?.id)
        }
    })
}

/// Returns the door that [`door_name`] names.
#[must_use]
pub fn door_of(rules: &Rules, name: &str) -> Option<Door> {
    match name {
        "kept" => Some(Door::Kept),
        "open" => Some(Door::Open),
        _ => {
            let id = name.strip_prefix("reserve:")?;
            let index = rules.reserves.iter().position(|r| r.id == id)?;
            u8::try_from(index).ok().map(Door::Reserve)
        }
    }
}
