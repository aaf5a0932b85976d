//! From a JSON Pointer to line and column.

/// Returns line and column (from 1, columns in characters) of the value that the
/// pointer names in a text that is valid JSON.
pub(crate) fn locate(text: &str, pointer: &str) -> Option<(usize, usize)> {
    let mut scan = Scan {
        bytes: text.as_bytes(),
        at: 0,
    };
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        scan.enter(&step)?;
    }
    scan.space();
    let before = text.get(..scan.at)?;
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next()?.chars().count() + 1;
    Some((line, column))
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Moves to the member or item of the value that comes next.
    fn enter(&mut self, step: &str) -> Option<()> {
        self.space();
        let object = self.peek()? == b'{';
        self.at += 1;
        for index in 0usize.. {
            self.space();
            if matches!(self.peek()?, b'}' | b']') {
                return None;
            }
            let found = if object {
                let from = self.at;
                self.skip()?;
                let name = self.bytes.get(from..self.at)?;
                self.space();
                self.at += 1;
                serde_json::from_slice::<String>(name).ok()? == step
            } else {
                step.parse() == Ok(index)
            };
            if found {
                return Some(());
            }
            self.skip()?;
            self.space();
            if self.peek()? == b',' {
                self.at += 1;
            }
        }
        None
    }

    /// Moves behind the value that comes next; loops, so that depth costs nothing.
    fn skip(&mut self) -> Option<()> {
        self.space();
        let mut depth = 0usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    while self.peek()? != b'"' {
                        self.at += 1 + usize::from(self.peek()? == b'\\');
                    }
                    self.at += 1;
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                b if b.is_ascii_whitespace() || b == b',' || b == b':' => self.at += 1,
                _ => {
                    let end = |b: u8| b.is_ascii_whitespace() || b",:]}".contains(&b);
                    while self.peek().is_some_and(|b| !end(b)) {
                        self.at += 1;
                    }
                }
            }
            if depth == 0 {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::locate;

    #[test]
    fn finds_values() {
        let text = "{\n \"a/b\": [1, {\"名\": \"x]\\\"\", \"c\":\n [true, null]}],\n \"d\": -2}";
        assert_eq!(locate(text, ""), Some((1, 1)));
        assert_eq!(locate(text, "/a~1b/0"), Some((2, 10)));
        assert_eq!(locate(text, "/a~1b/1/名"), Some((2, 19)));
        assert_eq!(locate(text, "/a~1b/1/c/1"), Some((3, 9)));
        assert_eq!(locate(text, "/d"), Some((4, 7)));
        assert_eq!(locate(text, "/e"), None);
        assert_eq!(locate(text, "/a~1b/2"), None);
    }
}
