use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read as _, Seek as _};
use std::path::Path;

use bytes::Bytes;
use minsheng_model::{Publish, Rules};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::folder::{json, noted};
use crate::hash::sha256;
use crate::manifest::{
    self, CERTIFICATE, DATAPACKAGE, FileEntry, INSTANCE, MANIFEST, OUTCOME, PROGRAMME, ROUND, RULES,
};
use crate::round::{Round, RoundSeal};
use crate::schema::{APPLICANTS, CHOICES, DOORS, PROVIDERS, STANDINGS};
use crate::{
    BundleError, Certificate, Contents, Decided, Hashes, datapackage, hex, parse_canonical, plain,
    standings,
};
use crate::{entries, rows};

/// The longest JSON or programme file that is read: far above any real one.
const TEXT_MAX: u64 = 1 << 28;

/// Reads a bundle and checks its form: the folder's name and files, every hash,
/// canonical JSON, the tables' columns and the order of their rows.
///
/// # Errors
/// The first thing that is not as [`crate::write`] would have written it, with the
/// file's name.
pub fn read(path: &Path) -> Result<(Contents, Hashes), BundleError> {
    let folder = Folder { path };
    let manifest = folder.bytes(MANIFEST)?;
    let id = hex(&sha256(&manifest));
    let files = manifest::parse(&manifest)?;
    folder.only(&files)?;
    for entry in &files {
        folder.check(entry)?;
    }

    let bytes = folder.bytes(RULES)?;
    let rules: Rules = typed(RULES, parse_canonical(RULES, &bytes)?)?;
    as_written(RULES, &bytes, &json(RULES, &rules)?)?;
    let round = match files.iter().any(|f| f.path == ROUND) {
        true => Some(round(&folder)?),
        false => None,
    };
    let number = round.as_ref().map_or(1, |r| r.number);
    folder.named(&rules, number, &id)?;
    if manifest::render(&rules, &files)? != manifest {
        return Err(differs(MANIFEST, "规则中的说明", "the rules' notice"));
    }
    let listed: Vec<&str> = files.iter().map(|f| f.path.as_str()).collect();
    if listed != manifest::names(&rules, round.is_some()) {
        return Err(differs(
            MANIFEST,
            "规则的公开方式",
            "what the rules publish",
        ));
    }
    let described: Vec<FileEntry> = write_order(&files);
    if folder.bytes(DATAPACKAGE)? != datapackage::render(&rules, number, &described)? {
        return Err(differs(
            DATAPACKAGE,
            "规则与清单",
            "the rules and the manifest",
        ));
    }
    let certificate = certificate(&folder, &rules)?;
    let programme_file = folder.bytes(PROGRAMME)?;

    let providers = rows::read_providers(folder.open(PROVIDERS)?, &rules, certificate.providers)?;
    let matched = rules.mechanism.is_match();
    let (doors, decided) = if matched {
        let doors = rows::read_doors(folder.open(DOORS)?, &rules, &providers)?;
        (doors, None)
    } else {
        (Vec::new(), Some(decided(&folder)?))
    };
    let (applicants, choices) = match rules.publish {
        _ if !matched => {
            let file = folder.open(APPLICANTS)?;
            let rows = rows::read_applicants(file, &rules, certificate.applicants)?;
            (rows, Vec::new())
        }
        Publish::Roots => (Vec::new(), Vec::new()),
        Publish::Rows => {
            let applicants =
                rows::read_applicants(folder.open(APPLICANTS)?, &rules, certificate.applicants)?;
            let bytes = folder.whole(CHOICES)?;
            let choices =
                entries::read_choices(bytes, &rules, &applicants, &providers, certificate.choices)?;
            (applicants, choices)
        }
    };
    let round = match round {
        None => None,
        Some(seal) => {
            let standings = match rules.publish {
                Publish::Roots => Vec::new(),
                Publish::Rows => standings::read(folder.open(STANDINGS)?, &rules, &applicants)?,
            };
            Some(Round { seal, standings })
        }
    };
    let contents = Contents {
        round,
        rules,
        programme_file,
        certificate,
        applicants,
        choices,
        providers,
        doors,
        decided,
    };
    Ok((contents, Hashes { id, files }))
}

/// Returns the files that `datapackage.json` describes, in its order.
fn write_order(files: &[FileEntry]) -> Vec<FileEntry> {
    files
        .iter()
        .filter(|f| f.path != DATAPACKAGE)
        .cloned()
        .collect()
}

fn differs(file: &str, zh: &str, en: &str) -> BundleError {
    BundleError::file(
        file,
        format!("与{zh}不符"),
        format!("does not agree with {en}"),
    )
}

fn typed<T: DeserializeOwned>(file: &str, value: Value) -> Result<T, BundleError> {
    serde_json::from_value(value).map_err(|e| {
        BundleError::file(
            file,
            format!("内容不合格式:{e}"),
            format!("not as the format wants: {e}"),
        )
    })
}

/// Sees that a file is what is written for what was read from it: readers of JSON
/// let pass a null left out, a list for an object and the like.
fn as_written(file: &str, bytes: &[u8], again: &[u8]) -> Result<(), BundleError> {
    if again == bytes {
        return Ok(());
    }
    let at = again.iter().zip(bytes).take_while(|(a, b)| a == b).count();
    Err(BundleError::file(
        file,
        format!("第 {at} 字节起与其内容应有的写法不同"),
        format!("not written as its contents are written, from byte {at} on"),
    ))
}

