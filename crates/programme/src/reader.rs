//! Reading TOML tables key by key: what is asked for is what is known, everything
//! else is an unknown key.

use std::cell::RefCell;
use std::collections::BTreeSet;

use minsheng_model::{Date, Decimal, Diagnostic, Span, Text, Type, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Gathers the mistakes of one file.
pub(crate) struct Mistakes<'t> {
    pub path: &'t str,
    pub text: &'t str,
    pub found: RefCell<Vec<Diagnostic>>,
}

impl Mistakes<'_> {
    pub fn add(&self, code: &str, span: Span, zh: impl Into<String>, en: impl Into<String>) {
        self.push(Diagnostic::error(code, Text::new(zh, en)).at(self.path, span));
    }

    pub fn push(&self, diagnostic: Diagnostic) {
        self.found.borrow_mut().push(diagnostic);
    }
}

/// Returns the known word closest to a wrong one.
pub(crate) fn close<'k>(wrong: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let distance = |k: &str| strsim::damerau_levenshtein(&k.to_lowercase(), &wrong.to_lowercase());
    known.map(|k| (distance(k), k)).filter(|(d, k)| *d <= 1 + k.chars().count() / 4).min().map(|(_, k)| k)
}

pub(crate) fn did_you_mean(word: &str) -> Text {
    Text::new(format!("是不是 `{word}`?"), format!("did you mean `{word}`?"))
}

/// A text with its place; for SQL the place is that of the content.
#[derive(Debug, Clone)]
pub(crate) struct Placed<T> {
    pub value: T,
    pub span: Span,
}

/// One TOML table being read.
pub(crate) struct Section<'a, 't> {
    mistakes: &'a Mistakes<'t>,
    table: Option<&'a DeTable<'a>>,
    pub span: Span,
    seen: RefCell<BTreeSet<&'static str>>,
}

impl<'a, 't> Section<'a, 't> {
    pub fn new(mistakes: &'a Mistakes<'t>, table: &'a DeTable<'a>, span: Span) -> Self {
        Self { mistakes, table: Some(table), span, seen: RefCell::new(BTreeSet::new()) }
    }

    fn absent(&self) -> Self {
        Self { mistakes: self.mistakes, table: None, span: self.span.clone(), seen: RefCell::new(BTreeSet::new()) }
    }

    pub fn mistakes(&self) -> &'a Mistakes<'t> {
        self.mistakes
    }

    pub fn get(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.seen.borrow_mut().insert(key);
        self.table?.get(key)
    }

    fn required(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        let found = self.get(key);
        if found.is_none() && self.table.is_some() {
            // The heading alone is underlined, not the whole table.
            let line = self.mistakes.text.get(self.span.clone()).and_then(|t| t.lines().next()).map_or(0, str::len);
            let span = self.span.start..self.span.start + line;
            self.mistakes.add("programme/missing-key", span, format!("缺少 `{key}`"), format!("`{key}` is missing"));
        }
        found
    }

    fn wrong_type(&self, value: &Spanned<DeValue<'_>>, zh: &str, en: &str) {
        let found = value.get_ref().type_str();
        self.mistakes.add(
            "programme/wrong-type",
            value.span(),
            format!("应为{zh},实为 {found}"),
            format!("expected {en}, found {found}"),
        );
    }

    fn as_string(&self, value: &'a Spanned<DeValue<'a>>) -> Option<String> {
        if let Some(text) = value.get_ref().as_str() {
            return Some(text.to_owned());
        }
        self.wrong_type(value, "文字", "a text");
        None
    }

    /// A required text.
    pub fn text(&self, key: &'static str) -> Placed<String> {
        let value = self.required(key);
        let span = value.map_or(self.span.clone(), Spanned::span);
        Placed { value: value.and_then(|v| self.as_string(v)).unwrap_or_default(), span }
    }

    /// An optional text.
    pub fn text_opt(&self, key: &'static str) -> Option<Placed<String>> {
        let value = self.get(key)?;
        Some(Placed { value: self.as_string(value)?, span: value.span() })
    }

    /// A required text in both languages: a table with `zh` and `en`, or one text.
    pub fn both(&self, key: &'static str) -> Text {
        self.required(key).map_or_else(Text::default, |v| self.bilingual(v))
    }

    /// An optional text in both languages.
    pub fn both_opt(&self, key: &'static str) -> Option<Text> {
        self.get(key).map(|v| self.bilingual(v))
    }

    fn bilingual(&self, value: &'a Spanned<DeValue<'a>>) -> Text {
        match value.get_ref() {
            DeValue::String(text) => Text::same(text.to_string()),
            DeValue::Table(table) => {
                let inner = Section::new(self.mistakes, table, value.span());
                let text = Text::new(inner.text("zh").value, inner.text("en").value);
                inner.finish();
                text
            }
            _ => {
                self.wrong_type(value, "`{ zh = …, en = … }`", "`{ zh = …, en = … }`");
                Text::default()
            }
        }
    }

