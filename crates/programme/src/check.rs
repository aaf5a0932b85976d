//! What the parts mean together: names, types, citations, limits.

use std::collections::BTreeSet;

use minsheng_model::{
    Combine, Diagnostic, DrawUnit, GROUP_LIMIT, MASK_LIMIT, Rules, Scope, Span, Status, Table,
    Text, Type,
};
use minsheng_spec::expr::{Env, Problem, Typed};

use crate::read::Places;
use crate::reader::{close, did_you_mean};

struct Check<'a> {
    path: &'a str,
    rules: &'a Rules,
    places: &'a Places,
    found: Vec<Diagnostic>,
}

/// Returns every mistake and warning of rules that could be read.
pub(crate) fn rules(path: &str, text: &str, rules: &Rules, places: &Places) -> Vec<Diagnostic> {
    let _ = text;
    let mut check = Check {
        path,
        rules,
        places,
        found: Vec::new(),
    };
    check.limits();
    check.columns();
    check.citations();
    check.expressions();
    check.unused();
    check.found
}

impl Check<'_> {
    fn place(&self, at: &str) -> Span {
        self.places.get(at).cloned().unwrap_or(0..0)
    }

    fn error(&mut self, code: &str, at: &str, zh: String, en: String) {
        let diagnostic = Diagnostic::error(code, Text::new(zh, en)).at(self.path, self.place(at));
        self.found.push(diagnostic);
    }

    fn limits(&mut self) {
        let r = self.rules;
        let counts = [
            (
                "clauses",
                r.clauses_of(Scope::Applicant).count(),
                MASK_LIMIT,
            ),
            ("clauses", r.clauses_of(Scope::Choice).count(), MASK_LIMIT),
            ("tiers", r.tiers.len(), MASK_LIMIT),
            ("reserves", r.reserves.len(), GROUP_LIMIT),
            // One bit fewer than reserves: the mechanism keeps it for kept seats.
            ("ceilings", r.ceilings.len(), GROUP_LIMIT - 1),
        ];
        for (what, count, most) in counts {
            if count > most {
                self.error(
                    "programme/too-many",
                    what,
                    format!("`{what}` 有 {count} 个,上限 {most}"),
                    format!("there are {count} `{what}`; at most {most} are possible"),
                );
            }
        }
    }

    fn columns(&mut self) {
        let r = self.rules;
        if r.applicants.key.as_slice() != [r.ticket.as_str()] {
            self.error(
                "programme/key",
                "registers.ticket",
                "申请人名册的主键应只有 `ticket` 一列".to_owned(),
                "the applicants' key must be the `ticket` column alone".to_owned(),
            );
        }
        if r.providers.key.len() != 1 {
            let at = format!("registers.{}", r.providers.name);
            self.error(
                "programme/key",
                &at,
                "供给方名册的主键应只有一列".to_owned(),
                "the providers' key must be one column".to_owned(),
            );
        }
        let wanted: Vec<(&Table, &str, Type, &str)> = [
            (
                &r.applicants,
                r.ticket.as_str(),
                Type::Text,
                "registers.ticket",
            ),
            (
                &r.choices,
                r.choice_applicant.as_str(),
                Type::Text,
                "registers.applicant",
            ),
            (
                &r.choices,
                r.choice_provider.as_str(),
                Type::Text,
                "registers.provider",
            ),
            (
                &r.choices,
                r.choice_position.as_str(),
                Type::Integer,
                "registers.position",
            ),
        ]
        .into_iter()
        .chain(
            r.secret
                .iter()
                .map(|c| (&r.applicants, c.as_str(), Type::Text, "registers.secret")),
        )
        .chain(
            r.current_provider
                .iter()
                .map(|c| (&r.applicants, c.as_str(), Type::Text, "registers.current")),
        )
        .collect();
        for (table, name, wanted, at) in wanted {
            let found = table
                .columns
                .iter()
                .find(|c| c.name == name)
                .map(|c| c.data_type);
            if let Some(found) = found.filter(|f| *f != wanted) {
                self.error(
                    "programme/column-type",
                    at,
                    format!("列 `{name}` 应为 {wanted},实为 {found}"),
                    format!("column `{name}` must be {wanted}, but is {found}"),
                );
            }
        }
        if let DrawUnit::Family(name) = &r.tie_break.unit {
            self.applicant_column(name, "tie_break.family", false);
        }
        for indicator in &r.indicators {
            if let Some(by) = &indicator.by {
                self.applicant_column(by, &format!("indicators.{}.by", indicator.id), true);
            }
        }
    }

    fn applicant_column(&mut self, name: &str, at: &str, published: bool) {
        let table = &self.rules.applicants;
        match table.columns.iter().find(|c| c.name == name) {
            None => {
                let message = Text::new(
                    format!("申请人名册没有列 `{name}`"),
                    format!("the applicants' register has no column `{name}`"),
                );
                let mut wrong = Diagnostic::error("programme/unknown-column", message)
                    .at(self.path, self.place(at));
                if let Some(near) = close(name, table.columns.iter().map(|c| c.name.as_str())) {
                    wrong = wrong.help(did_you_mean(near));
                }
                self.found.push(wrong);
            }
            Some(column) if published && !column.publish => {
                self.error(
                    "programme/personal",
                    at,
                    format!("列 `{name}` 属个人信息(publish = false),不得公布"),
                    format!("column `{name}` is personal (publish = false) and cannot be shown"),
                );
            }
            Some(_) => {}
        }
    }

    fn citations(&mut self) {
        let r = self.rules;
        let mut cited: Vec<(String, &str)> = Vec::new();
        cited.extend(
            r.clauses
                .iter()
                .map(|c| (format!("clauses.{}.cite", c.id), c.cite.as_str())),
        );
        cited.extend(
            r.tiers
                .iter()
                .map(|t| (format!("tiers.{}.cite", t.id), t.cite.as_str())),
        );
        cited.extend(r.tiers.iter().filter_map(|t| {
            Some((
                format!("tiers.{}.unknown_cite", t.id),
                t.unknown_cite.as_deref()?,
            ))
        }));
        cited.extend(
            r.parameters
                .iter()
                .map(|p| (format!("parameters.{}.cite", p.name), p.cite.as_str())),
        );
        cited.extend(r.variables.iter().filter_map(|v| {
            Some((
                format!("variables.{}.cite", v.name),
                v.missing_cite.as_deref()?,
            ))
        }));
        cited.extend(
            r.score
                .iter()
                .map(|s| ("score.cite".to_owned(), s.cite.as_str())),
        );
        cited.extend(
            r.reserves
                .iter()
                .map(|x| (format!("reserves.{}.cite", x.id), x.cite.as_str())),
        );
        cited.extend(
            r.ceilings
                .iter()
                .map(|x| (format!("ceilings.{}.cite", x.id), x.cite.as_str())),
        );
        for (at, id) in cited {
            if id.is_empty() || r.law.iter().any(|l| l.id == id) {
                continue;
            }
            let message = Text::new(
                format!("`[[law]]` 中没有 `{id}`"),
                format!("there is no `[[law]]` with id `{id}`"),
            );
            let mut wrong = Diagnostic::error("programme/unknown-citation", message)
                .at(self.path, self.place(&at));
            if let Some(near) = close(id, r.law.iter().map(|l| l.id.as_str())) {
                wrong = wrong.help(did_you_mean(near));
            }
            self.found.push(wrong);
        }
        for parameter in r
            .parameters
            .iter()
            .filter(|p| p.status == Status::Unverified)
        {
            let name = &parameter.name;
            let message = Text::new(
                format!("参数 `{name}` 未经核实"),
                format!("parameter `{name}` is unverified"),
            );
            let help = Text::new(
                "使用前请找到出处",
                "find its source before it decides anything",
            );
            let at = self.place(&format!("parameters.{name}.id"));
            self.found.push(
                Diagnostic::warning("programme/unverified", message)
                    .at(self.path, at)
                    .help(help),
            );
        }
    }

    fn expression(
        &mut self,
        env: &Env<'_>,
        at: &str,
        scope: Scope,
        sql: &str,
        wanted: Option<Type>,
    ) -> Option<Typed> {
        let start = self.place(at).start;
        match env.compile(scope, sql) {
            Ok(typed) => {
                let found = typed.data_type();
                if wanted.is_some_and(|w| w != found) {
                    let wanted = wanted.unwrap_or(found);
                    self.error(
                        "expr/type-mismatch",
                        at,
                        format!("此处应为 {wanted},实为 {found}"),
                        format!("expected {wanted} here, found {found}"),
                    );
                    return None;
                }
                Some(typed)
            }
            Err(problems) => {
                for problem in problems {
                    self.problem(start, problem);
                }
                None
            }
        }
    }

    fn problem(&mut self, start: usize, problem: Problem) {
        let span = start + problem.span.start..start + problem.span.end;
        let mut diagnostic = Diagnostic::error(problem.code, problem.message).at(self.path, span);
        diagnostic.help = problem.help;
        if !self.found.contains(&diagnostic) {
            self.found.push(diagnostic);
        }
    }

    /// An expression whose value may not be missing.
    fn present(&mut self, env: &Env<'_>, at: &str, scope: Scope, sql: &str, wanted: Type) {
        if let Some(typed) = self.expression(env, at, scope, sql, Some(wanted))
            && typed.nullable()
        {
            let message = Text::new(
                "这里的值不可缺失",
                "this may be missing, which is not possible here",
            );
            let help = Text::new(
                "把可能缺失的部分声明为带 `missing` 与 `missing_cite` 的变量",
                "declare what may be missing as a variable with `missing` and `missing_cite`",
            );
            self.found.push(
                Diagnostic::error("programme/nullable", message)
                    .at(self.path, self.place(at))
                    .help(help),
            );
        }
    }

    fn expressions(&mut self) {
        let r = self.rules;
        let env = Env::new(r);
        for v in &r.variables {
            if let Some(typed) = self.expression(
                &env,
                &format!("variables.{}", v.name),
                v.scope,
                &v.sql,
                None,
            ) && let Some(missing) = &v.missing
                && missing.type_of() != typed.data_type()
            {
                let (wanted, found) = (typed.data_type(), missing.type_of());
                self.error(
                    "programme/missing-type",
                    &format!("variables.{}", v.name),
                    format!("`missing` 应为 {wanted},实为 {found}"),
                    format!("`missing` must be {wanted}, but is {found}"),
                );
            }
        }
        for c in &r.clauses {
            self.expression(
                &env,
                &format!("clauses.{}", c.id),
                c.scope,
                &c.when,
                Some(Type::Boolean),
            );
        }
        for t in &r.tiers {
            let at = format!("tiers.{}", t.id);
            if let Some(typed) =
                self.expression(&env, &at, Scope::Choice, &t.when, Some(Type::Boolean))
                && typed.nullable()
                && t.unknown_cite.is_none()
            {
                let message = Text::new("此条件可能不确定", "this condition may be unknown");
                let help = Text::new(
                    "用 `unknown_cite` 注明依据:不确定时按不满足处理",
                    "cite in `unknown_cite` the rule that an unknown condition counts as not met",
                );
                self.found.push(
                    Diagnostic::error("programme/unknown-tier", message)
                        .at(self.path, self.place(&at))
                        .help(help),
                );
            }
        }
        if let Some(s) = &r.score {
            self.present(&env, "score", Scope::Choice, &s.sql, Type::Integer);
        }
        self.present(
            &env,
            "capacity",
            Scope::Provider,
            &r.capacity,
            Type::Integer,
        );
        let groups = r
            .reserves
            .iter()
            .map(|x| ("reserves", &x.id, &x.members, &x.seats));
        for (kind, id, members, seats) in groups.chain(
            r.ceilings
                .iter()
                .map(|x| ("ceilings", &x.id, &x.members, &x.seats)),
        ) {
            self.present(
                &env,
                &format!("{kind}.{id}.members"),
                Scope::Choice,
                members,
                Type::Boolean,
            );
            self.present(
                &env,
                &format!("{kind}.{id}.seats"),
                Scope::Provider,
                seats,
                Type::Integer,
            );
        }
    }

    fn unused(&mut self) {
        let r = self.rules;
        for (scope, combine) in [
            (Scope::Applicant, Some(&r.eligibility)),
            (Scope::Choice, r.choice_eligibility.as_ref()),
        ] {
            let mut used = BTreeSet::new();
            if let Some(combine) = combine {
                collect(combine, &mut used);
            }
            for (bit, clause) in r.clauses_of(scope).enumerate() {
                if !used.contains(&bit) {
                    let id = &clause.id;
                    let message = Text::new(
                        format!("条件 `{id}` 没有用到"),
                        format!("clause `{id}` is not used"),
                    );
                    let at = self.place(&format!("clauses.{id}.id"));
                    self.found.push(
                        Diagnostic::warning("programme/unused-clause", message).at(self.path, at),
                    );
                }
            }
        }
    }
}

fn collect(combine: &Combine, used: &mut BTreeSet<usize>) {
    match combine {
        Combine::Clause(bit) => {
            used.insert(*bit);
        }
        Combine::All(parts) | Combine::Any(parts) => parts.iter().for_each(|p| collect(p, used)),
    }
}
