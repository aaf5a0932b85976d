//! How a column's values are made, from what the file says.

use minsheng_model::Value;
use toml::Spanned;

use crate::column::{About, allowed, condition, of_type, unused};
use crate::file::ColumnFile;
use crate::pattern::Pattern;
use crate::plan::{Column, Make};
use crate::resolve::Found;

/// Returns the model's value of a TOML value; none for floats, times and tables.
pub fn value(from: &toml::Value) -> Option<Value> {
    match from {
        toml::Value::String(text) => Some(Value::Text(text.clone())),
        toml::Value::Integer(number) => Some(Value::Integer(*number)),
        toml::Value::Boolean(truth) => Some(Value::Boolean(*truth)),
        toml::Value::Datetime(day) => day.to_string().parse().ok().map(Value::Date),
        _ => None,
    }
}

/// What a maker is read from.
pub struct Reader<'f, 'a, 'c> {
    pub found: &'f mut Found<'a>,
    pub column: &'c ColumnFile,
    pub about: About<'c>,
    /// The columns before this one.
    pub earlier: &'c [Column],
}

impl Reader<'_, '_, '_> {
    fn pattern(&mut self, whole: std::ops::Range<usize>) -> Option<Pattern> {
        let Some(pattern) = &self.column.pattern else {
            self.lacks(whole, "pattern");
            return None;
        };
        let read = self.found.pattern(pattern)?;
        if self.column.make.get_ref() != "pattern" && !read.numbered() {
            self.found.wrong(
                pattern.span(),
                "编号应含 `{n}`,否则各行相同",
                "expected `{n}` in a key: without it all rows are alike",
            );
        }
        Some(read)
    }

    fn lacks(&mut self, whole: std::ops::Range<usize>, key: &str) {
        let make = self.column.make.get_ref();
        self.found.wrong(
            whole,
            format!("生成方式 `{make}` 需要 `{key}`"),
            format!("the maker `{make}` needs `{key}`"),
        );
    }

    fn given<'v, T>(
        &mut self,
        value: Option<&'v Spanned<T>>,
        whole: &std::ops::Range<usize>,
        key: &str,
    ) -> Option<&'v Spanned<T>> {
        if value.is_none() {
            self.lacks(whole.clone(), key);
        }
        value
    }

    fn typed(&mut self, from: &Spanned<toml::Value>) -> Option<Value> {
        let read = value(from.get_ref());
        if read.is_none() {
            self.found.wrong(
                from.span(),
                "应为文字、整数、真假或日期(不能是小数)",
                "expected text, a whole number, true or false, or a day (no floats)",
            );
        }
        read
    }

    fn list(&mut self, whole: &std::ops::Range<usize>) -> Option<Vec<Value>> {
        let given = self.given(self.column.values.as_ref(), whole, "values")?;
        let read: Option<Vec<Value>> = given.get_ref().iter().map(value).collect();
        let alike = read.as_ref().is_some_and(|values| {
            let first = values.first().map(Value::type_of);
            first.is_some() && values.iter().all(|v| Some(v.type_of()) == first)
        });
        if !alike {
            self.found.wrong(
                given.span(),
                "应为同一类型的一个或多个值(不能是小数)",
                "expected one value or more, all of one type (no floats)",
            );
            return None;
        }
        read
    }

    fn band(&mut self, whole: &std::ops::Range<usize>) -> Option<Make> {
        let values = self.list(whole)?;
        let edges = self.given(self.column.edges.as_ref(), whole, "edges")?;
        let list = edges.get_ref();
        let ascending = list.windows(2).all(|w| w.first() < w.last());
        if list.len() + 1 != values.len() || !ascending || list.iter().any(|e| *e < 0) {
            self.found.wrong(
                edges.span(),
                "应为递增的米数,比 `values` 少一个",
                "expected ascending metres, one fewer than `values`",
            );
            return None;
        }
        Some(Make::Band(list.clone(), values))
    }

    fn choice(&mut self, whole: &std::ops::Range<usize>) -> Option<Make> {
        let values = self.list(whole)?;
        let Some(given) = &self.column.weights else {
            return Some(Make::Choice(values.into_iter().map(|v| (v, 1)).collect()));
        };
        let weights = given.get_ref();
        if weights.len() != values.len() || weights.iter().all(|w| *w == 0) {
            self.found.wrong(
                given.span(),
                format!("应有 {} 个权重,且不全为 0", values.len()),
                format!("expected {} weights, not all 0", values.len()),
            );
            return None;
        }
        Some(Make::Choice(
            values.into_iter().zip(weights.iter().copied()).collect(),
        ))
    }

    fn range(&mut self, whole: &std::ops::Range<usize>) -> Option<(Value, Value)> {
        let from = self.given(self.column.from.as_ref(), whole, "from")?;
        let until = self.given(self.column.until.as_ref(), whole, "until")?;
        let (low, high) = (self.typed(from)?, self.typed(until)?);
        let date = self.column.make.get_ref() == "date";
        let fits = |v: &Value| {
            matches!(
                (v, date),
                (Value::Date(_), true) | (Value::Integer(_), false)
            )
        };
        if !fits(&low) || !fits(&high) || low > high {
            self.found.wrong(
                from.span().start..until.span().end.max(from.span().end),
                "`from` 和 `until` 应为同一类型(日期或整数),且先小后大",
                "expected `from` and `until` of the maker's type (a day or a whole number), in this order",
            );
            return None;
        }
        Some((low, high))
    }

    fn cases(&mut self, whole: &std::ops::Range<usize>) -> Option<Make> {
        let of = self.given(self.column.of.as_ref(), whole, "of")?;
        let list = self.given(self.column.cases.as_ref(), whole, "cases")?;
        let name = of.get_ref();
        let Some(place) = self.earlier.iter().position(|c| c.name == *name) else {
            self.found.wrong(
                of.span(),
                format!("前面没有列 `{name}`"),
                format!("there is no earlier column `{name}`"),
            );
            return None;
        };
        let expected = self.earlier.get(place).map(|c| c.make.data_type());
        let mut cases: Vec<(Option<Value>, Make)> = Vec::new();
        for case in list.get_ref() {
            let is = match &case.get_ref().is {
                Some(is) => Some(of_type(self.found, is, name, expected)?),
                None => None,
            };
            let made = self.case(case)?;
            let first = cases.first().map(|(_, make)| make.data_type());
            if first.is_some_and(|first| first != made.data_type()) {
                self.found.wrong(
                    case.span(),
                    "各种情况的值应为同一类型",
                    "expected values of one type in all cases",
                );
                return None;
            }
            cases.push((is, made));
        }
        if cases.is_empty() {
            self.found.wrong(
                list.span(),
                "至少应有一种情况",
                "expected at least one case",
            );
            return None;
        }
        Some(Make::Cases(place, cases))
    }

    /// Reads how the values of a case are made.
    fn case(&mut self, case: &'_ Spanned<ColumnFile>) -> Option<Make> {
        let column = case.get_ref();
        let spans = [
            column.name.as_ref().map(Spanned::span),
            column.per.as_ref().map(Spanned::span),
            column.missing.as_ref().map(Spanned::span),
            column.when.as_ref().map(|w| w.column.span()),
        ];
        if let Some(span) = spans.into_iter().flatten().next() {
            self.found.wrong(
                span,
                "`name`、`per`、`missing`、`when` 属于整列,不能写在情况里",
                "`name`, `per`, `missing` and `when` belong to the column and not to a case",
            );
        }
        let mut reader = Reader {
            found: &mut *self.found,
            column,
            about: self.about,
            earlier: self.earlier,
        };
        make(&mut reader, case.span())
    }
}

