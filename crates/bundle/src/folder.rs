use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use minsheng_model::{Publish, Rules};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::datapackage;
use crate::hash::sha256;
use crate::manifest::{
    self, CERTIFICATE, DATAPACKAGE, FileEntry, INSTANCE, MANIFEST, OUTCOME, PROGRAMME, ROUND, RULES,
};
use crate::schema::{APPLICANTS, CHOICES, DOORS, PROVIDERS, STANDINGS};
use crate::{BundleError, Certificate, Contents, hex, jcs, standings, tables};

/// A bundle on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The folder.
    pub path: PathBuf,
    /// Its identity: hex SHA-256 of `manifest.json`.
    pub id: String,
}

/// A file that is hashed and counted on its way to the disk.
struct Hashed {
    out: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
}

impl Write for Hashed {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let taken = self.out.write(data)?;
        self.hash.update(data.get(..taken).unwrap_or_default());
        self.bytes += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Writes files into one folder and keeps their list.
struct Folder<'a> {
    path: &'a Path,
    files: Vec<FileEntry>,
}

impl Folder<'_> {
    fn add(
        &mut self,
        name: &str,
        fill: impl FnOnce(Hashed) -> Result<Hashed, BundleError>,
    ) -> Result<(), BundleError> {
        let path = self.path.join(name);
        let file = File::create_new(&path).map_err(|e| BundleError::io(&path, e))?;
        let mut done = fill(Hashed {
            out: BufWriter::new(file),
            hash: Sha256::new(),
            bytes: 0,
        })?;
        done.flush()
            .and_then(|()| done.out.get_ref().sync_all())
            .map_err(|e| BundleError::io(&path, e))?;
        let sha256 = hex(&done.hash.finalize());
        self.files.push(FileEntry {
            path: name.to_owned(),
            bytes: done.bytes,
            sha256,
        });
        Ok(())
    }

    fn add_bytes(&mut self, name: &str, bytes: &[u8]) -> Result<(), BundleError> {
        let path = self.path.join(name);
        self.add(name, |mut out| {
            out.write_all(bytes)
                .map_err(|e| BundleError::io(&path, e))?;
            Ok(out)
        })
    }
}

/// Writes a bundle as the folder `{programme}-{cycle}-{first 16 digits of its
/// identity}` in `parent`, which has to exist; that of a later round has `-r{number}`
/// behind the cycle.
///
/// The folder appears under its name complete and on disk, or not at all; a folder
/// of that name gives way.
///
/// # Errors
/// When the disk refuses, or when the contents cannot be written: rows that do not
/// fit together, numbers beyond 2^53 where JSON would garble them, a name that is
/// no file name.
pub fn write(parent: &Path, contents: &Contents) -> Result<Written, BundleError> {
    let name = datapackage::name(&contents.rules, contents.round_number());
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !name.chars().all(plain) || name.starts_with('.') || name.starts_with('-') {
        return Err(BundleError::file(
            ".",
            format!("`{name}` 不能作文件夹名:只能用字母、数字和 - _ ."),
            format!(
                "`{name}` cannot name a folder: only letters, digits and - _ . may stand in it"
            ),
        ));
    }
    let staging = tempfile::Builder::new()
        .prefix(".bundle-")
        .tempdir_in(parent)
        .map_err(|e| BundleError::io(parent, e))?;
    let built = staging.path().join("new");
    fs::create_dir(&built).map_err(|e| BundleError::io(&built, e))?;
    let id = fill(&built, contents)?;
    sync_folder(&built)?;
    let short: String = id.chars().take(16).collect();
    let path = parent.join(format!("{name}-{short}"));
    put(&built, &path, &staging.path().join("old"))?;
    sync_folder(parent)?;
    Ok(Written { path, id })
}

