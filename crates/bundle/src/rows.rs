//! The four tables back from Parquet, refusing whatever is out of order.

use arrow::array::{
    Array as _, ArrayRef, Int64Array, RecordBatch, StringArray, UInt8Array, UInt32Array,
};
use minsheng_model::{ApplicantRow, Door, DoorRow, Placement, ProviderRow, Rules, Verdict};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::file::reader::ChunkReader;

use crate::schema::{self, TableSchema};
use crate::tables::NOTICE;
use crate::{BundleError, jcs};

pub(crate) const BATCH_ROWS: usize = 1 << 16;

pub(crate) fn broken(file: &str, error: &impl std::fmt::Display) -> BundleError {
    BundleError::file(
        file,
        format!("不是可读的 Parquet:{error}"),
        format!("not readable Parquet: {error}"),
    )
}

pub(crate) fn row(file: &str, number: usize, zh: &str, en: &str) -> BundleError {
    let line = number + 1;
    BundleError::file(
        file,
        format!("第 {line} 行:{zh}"),
        format!("row {line}: {en}"),
    )
}

/// Opens a table: the columns have to be the declared ones, the rows as many as
/// certified, the notice the rules'.
pub(crate) fn open<R: ChunkReader + 'static>(
    input: R,
    rules: &Rules,
    table: &TableSchema,
    rows: Option<u64>,
) -> Result<ParquetRecordBatchReader, BundleError> {
    let metadata = declared(&input, rules, table, rows, &[])?;
    ParquetRecordBatchReaderBuilder::new_with_metadata(input, metadata)
        .with_batch_size(BATCH_ROWS)
        .build()
        .map_err(|e| broken(table.file, &e))
}

/// Returns what a table says of itself, if that is what [`open`] wants; the named texts
/// are to be read by dictionary.
pub(crate) fn declared<R: ChunkReader>(
    input: &R,
    rules: &Rules,
    table: &TableSchema,
    rows: Option<u64>,
    dictionaries: &[&str],
) -> Result<ArrowReaderMetadata, BundleError> {
    let file = table.file;
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let read = ArrowReaderMetadata::load(input, options.clone()).map_err(|e| broken(file, &e))?;
    if **read.schema() != table.arrow() {
        return Err(BundleError::file(
            file,
            "列与规则不符",
            "its columns are not those of the rules",
        ));
    }
    let metadata = read.metadata().file_metadata();
    let found = u64::try_from(metadata.num_rows()).unwrap_or(u64::MAX);
    if rows.is_some_and(|rows| rows != found) {
        return Err(BundleError::file(
            file,
            format!("有 {found} 行,与证明中的行数不符"),
            format!("it has {found} rows, which is not the certificate's number"),
        ));
    }
    let notice = match crate::manifest::notice(rules) {
        Some(notice) => vec![(NOTICE.to_owned(), String::from_utf8(jcs(&notice)?).ok())],
        None => Vec::new(),
    };
    let kept = metadata.key_value_metadata().map_or(&[][..], Vec::as_slice);
    let kept: Vec<_> = kept
        .iter()
        .map(|pair| (pair.key.clone(), pair.value.clone()))
        .collect();
    if kept != notice {
        return Err(BundleError::file(
            file,
            "元数据与规则中的说明不符",
            "its metadata is not the rules' notice",
        ));
    }
    if dictionaries.is_empty() {
        return Ok(read);
    }
    let options = options.with_schema(table.arrow_with_dictionaries(dictionaries));
    ArrowReaderMetadata::try_new(std::sync::Arc::clone(read.metadata()), options)
        .map_err(|e| broken(file, &e))
}

/// One batch with its columns by place.
pub(crate) struct Batch<'a> {
    pub file: &'static str,
    pub batch: &'a RecordBatch,
}

impl<'a> Batch<'a> {
    pub fn column<A: 'static>(&self, index: usize) -> Result<&'a A, BundleError> {
        let column: Option<&ArrayRef> = self.batch.columns().get(index);
        column
            .and_then(|c| c.as_any().downcast_ref::<A>())
            .ok_or_else(|| BundleError::file(self.file, "列类型不符", "a column has another type"))
    }

    pub fn rows(&self) -> usize {
        self.batch.num_rows()
    }
}

pub(crate) fn text(column: &StringArray, row: usize) -> Option<String> {
    column.is_valid(row).then(|| column.value(row).to_owned())
}

/// Returns the columns of optional texts behind the fixed ones, as rows.
fn rest(
    batch: &Batch<'_>,
    from: usize,
    count: usize,
) -> Result<Vec<Vec<Option<String>>>, BundleError> {
    let columns: Vec<&StringArray> = (from..from + count)
        .map(|c| batch.column(c))
        .collect::<Result<_, _>>()?;
    Ok((0..batch.rows())
        .map(|row| columns.iter().map(|c| text(c, row)).collect())
        .collect())
}

