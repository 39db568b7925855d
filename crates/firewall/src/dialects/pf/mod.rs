//! What pfSense and OPNsense share: a `config.xml` out of which the device writes rules for the packet filter pf.
//!
//! Owns: interfaces, aliases, both formats of rules, translations, the rules that the device writes itself, and the order in
//! which pf asks them. The two products differ in details, which stand where they matter ([`Product`]).
//!
//! Sources: pfSense `src/etc/inc/filter.inc`, OPNsense `src/etc/inc/filter.lib.inc` and `OPNsense\Firewall`, pf.conf(5).

mod alias;
mod binat;
mod chains;
mod endpoint;
mod extent;
mod fields;
mod interfaces;
mod item;
mod nat;
mod nat_fields;
mod outbound;
mod rule;
mod rule_fields;
mod secrets;
mod sections;
mod system;
mod tags;
mod values;

use super::{Confidence, Element, FileKind, IgnoredKind, Reading, XmlTree};
use crate::ruleset::{AddressSet, LineState, Ruleset, Undecidable, Verdict};
use fields::is_set;
use interfaces::Interfaces;
use lists::build;
use std::ops::Range;
use zonewright_source::{Diagnostic, SourceText};

mod lists;

/// Whose configuration it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Product {
    /// pfSense.
    Pfsense,
    /// OPNsense.
    Opnsense,
}

impl Product {
    /// The name of the root element, of the dialect and of its folders.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Pfsense => "pfsense",
            Self::Opnsense => "opnsense",
        }
    }
}

/// A configuration with what is asked of it again and again.
struct Config<'x> {
    product: Product,
    root: Element<'x>,
    system: Option<Element<'x>>,
    interfaces: Interfaces<'x>,
}

impl<'x> Config<'x> {
    /// Where the list of rules stands: `<filter>`, or the root where there is none.
    fn filter_span(&self) -> Range<usize> {
        self.root.child("filter").unwrap_or(self.root).start_tag()
    }

    /// Whether IPv6 is let in at all.
    fn allows_ipv6(&self) -> bool {
        self.system.is_none_or(|system| is_set(system, "ipv6allow"))
    }

    /// Whether an interface is a member of a bridge.
    fn is_bridged(&self, name: &str) -> bool {
        self.bridge_members().any(|member| member == name)
    }

    /// The interfaces that are members of bridges.
    fn bridge_members(&self) -> impl Iterator<Item = &'x str> {
        let bridges = self.root.children_named("bridges").flat_map(|all| all.children_named("bridged"));
        let members = bridges.filter_map(|bridge| bridge.text_of("members"));
        members.flat_map(|members| members.split([',', ' '])).filter(|name| !name.is_empty())
    }

    /// The value of a setting of the kernel, where the configuration changes it.
    fn tunable(&self, name: &str) -> Option<&'x str> {
        let items = self.root.children_named("sysctl").flat_map(|all| all.children_named("item"));
        let item = items.filter(|item| item.text_of("tunable") == Some(name)).last()?;
        item.text_of("value").filter(|value| *value != "default")
    }

    /// The networks of connections by OpenVPN.
    fn vpn_networks(&self) -> Vec<AddressSet> {
        let sections = self.root.children_named("openvpn").flat_map(Element::children);
        let on = sections.filter(|one| !is_set(*one, "disable"));
        let texts = on.filter_map(|one| one.text_of("tunnel_network")).flat_map(|text| text.split(','));
        texts.filter_map(|text| values::addresses(text.trim())).collect()
    }
}

/// How sure it is that a text is a configuration of this product: its root element says so.
pub(crate) fn detect(text: &str, product: Product) -> Confidence {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    for _ in 0..ASIDES_MAX {
        let end = match rest {
            _ if rest.starts_with("<?") => "?>",
            _ if rest.starts_with("<!--") => "-->",
            _ if rest.starts_with("<!DOCTYPE") => {
                let declared = rest.split_once('>').is_some_and(|(declaration, _)| declaration.contains('['));
                if declared { "]>" } else { ">" }
            }
            _ => break,
        };
        let Some((_, behind)) = rest.split_once(end) else { return Confidence::NONE };
        rest = behind.trim_start();
    }
    let behind = rest.strip_prefix('<').and_then(|rest| rest.strip_prefix(product.name()));
    let is_root =
        behind.is_some_and(|rest| rest.starts_with(|c: char| c.is_whitespace() || c == '>' || c == '/'));
    if is_root { Confidence(98) } else { Confidence::NONE }
}

/// Comments and instructions that are looked past in front of the root.
const ASIDES_MAX: usize = 16;

/// What is ignored of a product's configuration.
pub(crate) fn ignored(product: Product) -> &'static [IgnoredKind] {
    sections::ignored_kinds(product)
}

/// Reads a configuration.
pub(crate) fn read(source: &SourceText, product: Product) -> Ruleset {
    let mut ruleset = Ruleset::empty(product.name(), source.file().clone());
    let mut reading = Reading::new(source, FileKind::Lines);
    let tree = XmlTree::read(source.text());
    tree.account_asides(&mut reading);
    secrets::find(&tree, &mut reading);
    match tree.roots().find(|root| root.name() == product.name()) {
        Some(root) => read_root(root, product, &tree, &mut ruleset, &mut reading),
        // Of nothing, nothing is said.
        None if source.text().is_empty() => {}
        None => {
            let message = format!("the file holds no element `{}`", product.name());
            let error = Diagnostic::error("firewall/not-a-configuration", message)
                .because("nothing of it is in the ruleset")
                .help("export the whole configuration, not a part of it");
            reading.report(&(0..source.text().len()), error);
        }
    }
    tree.report_problems(&mut reading);
    reading.finish(&mut ruleset);
    ruleset
}

fn read_root<'x>(
    root: Element<'x>,
    product: Product,
    tree: &XmlTree<'_>,
    ruleset: &mut Ruleset,
    reading: &mut Reading,
) {
    let interfaces = Interfaces::read(root, product);
    let config = Config { product, root, system: root.child("system"), interfaces };
    sections::account(&config, reading);
    config.interfaces.put_into(ruleset, reading);
    let place = reading.place(&config.filter_span());
    let lists = build(&config, tree, ruleset, reading);
    if config.system.is_some_and(|system| is_set(system, "disablefilter")) {
        let off = config.system.and_then(|system| system.child("disablefilter")).unwrap_or(root);
        let note =
            Diagnostic::note("firewall/switched-off", "the packet filter is switched off: everything passes");
        reading.report(&off.span(), note);
        chains::put_switched_off(ruleset, &place);
    } else {
        chains::put_into(lists, ruleset);
    }
    ruleset.interfaces.sort();
    ruleset.interfaces.dedup();
}

/// What rules cannot be relied on for, where the file is not whole.
fn rest_missing() -> (Undecidable, Verdict) {
    let what = "what is missing from the file".to_owned();
    (Undecidable { what: what.clone(), reason: crate::ruleset::Reason::Unread }, Verdict::Unknown(what))
}

/// Enters an element that is read as a whole.
fn account_modeled(element: Element<'_>, reading: &mut Reading) {
    reading.account(&element.span(), LineState::Modeled);
}
