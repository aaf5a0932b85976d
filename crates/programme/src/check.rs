//! Citations and expressions.

use minsheng_model::{Diagnostic, Mechanism, Scope, Span, Status, Type, Value};
use minsheng_spec::expr::{Env, Typed};

use crate::draft::{Draft, Expression, Want, unique};
use crate::sink::Sink;

/// Notes everything that names and expressions have wrong.
pub fn all(draft: &Draft, sink: &mut Sink<'_>) {
    let law: Vec<(String, Span)> = draft
        .law
        .iter()
        .map(|(id, span, _)| (id.clone(), span.clone()))
        .collect();
    unique(&law, sink);
    for (cite, span) in draft
        .cites
        .iter()
        .filter(|(c, _)| !draft.law.iter().any(|(l, ..)| l == c))
    {
        sink.error(
            "programme/unknown-law",
            span.clone(),
            format!("没有条文 `{cite}`"),
            format!("there is no law `{cite}`"),
        );
        sink.suggest(cite, draft.law.iter().map(|(l, ..)| l.as_str()));
    }
    for (id, span) in draft
        .clauses
        .iter()
        .filter(|(id, _)| !id.is_empty() && !draft.used.contains(id))
    {
        sink.warning(
            "programme/unused-clause",
            span.clone(),
            format!("条件 `{id}` 没有用在 combine 中"),
            format!("condition `{id}` is used in no combination"),
        );
    }
    for (id, span, _) in draft
        .law
        .iter()
        .filter(|(l, ..)| !l.is_empty() && !draft.cites.iter().any(|(c, _)| c == l))
    {
        sink.warning(
            "programme/unused-law",
            span.clone(),
            format!("条文 `{id}` 没有被引用"),
            format!("law `{id}` is cited nowhere"),
        );
    }
    unverified(draft, sink);
    if draft.complete {
        expressions(draft, sink);
    }
}

fn unverified(draft: &Draft, sink: &mut Sink<'_>) {
    let law: Vec<(String, Span)> = draft
        .law
        .iter()
        .filter(|(id, _, status)| *status == Status::Unverified && !id.is_empty())
        .map(|(id, span, _)| (id.clone(), span.clone()))
        .collect();
    for (zh, en, list) in [
        ("条文", "law", &law),
        ("参数", "parameters", &draft.unverified),
    ] {
        let Some(((_, first), rest)) = list.split_first() else {
            continue;
        };
        let names: Vec<String> = list.iter().map(|(n, _)| format!("`{n}`")).collect();
        sink.warning(
            "programme/unverified",
            first.clone(),
            format!("未经核实的{zh}({}):{}", list.len(), names.join("、")),
            format!("unverified {en} ({}): {}", list.len(), names.join(", ")),
        );
        sink.help(
            "使用前先与原文核对,再改为 `status = \"verified\"`",
            "compare with the source before use, then write `status = \"verified\"`",
        );
        for (name, span) in rest {
            sink.note(span.clone(), format!("`{name}`"), format!("`{name}`"));
        }
    }
}

fn expressions(draft: &Draft, sink: &mut Sink<'_>) {
    let env = Env::new(&draft.rules);
    let mut later = Vec::new();
    for expression in &draft.expressions {
        let text = &expression.sql.text;
        let tainted = draft
            .tainted
            .iter()
            .any(|name| text.contains(name.as_str()));
        match env.compile(expression.scope, text) {
            Ok(typed) if !tainted => wanted(draft, expression, &typed, sink),
            Err(problems) if !tainted => {
                for problem in problems {
                    let span = sink.clamp(expression.sql.place(&problem.span));
                    let mut found =
                        Diagnostic::error(problem.code, problem.message).at(sink.file, span);
                    found.help = problem.help;
                    // Told where the variable is declared; here only if nothing was.
                    if found.code == "expr/broken-variable" {
                        later.push(found)
                    } else {
                        sink.found.push(found)
                    }
                }
            }
            _ => {}
        }
    }
    if !minsheng_model::has_errors(&sink.found) {
        sink.found.append(&mut later);
    }
}