pub(crate) fn read_applicants(
    input: impl ChunkReader + 'static,
    rules: &Rules,
    count: u64,
) -> Result<Vec<ApplicantRow>, BundleError> {
    let table = schema::applicants(rules);
    let file = table.file;
    let groups = rules.group_columns().len();
    let matched = rules.mechanism.is_match();
    let reader = open(input, rules, &table, Some(count))?;
    let mut rows: Vec<ApplicantRow> = Vec::new();
    rows.try_reserve_exact(usize::try_from(count).unwrap_or(usize::MAX))
        .map_err(|e| broken(file, &e))?;
    for batch in reader {
        let batch = batch.map_err(|e| broken(file, &e))?;
        let batch = Batch {
            file,
            batch: &batch,
        };
        let ticket: &StringArray = batch.column(0)?;
        let draw: &StringArray = batch.column(1)?;
        let (holds, unknown): (&UInt32Array, &UInt32Array) = (batch.column(2)?, batch.column(3)?);
        let verdict: &StringArray = batch.column(4)?;
        let placed = if matched {
            Some((batch.column(5)?, batch.column(6)?, batch.column(7)?))
        } else {
            None
        };
        let fixed = if matched { 8 } else { 5 };
        let facts: &StringArray = batch.column(fixed)?;
        for (i, groups) in rest(&batch, fixed + 1, groups)?.into_iter().enumerate() {
            let number = rows.len();
            let before = rows.last().map_or("", |r| &r.ticket);
            if ticket.value(i) <= before {
                return Err(row(
                    file,
                    number,
                    "申请编号未按升序排列",
                    "the application numbers are not ascending",
                ));
            }
            let place = match placed {
                Some(columns) => placement(rules, file, number, columns, i)?,
                None => None,
            };
            rows.push(ApplicantRow {
                ticket: ticket.value(i).to_owned(),
                draw_ticket: draw.value(i).to_owned(),
                holds: holds.value(i),
                unknown: unknown.value(i),
                verdict: parse_verdict(file, number, verdict.value(i))?,
                placement: place,
                facts_hash: facts.value(i).to_owned(),
                groups,
            });
        }
    }
    Ok(rows)
}

/// Returns a place from its three columns, all missing or all there.
pub(crate) fn placement(
    rules: &Rules,
    file: &str,
    number: usize,
    (provider, door, position): (&StringArray, &StringArray, &UInt32Array),
    i: usize,
) -> Result<Option<Placement>, BundleError> {
    match (text(provider, i), text(door, i), position.is_valid(i)) {
        (None, None, false) => Ok(None),
        (Some(provider), Some(name), true) => {
            let door: Door = schema::door_of(rules, &name)
                .ok_or_else(|| row(file, number, "没有这样的入口", "there is no such door"))?;
            Ok(Some(Placement {
                provider,
                door,
                position: position.value(i),
            }))
        }
        _ => Err(row(
            file,
            number,
            "安排不完整",
            "the placement is incomplete",
        )),
    }
}

pub(crate) fn parse_verdict(file: &str, number: usize, word: &str) -> Result<Verdict, BundleError> {
    Verdict::parse(word)
        .ok_or_else(|| row(file, number, "没有这样的结论", "there is no such verdict"))
}

pub(crate) fn read_providers(
    input: impl ChunkReader + 'static,
    rules: &Rules,
    count: u64,
) -> Result<Vec<ProviderRow>, BundleError> {
    let table = schema::providers(rules);
    let file = table.file;
    let mut rows: Vec<ProviderRow> = Vec::new();
    for batch in open(input, rules, &table, Some(count))? {
        let batch = batch.map_err(|e| broken(file, &e))?;
        let batch = Batch {
            file,
            batch: &batch,
        };
        let name: &StringArray = batch.column(0)?;
        let seats: Option<(&UInt32Array, &UInt32Array)> = if rules.mechanism.is_match() {
            Some((batch.column(1)?, batch.column(2)?))
        } else {
            None
        };
        let fixed = if seats.is_some() { 3 } else { 1 };
        for (i, facts) in rest(&batch, fixed, table.fields.len() - fixed)?
            .into_iter()
            .enumerate()
        {
            let before = rows.last().map_or("", |r| &r.provider);
            if name.value(i) <= before {
                return Err(row(
                    file,
                    rows.len(),
                    "供给方未按升序排列",
                    "the providers are not ascending",
                ));
            }
            rows.push(ProviderRow {
                provider: name.value(i).to_owned(),
                capacity: seats.map_or(0, |(capacity, _)| capacity.value(i)),
                placed: seats.map_or(0, |(_, placed)| placed.value(i)),
                facts,
            });
        }
    }
    Ok(rows)
}

pub(crate) fn read_doors(
    input: impl ChunkReader + 'static,
    rules: &Rules,
    providers: &[ProviderRow],
) -> Result<Vec<DoorRow>, BundleError> {
    let table = schema::doors();
    let file = table.file;
    let per_provider = 2 + rules.reserves.len() + rules.ceilings.len();
    let count = (providers.len() * per_provider) as u64;
    let mut rows: Vec<DoorRow> = Vec::new();
    for batch in open(input, rules, &table, Some(count))? {
        let batch = batch.map_err(|e| broken(file, &e))?;
        let batch = Batch {
            file,
            batch: &batch,
        };
        let (provider, door): (&StringArray, &StringArray) = (batch.column(0)?, batch.column(1)?);
        let declared: &UInt32Array = batch.column(2)?;
        let (seats, placed): (&UInt32Array, &UInt32Array) = (batch.column(3)?, batch.column(4)?);
        let ticket: &StringArray = batch.column(5)?;
        let tier: &UInt8Array = batch.column(6)?;
        let score: &Int64Array = batch.column(7)?;
        let rank: &UInt32Array = batch.column(8)?;
        for i in 0..batch.rows() {
            let number = rows.len();
            let owner = providers.get(number / per_provider);
            if owner.is_none_or(|p| p.provider != provider.value(i)) {
                return Err(row(
                    file,
                    number,
                    "供给方不符",
                    "another provider was expected",
                ));
            }
            rows.push(DoorRow {
                provider: provider.value(i).to_owned(),
                door: door.value(i).to_owned(),
                declared: declared.value(i),
                seats: seats.value(i),
                placed: placed.value(i),
                last_ticket: text(ticket, i),
                last_tier: tier.is_valid(i).then(|| tier.value(i)),
                last_score: score.is_valid(i).then(|| score.value(i)),
                last_rank: rank.is_valid(i).then(|| rank.value(i)),
            });
        }
    }
    Ok(rows)
}
