//! Choices back from Parquet: the one table with millions of rows.
//!
//! Groups of rows are decoded at the same time, each into its own part of one list.
//! Names come by dictionary and are looked up once for each group, not for each row.

use std::collections::HashMap;

use arrow::array::{
    Array as _, BooleanArray, DictionaryArray, Int64Array, StringArray, UInt8Array, UInt16Array,
    UInt32Array,
};
use arrow::datatypes::Int32Type;
use bytes::Bytes;
use minsheng_model::{ApplicantRow, ChoiceRow, ProviderRow, Rules, Verdict};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};
use rayon::prelude::*;

use crate::BundleError;
use crate::rows::{BATCH_ROWS, Batch, broken, declared, parse_verdict, row};
use crate::schema;

/// Stands where a row has not been read yet.
const EMPTY: ChoiceRow = ChoiceRow {
    applicant: u32::MAX,
    position: 0,
    provider: u32::MAX,
    holds: 0,
    unknown: 0,
    tier_holds: 0,
    tier_unknown: 0,
    score: 0,
    reserves: 0,
    ceilings: 0,
    tier: 0,
    verdict: Verdict::Undetermined,
    kept: false,
};

/// So many groups are decoded before the next are.
const TOGETHER: usize = 16;

/// What the rows are read against.
struct Names<'a> {
    file: &'static str,
    applicants: &'a [ApplicantRow],
    /// A look-up table only: nothing walks it.
    providers: HashMap<&'a str, u32>,
}

/// Returns the choices, if they stand by applicant and position and name applicants and
/// providers that there are.
pub(crate) fn read_choices(
    input: Bytes,
    rules: &Rules,
    applicants: &[ApplicantRow],
    providers: &[ProviderRow],
    count: u64,
) -> Result<Vec<ChoiceRow>, BundleError> {
    let table = schema::choices();
    let file = table.file;
    let texts = ["ticket", "provider", "verdict"];
    let metadata = declared(&input, rules, &table, Some(count), &texts)?;
    let names = Names {
        file,
        applicants,
        providers: providers
            .iter()
            .map(|p| p.provider.as_str())
            .zip(0..)
            .collect(),
    };
    let too_many = || BundleError::file(file, "行数过多", "it has too many rows");
    let count = usize::try_from(count).map_err(|_| too_many())?;
    let mut rows: Vec<ChoiceRow> = Vec::new();
    rows.try_reserve_exact(count).map_err(|_| too_many())?;
    let sizes: Vec<usize> = metadata
        .metadata()
        .row_groups()
        .iter()
        .map(|g| usize::try_from(g.num_rows()).map_err(|e| broken(file, &e)))
        .collect::<Result<_, _>>()?;
    let mut groups = (0usize..).zip(sizes).peekable();
    while groups.peek().is_some() {
        let some: Vec<(usize, usize)> = groups.by_ref().take(TOGETHER).collect();
        let first = rows.len();
        let more = some
            .iter()
            .fold(0usize, |sum, (_, n)| sum.saturating_add(*n));
        if more > count - first {
            return Err(miscounted(file));
        }
        rows.resize(first + more, EMPTY);
        let mut rest = rows.get_mut(first..).unwrap_or_default();
        let mut parts = Vec::with_capacity(some.len());
        let mut start = first;
        for (group, size) in some {
            let (own, after) = rest.split_at_mut(size);
            parts.push((group, start, own));
            start += size;
            rest = after;
        }
        // The first mistake in the order of rows is told, whoever finds it.
        let found: Vec<Result<(), BundleError>> = parts
            .into_par_iter()
            .map(|(group, start, own)| read_group(&input, &metadata, &names, group, start, own))
            .collect();
        found.into_iter().collect::<Result<(), _>>()?;
    }
    if rows.len() != count {
        return Err(miscounted(file));
    }
    in_order(&names, &rows)?;
    Ok(rows)
}

/// Groups were looked at by themselves; this is about where one follows another.
fn in_order(names: &Names<'_>, rows: &[ChoiceRow]) -> Result<(), BundleError> {
    let pairs = rows.iter().zip(rows.iter().skip(1)).enumerate();
    for (before, (a, b)) in pairs {
        if b.applicant < a.applicant {
            return Err(out_of_order(names, before + 1));
        }
        if b.applicant == a.applicant && b.position <= a.position {
            return Err(position(names, before + 1));
        }
    }
    if rows.iter().any(|r| r.position == 0) {
        let at = rows.iter().position(|r| r.position == 0);
        return Err(position(names, at.unwrap_or(0)));
    }
    Ok(())
}

fn out_of_order(names: &Names<'_>, number: usize) -> BundleError {
    row(
        names.file,
        number,
        "申请编号不存在或未按序排列",
        "the application number is unknown or out of order",
    )
}

fn position(names: &Names<'_>, number: usize) -> BundleError {
    row(
        names.file,
        number,
        "志愿序号未按升序排列",
        "the positions are not ascending",
    )
}

type Texts = DictionaryArray<Int32Type>;

