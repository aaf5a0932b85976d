//! Saved answers of routing servers: OSRM's `table`, Valhalla's `sources_to_targets`.

use std::collections::HashSet;

use serde_json::Value;

use super::{Ids, Rows, mistake, numbers};
use crate::error::PlainError;
use crate::locate::locate;
use crate::solve::syntax;
use crate::words::Exact;

/// An answer, where it stands in the file, and what it is about.
struct Tile<'a> {
    text: &'a str,
    pointer: String,
    answer: &'a Value,
    from: Vec<u32>,
    to: Vec<u32>,
}

/// Reads a cell at its row and column.
type Cell<'a> = &'a dyn Fn(&Value, usize, usize) -> Option<Option<Value>>;

pub(super) fn read(text: &str, ids: &Ids) -> Result<Rows, PlainError> {
    let value: Value = serde_json::from_str(text).map_err(|e| syntax(&e))?;
    let count = |n: usize| (0u32..).take(n).collect();
    let Some(tiles) = value.get("tiles") else {
        let whole = Tile {
            text,
            pointer: String::new(),
            answer: &value,
            from: count(ids.demands.len()),
            to: count(ids.sites.len()),
        };
        return whole.rows();
    };
    let place = |pointer: &str, zh: &str, en: &str| mistake(locate(text, pointer), pointer, zh, en);
    let Value::Array(tiles) = tiles else {
        return Err(place("/tiles", "应为列表", "has to be a list"));
    };
    let mut all = Rows::new();
    let mut seen = HashSet::new();
    for (k, tile) in tiles.iter().enumerate() {
        let names = |name: &str, known: &[String]| -> Result<Vec<u32>, PlainError> {
            let index = numbers(known);
            let pointer = format!("/tiles/{k}/{name}");
            let Some(Value::Array(list)) = tile.get(name) else {
                return Err(place(
                    &format!("/tiles/{k}"),
                    &format!("缺少列表 `{name}`"),
                    &format!("has no list `{name}`"),
                ));
            };
            let mut own = Vec::with_capacity(list.len());
            for (at, id) in list.iter().enumerate() {
                let found = id.as_str().and_then(|id| index.get(id).copied());
                own.push(found.ok_or_else(|| {
                    place(
                        &format!("{pointer}/{at}"),
                        &format!("实例中没有 {id}"),
                        &format!("the instance has no {id}"),
                    )
                })?);
            }
            Ok(own)
        };
        let Some(answer) = tile.get("answer") else {
            return Err(place(
                &format!("/tiles/{k}"),
                "缺少 `answer`",
                "has no `answer`",
            ));
        };
        let own = Tile {
            text,
            pointer: format!("/tiles/{k}/answer"),
            answer,
            from: names("sources", &ids.demands)?,
            to: names("destinations", &ids.sites)?,
        };
        for (from, to, seconds) in own.rows()? {
            if !seen.insert((from, to)) {
                return Err(place(
                    &format!("/tiles/{k}"),
                    "与前面的答复有重复的一对",
                    "has a pair that an answer before has too",
                ));
            }
            all.push((from, to, seconds));
        }
    }
    Ok(all)
}

