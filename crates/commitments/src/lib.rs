//! What was promised, what was done.
mod cardinal;
mod chars;
mod dateline;
mod english;
mod exact;
mod frames;
mod ingest;
mod layout;
mod lexicon;
mod mode;
mod numbers;
mod numeral;
mod people;
mod published;
mod quantity;
mod reading;
mod scan;
mod statement;
mod times;
mod vocabulary;
mod wording;

pub use ingest::{Encoding, NotText, Source, ingest};
pub use numbers::{Number, NumberKind, read_number, read_numbers};
pub use published::Published;
pub use reading::{Reader, Reading};
pub use statement::{COLUMNS, Comparator, Measure, Other, Role, Statement, Status, to_csv};
pub use vocabulary::{BodyName, IndicatorWords, PersonName, Vocabulary};
