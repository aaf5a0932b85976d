//! A second reader on this machine: a model server that an officer runs, asked by
//! plain HTTP over loopback in the widespread form of chat completions. Nothing
//! else is ever asked: an address that is not loopback is refused.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use minsheng_model::{Decimal, Text};
use serde::Deserialize;

use crate::second::{FrameReader, Suggestion};

/// What the model is asked to do with each piece of a text.
const TASK: &str = "Read the text the user gives. List every promise, plan, result and figure in it \
as a JSON array and nothing else. Each element is an object with `quote` (words copied from the text \
without any change), `value` (the number as a string of plain digits with scales multiplied out, or \
null where there is none) and `unit` (its measure word, or an empty string).";

/// Characters in one question: what small models take.
const PIECE: usize = 3000;

/// An answer longer than this is none.
const ANSWER_MAX: u64 = 4 << 20;

/// A model server on this machine.
#[derive(Debug, Clone)]
pub struct LocalModel {
    address: SocketAddr,
    path: String,
    model: String,
    patience: Duration,
}

#[derive(Deserialize)]
struct Answer {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: String,
}

#[derive(Deserialize)]
struct Found {
    quote: String,
    #[serde(default)]
    value: Option<serde_json::Value>,
    #[serde(default)]
    unit: Option<String>,
}

impl LocalModel {
    /// Names a server by its address, such as `http://127.0.0.1:8080`; without a
    /// path it is `/v1/chat/completions`. `patience` is how long one answer may
    /// take.
    ///
    /// # Errors
    /// An address that is not plain HTTP on this machine.
    pub fn new(url: &str, model: &str, patience: Duration) -> Result<Self, Text> {
        let wrong = || {
            Text::new(
                format!("`{url}` 不是本机地址;应写作 `http://127.0.0.1:8080`"),
                format!("`{url}` is no address on this machine; expected `http://127.0.0.1:8080`"),
            )
        };
        let rest = url.strip_prefix("http://").ok_or_else(wrong)?;
        let (host, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let address: SocketAddr = match host.strip_prefix("localhost:") {
            Some(port) => {
                let port = port.parse().map_err(|_| wrong())?;
                (IpAddr::V4(Ipv4Addr::LOCALHOST), port).into()
            }
            None => host.parse().map_err(|_| wrong())?,
        };
        if !address.ip().is_loopback() || path.contains(|c: char| c.is_control() || c == ' ') {
            return Err(wrong());
        }
        Ok(Self {
            address,
            path: if path.is_empty() || path == "/" {
                "/v1/chat/completions".to_owned()
            } else {
                path.to_owned()
            },
            model: model.to_owned(),
            patience,
        })
    }

    fn ask(&self, piece: &str) -> Result<Vec<Suggestion>, Text> {
        let question = serde_json::json!({
            "model": self.model,
            "temperature": 0,
            "messages": [
                { "role": "system", "content": TASK },
                { "role": "user", "content": piece },
            ],
        })
        .to_string();
        let body = self
            .exchange(&question)
            .map_err(|e| self.failed(&e.to_string()))?;
        let answer: Answer =
            serde_json::from_slice(&body).map_err(|e| self.failed(&e.to_string()))?;
        let content = answer.choices.first().map_or("", |c| &c.message.content);
        // Models like to put words or a fence around what was asked for.
        let list = content.find('[').zip(content.rfind(']'));
        let Some(list) = list.and_then(|(from, to)| content.get(from..=to)) else {
            return Ok(Vec::new());
        };
        let found: Vec<Found> =
            serde_json::from_str(list).map_err(|e| self.failed(&e.to_string()))?;
        Ok(found
            .into_iter()
            .filter_map(|f| self.suggestion(f))
            .collect())
    }

    /// What it says, unless the number is none.
    fn suggestion(&self, found: Found) -> Option<Suggestion> {
        let value: Option<Decimal> = match found.value {
            None | Some(serde_json::Value::Null) => None,
            Some(serde_json::Value::String(digits)) if digits.is_empty() => None,
            Some(serde_json::Value::String(digits)) => Some(digits.parse().ok()?),
            Some(other) => Some(other.to_string().parse().ok()?),
        };
        Some(Suggestion {
            quote: found.quote,
            value,
            unit: found.unit.unwrap_or_default(),
            indicator_id: String::new(),
            suggested_by: self.model.clone(),
        })
    }

    fn failed(&self, why: &str) -> Text {
        Text::new(
            format!("本机模型服务 `{}` 没有可用的回答:{why}", self.address),
            format!(
                "the model server at `{}` gave no answer: {why}",
                self.address
            ),
        )
    }

    /// One request and its answer's body; the server closes the connection.
    fn exchange(&self, question: &str) -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&self.address, self.patience)?;
        stream.set_read_timeout(Some(self.patience))?;
        stream.set_write_timeout(Some(self.patience))?;
        let mut head = String::new();
        // HTTP/1.0: the answer comes whole and unchunked.
        let _ = write!(
            head,
            "POST {} HTTP/1.0\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.path,
            self.address,
            question.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(question.as_bytes())?;
        let mut all = Vec::new();
        stream.take(ANSWER_MAX).read_to_end(&mut all)?;
        body_of(&all).ok_or_else(|| std::io::Error::other("no HTTP answer with status 200"))
    }
}

