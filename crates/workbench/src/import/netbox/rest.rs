//! Asking a NetBox: its lists page by page, from that one server alone, with every answer bounded.
//!
//! The only place of the program that uses the network, and only when it is told to. The token is sent to the server that
//! was named and to no other, and is never printed.

use super::objects::Objects;
use crate::import::words::clean;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;
use ureq::http::Uri;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// Objects that are asked for at once.
const PAGE_OBJECTS: usize = 500;
/// Pages of one list.
pub const PAGES_MAX: usize = 2_000;
/// Bytes of one page.
pub const PAGE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Time for one page, from asking to the last byte.
pub const PAGE_SECONDS_MAX: u64 = 120;
/// Time until the server takes the connection.
const CONNECT_SECONDS_MAX: u64 = 15;
/// Bytes of an answer that says what was wrong.
const REFUSAL_BYTES_MAX: u64 = 16 * 1024;

/// The lists that are asked for; without the first, nothing is imported.
const LISTS: &[&str] = &[
    "dcim/devices/?exclude=config_context&",
    "virtualization/virtual-machines/?exclude=config_context&",
    "dcim/interfaces/?",
    "virtualization/interfaces/?",
    "ipam/ip-addresses/?",
    "ipam/prefixes/?",
    "ipam/vlans/?",
];

/// A token. It is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// The token of a text, with or without the word that stands before it in a request; nothing for what is none.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let bare =
            text.strip_prefix("Bearer ").or_else(|| text.strip_prefix("Token ")).unwrap_or(text).trim();
        let is_one = !bare.is_empty() && bare.chars().all(|c| c.is_ascii_graphic());
        is_one.then(|| Self(bare.to_string()))
    }

    /// Tokens of version 2 (from NetBox 4.5 on) begin with `nbt_` and are sent as bearer tokens.
    fn header(&self) -> String {
        let word = if self.0.starts_with("nbt_") { "Bearer" } else { "Token" };
        format!("{word} {}", self.0)
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(hidden)")
    }
}

/// Whether a connection without encryption may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transport {
    /// Only `https://`.
    #[default]
    EncryptedOnly,
    /// `http://` too: token and answers can be read on the way.
    InsecureHttp,
}

/// A NetBox to ask.
#[derive(Debug, Clone)]
pub struct Remote {
    /// Its address, as in the browser: `https://netbox.example/`.
    pub url: String,
    /// The token.
    pub token: Option<Token>,
    /// Certificates (PEM) of the authorities to trust in place of the public ones.
    pub authorities: Option<Vec<u8>>,
    /// May it be asked without encryption?
    pub transport: Transport,
}

/// Why a NetBox was not read.
#[derive(Debug, thiserror::Error)]
pub enum RestError {
    /// The address is none.
    #[error("`{0}` is no address of a NetBox: expected https://HOST/")]
    Address(String),
    /// The address has no encryption.
    #[error("`http://` sends the token and all answers in clear text; use https://, or say --insecure-http")]
    ClearText,
    /// The certificates cannot be used.
    #[error("no certificate (PEM) was found in the file of --ca-file")]
    Authorities,
    /// The server was not reached, or the connection failed.
    #[error("`{host}` could not be asked: {why}{help}")]
    Connection {
        /// The host.
        host: String,
        /// Why.
        why: String,
        /// How to mend it.
        help: &'static str,
    },
    /// The server refused.
    #[error("NetBox answered {status} for {path}{detail}{help}")]
    Refused {
        /// The status.
        status: u16,
        /// What was asked for.
        path: String,
        /// What it said.
        detail: String,
        /// How to mend it.
        help: &'static str,
    },
    /// The answer is none of NetBox's.
    #[error("the answer for {path} is no list of NetBox: {why}")]
    Answer {
        /// What was asked for.
        path: String,
        /// Why.
        why: String,
    },
    /// The next page lies elsewhere.
    #[error(
        "the next page of {path} lies on another server, `{elsewhere}`; it was not asked, because the token is not for it"
    )]
    Elsewhere {
        /// What was asked for.
        path: String,
        /// Where it would lead.
        elsewhere: String,
    },
}

