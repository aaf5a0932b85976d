//! Variables in the order in which they can be computed.

use minsheng_model::{Decimal, Rules, Type, Value, Variable};
use minsheng_spec::expr::Env;

/// Puts each variable after those it uses, and gives declared values the type of
/// their variable.
pub fn settle(rules: &mut Rules) {
    let mut types = Vec::new();
    {
        let env = Env::new(rules);
        for variable in &rules.variables {
            types.push(
                env.compile(variable.scope, &variable.sql)
                    .ok()
                    .map(|t| t.data_type()),
            );
        }
    }
    for (variable, found) in rules.variables.iter_mut().zip(types) {
        if let (Some(Value::Integer(n)), Some(Type::Decimal { .. })) = (&variable.missing, found) {
            variable.missing = Some(Value::Decimal(Decimal::from(*n)));
        }
    }
    let mut left = std::mem::take(&mut rules.variables);
    while !left.is_empty() {
        let free = |v: &Variable| {
            !left
                .iter()
                .any(|o| o.name != v.name && uses(&v.sql, &o.name))
        };
        // A cycle was told as an error; here it only has to end.
        let next = left.iter().position(free).unwrap_or(0);
        rules.variables.push(left.remove(next));
    }
}

/// Returns whether the expression names the variable, outside quotes and not as
/// a parameter or a register's column.
fn uses(sql: &str, name: &str) -> bool {
    let (mut word, mut before, mut quoted) = (String::new(), ' ', false);
    for c in sql.chars().chain([' ']) {
        if quoted || c == '\'' {
            quoted ^= c == '\'';
            word.clear();
            before = ' ';
        } else if c == '_' || c.is_alphanumeric() {
            word.push(c);
        } else {
            if word == name && before != '.' && before != '$' {
                return true;
            }
            if !word.is_empty() || !c.is_whitespace() {
                before = c;
            }
            word.clear();
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::uses;

    #[test]
    fn finds_names_outside_quotes() {
        assert!(uses("a + b", "a"));
        assert!(uses("NOT b", "b"));
        assert!(!uses("t.a + 'a' + $a + ab", "a"));
    }
}
