//! The four tables as Parquet.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, DictionaryArray, Int32Array, Int64Array, RecordBatch, StringArray,
    UInt8Array, UInt16Array, UInt32Array,
};
use arrow::datatypes::{Field, Schema as ArrowSchema};
use minsheng_model::{ApplicantRow, ChoiceRow, DoorRow, ProviderRow, Rules, Verdict};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{
    ArrowColumnWriter, ArrowRowGroupWriterFactory, ArrowWriterOptions, compute_leaves,
};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;

use crate::schema::{self, TableSchema};
use crate::{BundleError, FORMAT, jcs};

/// Rows of a group: few enough that a group in the making is small, many enough
/// to compress well.
pub(crate) const GROUP_ROWS: usize = 1 << 17;

/// The key of the notice in a file's metadata.
pub(crate) const NOTICE: &str = "notice";

const VERDICTS: [Verdict; 3] = [
    Verdict::Eligible,
    Verdict::NotEligible,
    Verdict::Undetermined,
];

type Columns = Vec<ArrayRef>;

fn failed(file: &str, error: &impl std::fmt::Display) -> BundleError {
    BundleError::file(
        file,
        format!("无法写入:{error}"),
        format!("cannot be written: {error}"),
    )
}

pub(crate) fn uneven(file: &str) -> BundleError {
    BundleError::file(
        file,
        "行与规则或其他表不相符",
        "its rows do not fit the rules or the other tables",
    )
}

pub(crate) struct Table<W: Write + Send> {
    file: &'static str,
    schema: Arc<ArrowSchema>,
    writer: SerializedFileWriter<W>,
    columns: ArrowRowGroupWriterFactory,
}

impl<W: Write + Send> Table<W> {
    /// `single` names the columns with hardly a value twice, for which a dictionary
    /// is a waste.
    pub fn new(
        out: W,
        rules: &Rules,
        table: &TableSchema,
        dictionaries: &[&str],
        single: &[&str],
    ) -> Result<Self, BundleError> {
        let file = table.file;
        let schema = table.arrow_with_dictionaries(dictionaries);
        let level = ZstdLevel::try_new(1).map_err(|e| failed(file, &e))?;
        let mut properties = WriterProperties::builder()
            .set_created_by(FORMAT.to_owned())
            .set_compression(Compression::ZSTD(level))
            .set_max_row_group_row_count(Some(GROUP_ROWS));
        for name in single {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(*name), false);
        }
        if let Some(notice) = crate::manifest::notice(rules) {
            let text = String::from_utf8(jcs(&notice)?).map_err(|e| failed(file, &e))?;
            let pair = KeyValue::new(NOTICE.to_owned(), text);
            properties = properties.set_key_value_metadata(Some(vec![pair]));
        }
        let options = ArrowWriterOptions::new()
            .with_properties(properties.build())
            .with_skip_arrow_metadata(true);
        let (writer, columns) =
            ArrowWriter::try_new_with_options(out, Arc::clone(&schema), options)
                .and_then(ArrowWriter::into_serialized_writer)
                .map_err(|e| failed(file, &e))?;
        Ok(Self {
            file,
            schema,
            writer,
            columns,
        })
    }

    /// Adds a group of at most [`GROUP_ROWS`] rows. Its columns are encoded at the same
    /// time, each by itself, so that the bytes do not depend on who encodes which.
    pub fn add(&mut self, columns: Columns) -> Result<(), BundleError> {
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .map_err(|e| failed(self.file, &e))?;
        self.group(&batch).map_err(|e| failed(self.file, &e))
    }

    fn group(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        let number = self.writer.flushed_row_groups().len();
        let writers = self.columns.create_column_writers(number)?;
        let parts: Vec<(ArrowColumnWriter, &Arc<Field>, &ArrayRef)> = writers
            .into_iter()
            .zip(self.schema.fields())
            .zip(batch.columns())
            .map(|((writer, field), column)| (writer, field, column))
            .collect();
        let encoded: Vec<_> = parts
            .into_par_iter()
            .map(|(mut writer, field, column)| {
                for leaf in compute_leaves(field, column)? {
                    writer.write(&leaf)?;
                }
                writer.close()
            })
            .collect::<Result<_, ParquetError>>()?;
        let mut group = self.writer.next_row_group()?;
        for column in encoded {
            column.append_to_row_group(&mut group)?;
        }
        group.close()?;
        Ok(())
    }

    pub fn finish(self) -> Result<W, BundleError> {
        self.writer.into_inner().map_err(|e| failed(self.file, &e))
    }
}

