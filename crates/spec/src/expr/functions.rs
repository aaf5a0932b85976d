use minsheng_model::Text;

use super::node::Function;

/// The functions an expression may call, with the fewest and most arguments.
pub(crate) const ALLOWED: [(&str, Function, usize, usize); 11] = [
    ("abs", Function::Abs, 1, 1),
    ("lower", Function::Lower, 1, 1),
    ("upper", Function::Upper, 1, 1),
    ("trim", Function::Trim, 1, 1),
    ("btrim", Function::Trim, 1, 1),
    ("length", Function::Length, 1, 1),
    ("character_length", Function::Length, 1, 1),
    ("substr", Function::Substr, 2, 3),
    ("starts_with", Function::StartsWith, 2, 2),
    ("least", Function::Least, 2, 8),
    ("greatest", Function::Greatest, 2, 8),
];

/// Returns why a function that many would try is refused, and what to do instead.
pub(crate) fn refused(name: &str) -> Option<(Text, Text)> {
    let pair = |zh: &str, en: &str, help_zh: &str, help_en: &str| {
        Some((Text::new(zh, en), Text::new(help_zh, help_en)))
    };
    match name {
        "coalesce" | "ifnull" | "nvl" | "nullif" => pair(
            "缺失的值不得悄悄变成别的值",
            "a missing value must not silently become another",
            "声明一个变量,用 `missing` 写明缺失时的取值,并用 `missing_cite` 注明依据",
            "declare a variable whose `missing` gives the value and whose `missing_cite` gives the law",
        ),
        "now" | "current_date" | "current_timestamp" | "current_time" | "today" | "localtime"
        | "localtimestamp" => pair(
            "决定不得依赖时钟",
            "a decision must not depend on the clock",
            "用 `$as_of`(批次的基准日)",
            "use `$as_of`, the cycle's day",
        ),
        "random" | "rand" | "uuid" | "gen_random_uuid" => pair(
            "决定中的随机只能来自公开摇号",
            "chance in a decision comes from the public draw only",
            "在 `[tie_break]` 与 `[draw]` 中声明",
            "declare it in `[tie_break]` and `[draw]`",
        ),
        "count" | "sum" | "avg" | "min" | "max" | "bool_and" | "bool_or" | "array_agg"
        | "median" | "stddev" => pair(
            "条件逐行计算,不能使用聚合函数",
            "a rule sees one row: aggregates are not possible",
            "把汇总值作为名册的一列提供",
            "provide the total as a column of the register",
        ),
        "round" | "floor" | "ceil" | "sqrt" | "power" | "ln" | "log" | "exp" => pair(
            "浮点运算的结果因机器而异",
            "floating-point results differ between machines",
            "改用整数或小数的加、减、乘",
            "use addition, subtraction and multiplication of integers or decimals",
        ),
        _ => None,
    }
}
