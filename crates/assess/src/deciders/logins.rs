//! People who log in: what sessions show of how they prove who they are.

use super::clear_text_credentials::SECRET;
use super::gather::{Gather, Reason};
use super::reading::{has, properties, title};
use super::{Decider, Judged, Judgement, Located, Power, Says, World, Worlds};
use zonewright_traffic::observation::Flow;

pub(super) static LOGIN: Decider = Decider {
    code: "login-in-use",
    title: "sessions in which a user logged in",
    requirements: &[("SR 1.1", Power::Support)],
    reads: &["captures"],
    coverage: "a session to the component in which a user name with a password or a certificate was given, or an SSH session",
    says: "A component that took a login (SSH, Telnet with a password, HTTP with credentials, OPC UA with a user) has the authentication of people switched on at that interface.",
    limits: "Other interfaces of the component, its panel above all, are not in a capture. Whether the login succeeded is not seen in an encrypted session.",
    judge: logins,
};

pub(super) static SINGLE_FACTOR: Decider = Decider {
    code: "password-alone",
    title: "people who logged in with a password alone",
    requirements: &[("SR 1.1 RE(2)", Power::Refute), ("SR 1.1 RE(3)", Power::Refute)],
    reads: &["captures"],
    coverage: "none: one session is enough to refute",
    says: "A browser that logged in with user name and password in the request (HTTP Basic) used one factor. From an untrusted network that refutes multifactor authentication there (RE(2)), from anywhere multifactor authentication on all networks (RE(3)).",
    limits: "Only what is readable is judged; a second factor asked for by a page afterwards is not seen. Programs that log in are no people and are left alone: the client must call itself a browser.",
    judge: single_factor,
};

fn logins(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    for located in worlds.flows.iter().filter(|located| took_a_login(located.flow)) {
        let what = format!("users log in by {}", title(located.flow));
        let reason =
            Reason { requirements: &["SR 1.1"], says: Says::Supports, world: World::Observed, what: &what };
        let asset = located.to.asset.cloned().map(Judged::Asset);
        gather.flow(&reason, asset, located);
    }
    gather.finish()
}

fn took_a_login(flow: &Flow) -> bool {
    let mut tokens = properties(flow, "user-token").peekable();
    let with_token = tokens.peek().is_some() && tokens.all(|token| token != "anonymous");
    let with_password = properties(flow, SECRET).any(|kind| kind == "password");
    flow.packets_from_responder > 0 && (with_token || with_password || has(flow, "ssh-version"))
}

fn single_factor(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    let by_browser = |located: &&Located<'_>| {
        let flow = located.flow;
        properties(flow, "user-agent").any(|agent| agent.starts_with("Mozilla/"))
            && properties(flow, SECRET).any(|kind| kind == "password")
    };
    for located in worlds.flows.iter().filter(by_browser) {
        let untrusted = located.from.zone.is_none_or(|zone| worlds.is_untrusted(zone));
        let requirements: &[&'static str] =
            if untrusted { &["SR 1.1 RE(2)", "SR 1.1 RE(3)"] } else { &["SR 1.1 RE(3)"] };
        let reason = Reason {
            requirements,
            says: Says::Refutes,
            world: World::Observed,
            what: "somebody logged in from a browser with a password alone",
        };
        gather.flow(&reason, worlds.end(&located.to), located);
    }
    gather.finish()
}
