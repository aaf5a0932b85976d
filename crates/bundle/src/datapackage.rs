use minsheng_model::{Publish, Rules, Text};
use serde_json::{Value, json};

use crate::manifest::{CERTIFICATE, FileEntry, INSTANCE, OUTCOME, PROGRAMME, ROUND, RULES};
use crate::schema::{self, TableSchema};
use crate::{BundleError, jcs};

/// Returns `datapackage.json`: a Frictionless Data Package (version 1) that
/// describes every other file.
pub(crate) fn render(
    rules: &Rules,
    round: u32,
    files: &[FileEntry],
) -> Result<Vec<u8>, BundleError> {
    let mut tables = vec![schema::providers(rules), schema::doors()];
    if rules.publish == Publish::Rows {
        tables.extend([
            schema::applicants(rules),
            schema::choices(),
            schema::standings(),
        ]);
    }
    let resources: Vec<Value> = files.iter().map(|f| resource(rules, f, &tables)).collect();
    let package = json!({
        "profile": "data-package",
        "name": name(rules, round).to_lowercase(),
        "title": both(&rules.title),
        "description": described(rules, &rules.body),
        "version": rules.version.to_string(),
        "resources": resources,
    });
    jcs(&package)
}

/// Returns the bundle's name without its identity; that of a later round says which.
pub(crate) fn name(rules: &Rules, round: u32) -> String {
    let name = format!("{}-{}", rules.programme, rules.cycle);
    if round > 1 {
        return format!("{name}-r{round}");
    }
    name
}

fn both(text: &Text) -> String {
    if text.zh == text.en {
        text.en.clone()
    } else {
        format!("{} / {}", text.zh, text.en)
    }
}

/// Puts the rules' notice in front.
fn described(rules: &Rules, text: &Text) -> String {
    match crate::manifest::notice(rules) {
        Some(_) => format!("{}\n\n{}", both(&rules.notice), both(text)),
        None => both(text),
    }
}

fn resource(rules: &Rules, file: &FileEntry, tables: &[TableSchema]) -> Value {
    let (name, format) = file.path.rsplit_once('.').unwrap_or((&file.path, ""));
    let mediatype = match format {
        "parquet" => "application/vnd.apache.parquet",
        "toml" => "application/toml",
        _ => "application/json",
    };
    let table = tables.iter().find(|t| t.file == file.path);
    let title = match (table, file.path.as_str()) {
        (Some(table), _) => table.title.clone(),
        (_, PROGRAMME) => Text::new("项目文件", "programme file"),
        (_, RULES) => Text::new("本周期的规则", "rules of the cycle"),
        (_, ROUND) => Text::new("本轮", "round"),
        (_, CERTIFICATE) => Text::new("证明", "certificate"),
        (_, INSTANCE) => Text::new("求解的实例", "instance that was solved"),
        (_, OUTCOME) => Text::new("结果与证明", "outcome with its proof"),
        _ => Text::same(&file.path),
    };
    let mut value = json!({
        "profile": if table.is_some() { "tabular-data-resource" } else { "data-resource" },
        "name": name,
        "path": file.path,
        "title": both(&title),
        "description": described(rules, &title),
        "format": format,
        "mediatype": mediatype,
        "hash": format!("sha256:{}", file.sha256),
    });
    if let Some(fields) = value.as_object_mut() {
        match table {
            Some(table) => fields.insert("schema".to_owned(), table_schema(table)),
            None => fields.insert("encoding".to_owned(), Value::from("utf-8")),
        };
        // The Frictionless validator does not count the bytes of a Parquet file, and
        // finds any number wrong; the manifest has it.
        if table.is_none() {
            fields.insert("bytes".to_owned(), Value::from(file.bytes));
        }
    }
    value
}

fn table_schema(table: &TableSchema) -> Value {
    let fields: Vec<Value> = table
        .fields
        .iter()
        .map(|f| {
            json!({
                "name": f.name,
                "type": f.kind.table_schema(),
                "description": both(&f.text),
                "constraints": { "required": !f.nullable },
            })
        })
        .collect();
    // Readers that take Parquet through floating point, the Frictionless validator
    // among them, see a missing whole number as `nan`.
    json!({ "fields": fields, "missingValues": ["", "nan"], "primaryKey": table.key })
}