/// Reads instance and outcome: the one canonical, the other in its one plain form.
fn decided(folder: &Folder<'_>) -> Result<Decided, BundleError> {
    let text = |name: &str, bytes: Vec<u8>| {
        String::from_utf8(bytes).map_err(|_| BundleError::file(name, "不是 UTF-8", "is not UTF-8"))
    };
    let bytes = folder.bytes(INSTANCE)?;
    parse_canonical(INSTANCE, &bytes)?;
    let instance = text(INSTANCE, bytes)?;
    let bytes = folder.bytes(OUTCOME)?;
    let value: Value = serde_json::from_slice(&bytes).map_err(|e| {
        BundleError::file(OUTCOME, format!("不是 JSON:{e}"), format!("not JSON: {e}"))
    })?;
    let again = plain(&value).map_err(|e| BundleError::file(OUTCOME, e.text().zh, e.text().en))?;
    as_written(OUTCOME, &bytes, &again)?;
    Ok(Decided {
        instance,
        outcome: text(OUTCOME, bytes)?,
    })
}

fn certificate(folder: &Folder<'_>, rules: &Rules) -> Result<Certificate, BundleError> {
    let bytes = folder.bytes(CERTIFICATE)?;
    let mut value = parse_canonical(CERTIFICATE, &bytes)?;
    let found = value
        .as_object_mut()
        .and_then(|fields| fields.remove("notice"));
    if found != manifest::notice(rules) {
        return Err(differs(CERTIFICATE, "规则中的说明", "the rules' notice"));
    }
    let certificate: Certificate = typed(CERTIFICATE, value)?;
    as_written(CERTIFICATE, &bytes, &noted(&certificate, rules)?)?;
    Ok(certificate)
}

/// Reads what a later round says; its number is at least 2.
fn round(folder: &Folder<'_>) -> Result<RoundSeal, BundleError> {
    let bytes = folder.bytes(ROUND)?;
    let seal: RoundSeal = typed(ROUND, parse_canonical(ROUND, &bytes)?)?;
    as_written(ROUND, &bytes, &json(ROUND, &seal)?)?;
    if seal.number < 2 {
        return Err(BundleError::file(
            ROUND,
            "轮次应不小于 2",
            "the number of a later round is at least 2",
        ));
    }
    Ok(seal)
}

struct Folder<'a> {
    path: &'a Path,
}

impl Folder<'_> {
    fn open(&self, name: &str) -> Result<File, BundleError> {
        let path = self.path.join(name);
        File::open(&path).map_err(|e| BundleError::io(&path, e))
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>, BundleError> {
        let path = self.path.join(name);
        let mut bytes = Vec::new();
        let file = self.open(name)?;
        file.take(TEXT_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| BundleError::io(&path, e))?;
        if bytes.len() as u64 > TEXT_MAX {
            return Err(BundleError::file(name, "文件过大", "the file is too long"));
        }
        Ok(bytes)
    }

    /// Returns a file of any length, for several threads to read.
    fn whole(&self, name: &str) -> Result<Bytes, BundleError> {
        let path = self.path.join(name);
        let bytes = fs::read(&path).map_err(|e| BundleError::io(&path, e))?;
        Ok(Bytes::from(bytes))
    }

    /// The folder holds the files of the manifest and nothing else.
    fn only(&self, files: &[FileEntry]) -> Result<(), BundleError> {
        let mut missing: BTreeSet<&str> = files.iter().map(|f| f.path.as_str()).collect();
        missing.insert(MANIFEST);
        for entry in fs::read_dir(self.path).map_err(|e| BundleError::io(self.path, e))? {
            let entry = entry.map_err(|e| BundleError::io(self.path, e))?;
            let kind = entry
                .file_type()
                .map_err(|e| BundleError::io(&entry.path(), e))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !kind.is_file() || !missing.remove(name.as_str()) {
                return Err(BundleError::file(
                    &name,
                    "不属于公示包",
                    "does not belong in a bundle",
                ));
            }
        }
        match missing.first() {
            None => Ok(()),
            Some(name) => Err(BundleError::file(name, "缺少该文件", "the file is missing")),
        }
    }

    fn check(&self, entry: &FileEntry) -> Result<(), BundleError> {
        let path = self.path.join(&entry.path);
        let mut file = self.open(&entry.path)?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0u8; 1 << 18];
        let mut bytes = 0u64;
        loop {
            let read = file
                .read(&mut buffer)
                .map_err(|e| BundleError::io(&path, e))?;
            if read == 0 {
                break;
            }
            hash.update(buffer.get(..read).unwrap_or_default());
            bytes += read as u64;
        }
        file.rewind().map_err(|e| BundleError::io(&path, e))?;
        if bytes != entry.bytes {
            return Err(BundleError::file(
                &entry.path,
                format!("长度 {bytes} 与清单中的 {} 不符", entry.bytes),
                format!("its length {bytes} is not the manifest's {}", entry.bytes),
            ));
        }
        if hex(&hash.finalize()) != entry.sha256 {
            return Err(BundleError::file(
                &entry.path,
                "SHA-256 与清单不符",
                "its SHA-256 is not the manifest's",
            ));
        }
        Ok(())
    }

    /// The folder is named after the programme, the cycle and the identity.
    fn named(&self, rules: &Rules, round: u32, id: &str) -> Result<(), BundleError> {
        let short: String = id.chars().take(16).collect();
        let expected = format!("{}-{short}", datapackage::name(rules, round));
        let real = fs::canonicalize(self.path).map_err(|e| BundleError::io(self.path, e))?;
        let found = real
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        if found == expected {
            return Ok(());
        }
        Err(BundleError::file(
            ".",
            format!("文件夹应名为 `{expected}`,实为 `{found}`"),
            format!("the folder should be named `{expected}`, found `{found}`"),
        ))
    }
}
