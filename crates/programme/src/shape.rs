//! The shape of a file as data: read once to check a document, once to write its
//! JSON Schema.

use minsheng_model::{Date, Decimal, Type, Value};
use toml::de::{DeTable, DeValue};

use crate::sink::{Item, Sink};

/// What may stand at a place of the file.
#[derive(Debug)]
pub enum Shape {
    /// `{ zh = "…", en = "…" }`.
    Text,
    /// Any words.
    Words,
    /// Any words, or a text in both languages.
    WordsOrText,
    /// A short name: lower-case letters, digits, `-` and `_`.
    Id,
    /// The path of a file inside the city's folder.
    File,
    /// An SQL expression in a literal string.
    Sql,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// `text`, `integer`, `decimal(2)`, `boolean`, `date`.
    Type,
    /// True or false.
    Boolean,
    /// A whole number between two bounds.
    Integer(i64, i64),
    /// A day.
    Day,
    /// A number, a text, true or false, or a day.
    Scalar,
    /// These keys.
    Record(&'static [Key]),
    /// Any names, each with a value of this shape.
    Named(&'static Shape),
    /// A list of values of this shape.
    List(&'static Shape),
    /// One value of this shape, or a list of them.
    OneOrList(&'static Shape),
}

/// A key of a record.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// Whether it has to be there.
    pub required: bool,
    /// What it holds.
    pub shape: Shape,
    /// One line for editors.
    pub about: &'static str,
}

/// Returns a key that has to be there.
pub const fn must(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key {
        name,
        required: true,
        shape,
        about,
    }
}

/// Returns a key that may be left out.
pub const fn may(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key {
        name,
        required: false,
        shape,
        about,
    }
}

/// Text in both languages, as a record.
pub static TEXT: &[Key] = &[
    must("zh", Shape::Words, "Chinese"),
    must("en", Shape::Words, "English"),
];

impl Shape {
    /// Returns what was expected, in Chinese and English.
    fn wanted(&self) -> (String, String) {
        let (zh, en) = match self {
            Self::Text => (
                "`{ zh = \"…\", en = \"…\" }`",
                "`{ zh = \"…\", en = \"…\" }`",
            ),
            Self::Words => ("带引号的文字", "a text in quotes"),
            Self::WordsOrText => (
                "带引号的文字,或 `{ zh = \"…\", en = \"…\" }`",
                "a text in quotes, or `{ zh = \"…\", en = \"…\" }`",
            ),
            Self::Id => (
                "由小写字母、数字、`-`、`_` 组成的简称",
                "a short name of lower-case letters, digits, `-` and `_`",
            ),
            Self::File => (
                "城市文件夹内的文件名",
                "the name of a file inside the city's folder",
            ),
            Self::Sql => (
                "单引号中的 SQL 表达式",
                "an SQL expression in single quotes",
            ),
            Self::OneOf(words) => {
                let words: Vec<String> = words.iter().map(|w| format!("`{w}`")).collect();
                return (words.join("、"), words.join(", "));
            }
            Self::Type => (
                "`text`、`integer`、`decimal(2)`、`boolean` 或 `date`",
                "`text`, `integer`, `decimal(2)`, `boolean` or `date`",
            ),
            Self::Boolean => ("`true` 或 `false`", "`true` or `false`"),
            Self::Integer(low, i64::MAX) => {
                return (
                    format!("不小于 {low} 的整数"),
                    format!("a whole number not below {low}"),
                );
            }
            Self::Integer(low, high) => {
                return (
                    format!("{low} 到 {high} 的整数"),
                    format!("a whole number from {low} to {high}"),
                );
            }
            Self::Day => ("日期,如 2024-08-31", "a day such as 2024-08-31"),
            Self::Scalar => (
                "数、文字、true/false 或日期",
                "a number, a text, true or false, or a day",
            ),
            Self::Record(_) | Self::Named(_) => ("一组 `键 = 值`", "a table of `key = value`"),
            Self::List(_) => ("方括号中的列表", "a list in square brackets"),
            Self::OneOrList(inner) => {
                let (zh, en) = inner.wanted();
                return (format!("{zh},或其列表"), format!("{en}, or a list of such"));
            }
        };
        (zh.to_owned(), en.to_owned())
    }

    /// Notes every place of the value that does not have this shape.
    pub fn check(&self, item: Item<'_>, sink: &mut Sink<'_>) {
        let value = item.get_ref();
        match (self, value) {
            (Self::Text, DeValue::Table(table)) => check_record(TEXT, table, item.span(), sink),
            (Self::Record(keys), DeValue::Table(table)) => {
                check_record(keys, table, item.span(), sink)
            }
            (Self::Named(inner), DeValue::Table(table)) => {
                for (name, item) in table {
                    check_name(name.get_ref(), name.span(), sink);
                    inner.check(item, sink);
                }
            }
            (Self::List(inner), DeValue::Array(items)) => {
                items.iter().for_each(|i| inner.check(i, sink))
            }
            (Self::OneOrList(inner), DeValue::Array(items)) => {
                items.iter().for_each(|i| inner.check(i, sink))
            }
            (Self::OneOrList(inner), _) => inner.check(item, sink),
            (Self::WordsOrText, DeValue::Table(_)) => Self::Text.check(item, sink),
            (Self::Words | Self::WordsOrText, DeValue::String(words)) => {
                if words.trim().is_empty() {
                    sink.error(
                        "programme/empty",
                        item.span(),
                        "文字为空",
                        "the text is empty",
                    );
                }
            }
            (Self::Id, DeValue::String(id)) if is_id(id) => {}
            (Self::File, DeValue::String(path)) => check_file(path, item, sink),
            (Self::Sql, DeValue::String(_)) => check_sql(item, sink),
            (Self::OneOf(words), DeValue::String(word)) => {
                if !words.contains(&word.as_ref()) {
                    self.mismatch(item, sink);
                    let found = word.to_string();
                    if words
                        .iter()
                        .any(|w| strsim::damerau_levenshtein(w, &found) <= 1 + w.len() / 4)
                    {
                        sink.suggest(&found, words.iter().copied());
                    }
                }
            }
            (Self::Type, DeValue::String(word)) if parse_type(word).is_some() => {}
            (Self::Boolean, DeValue::Boolean(_)) => {}
            (Self::Integer(low, high), DeValue::Integer(_)) => match scalar(value) {
                Some(Value::Integer(n)) if (*low..=*high).contains(&n) => {}
                _ => self.mismatch(item, sink),
            },
            (Self::Day, _) if day(value).is_some() => {}
            (Self::Scalar, DeValue::Array(_) | DeValue::Table(_)) => self.mismatch(item, sink),
            (Self::Scalar, _) => {
                if scalar(value).is_none() {
                    let found = sink.source.get(item.span()).unwrap_or("").to_owned();
                    sink.error(
                        "programme/number",
                        item.span(),
                        format!("`{found}` 不能准确表示"),
                        format!("`{found}` cannot be held exactly"),
                    );
                    sink.help("写作 64 位以内的整数、如 `0.20` 的小数或日期", "write a whole number of at most 64 bits, a decimal such as `0.20`, or a day");
                }
            }
            _ => self.mismatch(item, sink),
        }
    }

    fn mismatch(&self, item: Item<'_>, sink: &mut Sink<'_>) {
        let (zh, en) = self.wanted();
        let (found_zh, found_en) = kind(item.get_ref());
        let code = match (self, item.get_ref()) {
            (Self::Day, DeValue::String(_) | DeValue::Datetime(_)) => "programme/bad-date",
            (Self::Id | Self::OneOf(_) | Self::Type, DeValue::String(_))
            | (Self::Integer(..), DeValue::Integer(_)) => "programme/bad-value",
            _ => "programme/wrong-type",
        };
        let written = sink
            .source
            .get(item.span())
            .filter(|w| w.len() <= 40 && !w.contains('\n'));
        let (zh_found, en_found) = match written {
            Some(w) => (format!("{found_zh} `{w}`"), format!("{found_en} `{w}`")),
            None => (found_zh.to_owned(), found_en.to_owned()),
        };
        sink.error(
            code,
            item.span(),
            format!("这里是{zh_found},应为{zh}"),
            format!("found {en_found}, expected {en}"),
        );
    }
}

fn kind(value: &DeValue<'_>) -> (&'static str, &'static str) {
    match value {
        DeValue::String(_) => ("文字", "the text"),
        DeValue::Integer(_) => ("整数", "the whole number"),
        DeValue::Float(_) => ("小数", "the decimal"),
        DeValue::Boolean(_) => ("布尔值", "the boolean"),
        DeValue::Datetime(_) => ("日期时间", "the date"),
        DeValue::Array(_) => ("列表", "the list"),
        DeValue::Table(_) => ("表", "the table"),
    }
}

/// Notes unknown and missing keys and what is wrong inside known ones.
pub fn check_record(
    keys: &[Key],
    table: &DeTable<'_>,
    span: std::ops::Range<usize>,
    sink: &mut Sink<'_>,
) {
    for (name, item) in table {
        let name_text = name.get_ref().as_ref();
        match keys.iter().find(|k| k.name == name_text) {
            Some(key) => key.shape.check(item, sink),
            None => {
                sink.error(
                    "programme/unknown-key",
                    name.span(),
                    format!("未知的键 `{name_text}`"),
                    format!("unknown key `{name_text}`"),
                );
                let known: Vec<&str> = keys.iter().map(|k| k.name).collect();
                let listed = known.join(", ");
                sink.help(
                    format!("可用的键:{listed}"),
                    format!("known keys: {listed}"),
                );
                sink.suggest(name_text, known);
            }
        }
    }
    for key in keys
        .iter()
        .filter(|k| k.required && !table.contains_key(k.name))
    {
        missing(key, &span, sink);
    }
}

/// Notes a key that is not there; the span is that of the record around it.
pub fn missing(key: &Key, span: &std::ops::Range<usize>, sink: &mut Sink<'_>) {
    let (zh, en) = (
        format!("缺少 `{}`", key.name),
        format!("`{}` is missing", key.name),
    );
    if span.is_empty() || span.len() == sink.source.len() {
        sink.whole("programme/missing-key", zh, en);
    } else {
        sink.error("programme/missing-key", span.clone(), zh, en);
    }
    let (wanted_zh, wanted_en) = key.shape.wanted();
    sink.help(
        format!("应为{wanted_zh}"),
        format!("expected {wanted_en}: {}", key.about),
    );
}

fn check_name(name: &str, span: std::ops::Range<usize>, sink: &mut Sink<'_>) {
    let fits = !name.is_empty()
        && name.chars().count() <= 64
        && name.chars().all(|c| c == '_' || c.is_alphanumeric())
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.chars().any(|c| c.is_ascii_uppercase());
    if !fits {
        sink.error(
            "programme/bad-name",
            span,
            format!("`{name}` 不能作名称"),
            format!("`{name}` cannot be a name"),
        );
        sink.help(
            "用小写字母、汉字、数字和 `_`,不以数字开头",
            "use lower-case letters, Chinese characters, digits and `_`, not a digit first",
        );
    }
}

fn check_file(path: &str, item: Item<'_>, sink: &mut Sink<'_>) {
    let parts: Vec<&str> = path.split('/').collect();
    let strange = path.is_empty()
        || path.contains(['\\', ':', '\0'])
        || parts
            .iter()
            .any(|p| p.is_empty() || *p == ".." || *p == ".");
    if strange {
        sink.error(
            "programme/bad-path",
            item.span(),
            format!("`{path}` 不是城市文件夹内的文件"),
            format!("`{path}` is not a file inside the city's folder"),
        );
        sink.help(
            "写相对路径,如 `registers/people.csv`",
            "write a relative path such as `registers/people.csv`",
        );
    }
}

fn check_sql(item: Item<'_>, sink: &mut Sink<'_>) {
    let written = sink.source.get(item.span()).unwrap_or("");
    if written.starts_with('\'') {
        return;
    }
    sink.error(
        "programme/sql-quotes",
        item.span(),
        "SQL 应写在单引号中",
        "SQL belongs in single quotes",
    );
    sink.help("写作 '…' 或 '''…'''(内含单引号时),位置才能准确指出", "write '…', or '''…''' when it holds single quotes itself, so that mistakes can be pointed at");
}

/// Returns whether the text is a short name.
pub fn is_id(id: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    id.bytes().all(plain)
        && (1..=64).contains(&id.len())
        && id.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
}

/// Returns the type that a word names.
pub fn parse_type(word: &str) -> Option<Type> {
    Some(match word {
        "text" => Type::Text,
        "integer" => Type::Integer,
        "boolean" => Type::Boolean,
        "date" => Type::Date,
        _ => {
            let scale: u8 = word
                .strip_prefix("decimal(")?
                .strip_suffix(')')?
                .parse()
                .ok()?;
            (scale <= 18).then_some(Type::Decimal { scale })?
        }
    })
}

/// Returns the day that a TOML date or a text holds.
pub fn day(value: &DeValue<'_>) -> Option<Date> {
    match value {
        DeValue::String(text) => text.parse().ok(),
        DeValue::Datetime(when) if when.time.is_none() && when.offset.is_none() => {
            let date = when.date?;
            Date::from_ymd(
                i32::from(date.year),
                u32::from(date.month),
                u32::from(date.day),
            )
        }
        _ => None,
    }
}

/// Returns a scalar's value exactly as written; a decimal never becomes a float.
pub fn scalar(value: &DeValue<'_>) -> Option<Value> {
    match value {
        DeValue::String(text) => Some(Value::Text(text.to_string())),
        DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix())
            .ok()
            .map(Value::Integer),
        DeValue::Float(digits) => digits
            .as_str()
            .parse::<Decimal>()
            .ok()
            .filter(|d| d.scale() <= 18)
            .map(Value::Decimal),
        DeValue::Boolean(b) => Some(Value::Boolean(*b)),
        DeValue::Datetime(_) => day(value).map(Value::Date),
        DeValue::Array(_) | DeValue::Table(_) => None,
    }
}