/// Returns a column's texts and for each row the place of its text among them.
fn by_dictionary<'a>(
    batch: &Batch<'a>,
    column: usize,
) -> Result<(&'a StringArray, &'a [i32]), BundleError> {
    let texts: &Texts = batch.column(column)?;
    let values = texts.values().as_any().downcast_ref::<StringArray>();
    let values = values
        .ok_or_else(|| BundleError::file(batch.file, "列类型不符", "a column has another type"))?;
    Ok((values, texts.keys().values()))
}

fn read_group(
    input: &Bytes,
    metadata: &ArrowReaderMetadata,
    names: &Names<'_>,
    group: usize,
    start: usize,
    rows: &mut [ChoiceRow],
) -> Result<(), BundleError> {
    let reader =
        ParquetRecordBatchReaderBuilder::new_with_metadata(input.clone(), metadata.clone())
            .with_row_groups(vec![group])
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(|e| broken(names.file, &e))?;
    let mut done = 0;
    for batch in reader {
        let batch = batch.map_err(|e| broken(names.file, &e))?;
        let batch = Batch {
            file: names.file,
            batch: &batch,
        };
        let own = rows.get_mut(done..done + batch.rows());
        let own = own.ok_or_else(|| miscounted(names.file))?;
        read_batch(&batch, names, start + done, own)?;
        done += batch.rows();
    }
    if done == rows.len() {
        return Ok(());
    }
    Err(miscounted(names.file))
}

fn miscounted(file: &str) -> BundleError {
    BundleError::file(
        file,
        "行数与文件自述不符",
        "it does not have the rows that it says it has",
    )
}

fn read_batch(
    batch: &Batch<'_>,
    names: &Names<'_>,
    start: usize,
    rows: &mut [ChoiceRow],
) -> Result<(), BundleError> {
    let (tickets, ticket) = by_dictionary(batch, 0)?;
    let positions: &UInt32Array = batch.column(1)?;
    let (keys, provider) = by_dictionary(batch, 2)?;
    let (holds, unknown): (&UInt32Array, &UInt32Array) = (batch.column(3)?, batch.column(4)?);
    let (words, verdict) = by_dictionary(batch, 5)?;
    let (tiers, tiers_unknown): (&UInt32Array, &UInt32Array) = (batch.column(6)?, batch.column(7)?);
    let tier: &UInt8Array = batch.column(8)?;
    let score: &Int64Array = batch.column(9)?;
    let (reserves, ceilings): (&UInt16Array, &UInt16Array) = (batch.column(10)?, batch.column(11)?);
    let kept: &BooleanArray = batch.column(12)?;

    let known: Vec<Option<u32>> = (0..keys.len())
        .map(|i| names.providers.get(keys.value(i)).copied())
        .collect();
    let verdicts: Vec<Option<Verdict>> = (0..words.len())
        .map(|i| parse_verdict(names.file, 0, words.value(i)).ok())
        .collect();
    let at = |list: &[i32], i: usize| list.get(i).and_then(|k| usize::try_from(*k).ok());
    // The applicant of the row before, and the place of its number.
    let mut last: (Option<usize>, u32) = (None, 0);
    for (i, slot) in rows.iter_mut().enumerate() {
        let number = start + i;
        let key = at(ticket, i);
        if key.is_none() || key != last.0 {
            let text = key.filter(|k| *k < tickets.len()).map(|k| tickets.value(k));
            let found = text.and_then(|text| find(names.applicants, last.1, text));
            let applicant = found.ok_or_else(|| out_of_order(names, number))?;
            last = (key, applicant);
        }
        let Some(provider) = at(provider, i).and_then(|k| known.get(k).copied().flatten()) else {
            return Err(row(
                names.file,
                number,
                "供给方不存在",
                "the provider is unknown",
            ));
        };
        let Some(verdict) = at(verdict, i).and_then(|k| verdicts.get(k).copied().flatten()) else {
            return Err(row(
                names.file,
                number,
                "没有这样的结论",
                "there is no such verdict",
            ));
        };
        *slot = ChoiceRow {
            applicant: last.1,
            position: positions.value(i),
            provider,
            holds: holds.value(i),
            unknown: unknown.value(i),
            tier_holds: tiers.value(i),
            tier_unknown: tiers_unknown.value(i),
            score: score.value(i),
            reserves: reserves.value(i),
            ceilings: ceilings.value(i),
            tier: tier.value(i),
            verdict,
            kept: kept.value(i),
        };
    }
    Ok(())
}

/// Returns the place of a number among the applicants' ascending ones; it is mostly
/// near the one before.
fn find(applicants: &[ApplicantRow], near: u32, ticket: &str) -> Option<u32> {
    let near = near as usize;
    let close = (near..near.saturating_add(4))
        .find(|i| applicants.get(*i).is_some_and(|a| a.ticket == ticket));
    let found = match close {
        Some(index) => index,
        None => applicants
            .binary_search_by(|a| a.ticket.as_str().cmp(ticket))
            .ok()?,
    };
    u32::try_from(found).ok()
}
