//! Where everybody stands after a later round, as Parquet and back.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, BooleanArray, StringArray, UInt32Array};
use minsheng_model::{Answer, ApplicantRow, Placement, Rules, Standing, StandingRow};

use crate::rows::{Batch, broken, open, placement, row, text};
use crate::tables::{GROUP_ROWS, Table, texts, uneven};
use crate::{BundleError, schema};

fn some<'a>(
    rows: &'a [StandingRow],
    value: impl Fn(&'a StandingRow) -> Option<String>,
) -> ArrayRef {
    Arc::new(rows.iter().map(value).collect::<StringArray>())
}

fn numbers(rows: &[StandingRow], value: impl Fn(&StandingRow) -> Option<u32>) -> ArrayRef {
    Arc::new(rows.iter().map(value).collect::<UInt32Array>())
}

/// Returns the positions as one text, nothing for none.
fn listed(refused: &[u32]) -> Option<String> {
    let words: Vec<String> = refused.iter().map(u32::to_string).collect();
    (!words.is_empty()).then(|| words.join(","))
}

pub(crate) fn write<W: Write + Send>(
    out: W,
    rules: &Rules,
    applicants: &[ApplicantRow],
    rows: &[StandingRow],
) -> Result<W, BundleError> {
    let table = schema::standings();
    let file = table.file;
    if applicants.len() != rows.len() {
        return Err(uneven(file));
    }
    let door = |p: &Placement| schema::door_name(rules, p.door);
    if rows
        .iter()
        .filter_map(|r| r.held.as_ref())
        .any(|p| door(p).is_none())
    {
        return Err(uneven(file));
    }
    let mut writer = Table::new(out, rules, &table, &[], &["ticket"])?;
    for (people, rows) in applicants.chunks(GROUP_ROWS).zip(rows.chunks(GROUP_ROWS)) {
        writer.add(vec![
            texts(people, |a| a.ticket.as_str()),
            some(rows, |r| r.answer.map(|a| a.as_str().to_owned())),
            texts(rows, |r| r.standing.as_str()),
            some(rows, |r| r.held.as_ref().map(|p| p.provider.clone())),
            some(rows, |r| r.held.as_ref().and_then(door)),
            numbers(rows, |r| r.held.as_ref().map(|p| p.position)),
            numbers(rows, |r| r.since),
            Arc::new(rows.iter().map(|r| Some(r.extra)).collect::<BooleanArray>()),
            some(rows, |r| r.arrived.map(|d| d.to_string())),
            some(rows, |r| listed(&r.refused)),
            numbers(rows, |r| r.owed),
            some(rows, |r| r.appeal.clone()),
        ])?;
    }
    writer.finish()
}

pub(crate) fn read(
    input: impl parquet::file::reader::ChunkReader + 'static,
    rules: &Rules,
    applicants: &[ApplicantRow],
) -> Result<Vec<StandingRow>, BundleError> {
    let table = schema::standings();
    let file = table.file;
    let mut rows: Vec<StandingRow> = Vec::with_capacity(applicants.len());
    for batch in open(input, rules, &table, Some(applicants.len() as u64))? {
        let batch = batch.map_err(|e| broken(file, &e))?;
        let batch = Batch {
            file,
            batch: &batch,
        };
        let ticket: &StringArray = batch.column(0)?;
        let (answer, standing): (&StringArray, &StringArray) = (batch.column(1)?, batch.column(2)?);
        let (provider, door): (&StringArray, &StringArray) = (batch.column(3)?, batch.column(4)?);
        let (position, since): (&UInt32Array, &UInt32Array) = (batch.column(5)?, batch.column(6)?);
        let extra: &BooleanArray = batch.column(7)?;
        let (arrived, refused): (&StringArray, &StringArray) = (batch.column(8)?, batch.column(9)?);
        let owed: &UInt32Array = batch.column(10)?;
        let appeal: &StringArray = batch.column(11)?;
        for i in 0..batch.rows() {
            let number = rows.len();
            let wrong = |zh: &str, en: &str| row(file, number, zh, en);
            if applicants
                .get(number)
                .is_none_or(|a| a.ticket != ticket.value(i))
            {
                return Err(wrong(
                    "申请编号不符",
                    "another application number was expected",
                ));
            }
            let answer = text(answer, i)
                .map(|word| Answer::parse(&word))
                .map(|found| {
                    found.ok_or_else(|| wrong("没有这样的答复", "there is no such answer"))
                });
            let arrived = text(arrived, i)
                .map(|day| day.parse().map_err(|_| wrong("不是日期", "this is no day")));
            let refused = positions(text(refused, i).as_deref())
                .ok_or_else(|| wrong("志愿序号有误", "the positions are not ascending numbers"))?;
            rows.push(StandingRow {
                answer: answer.transpose()?,
                standing: Standing::parse(standing.value(i))
                    .ok_or_else(|| wrong("没有这样的状态", "there is no such standing"))?,
                held: placement(rules, file, number, (provider, door, position), i)?,
                since: since.is_valid(i).then(|| since.value(i)),
                extra: extra.value(i),
                arrived: arrived.transpose()?,
                refused,
                owed: owed.is_valid(i).then(|| owed.value(i)),
                appeal: text(appeal, i),
            });
        }
    }
    Ok(rows)
}

/// Returns ascending positions written with commas, in the one way that there is.
fn positions(words: Option<&str>) -> Option<Vec<u32>> {
    let Some(words) = words else {
        return Some(Vec::new());
    };
    let found: Vec<u32> = words
        .split(',')
        .map(|w| w.parse().ok())
        .collect::<Option<_>>()?;
    let ascending = found.is_sorted_by(|a, b| a < b);
    (ascending && listed(&found).as_deref() == Some(words)).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_have_one_form() {
        assert_eq!(positions(None), Some(vec![]));
        assert_eq!(positions(Some("1,3,12")), Some(vec![1, 3, 12]));
        for wrong in ["", "3,1", "1,1", "1, 3", "+1", "01", "x", "1,"] {
            assert_eq!(positions(Some(wrong)), None, "{wrong}");
        }
    }
}