    /// A required SQL expression in a literal string; the place is the content's.
    pub fn sql(&self, key: &'static str) -> Placed<String> {
        self.required(key).map_or(Placed { value: String::new(), span: self.span.clone() }, |v| self.expression(v))
    }

    fn expression(&self, value: &'a Spanned<DeValue<'a>>) -> Placed<String> {
        let span = value.span();
        let Some(text) = self.as_string(value) else {
            return Placed { value: String::new(), span };
        };
        let raw = self.mistakes.text.get(span.clone()).unwrap_or("");
        let quote = if raw.starts_with("'''") { 3 } else { usize::from(raw.starts_with('\'')) };
        if quote == 0 {
            let message = Text::new("表达式要写在单引号里", "an expression stands in single quotes");
            let help = Text::new("用 '…' 或 '''…''':其中没有转义", "use '…' or '''…''', which know no escapes");
            self.mistakes.push(Diagnostic::error("programme/sql-quotes", message).at(self.mistakes.path, span.clone()).help(help));
            return Placed { value: text, span };
        }
        // A line break right after ''' is not part of the text.
        let inside = raw.get(quote..).unwrap_or("");
        let skipped = if quote == 3 && inside.starts_with("\r\n") { 2 } else { usize::from(quote == 3 && inside.starts_with('\n')) };
        let start = span.start + quote + skipped;
        let end = start + text.len();
        Placed { value: text, span: start..end }
    }

    pub fn integer_opt(&self, key: &'static str) -> Option<Placed<i64>> {
        let value = self.get(key)?;
        let number = value.get_ref().as_integer().and_then(|i| i64::from_str_radix(i.as_str(), i.radix()).ok());
        if number.is_none() {
            self.wrong_type(value, "整数", "a whole number");
        }
        Some(Placed { value: number?, span: value.span() })
    }

    /// A whole number from 0 to 2^32, `default` when absent.
    pub fn count(&self, key: &'static str, default: u32) -> u32 {
        let Some(found) = self.integer_opt(key) else { return default };
        u32::try_from(found.value).unwrap_or_else(|_| {
            let n = found.value;
            self.mistakes.add("programme/out-of-range", found.span, format!("`{n}` 应为不小于 0 的整数"), format!("`{n}` must be a whole number from 0 on"));
            default
        })
    }