/// Moves the new folder to its name; what stands there is put aside first and put
/// back if that fails.
fn put(built: &Path, path: &Path, aside: &Path) -> Result<(), BundleError> {
    let moved = match fs::rename(path, aside) {
        Ok(()) => true,
        Err(e) if e.kind() == io::ErrorKind::NotFound => false,
        Err(e) => return Err(BundleError::io(path, e)),
    };
    fs::rename(built, path).map_err(|e| {
        if moved {
            // Best effort: the first error is the one to report.
            let _ = fs::rename(aside, path);
        }
        BundleError::io(path, e)
    })
}

fn sync_folder(path: &Path) -> Result<(), BundleError> {
    #[cfg(unix)]
    File::open(path)
        .and_then(|f| f.sync_all())
        .map_err(|e| BundleError::io(path, e))?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Writes all files and returns the identity.
fn fill(path: &Path, contents: &Contents) -> Result<String, BundleError> {
    let rules = &contents.rules;
    let mut folder = Folder {
        path,
        files: Vec::new(),
    };
    if rules.publish == Publish::Rows {
        folder.add(APPLICANTS, |out| {
            tables::write_applicants(out, rules, &contents.applicants)
        })?;
    }
    folder.add_bytes(CERTIFICATE, &noted(&contents.certificate, rules)?)?;
    if rules.publish == Publish::Rows && rules.mechanism.is_match() {
        folder.add(CHOICES, |out| {
            tables::write_choices(
                out,
                rules,
                &contents.applicants,
                &contents.providers,
                &contents.choices,
            )
        })?;
    }
    match (&contents.decided, rules.mechanism.is_match()) {
        (None, true) => folder.add(DOORS, |out| {
            tables::write_doors(out, rules, &contents.doors)
        })?,
        (Some(decided), false) => {
            folder.add_bytes(INSTANCE, decided.instance.as_bytes())?;
            folder.add_bytes(OUTCOME, decided.outcome.as_bytes())?;
        }
        _ => {
            return Err(BundleError::file(
                OUTCOME,
                "结果与决定机制不符",
                "the outcome is not of the rules' mechanism",
            ));
        }
    }
    folder.add_bytes(PROGRAMME, &contents.programme_file)?;
    folder.add(PROVIDERS, |out| {
        tables::write_providers(out, rules, &contents.providers)
    })?;
    folder.add_bytes(RULES, &json(RULES, rules)?)?;
    if let Some(round) = &contents.round {
        folder.add_bytes(ROUND, &json(ROUND, &round.seal)?)?;
        if rules.publish == Publish::Rows {
            folder.add(STANDINGS, |out| {
                standings::write(out, rules, &contents.applicants, &round.standings)
            })?;
        }
    }
    folder.files.sort_by(|a, b| a.path.cmp(&b.path));
    let package = datapackage::render(rules, contents.round_number(), &folder.files)?;
    folder.add_bytes(DATAPACKAGE, &package)?;
    folder.files.sort_by(|a, b| a.path.cmp(&b.path));
    let manifest = manifest::render(rules, &folder.files)?;
    folder.add_bytes(MANIFEST, &manifest)?;
    Ok(hex(&sha256(&manifest)))
}

fn to_value(file: &str, value: &impl serde::Serialize) -> Result<Value, BundleError> {
    serde_json::to_value(value).map_err(|e| BundleError::file(file, e.to_string(), e.to_string()))
}

/// Returns what is written of something: its canonical JSON.
pub(crate) fn json(file: &str, what: &impl serde::Serialize) -> Result<Vec<u8>, BundleError> {
    jcs(&to_value(file, what)?)
}

/// Returns `certificate.json`: the certificate, and the notice where there is one.
pub(crate) fn noted(certificate: &Certificate, rules: &Rules) -> Result<Vec<u8>, BundleError> {
    let mut value = to_value(CERTIFICATE, certificate)?;
    if let (Some(notice), Some(fields)) = (manifest::notice(rules), value.as_object_mut()) {
        fields.insert("notice".to_owned(), notice);
    }
    jcs(&value)
}
