//! Where results go: the standard output as they come, or a file that is there
//! whole or not at all.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::city::disk;
use crate::exit::Failure;

/// An output that is being written.
pub(super) enum Out {
    /// The standard output.
    Stream(BufWriter<std::io::Stdout>),
    /// A file beside the one wanted; it is renamed at the end.
    File {
        to: BufWriter<File>,
        beside: PathBuf,
        wanted: PathBuf,
    },
}

impl Out {
    /// Opens the output.
    ///
    /// # Errors
    /// When no file can be made there.
    pub(super) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(wanted) = path else {
            return Ok(Self::Stream(BufWriter::new(std::io::stdout())));
        };
        let beside = beside(wanted);
        let to = File::create(&beside).map_err(|e| disk(&beside, &e))?;
        Ok(Self::File {
            to: BufWriter::new(to),
            beside,
            wanted: wanted.to_owned(),
        })
    }

    /// Puts the file in its place if all was written, and takes it away if not.
    ///
    /// # Errors
    /// The error of writing. A closed pipe (`minsheng … | head`) is none.
    pub(super) fn finish(mut self, told: std::io::Result<()>) -> Result<(), Failure> {
        let told = told.and_then(|()| self.flush());
        match self {
            Self::Stream(_) => match told {
                Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(disk(Path::new("-"), &e)),
                _ => Ok(()),
            },
            Self::File { to, beside, wanted } => {
                drop(to);
                let told = told.and_then(|()| std::fs::rename(&beside, &wanted));
                told.map_err(|e| {
                    // What is half written helps nobody.
                    let _ = std::fs::remove_file(&beside);
                    disk(&wanted, &e)
                })
            }
        }
    }
}

/// Returns the name of the file that becomes another.
pub(super) fn beside(wanted: &Path) -> PathBuf {
    let mut name = wanted
        .file_name()
        .map_or_else(OsString::new, OsString::from);
    name.push(".part");
    wanted.with_file_name(name)
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Stream(to) => to.write(bytes),
            Self::File { to, .. } => to.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Stream(to) => to.flush(),
            Self::File { to, .. } => to.flush(),
        }
    }
}
