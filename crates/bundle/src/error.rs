use std::path::{Path, PathBuf};

use minsheng_model::Text;

/// Why a bundle could not be written or was refused.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The disk refused.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is not what a bundle's file has to be.
    #[error("{file}: {}", what.en)]
    File {
        /// The file within the folder; `.` for the folder itself.
        file: String,
        /// What is wrong with it.
        what: Text,
    },
}

impl BundleError {
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn file(file: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::File {
            file: file.to_owned(),
            what: Text::new(zh, en),
        }
    }

    /// Returns the sentence in both languages.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Io { path, source } => Text::same(format!("{}: {source}", path.display())),
            Self::File { file, what } => Text::new(
                format!("{file}:{}", what.zh),
                format!("{file}: {}", what.en),
            ),
        }
    }
}
