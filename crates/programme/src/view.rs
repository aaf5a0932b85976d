//! Lenient reading of a document whose shape was checked before: what is wrong
//! there was told there and reads as absent here.

use minsheng_model::{Date, Span, Text, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::shape;

/// An SQL expression and where it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sql {
    /// The expression.
    pub text: String,
    /// The whole value with its quotes.
    pub span: Span,
    /// Where the expression's first byte stands, when file and text agree byte by byte.
    pub start: Option<usize>,
}

impl Sql {
    /// Returns the bytes of the file for a range of the expression.
    pub fn place(&self, inside: &Span) -> Span {
        match self.start {
            Some(start) if inside.end <= self.text.len() => {
                start + inside.start..start + inside.end
            }
            _ => self.span.clone(),
        }
    }
}

/// A table being read.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The table; `None` when it is absent.
    table: Option<&'a DeTable<'a>>,
    source: &'a str,
}

impl<'a> View<'a> {
    /// Returns a view of a table.
    pub fn new(table: Option<&'a DeTable<'a>>, source: &'a str) -> Self {
        Self { table, source }
    }

    /// Returns a key's value.
    pub fn item(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table?.get(key)
    }

    /// Returns a string and its place.
    pub fn words(&self, key: &str) -> Option<(&'a str, Span)> {
        let item = self.item(key)?;
        item.get_ref().as_str().map(|s| (s, item.span()))
    }

    /// Returns a string, empty when absent.
    pub fn string(&self, key: &str) -> String {
        self.words(key)
            .map(|(s, _)| s.to_owned())
            .unwrap_or_default()
    }

    /// Returns the place of a key's value, or that of the whole when absent.
    pub fn place(&self, key: &str, whole: &Span) -> Span {
        self.item(key).map_or_else(|| whole.clone(), Spanned::span)
    }

    /// Returns a text in both languages, empty when absent.
    pub fn text(&self, key: &str) -> Text {
        let inner = self.table(key);
        Text {
            zh: inner.string("zh"),
            en: inner.string("en"),
        }
    }

    /// Returns a text in both languages.
    pub fn text_if(&self, key: &str) -> Option<Text> {
        self.item(key).map(|_| self.text(key))
    }

    /// Returns an SQL expression, empty when absent.
    pub fn sql(&self, key: &str) -> Sql {
        let Some((text, span)) = self.words(key) else {
            return Sql::default();
        };
        let raw = self.source.get(span.clone()).unwrap_or("");
        let quote = raw.len() - raw.trim_start_matches(['\'', '"']).len();
        let quote = if quote >= 3 { 3 } else { quote.min(1) };
        let newline = raw.get(quote..).map_or(0, |r| {
            if r.starts_with("\r\n") {
                2
            } else {
                usize::from(r.starts_with('\n'))
            }
        });
        let start = [span.start + quote, span.start + quote + newline]
            .into_iter()
            .find(|at| self.source.get(*at..at + text.len()) == Some(text));
        Sql {
            text: text.to_owned(),
            span,
            start,
        }
    }

    /// Returns a whole number.
    pub fn integer(&self, key: &str) -> Option<i64> {
        match shape::scalar(self.item(key)?.get_ref())? {
            Value::Integer(n) => Some(n),
            _ => None,
        }
    }

    /// Returns a boolean, false when absent.
    pub fn boolean(&self, key: &str) -> bool {
        matches!(
            self.item(key).map(Spanned::get_ref),
            Some(DeValue::Boolean(true))
        )
    }

    /// Returns a day.
    pub fn day(&self, key: &str) -> Option<Date> {
        shape::day(self.item(key)?.get_ref())
    }

    /// Returns a table; absent ones are empty.
    pub fn table(&self, key: &str) -> View<'a> {
        View {
            table: self.item(key).and_then(|i| i.get_ref().as_table()),
            source: self.source,
        }
    }

    /// Returns the items of a list.
    pub fn list(&self, key: &str) -> Vec<&'a Spanned<DeValue<'a>>> {
        let list = self.item(key).and_then(|i| i.get_ref().as_array());
        list.map(|l| l.iter().collect()).unwrap_or_default()
    }

    /// Returns the tables of a list with their places.
    pub fn tables(&self, key: &str) -> Vec<(View<'a>, Span)> {
        let view = |i: &'a Spanned<DeValue<'a>>| {
            i.get_ref().as_table().map(|t| {
                (
                    View {
                        table: Some(t),
                        source: self.source,
                    },
                    i.span(),
                )
            })
        };
        self.list(key).into_iter().filter_map(view).collect()
    }

    /// Returns the strings of a list with their places.
    pub fn strings(&self, key: &str) -> Vec<(&'a str, Span)> {
        self.list(key)
            .into_iter()
            .filter_map(|i| i.get_ref().as_str().map(|s| (s, i.span())))
            .collect()
    }

    /// Returns names, their places and their values, in the file's order.
    pub fn entries(&self) -> Vec<(&'a str, Span, &'a Spanned<DeValue<'a>>)> {
        let mut all: Vec<_> = self
            .table
            .into_iter()
            .flatten()
            .map(|(k, v)| (k.get_ref().as_ref(), k.span(), v))
            .collect();
        all.sort_by_key(|(_, span, _)| (span.start, span.end));
        all
    }

    /// Returns names, their places and their tables, in the file's order.
    pub fn named(&self) -> Vec<(&'a str, Span, View<'a>)> {
        let view = |item: &'a Spanned<DeValue<'a>>| View {
            table: item.get_ref().as_table(),
            source: self.source,
        };
        self.entries()
            .into_iter()
            .map(|(n, s, item)| (n, s, view(item)))
            .collect()
    }

    /// Returns whether it is there.
    pub fn exists(&self) -> bool {
        self.table.is_some()
    }
}
