use minsheng_model::{Publish, Rules};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{BundleError, FORMAT, jcs, parse_canonical};

pub(crate) const MANIFEST: &str = "manifest.json";
pub(crate) const DATAPACKAGE: &str = "datapackage.json";
pub(crate) const CERTIFICATE: &str = "certificate.json";
pub(crate) const RULES: &str = "rules.json";
pub(crate) const ROUND: &str = "round.json";
pub(crate) const PROGRAMME: &str = "programme.toml";
pub(crate) const INSTANCE: &str = "instance.json";
pub(crate) const OUTCOME: &str = "outcome.json";

/// One file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its name within the folder.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Hex SHA-256 of its bytes.
    pub sha256: String,
}

/// What was hashed and found as the manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashes {
    /// The bundle's identity: hex SHA-256 of `manifest.json`.
    pub id: String,
    /// Every other file.
    pub files: Vec<FileEntry>,
}

/// Returns the names of all files but the manifest, in byte order.
pub(crate) fn names(rules: &Rules, round: bool) -> Vec<&'static str> {
    if rules.mechanism.is_match() {
        matched(rules.publish, round)
    } else {
        SOLVED.to_vec()
    }
}

/// The files of a bundle in which something was solved.
const SOLVED: [&str; 8] = [
    crate::schema::APPLICANTS,
    CERTIFICATE,
    DATAPACKAGE,
    INSTANCE,
    OUTCOME,
    PROGRAMME,
    crate::schema::PROVIDERS,
    RULES,
];

/// The files of a bundle of a match.
fn matched(publish: Publish, round: bool) -> Vec<&'static str> {
    let all = [
        crate::schema::APPLICANTS,
        CERTIFICATE,
        crate::schema::CHOICES,
        DATAPACKAGE,
        crate::schema::DOORS,
        PROGRAMME,
        crate::schema::PROVIDERS,
        ROUND,
        RULES,
        crate::schema::STANDINGS,
    ];
    let rows = [
        crate::schema::APPLICANTS,
        crate::schema::CHOICES,
        crate::schema::STANDINGS,
    ];
    let later = [ROUND, crate::schema::STANDINGS];
    let shown = |name: &&str| {
        (publish == Publish::Rows || !rows.contains(name)) && (round || !later.contains(name))
    };
    all.into_iter().filter(shown).collect()
}

/// Returns the notice as a JSON value, `None` when there is none.
pub(crate) fn notice(rules: &Rules) -> Option<Value> {
    let empty = rules.notice.zh.is_empty() && rules.notice.en.is_empty();
    (!empty).then(|| json!({ "en": rules.notice.en, "zh": rules.notice.zh }))
}

pub(crate) fn render(rules: &Rules, files: &[FileEntry]) -> Result<Vec<u8>, BundleError> {
    let mut manifest = json!({ "format": FORMAT, "files": files });
    if let (Some(notice), Some(fields)) = (notice(rules), manifest.as_object_mut()) {
        fields.insert("notice".to_owned(), notice);
    }
    jcs(&manifest)
}

/// Returns the files a manifest lists. The notice is compared later, when the
/// rules are known.
pub(crate) fn parse(bytes: &[u8]) -> Result<Vec<FileEntry>, BundleError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Manifest {
        format: String,
        files: Vec<FileEntry>,
        #[serde(default)]
        #[expect(dead_code, reason = "compared as bytes once the rules are known")]
        notice: Option<Value>,
    }
    let value = parse_canonical(MANIFEST, bytes)?;
    let manifest: Manifest = serde_json::from_value(value).map_err(|e| {
        BundleError::file(
            MANIFEST,
            format!("内容不合格式:{e}"),
            format!("not as the format wants: {e}"),
        )
    })?;
    if manifest.format != FORMAT {
        return Err(BundleError::file(
            MANIFEST,
            format!("格式应为 `{FORMAT}`,实为 `{}`", manifest.format),
            format!(
                "the format should be `{FORMAT}`, found `{}`",
                manifest.format
            ),
        ));
    }
    let found: Vec<&str> = manifest.files.iter().map(|f| f.path.as_str()).collect();
    let known = |publish| [false, true].map(|round| matched(publish, round));
    if found == SOLVED
        || [Publish::Rows, Publish::Roots]
            .into_iter()
            .flat_map(known)
            .any(|names| names == found)
    {
        return Ok(manifest.files);
    }
    Err(BundleError::file(
        MANIFEST,
        format!("所列文件不是公示包的文件:{}", found.join(", ")),
        format!("it lists other files than a bundle's: {}", found.join(", ")),
    ))
}
