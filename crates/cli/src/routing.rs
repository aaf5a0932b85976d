//! Asking a routing server that the city runs: OSRM or Valhalla, by plain HTTP.

use std::fmt::Write as _;
use std::time::Duration;

use minsheng_plain::{Stop, Tile};
use serde_json::{Value, json};

use crate::exit::{Code, Failure};

/// Which server, and by what means people travel.
#[derive(Debug, Clone)]
pub enum Server {
    /// OSRM's `table`: base address, profile.
    Osrm(String, String),
    /// Valhalla's `sources_to_targets`: base address, costing.
    Valhalla(String, String),
}

/// A client of one server.
pub struct Client {
    server: Server,
    agent: ureq::Agent,
}

impl Client {
    /// Returns a client; nothing is asked yet.
    pub fn new(server: Server) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(120)))
            // An answer that says why it refuses is worth reading.
            .http_status_as_error(false)
            .build();
        Self {
            server,
            agent: config.into(),
        }
    }

    /// Returns what the server is called in a file.
    pub fn described(&self) -> Value {
        match &self.server {
            Server::Osrm(base, profile) => {
                json!({ "server": "osrm", "address": base, "profile": profile })
            }
            Server::Valhalla(base, costing) => {
                json!({ "server": "valhalla", "address": base, "costing": costing })
            }
        }
    }

    /// Asks one question and returns the answer as it came.
    ///
    /// # Errors
    /// When the server cannot be reached, or refuses, with what it said.
    pub fn ask(&self, tile: &Tile) -> Result<Value, Failure> {
        let (url, answer) = match &self.server {
            Server::Osrm(base, profile) => {
                let url = osrm(base, profile, tile);
                let answer = self.agent.get(&url).call();
                (url, answer)
            }
            Server::Valhalla(base, costing) => {
                let url = format!("{}/sources_to_targets", base.trim_end_matches('/'));
                let body = valhalla(costing, tile).to_string();
                let asked = self
                    .agent
                    .post(&url)
                    .header("content-type", "application/json");
                let answer = asked.send(body);
                (url, answer)
            }
        };
        let mut answer = answer.map_err(|e| unreachable_server(&url, &e.to_string()))?;
        let status = answer.status().as_u16();
        let limited = answer.body_mut().with_config().limit(1 << 30);
        let text = limited
            .read_to_string()
            .map_err(|e| unreachable_server(&url, &e.to_string()))?;
        let value: Option<Value> = serde_json::from_str(&text).ok();
        match value {
            Some(value) if status == 200 => Ok(value),
            _ => Err(refused(&url, status, &text)),
        }
    }
}

fn osrm(base: &str, profile: &str, tile: &Tile) -> String {
    let stops = tile.sources.iter().chain(&tile.destinations);
    let places: Vec<String> = stops.map(|s| format!("{},{}", s.lon, s.lat)).collect();
    let numbers = |range: std::ops::Range<usize>| {
        let own: Vec<String> = range.map(|k| k.to_string()).collect();
        own.join(";")
    };
    let (n, all) = (tile.sources.len(), places.len());
    let mut url = format!(
        "{}/table/v1/{profile}/{}",
        base.trim_end_matches('/'),
        places.join(";")
    );
    // Writing to a string does not fail.
    let _ = write!(
        url,
        "?annotations=duration&sources={}&destinations={}",
        numbers(0..n),
        numbers(n..all)
    );
    url
}

fn valhalla(costing: &str, tile: &Tile) -> Value {
    let places = |stops: &[Stop]| -> Vec<Value> {
        let number = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
        let own = stops.iter();
        own.map(|s| json!({ "lon": number(&s.lon), "lat": number(&s.lat) }))
            .collect()
    };
    json!({
        "sources": places(&tile.sources),
        "targets": places(&tile.destinations),
        "costing": costing,
        "units": "km",
        "verbose": false,
    })
}

fn short(text: &str) -> String {
    let mut own: String = text.chars().take(300).collect();
    if own.len() < text.len() {
        own.push('…');
    }
    own
}

fn unreachable_server(url: &str, said: &str) -> Failure {
    let url = short(url);
    Failure::new(
        Code::Failed,
        "travel/server",
        format!("路径服务器没有答复:{said}({url})"),
        format!("the routing server did not answer: {said} ({url})"),
    )
}

fn refused(url: &str, status: u16, text: &str) -> Failure {
    let (url, text) = (short(url), short(text));
    let too_big = text.contains("TooBig") || text.contains("exceed");
    let (zh, en) = if too_big {
        (
            "请用 `--places` 减少每次询问的点数",
            "ask about fewer places at a time with `--places`",
        )
    } else {
        (
            "请核对地址与出行方式",
            "check the address and the means of travel",
        )
    };
    let mut failure = Failure::new(
        Code::Failed,
        "travel/refused",
        format!("路径服务器拒绝(状态 {status}):{text}({url})"),
        format!("the routing server refused with status {status}: {text} ({url})"),
    );
    failure.diagnostics = failure
        .diagnostics
        .into_iter()
        .map(|d| d.help(minsheng_model::Text::new(zh, en)))
        .collect();
    failure
}