/// What was read, and what is to be said of it.
#[derive(Debug)]
pub(in crate::import) struct Answered {
    pub(in crate::import) host: String,
    pub(in crate::import) objects: Objects,
    pub(in crate::import) notes: Vec<String>,
}

/// Asks for every list.
pub(in crate::import) fn read(remote: &Remote) -> Result<Answered, RestError> {
    let server = Server::of(remote)?;
    let mut answered = Answered { host: server.host.clone(), objects: Objects::default(), notes: Vec::new() };
    for (at, list) in LISTS.iter().enumerate() {
        match server.list(list, &mut answered) {
            Ok(()) => {}
            // Who may read devices may not be allowed to read everything else.
            Err(RestError::Refused { status: 403 | 404, path, .. }) if at > 0 => {
                answered
                    .notes
                    .push(format!("{path} may not be read with this token, or is not there: left out"));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(answered)
}

struct Server {
    agent: ureq::Agent,
    /// Scheme and host, without a slash at the end.
    origin: String,
    host: String,
    /// The path below which the API lies, with slashes at both ends.
    api: String,
    authorization: Option<String>,
}

impl Server {
    fn of(remote: &Remote) -> Result<Self, RestError> {
        // What stands before an `@` may be a password.
        let address = || RestError::Address(clean(remote.url.rsplit('@').next().unwrap_or_default()));
        let uri: Uri = remote.url.trim().parse().map_err(|_| address())?;
        let scheme = uri.scheme_str().ok_or_else(address)?.to_string();
        let authority =
            uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(address)?;
        match (scheme.as_str(), remote.transport) {
            ("https", _) | ("http", Transport::InsecureHttp) => {}
            ("http", Transport::EncryptedOnly) => return Err(RestError::ClearText),
            _ => return Err(address()),
        }
        let path = uri.path().trim_end_matches('/');
        let api = format!("{}/api/", path.strip_suffix("/api").unwrap_or(path));
        let roots = match &remote.authorities {
            None => RootCerts::WebPki,
            Some(pem) => {
                let items = parse_pem(pem).filter_map(|item| match item {
                    Ok(PemItem::Certificate(certificate)) => Some(certificate),
                    _ => None,
                });
                let certificates: Vec<Certificate<'static>> = items.collect();
                if certificates.is_empty() {
                    return Err(RestError::Authorities);
                }
                RootCerts::new_with_certs(&certificates)
            }
        };
        let config = ureq::Agent::config_builder()
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .https_only(remote.transport == Transport::EncryptedOnly)
            .http_status_as_error(false)
            // A redirect could lead the token away; it is told instead.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_connect(Some(Duration::from_secs(CONNECT_SECONDS_MAX)))
            .timeout_global(Some(Duration::from_secs(PAGE_SECONDS_MAX)))
            .build();
        Ok(Self {
            agent: config.new_agent(),
            origin: format!("{scheme}://{authority}"),
            host: authority.to_string(),
            api,
            authorization: remote.token.as_ref().map(Token::header),
        })
    }

    /// All pages of a list.
    fn list(&self, list: &str, answered: &mut Answered) -> Result<(), RestError> {
        let path = list.split('?').next().unwrap_or(list).trim_end_matches('/').to_string();
        let mut next = format!("{}{list}limit={PAGE_OBJECTS}", self.api);
        let mut asked: BTreeSet<String> = BTreeSet::new();
        while asked.len() < PAGES_MAX {
            let wrong = |why: &str| RestError::Answer { path: path.clone(), why: why.to_string() };
            if !asked.insert(next.clone()) {
                return Err(wrong("its pages go round in a circle"));
            }
            let page = self.page(&next, &path)?;
            if !page.get("results").is_some_and(Value::is_array) {
                return Err(wrong("it has no `results`"));
            }
            let following = page.get("next").and_then(Value::as_str).map(ToString::to_string);
            answered.objects.take(page);
            match following {
                Some(url) => next = self.within(&url, &path)?,
                None => return Ok(()),
            }
        }
        answered.notes.push(format!("only the first {PAGES_MAX} pages of {path} were read"));
        Ok(())
    }

    /// The path of the next page, if it lies on the same server below the same API. A server behind a proxy may think that it
    /// is asked without encryption; it is asked the way it was before.
    fn within(&self, url: &str, path: &str) -> Result<String, RestError> {
        let elsewhere = || RestError::Elsewhere {
            path: path.to_string(),
            elsewhere: clean(url).chars().take(200).collect(),
        };
        let uri: Uri = url.parse().map_err(|_| elsewhere())?;
        let same_host =
            uri.authority().is_none_or(|authority| authority.as_str().eq_ignore_ascii_case(&self.host));
        let known_scheme = matches!(uri.scheme_str(), None | Some("http" | "https"));
        let within = uri.path().starts_with(&self.api) && !uri.path().contains("..");
        let path_and_query = uri.path_and_query().filter(|_| same_host && known_scheme && within);
        path_and_query.map(|path| path.as_str().to_string()).ok_or_else(elsewhere)
    }

    fn page(&self, path_and_query: &str, path: &str) -> Result<Value, RestError> {
        let failed = |error: ureq::Error| self.failed(&error);
        let mut request =
            self.agent.get(format!("{}{path_and_query}", self.origin)).header("Accept", "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        let mut response = request.call().map_err(failed)?;
        let status = response.status().as_u16();
        if status != 200 {
            let said =
                response.body_mut().with_config().limit(REFUSAL_BYTES_MAX).read_to_vec().unwrap_or_default();
            return Err(refused(status, path, &said));
        }
        let body = response.body_mut().with_config().limit(PAGE_BYTES_MAX).read_to_vec().map_err(failed)?;
        serde_json::from_slice(&body).map_err(|error| {
            let begins_as_page = body.trim_ascii_start().starts_with(b"<");
            let why = if begins_as_page {
                "it is a web page; is the address that of NetBox?".to_string()
            } else {
                error.to_string()
            };
            RestError::Answer { path: path.to_string(), why }
        })
    }

    fn failed(&self, error: &ureq::Error) -> RestError {
        let why = match error {
            ureq::Error::Timeout(_) => format!("it did not answer within the time allowed ({error})"),
            ureq::Error::HostNotFound => "there is no such host".to_string(),
            ureq::Error::BodyExceedsLimit(limit) => format!("a page has more than {limit} bytes"),
            error => error.to_string(),
        };
        let is_of_trust = why.to_lowercase().contains("certificate") || why.contains("UnknownIssuer");
        let help = if is_of_trust {
            "; a certificate of your own authority is trusted with --ca-file FILE"
        } else {
            ""
        };
        RestError::Connection { host: self.host.clone(), why: clean(&why), help }
    }
}

fn refused(status: u16, path: &str, said: &[u8]) -> RestError {
    let said: Option<Value> = serde_json::from_slice(said).ok();
    let detail = said.as_ref().and_then(|said| said.get("detail")).and_then(Value::as_str);
    let detail = detail
        .map(|detail| format!(": {}", clean(detail).chars().take(200).collect::<String>()))
        .unwrap_or_default();
    let help = match status {
        401 | 403 => "; give a token that may read devices with --token-file FILE or in NETBOX_TOKEN",
        404 => "; is the address that of NetBox, with the path below which it lies?",
        300..=399 => "; it leads to another address: name that one",
        _ => "",
    };
    RestError::Refused { status, path: path.to_string(), detail, help }
}
