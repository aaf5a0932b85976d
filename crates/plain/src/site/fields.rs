//! Members of an outcome, read strictly.

use minsheng_model::Text;
use serde_json::Value;

use crate::error::{Mistake, PlainError};
use crate::words::Exact;

/// A JSON object of an outcome.
pub(crate) struct Fields<'a>(pub &'a Value);

fn wrong(name: &str, zh: &str, en: &str) -> PlainError {
    PlainError {
        mistakes: vec![Mistake {
            at: None,
            pointer: format!("/{name}"),
            message: Text::new(zh, en),
        }],
    }
}

impl<'a> Fields<'a> {
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|v| !v.is_null())
    }

    fn need(&self, name: &str) -> Result<&'a Value, PlainError> {
        self.get(name)
            .ok_or_else(|| wrong(name, "缺少该项", "is missing"))
    }

    pub fn member(&self, name: &str) -> Result<Self, PlainError> {
        Ok(Self(self.need(name)?))
    }

    pub fn text(&self, name: &str) -> Result<&'a str, PlainError> {
        self.need(name)?
            .as_str()
            .ok_or_else(|| wrong(name, "应为文字", "has to be a string"))
    }

    pub fn expect(&self, name: &str, text: &str) -> Result<(), PlainError> {
        if self.text(name)? == text {
            return Ok(());
        }
        Err(wrong(
            name,
            &format!("应为 `{text}`"),
            &format!("has to be `{text}`"),
        ))
    }

    /// Refuses members that must not be there.
    pub fn nothing(&self, names: &[&str]) -> Result<(), PlainError> {
        match names.iter().find(|n| self.get(n).is_some()) {
            Some(name) => Err(wrong(
                name,
                "此结论下应为空",
                "has to be null with this status",
            )),
            None => Ok(()),
        }
    }

    pub fn unknown_status(status: &str) -> PlainError {
        wrong(
            "status",
            &format!("未知结论 `{status}`"),
            &format!("`{status}` is not a status"),
        )
    }

    /// Refuses an outcome whose bound is not its objective.
    pub fn no_gap(&self) -> Result<(), PlainError> {
        if self.wide("objective", 0)? != self.wide("bound", 0)? || self.wide("gap", 0)? != 0 {
            return Err(wrong("bound", "应等于目标值", "has to equal the objective"));
        }
        Ok(())
    }

    fn wide_of(name: &str, value: &Value, places: u32) -> Result<i128, PlainError> {
        let text = match value {
            Value::Number(n) => n.to_string(),
            _ => String::new(),
        };
        let exact = Exact::read(&text)
            .filter(|e| e.places <= places)
            .and_then(|e| e.digits.checked_mul(10i128.checked_pow(places - e.places)?));
        // Differences of such numbers stay far from 128 bits.
        let exact = exact.filter(|v| v.unsigned_abs() < 1 << 110);
        exact.ok_or_else(|| {
            wrong(
                name,
                "应为数字,小数位数不超过实例",
                "has to be a number with no more decimals than the instance",
            )
        })
    }

    /// Reads a number as so many decimals' units.
    pub fn wide(&self, name: &str, places: u32) -> Result<i128, PlainError> {
        Self::wide_of(name, self.need(name)?, places)
    }

    pub fn whole(&self, name: &str) -> Result<i64, PlainError> {
        Self::narrow(name, self.need(name)?)
    }

    fn narrow(name: &str, value: &Value) -> Result<i64, PlainError> {
        i64::try_from(Self::wide_of(name, value, 0)?)
            .map_err(|_| wrong(name, "超出 64 位", "does not fit in 64 bits"))
    }

    pub fn list(&self, name: &str) -> Result<&'a [Value], PlainError> {
        match self.need(name)? {
            Value::Array(list) => Ok(list),
            _ => Err(wrong(name, "应为列表", "has to be a list")),
        }
    }

    pub fn whole_list(&self, name: &str) -> Result<Vec<i64>, PlainError> {
        self.list(name)?
            .iter()
            .map(|v| Self::narrow(name, v))
            .collect()
    }

    pub fn wide_list(&self, name: &str) -> Result<Vec<i128>, PlainError> {
        self.list(name)?
            .iter()
            .map(|v| Self::wide_of(name, v, 0))
            .collect()
    }

    /// Reads a list of indices from 0.
    pub fn indices(name: &str, value: &Value) -> Result<Vec<usize>, PlainError> {
        let Value::Array(list) = value else {
            return Err(wrong(name, "应为列表", "has to be a list"));
        };
        list.iter().map(|v| Self::index(name, v)).collect()
    }

    pub fn index(name: &str, value: &Value) -> Result<usize, PlainError> {
        usize::try_from(Self::narrow(name, value)?)
            .map_err(|_| wrong(name, "不应为负", "has to be nothing or more"))
    }

    /// Reads a list of numbers from 1 as indices from 0.
    pub fn counted(&self, name: &str) -> Result<Vec<usize>, PlainError> {
        let all = self.whole_list(name)?.into_iter().map(|v| {
            let index = v.checked_sub(1).and_then(|v| usize::try_from(v).ok());
            index.ok_or_else(|| wrong(name, "从 1 数起", "counts from 1"))
        });
        all.collect()
    }

    pub fn wrong(name: &str, zh: &str, en: &str) -> PlainError {
        wrong(name, zh, en)
    }
}
