//! Tables into files: CSV with a notice beside it, Parquet with a notice inside.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use minsheng_model::{Text, Type, Value};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use crate::plan::Column;

/// A file in the making, under another name until it is complete; dropped
/// before that, it is removed.
pub struct Draft {
    target: PathBuf,
    aside: PathBuf,
    done: bool,
}

impl Draft {
    pub fn new(target: PathBuf) -> io::Result<Self> {
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut name = target.as_os_str().to_owned();
        name.push(".tmp");
        Ok(Self {
            target,
            aside: PathBuf::from(name),
            done: false,
        })
    }

    pub fn create(&self) -> io::Result<File> {
        File::create(&self.aside)
    }

    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Gives the complete file its name.
    pub fn keep(mut self) -> io::Result<PathBuf> {
        fs::rename(&self.aside, &self.target)?;
        self.done = true;
        Ok(self.target.clone())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.done {
            // Nothing is lost when it was never made.
            let _ = fs::remove_file(&self.aside);
        }
    }
}

/// Rows of cells.
pub type Rows = Vec<Vec<Option<Value>>>;

/// Where a table's rows go.
pub enum Sink {
    Csv(BufWriter<File>),
    Parquet(Box<ArrowWriter<File>>, Arc<Schema>),
}

fn data_type(column: &Column) -> DataType {
    match column.make.data_type() {
        Type::Integer => DataType::Int64,
        Type::Boolean => DataType::Boolean,
        Type::Date => DataType::Date32,
        Type::Text | Type::Decimal { .. } => DataType::Utf8,
    }
}

impl Sink {
    pub fn open(draft: &Draft, columns: &[Column], notice: &Text) -> io::Result<Self> {
        let file = draft.create()?;
        if draft.target().extension().is_some_and(|e| e == "csv") {
            let mut out = BufWriter::new(file);
            let names: Vec<String> = columns.iter().map(|c| quoted(&c.name)).collect();
            writeln!(out, "{}", names.join(","))?;
            return Ok(Self::Csv(out));
        }
        let field = |c: &Column| Field::new(&c.name, data_type(c), true);
        let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
        let said = KeyValue::new("notice".to_owned(), format!("{} {}", notice.zh, notice.en));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(
                ZstdLevel::try_new(3).map_err(io::Error::other)?,
            ))
            .set_created_by("minsheng-synth".to_owned())
            .set_key_value_metadata(Some(vec![said]))
            .build();
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties))
            .map_err(io::Error::other)?;
        Ok(Self::Parquet(Box::new(writer), schema))
    }

    pub fn append(&mut self, columns: &[Column], rows: &Rows) -> io::Result<()> {
        match self {
            Self::Csv(out) => {
                for row in rows {
                    let cell = |c: &Option<Value>| {
                        c.as_ref()
                            .map(|v| quoted(&v.to_string()))
                            .unwrap_or_default()
                    };
                    let line: Vec<String> = row.iter().map(cell).collect();
                    writeln!(out, "{}", line.join(","))?;
                }
                Ok(())
            }
            Self::Parquet(writer, schema) => {
                let arrays = columns
                    .iter()
                    .enumerate()
                    .map(|(i, c)| array(c, rows, i))
                    .collect();
                let batch =
                    RecordBatch::try_new(Arc::clone(schema), arrays).map_err(io::Error::other)?;
                writer.write(&batch).map_err(io::Error::other)
            }
        }
    }

    pub fn close(self) -> io::Result<()> {
        let file = match self {
            Self::Csv(mut out) => {
                out.flush()?;
                out.into_inner().map_err(|e| e.into_error())?
            }
            Self::Parquet(writer, _) => writer.into_inner().map_err(io::Error::other)?,
        };
        file.sync_all()
    }
}

fn array(column: &Column, rows: &Rows, index: usize) -> ArrayRef {
    let cells = rows.iter().map(|r| r.get(index).and_then(Option::as_ref));
    match column.make.data_type() {
        Type::Integer => Arc::new(cells.map(whole).collect::<Int64Array>()),
        Type::Boolean => Arc::new(cells.map(truth).collect::<BooleanArray>()),
        Type::Date => Arc::new(cells.map(day).collect::<Date32Array>()),
        Type::Text | Type::Decimal { .. } => Arc::new(
            cells
                .map(|c| c.map(Value::to_string))
                .collect::<StringArray>(),
        ),
    }
}

fn whole(cell: Option<&Value>) -> Option<i64> {
    if let Some(Value::Integer(n)) = cell {
        Some(*n)
    } else {
        None
    }
}

fn truth(cell: Option<&Value>) -> Option<bool> {
    if let Some(Value::Boolean(b)) = cell {
        Some(*b)
    } else {
        None
    }
}

fn day(cell: Option<&Value>) -> Option<i32> {
    if let Some(Value::Date(d)) = cell {
        Some(d.days())
    } else {
        None
    }
}

/// Returns the field as RFC 4180 writes it, quoted only where needed.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
