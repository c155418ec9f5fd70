//! The Rust end of the line protocol, driving the official Binance SDK.
//!
//! The SDK takes its time from the system clock, so the clock of this process is made to stand
//! still: its `clock_gettime` comes before the C library's. Timers use the monotonic clock, which
//! goes on. What is signed cannot be watched here; it is what the SDK's own `build_query_string`
//! says of the same parameters, and the signature proves it.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, Write};
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::{Context, Result, bail};
use binance_sdk::common::utils::{
    SignatureGenerator, build_query_string, build_user_agent, build_websocket_api_message,
    send_request,
};
use binance_sdk::common::websocket::WebsocketMessageSendOptions;
use binance_sdk::config::{ConfigurationRestApi, ConfigurationWebsocketApi, PrivateKey};
use reqwest::Method;
use serde_json::{Map, Value, json};

type Params = BTreeMap<String, Value>;
type Clients = HashMap<String, ConfigurationRestApi>;

const SDK: &str = "binance-sdk";
static FROZEN_MS: AtomicI64 = AtomicI64::new(0);

/// Stand in for the C library: the wall clock stands still once it was told a time.
///
/// # Safety
/// `out` must point to a writable `timespec`, as for the function it stands in for.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_gettime(
    clock: libc::clockid_t,
    out: *mut libc::timespec,
) -> libc::c_int {
    let frozen = FROZEN_MS.load(Ordering::Relaxed);
    if clock == libc::CLOCK_REALTIME && frozen != 0 {
        unsafe {
            (*out).tv_sec = frozen / 1000;
            (*out).tv_nsec = (frozen % 1000) * 1_000_000;
        }
        return 0;
    }
    unsafe { libc::syscall(libc::SYS_clock_gettime, clock, out) as libc::c_int }
}

/// Turn `{"$decimal": text}` into its text: JSON has no decimals and the SDK takes texts.
fn revive(value: &Value) -> Value {
    match value {
        Value::Object(members) => match members.get("$decimal") {
            Some(text) => text.clone(),
            None => Value::Object(members.iter().map(|(k, v)| (k.clone(), revive(v))).collect()),
        },
        Value::Array(items) => items.iter().map(revive).collect(),
        plain => plain.clone(),
    }
}

fn params(logical: &Value, part: &str) -> Params {
    let empty = Map::new();
    let members = logical[part].as_object().unwrap_or(&empty);
    members.iter().map(|(name, value)| (name.clone(), revive(value))).collect()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn private_key(key: &Value) -> Option<PrivateKey> {
    let is_private = text(key, "kind") != "hmac";
    is_private.then(|| PrivateKey::Raw(text(key, "secret").as_bytes().to_vec()))
}

fn secret(key: &Value) -> Option<String> {
    (text(key, "kind") == "hmac").then(|| text(key, "secret").to_string())
}

/// Return what a client of this key and address is made of, which is all that it adds to
/// `send_request`: building one reads all root certificates.
fn client(clients: &mut Clients, ask: &Value) -> Result<ConfigurationRestApi> {
    let key = &ask["key"];
    let known = format!("{} {key}", ask["rest"]);
    if let Some(client) = clients.get(&known) {
        return Ok(client.clone());
    }
    let mut builder = ConfigurationRestApi::builder()
        .api_key(text(key, "key"))
        .base_path(text(ask, "rest"))
        .timeout(20_000)
        .retries(1);
    builder = match private_key(key) {
        Some(private) => builder.private_key(private),
        None => builder.api_secret(text(key, "secret")),
    };
    let client = builder.build()?;
    clients.insert(known, client.clone());
    Ok(client)
}

/// Make the request as `send_signed_request` of every client of the SDK does.
async fn send(client: ConfigurationRestApi, ask: &Value, method: &str) -> Result<Value> {
    let logical = &ask["logical"];
    let (query, body) = (params(logical, "query"), params(logical, "body"));

    let mut timed = query.clone();
    timed.insert("timestamp".into(), ask["now_ms"].clone());
    let signed = build_query_string(&timed)? + &build_query_string(&body)?;

    let verb = Method::from_bytes(method.as_bytes())?;
    let path = text(logical, "path");
    let sent = send_request::<Value>(&client, path, verb, query, body, None, true).await;
    let failed = sent.err().map(|error| format!("{error:#}")).unwrap_or_default();
    Ok(json!({ "signed": signed, "failed": failed }))
}

/// Compose a text frame; the SDK sends exactly what this function of its own returns.
fn compose(ask: &Value) -> Result<Value> {
    let (logical, key) = (&ask["logical"], &ask["key"]);
    let mut builder = ConfigurationWebsocketApi::builder().api_key(text(key, "key"));
    builder = match private_key(key) {
        Some(private) => builder.private_key(private),
        None => builder.api_secret(text(key, "secret")),
    };
    let mut payload = params(logical, "query");
    payload.insert("id".into(), json!("0".repeat(32)));
    let options = WebsocketMessageSendOptions::new().signed();
    let configuration = builder.build()?;
    let path = text(logical, "path");
    let (_, frame) = build_websocket_api_message(&configuration, path, payload, &options, false);
    let sent = frame["params"].as_object().context("a frame has parameters")?;
    let unsigned: Params =
        sent.clone().into_iter().filter(|(name, _)| name != "signature").collect();
    Ok(json!({ "signed": build_query_string(&unsigned)?, "frame": frame.to_string() }))
}

fn sign(ask: &Value) -> Result<Value> {
    let key = &ask["key"];
    let query = params(&ask["logical"], "query");
    let signer = SignatureGenerator::new(secret(key), private_key(key), None);
    let signature = signer.get_signature(&query, None)?;
    Ok(json!({ "signed": build_query_string(&query)?, "signature": signature }))
}

fn hello() -> Value {
    let agent = build_user_agent("oracle");
    let version = agent.split(['/', ' ']).nth(2).unwrap_or_default();
    json!({ "sdk": SDK, "version": version, "runtime": agent })
}

async fn answer(clients: &mut Clients, ask: &Value) -> Result<Value> {
    FROZEN_MS.store(ask["now_ms"].as_i64().unwrap_or_default(), Ordering::Relaxed);
    match (text(ask, "do"), text(&ask["logical"], "method")) {
        ("hello", _) => Ok(hello()),
        ("sign", _) => sign(ask),
        ("send", "WS") => compose(ask),
        ("send", method) => send(client(clients, ask)?, ask, method).await,
        (other, _) => bail!("{other} is nothing to do"),
    }
}

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut clients = Clients::new();
    for line in std::io::stdin().lock().lines() {
        let ask: Value = serde_json::from_str(&line?)?;
        let mut told = runtime
            .block_on(answer(&mut clients, &ask))
            .unwrap_or_else(|error| json!({ "refused": format!("{error:#}") }));
        told["number"] = ask["number"].clone();
        println!("{told}");
        std::io::stdout().flush()?;
    }
    Ok(())
}