fn u32s<R>(rows: &[R], value: impl Fn(&R) -> u32) -> ArrayRef {
    Arc::new(UInt32Array::from_iter_values(rows.iter().map(value)))
}

fn u16s<R>(rows: &[R], value: impl Fn(&R) -> u16) -> ArrayRef {
    Arc::new(UInt16Array::from_iter_values(rows.iter().map(value)))
}

pub(crate) fn texts<'a, R>(rows: &'a [R], value: impl Fn(&'a R) -> &'a str) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(rows.iter().map(value)))
}

fn optional<'a, R>(rows: &'a [R], value: impl Fn(&'a R) -> Option<&'a str>) -> ArrayRef {
    Arc::new(rows.iter().map(value).collect::<StringArray>())
}

/// Returns texts given by their index in a list.
fn dictionary<'a>(
    file: &str,
    keys: impl Iterator<Item = i32>,
    values: impl Iterator<Item = &'a str>,
) -> Result<ArrayRef, BundleError> {
    let keys = Int32Array::from_iter_values(keys);
    let values = Arc::new(StringArray::from_iter_values(values));
    Ok(Arc::new(
        DictionaryArray::try_new(keys, values).map_err(|_| uneven(file))?,
    ))
}

fn verdicts(file: &str, verdicts: impl Iterator<Item = Verdict>) -> Result<ArrayRef, BundleError> {
    let keys = verdicts.map(|v| match v {
        Verdict::Eligible => 0,
        Verdict::NotEligible => 1,
        Verdict::Undetermined => 2,
    });
    dictionary(file, keys, VERDICTS.iter().map(|v| v.as_str()))
}

pub(crate) fn write_applicants<W: Write + Send>(
    out: W,
    rules: &Rules,
    rows: &[ApplicantRow],
) -> Result<W, BundleError> {
    let table = schema::applicants(rules);
    let file = table.file;
    let groups = rules.group_columns().len();
    let mut writer = Table::new(
        out,
        rules,
        &table,
        &["verdict"],
        &["ticket", "draw_ticket", "facts_hash"],
    )?;
    let mut doors = BTreeMap::new();
    for row in rows {
        if row.groups.len() != groups {
            return Err(uneven(file));
        }
        if let Some(place) = &row.placement {
            let name = schema::door_name(rules, place.door).ok_or_else(|| uneven(file))?;
            doors.insert(place.door, name);
        }
    }
    for rows in rows.chunks(GROUP_ROWS) {
        let place = |f: fn(&minsheng_model::Placement) -> u32| -> ArrayRef {
            Arc::new(
                rows.iter()
                    .map(|r| r.placement.as_ref().map(f))
                    .collect::<UInt32Array>(),
            )
        };
        let mut columns = vec![
            texts(rows, |r| r.ticket.as_str()),
            texts(rows, |r| r.draw_ticket.as_str()),
            u32s(rows, |r| r.holds),
            u32s(rows, |r| r.unknown),
            verdicts(file, rows.iter().map(|r| r.verdict))?,
        ];
        let placed = [
            optional(rows, |r| r.placement.as_ref().map(|p| p.provider.as_str())),
            optional(rows, |r| {
                r.placement
                    .as_ref()
                    .and_then(|p| doors.get(&p.door))
                    .map(String::as_str)
            }),
            place(|p| p.position),
        ];
        if rules.mechanism.is_match() {
            columns.extend(placed);
        }
        columns.push(texts(rows, |r| r.facts_hash.as_str()));
        for group in 0..groups {
            columns.push(optional(rows, |r| {
                r.groups.get(group).and_then(|g| g.as_deref())
            }));
        }
        writer.add(columns)?;
    }
    writer.finish()
}

