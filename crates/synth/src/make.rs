//! How a column's values are made, from what the file says.

use minsheng_model::Value;
use toml::Spanned;

use crate::file::ColumnFile;
use crate::pattern::Pattern;
use crate::plan::Make;
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
    pub areas: usize,
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
}

/// Reads how a column's values are made.
pub fn make(reader: &mut Reader<'_, '_, '_>, whole: std::ops::Range<usize>) -> Option<Make> {
    let column = reader.column;
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
            if values.len() != reader.areas {
                let areas = reader.areas;
                reader.found.wrong(
                    whole,
                    format!("应按区域顺序列出 {areas} 个值"),
                    format!("expected {areas} values, one for each area in order"),
                );
                return None;
            }
            Make::ByArea(values)
        }
        "area" => Make::Area,
        "part" => Make::Part,
        "places" => Make::Places,
        "groups" => Make::Groups,
        "nearest" => Make::Nearest,
        "applicant" => Make::Applicant,
        "provider" => Make::Provider,
        "position" => Make::Position,
        "distance" => Make::Distance,
        _ => return None,
    })
}