/// The body of an answer that succeeded.
fn body_of(answer: &[u8]) -> Option<Vec<u8>> {
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = std::str::from_utf8(answer.get(..end)?).ok()?;
    let mut words = head.lines().next()?.split(' ');
    let fits = words.next()?.starts_with("HTTP/1.") && words.next()? == "200";
    fits.then(|| answer.get(end + 4..).unwrap_or_default().to_vec())
}

/// Cuts a text at ends of paragraphs, else of sentences, into what one question
/// takes.
fn pieces(source: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut rest = source;
    while let Some((most, _)) = rest.char_indices().nth(PIECE) {
        let window = rest.get(..most).unwrap_or(rest);
        let to = window
            .rfind('\n')
            .or_else(|| window.rfind('。').map(|i| i + '。'.len_utf8()))
            .filter(|to| *to > 0)
            .unwrap_or(most);
        let (piece, after) = rest.split_at(to);
        all.push(piece);
        rest = after;
    }
    all.push(rest);
    all.retain(|p| !p.trim().is_empty());
    all
}

impl FrameReader for LocalModel {
    fn suggest(&self, source: &str) -> Result<Vec<Suggestion>, Text> {
        let mut all = Vec::new();
        for piece in pieces(source) {
            all.extend(self.ask(piece)?);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_asked() {
        let new = |url| LocalModel::new(url, "m", Duration::from_secs(1));
        for url in [
            "https://127.0.0.1:1",
            "http://example.org:80",
            "http://10.0.0.1:80",
            "http://127.0.0.1",
            "http://127.0.0.1:1/a b",
            "",
        ] {
            assert!(new(url).is_err(), "{url}");
        }
        for url in [
            "http://127.0.0.1:1",
            "http://localhost:1/x",
            "http://[::1]:1",
        ] {
            assert!(new(url).is_ok(), "{url}");
        }
        assert_eq!(
            new("http://127.0.0.1:1").unwrap().path,
            "/v1/chat/completions"
        );
    }

    #[test]
    fn a_text_is_asked_about_in_pieces() {
        let text = format!("{}\n", "去年新增学位300个。".repeat(40)).repeat(20);
        let all = pieces(&text);
        assert!(all.len() > 2 && all.iter().all(|p| p.chars().count() <= PIECE));
        assert_eq!(
            all.concat().len(),
            text.trim_end().len() + usize::from(all.concat().ends_with('\n'))
        );
        assert_eq!(pieces(&"字".repeat(PIECE + 1)).len(), 2);
        assert!(pieces(" \n").is_empty());
    }
}