fn wanted(draft: &Draft, expression: &Expression, typed: &Typed, sink: &mut Sink<'_>) {
    let span = expression.sql.span.clone();
    let found = typed.data_type();
    let expected = match expression.want {
        Want::Variable(index) => return variable(draft, index, typed, &span, sink),
        Want::Condition | Want::Tier { .. } | Want::Members => Type::Boolean,
        Want::Whole | Want::Parameters => Type::Integer,
    };
    if found != expected {
        sink.error(
            "expr/type-mismatch",
            span,
            format!("此处应为 {expected},实为 {found}"),
            format!("expected {expected} here, found {found}"),
        );
        if expected == Type::Boolean {
            sink.help("写成比较,如 `x = 1`", "write a comparison, such as `x = 1`");
        }
        return;
    }
    if let (Some(declared), Some(unit)) = (expression.unit.as_deref(), typed.unit())
        && declared != unit
    {
        sink.error(
            "expr/unit-mismatch",
            span.clone(),
            format!("声明的单位是 `{declared}`,算出的是 `{unit}`"),
            format!("declared in `{declared}`, computed in `{unit}`"),
        );
    }
    if expression.want == Want::Parameters && !typed.columns_used().is_empty() {
        sink.error(
            "programme/not-parameters",
            span,
            "此处只能用参数,不能用名册的列",
            "only parameters can be used here, no columns",
        );
        let (zh, en) = match draft.rules.mechanism {
            Mechanism::Assign(_) | Mechanism::Access(_) => (
                "在 `[parameters]` 中写明该数,此处写 `$名称`",
                "declare the number under `[parameters]` and write `$NAME` here",
            ),
            _ => (
                "各组不同的限额须有角色为 `groups` 的名册,`by` 写它的 `member` 列",
                "limits that differ between groups need a register with the role `groups`, and `by` its `member` column",
            ),
        };
        sink.help(zh, en);
        return;
    }
    if !typed.nullable() {
        return;
    }
    let columns = nullable_columns(draft, typed);
    match expression.want {
        Want::Tier { cited: false } => {
            sink.error(
                "programme/unknown-cite",
                span,
                format!("结果可能缺失{}", columns.0),
                format!("the result may be missing{}", columns.1),
            );
            sink.help(
                "写 `unknown_cite`:依哪一条,未知算作不符合",
                "add `unknown_cite`: the rule by which unknown counts as not met",
            );
        }
        Want::Members | Want::Whole => {
            sink.error(
                "programme/nullable",
                span,
                format!("结果可能缺失{},这里不允许", columns.0),
                format!(
                    "the result may be missing{}, which is not allowed here",
                    columns.1
                ),
            );
            sink.help(
                "先声明一个带 `missing` 与 `missing_cite` 的变量",
                "declare a variable with `missing` and `missing_cite` and use it",
            );
        }
        _ => {}
    }
}

/// Returns ` (because of …)`.
fn nullable_columns(draft: &Draft, typed: &Typed) -> (String, String) {
    let rules = &draft.rules;
    let names: Vec<String> = typed
        .columns_used()
        .into_iter()
        .filter_map(|(scope, index)| {
            let table = match scope {
                Scope::Applicant => &rules.applicants,
                Scope::Provider => &rules.providers,
                Scope::Choice => &rules.choices,
            };
            let column = table.columns.get(index).filter(|c| c.nullable)?;
            Some(format!("`{}.{}`", table.name, column.name))
        })
        .collect();
    if names.is_empty() {
        return (String::new(), String::new());
    }
    (
        format!("(因为 {})", names.join("、")),
        format!(" (because of {})", names.join(", ")),
    )
}

fn variable(draft: &Draft, index: usize, typed: &Typed, span: &Span, sink: &mut Sink<'_>) {
    let Some(Some(missing)) = draft.rules.variables.get(index).map(|v| &v.missing) else {
        return;
    };
    let (wanted, found) = (typed.data_type(), missing.type_of());
    let fits = match (wanted, missing) {
        (Type::Decimal { scale }, Value::Decimal(d)) => d.scale() <= scale,
        (Type::Decimal { .. }, Value::Integer(_)) => true,
        _ => wanted == found,
    };
    if !fits {
        sink.error(
            "programme/value-type",
            span.clone(),
            format!("`missing` 的类型是 {found},应为 {wanted}"),
            format!("`missing` has type {found}, expected {wanted}"),
        );
    }
}