impl Tile<'_> {
    fn wrong(&self, pointer: &str, zh: &str, en: &str) -> PlainError {
        let pointer = format!("{}{pointer}", self.pointer);
        mistake(locate(self.text, &pointer), &pointer, zh, en)
    }

    fn rows(&self) -> Result<Rows, PlainError> {
        if self.answer.get("sources_to_targets").is_some() {
            return self.valhalla();
        }
        if self.answer.get("durations").is_some() || self.answer.get("code").is_some() {
            return self.osrm();
        }
        Err(self.wrong(
            "",
            "不是 OSRM `table` 或 Valhalla `sources_to_targets` 的答复:没有 `durations` 或 `sources_to_targets`",
            "is no answer of OSRM's `table` or Valhalla's `sources_to_targets`: it has neither `durations` nor `sources_to_targets`",
        ))
    }

    fn osrm(&self) -> Result<Rows, PlainError> {
        let code = self.answer.get("code").and_then(Value::as_str);
        if code.is_some_and(|c| c != "Ok") {
            let code = code.unwrap_or_default();
            let said = self.answer.get("message").and_then(Value::as_str);
            let said = said.unwrap_or_default();
            return Err(self.wrong(
                "/code",
                &format!("服务器拒绝了请求:`{code}` {said}"),
                &format!("the server refused: `{code}` {said}"),
            ));
        }
        let guessed = self.answer.get("fallback_speed_cells");
        if let Some(cells) = guessed.and_then(Value::as_array)
            && !cells.is_empty()
        {
            let n = cells.len();
            return Err(self.wrong(
                "/fallback_speed_cells",
                &format!("有 {n} 对是按直线猜的;请去掉 `fallback_speed` 重新请求"),
                &format!("has {n} pairs guessed along a straight line; ask again without `fallback_speed`"),
            ));
        }
        let Some(rows) = self.answer.get("durations") else {
            return Err(self.wrong(
                "",
                "没有 `durations`:请求时须含 `annotations=duration`",
                "has no `durations`: ask with `annotations=duration`",
            ));
        };
        self.grid(rows, "/durations")
    }

    fn valhalla(&self) -> Result<Rows, PlainError> {
        let here = "/sources_to_targets";
        let Some(table) = self.answer.get("sources_to_targets") else {
            return Ok(Rows::new());
        };
        // Without `verbose`, durations stand alone.
        if let Some(rows) = table.get("durations") {
            return self.grid(rows, &format!("{here}/durations"));
        }
        let cells = |cell: &Value, row: usize, column: usize| -> Option<Option<Value>> {
            let index = |name: &str, own: usize| match cell.get(name) {
                None => true,
                Some(said) => said.as_u64() == u64::try_from(own).ok(),
            };
            let fits = index("from_index", row) && index("to_index", column);
            fits.then(|| cell.get("time").filter(|t| !t.is_null()).cloned())
        };
        self.table(table, here, &cells)
    }

    fn grid(&self, rows: &Value, here: &str) -> Result<Rows, PlainError> {
        self.table(rows, here, &|cell, _, _| {
            Some(Some(cell.clone()).filter(|c| !c.is_null()))
        })
    }

    /// Reads a table, sources by rows. `cell` gives a cell's seconds: nothing inside
    /// where there is no way, nothing at all where it stands in the wrong place.
    fn table(&self, rows: &Value, here: &str, cell: Cell<'_>) -> Result<Rows, PlainError> {
        let shape = |at: &str, n: usize, found: usize| {
            self.wrong(
                at,
                &format!("应有 {n} 项,实有 {found}:行是需求,列是点位,按实例中的次序"),
                &format!("has {found} entries, expected {n}: rows are demands, columns are sites, in the instance's order"),
            )
        };
        let list = rows
            .as_array()
            .ok_or_else(|| self.wrong(here, "应为列表", "has to be a list"))?;
        if list.len() != self.from.len() {
            return Err(shape(here, self.from.len(), list.len()));
        }
        let mut all = Rows::new();
        for (i, (row, from)) in list.iter().zip(&self.from).enumerate() {
            let at = format!("{here}/{i}");
            let row = row
                .as_array()
                .ok_or_else(|| self.wrong(&at, "应为列表", "has to be a list"))?;
            if row.len() != self.to.len() {
                return Err(shape(&at, self.to.len(), row.len()));
            }
            for (j, (value, to)) in row.iter().zip(&self.to).enumerate() {
                let at = format!("{at}/{j}");
                let Some(seconds) = cell(value, i, j) else {
                    return Err(self.wrong(
                        &at,
                        "`from_index` 或 `to_index` 与位置不符",
                        "has a `from_index` or `to_index` of another place",
                    ));
                };
                let Some(seconds) = seconds else { continue };
                let read = match &seconds {
                    Value::Number(n) => Exact::read(&n.to_string()),
                    _ => None,
                };
                let read = read
                    .and_then(|e| e.rounded(0))
                    .filter(|v| (0..i64::MAX).contains(v));
                all.push((
                    *from,
                    *to,
                    read.ok_or_else(|| {
                        self.wrong(
                            &at,
                            &format!("{seconds} 应为非负的秒数"),
                            &format!("{seconds} has to be seconds, not negative"),
                        )
                    })?,
                ));
            }
        }
        Ok(all)
    }
}