    pub fn flag(&self, key: &'static str, default: bool) -> bool {
        let Some(value) = self.get(key) else { return default };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong_type(value, " true 或 false", "true or false");
            default
        })
    }

    pub fn date(&self, key: &'static str) -> Option<Date> {
        self.required(key).and_then(|v| self.day(v))
    }

    pub fn date_opt(&self, key: &'static str) -> Option<Date> {
        self.get(key).and_then(|v| self.day(v))
    }

    fn day(&self, value: &'a Spanned<DeValue<'a>>) -> Option<Date> {
        let text = match value.get_ref() {
            DeValue::Datetime(day) => day.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => {
                self.wrong_type(value, "日期 YYYY-MM-DD", "a day as YYYY-MM-DD");
                return None;
            }
        };
        let day = text.parse().ok();
        if day.is_none() {
            self.mistakes.add("programme/bad-date", value.span(), format!("`{text}` 不是日期,应写作 YYYY-MM-DD"), format!("`{text}` is not a day: expected YYYY-MM-DD"));
        }
        day
    }

    /// One of the words, `None` after a mistake; `default` when absent.
    pub fn word<T: Copy>(&self, key: &'static str, words: &[(&str, T)], default: Option<T>) -> Option<T> {
        let value = if default.is_some() { self.get(key) } else { self.required(key) };
        let Some(value) = value else { return default };
        let text = self.as_string(value)?;
        if let Some((_, found)) = words.iter().find(|(w, _)| *w == text) {
            return Some(*found);
        }
        let listed: Vec<String> = words.iter().map(|(w, _)| format!("`{w}`")).collect();
        let listed = listed.join(", ");
        let message = Text::new(format!("`{text}` 应为 {listed} 之一"), format!("`{text}` must be one of {listed}"));
        let mut diagnostic = Diagnostic::error("programme/unknown-word", message).at(self.mistakes.path, value.span());
        if let Some(word) = close(&text, words.iter().map(|(w, _)| *w)) {
            diagnostic = diagnostic.help(did_you_mean(word));
        }
        self.mistakes.push(diagnostic);
        None
    }

    pub fn texts(&self, key: &'static str) -> Option<Vec<Placed<String>>> {
        let value = self.get(key)?;
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(value, "文字的列表", "a list of texts");
            return None;
        };
        Some(array.iter().filter_map(|v| Some(Placed { value: self.as_string(v)?, span: v.span() })).collect())
    }

    pub fn numbers(&self, key: &'static str) -> Vec<u64> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(value, "整数的列表", "a list of whole numbers");
            return Vec::new();
        };
        let number = |v: &'a Spanned<DeValue<'a>>| {
            let found = v.get_ref().as_integer().and_then(|i| u64::from_str_radix(i.as_str(), i.radix()).ok());
            if found.is_none() {
                self.wrong_type(v, "不小于 0 的整数", "a whole number from 0 on");
            }
            found
        };
        array.iter().filter_map(number).collect()
    }

    /// A required table; an empty one that finds nothing missing when absent.
    pub fn section(&self, key: &'static str) -> Section<'a, 't> {
        self.required(key).map_or_else(|| self.absent(), |v| self.as_section(v))
    }

    pub fn section_opt(&self, key: &'static str) -> Option<Section<'a, 't>> {
        self.get(key).map(|v| self.as_section(v))
    }

    fn as_section(&self, value: &'a Spanned<DeValue<'a>>) -> Section<'a, 't> {
        match value.get_ref().as_table() {
            Some(table) => Section::new(self.mistakes, table, value.span()),
            None => {
                self.wrong_type(value, "表", "a table");
                self.absent()
            }
        }
    }

    /// The tables of an array `[[key]]`.
    pub fn sections(&self, key: &'static str) -> Vec<Section<'a, 't>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(value, "表的列表", "a list of tables");
            return Vec::new();
        };
        array.iter().map(|v| self.as_section(v)).collect()
    }

    /// The named tables of `[key.NAME]`, in the file's order.
    pub fn named(&self, key: &'static str) -> Vec<(Placed<String>, Section<'a, 't>)> {
        let Some(outer) = self.section_opt(key) else { return Vec::new() };
        outer.entries().into_iter().map(|(name, value)| (name, self.as_section(value))).collect()
    }

    /// Every key with its value, in the file's order.
    pub fn entries(&self) -> Vec<(Placed<String>, &'a Spanned<DeValue<'a>>)> {
        let mut entries: Vec<_> = self
            .table
            .into_iter()
            .flat_map(|t| t.iter())
            .map(|(k, v)| (Placed { value: k.get_ref().to_string(), span: k.span() }, v))
            .collect();
        entries.sort_by_key(|(k, _)| k.span.start);
        entries
    }

    /// A value of a declared type: numbers, texts, booleans, days; decimals are
    /// written as texts so that no float is ever read.
    pub fn value(&self, value: &'a Spanned<DeValue<'a>>, wanted: Type) -> Option<Value> {
        let found = match (wanted, value.get_ref()) {
            (Type::Text, DeValue::String(text)) => Some(Value::Text(text.to_string())),
            (Type::Boolean, DeValue::Boolean(b)) => Some(Value::Boolean(*b)),
            (Type::Integer, DeValue::Integer(i)) => i64::from_str_radix(i.as_str(), i.radix()).ok().map(Value::Integer),
            (Type::Date, _) => return self.day(value).map(Value::Date),
            (Type::Decimal { scale }, v) => {
                let text = match v {
                    DeValue::String(text) => text.to_string(),
                    DeValue::Float(f) => f.as_str().to_owned(),
                    DeValue::Integer(i) => i.as_str().to_owned(),
                    _ => String::new(),
                };
                text.parse::<Decimal>().ok().and_then(|d| d.rescale(scale).ok()).map(Value::Decimal)
            }
            _ => None,
        };
        if found.is_none() {
            let name = wanted.to_string();
            self.wrong_type(value, &format!(" {name}"), &name);
        }
        found
    }

    /// Reports the keys that nobody asked for.
    pub fn finish(&self) {
        let seen = self.seen.borrow();
        for (key, _) in self.entries() {
            if seen.contains(key.value.as_str()) {
                continue;
            }
            let name = &key.value;
            let message = Text::new(format!("未知的键 `{name}`"), format!("unknown key `{name}`"));
            let mut diagnostic = Diagnostic::error("programme/unknown-key", message).at(self.mistakes.path, key.span.clone());
            let listed: Vec<String> = seen.iter().map(|k| format!("`{k}`")).collect();
            let listed = listed.join(", ");
            diagnostic = diagnostic.help(match close(name, seen.iter().copied()) {
                Some(word) => did_you_mean(word),
                None => Text::new(format!("此处可用:{listed}"), format!("known here: {listed}")),
            });
            self.mistakes.push(diagnostic);
        }
    }
}
