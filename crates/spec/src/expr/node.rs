use minsheng_model::{Scope, Type, Value};

/// A checked expression; columns are positions in their table.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Literal(Value),
    Column {
        table: Scope,
        column: usize,
    },
    /// A variable whose missing result has a declared value.
    Declared {
        inner: Box<Node>,
        missing: Value,
    },
    Not(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Compare {
        op: Compare,
        left: Box<Node>,
        right: Box<Node>,
    },
    Arithmetic {
        op: Arithmetic,
        left: Box<Node>,
        right: Box<Node>,
    },
    Negate(Box<Node>),
    Shift {
        date: Box<Node>,
        months: i32,
        days: i32,
    },
    /// IS NULL, or IS NOT NULL when negated.
    IsNull {
        inner: Box<Node>,
        negated: bool,
    },
    /// IS TRUE / FALSE, or their negations.
    IsBoolean {
        inner: Box<Node>,
        wanted: bool,
        negated: bool,
    },
    Distinct {
        left: Box<Node>,
        right: Box<Node>,
        negated: bool,
    },
    InList {
        inner: Box<Node>,
        list: Vec<Node>,
        negated: bool,
    },
    Like {
        inner: Box<Node>,
        pattern: String,
        negated: bool,
    },
    Case {
        branches: Vec<(Node, Node)>,
        otherwise: Option<Box<Node>>,
    },
    Extract {
        part: Part,
        date: Box<Node>,
    },
    Call {
        function: Function,
        arguments: Vec<Node>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compare {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Modulo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Year,
    Month,
    Day,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Abs,
    Lower,
    Upper,
    Trim,
    Length,
    Substr,
    StartsWith,
    Least,
    Greatest,
}

/// What is known of an expression before any row is seen.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub node: Node,
    pub data_type: Type,
    pub nullable: bool,
    pub unit: Option<String>,
}