/// Refuses a maker that the table may not use.
fn known(reader: &mut Reader<'_, '_, '_>) -> bool {
    let choices = allowed(reader.about.kind);
    let name = reader.column.make.get_ref().as_str();
    if choices.contains(&name) {
        return true;
    }
    let choices = choices.join(", ");
    reader.found.wrong(
        reader.column.make.span(),
        format!("此处没有 `{name}` 这种生成方式;可用:{choices}"),
        format!("there is no maker `{name}` here; there are {choices}"),
    );
    false
}

/// Reads how a column's values are made.
pub fn make(reader: &mut Reader<'_, '_, '_>, whole: std::ops::Range<usize>) -> Option<Make> {
    if !known(reader) {
        return None;
    }
    let column = reader.column;
    unused(reader.found, column);
    Some(match column.make.get_ref().as_str() {
        "serial" => Make::Serial(reader.pattern(whole)?),
        "pattern" => Make::Pattern(reader.pattern(whole)?),
        "family" => Make::Family(reader.pattern(whole)?),
        "token" => {
            let length = reader.given(column.length.as_ref(), &whole, "length")?;
            reader.found.within(length, 1, 64);
            Make::Token(*length.get_ref())
        }
        "constant" => {
            let given = reader.given(column.value.as_ref(), &whole, "value")?;
            Make::Constant(reader.typed(given)?)
        }
        "date" => match reader.range(&whole)? {
            (Value::Date(from), Value::Date(until)) => Make::Date(from, until),
            _ => return None,
        },
        "integer" => {
            if let Some(step) = &column.step {
                reader.found.within(step, 1, i64::MAX);
            }
            let step = column.step.as_ref().map_or(1, |s| *s.get_ref()).max(1);
            match reader.range(&whole)? {
                (Value::Integer(from), Value::Integer(until)) => Make::Integer(from, until, step),
                _ => return None,
            }
        }
        "boolean" => {
            let often = reader.given(column.per_mille.as_ref(), &whole, "per_mille")?;
            reader.found.within(often, 0, 1000);
            Make::Boolean(*often.get_ref())
        }
        "choice" => reader.choice(&whole)?,
        "by-area" => {
            let values = reader.list(&whole)?;
            if values.len() != reader.about.areas {
                let areas = reader.about.areas;
                reader.found.wrong(
                    whole,
                    format!("应按区域顺序列出 {areas} 个值"),
                    format!("expected {areas} values, one for each area in order"),
                );
                return None;
            }
            Make::ByArea(values)
        }
        "band" => reader.band(&whole)?,
        "nearest" => Make::Nearest(match &column.only {
            Some(only) => Some(condition(reader.found, only, reader.about.providers)?),
            None => None,
        }),
        "house" => Make::House(reader.pattern(whole)?),
        "member" => Make::Member(reader.list(&whole)?),
        "cases" => reader.cases(&whole)?,
        "near-part" => {
            let rank = reader.given(column.rank.as_ref(), &whole, "rank")?;
            reader.found.within(rank, 1, 100_000);
            Make::NearPart(*rank.get_ref())
        }
        name => return bare(name),
    })
}

/// Returns the maker of this name that reads nothing more.
fn bare(name: &str) -> Option<Make> {
    Some(match name {
        "shared" => Make::Shared,
        "edition" => Make::Edition,
        "x" => Make::X,
        "y" => Make::Y,
        "area" => Make::Area,
        "part" => Make::Part,
        "places" => Make::Places,
        "groups" => Make::Groups,
        "applicant" => Make::Applicant,
        "provider" => Make::Provider,
        "position" => Make::Position,
        "distance" => Make::Distance,
        _ => return None,
    })
}
