//! One module per command: options in, calls to the crates, words out.

pub mod appeal;
pub mod chain;
pub mod check;
pub mod commitments;
mod commitments_actuals;
mod commitments_read;
mod commitments_sheet;
mod commitments_status;
pub mod compare;
mod compare_closings;
mod compare_show;
pub mod completions;
pub mod draw;
pub mod explain;
mod gaps;
mod publish;
pub mod receipt;
mod reply_lines;
pub mod round;
pub mod run;
pub mod schema;
mod served;
pub mod solve;
pub mod synth;
pub mod travel;
pub mod verify;
mod whole_file;