pub(crate) fn write_choices<W: Write + Send>(
    out: W,
    rules: &Rules,
    applicants: &[ApplicantRow],
    providers: &[ProviderRow],
    rows: &[ChoiceRow],
) -> Result<W, BundleError> {
    let table = schema::choices();
    let file = table.file;
    if !rows.is_sorted_by_key(|r| (r.applicant, r.position)) {
        return Err(uneven(file));
    }
    let mut writer = Table::new(out, rules, &table, &["ticket", "provider", "verdict"], &[])?;
    let index = |n: u32| i32::try_from(n).unwrap_or(-1);
    for rows in rows.chunks(GROUP_ROWS) {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            continue;
        };
        let (from, to) = (first.applicant, last.applicant);
        let own = applicants
            .get(from as usize..=to as usize)
            .ok_or_else(|| uneven(file))?;
        writer.add(vec![
            dictionary(
                file,
                rows.iter().map(|r| index(r.applicant - from)),
                own.iter().map(|a| a.ticket.as_str()),
            )?,
            u32s(rows, |r| r.position),
            dictionary(
                file,
                rows.iter().map(|r| index(r.provider)),
                providers.iter().map(|p| p.provider.as_str()),
            )?,
            u32s(rows, |r| r.holds),
            u32s(rows, |r| r.unknown),
            verdicts(file, rows.iter().map(|r| r.verdict))?,
            u32s(rows, |r| r.tier_holds),
            u32s(rows, |r| r.tier_unknown),
            Arc::new(UInt8Array::from_iter_values(rows.iter().map(|r| r.tier))),
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|r| r.score))),
            u16s(rows, |r| r.reserves),
            u16s(rows, |r| r.ceilings),
            Arc::new(rows.iter().map(|r| Some(r.kept)).collect::<BooleanArray>()),
        ])?;
    }
    writer.finish()
}

pub(crate) fn write_providers<W: Write + Send>(
    out: W,
    rules: &Rules,
    rows: &[ProviderRow],
) -> Result<W, BundleError> {
    let table = schema::providers(rules);
    let facts = table.fields.iter().filter(|f| f.name.starts_with("fact:"));
    let facts = facts.count();
    let mut writer = Table::new(out, rules, &table, &[], &[])?;
    if rows.iter().any(|r| r.facts.len() != facts) {
        return Err(uneven(table.file));
    }
    for rows in rows.chunks(GROUP_ROWS) {
        let mut columns = vec![texts(rows, |r| r.provider.as_str())];
        if rules.mechanism.is_match() {
            columns.extend([u32s(rows, |r| r.capacity), u32s(rows, |r| r.placed)]);
        }
        for fact in 0..facts {
            columns.push(optional(rows, |r| {
                r.facts.get(fact).and_then(|f| f.as_deref())
            }));
        }
        writer.add(columns)?;
    }
    writer.finish()
}

pub(crate) fn write_doors<W: Write + Send>(
    out: W,
    rules: &Rules,
    rows: &[DoorRow],
) -> Result<W, BundleError> {
    let mut writer = Table::new(out, rules, &schema::doors(), &[], &[])?;
    for rows in rows.chunks(GROUP_ROWS) {
        writer.add(vec![
            texts(rows, |r| r.provider.as_str()),
            texts(rows, |r| r.door.as_str()),
            u32s(rows, |r| r.declared),
            u32s(rows, |r| r.seats),
            u32s(rows, |r| r.placed),
            optional(rows, |r| r.last_ticket.as_deref()),
            Arc::new(rows.iter().map(|r| r.last_tier).collect::<UInt8Array>()),
            Arc::new(rows.iter().map(|r| r.last_score).collect::<Int64Array>()),
            Arc::new(rows.iter().map(|r| r.last_rank).collect::<UInt32Array>()),
        ])?;
    }
    writer.finish()
}
