//! Which sections and settings are read, and which are knowingly ignored.

use super::ignored::IGNORED;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// What becomes of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SectionClass {
    /// Its entries are kept, and its settings are looked up one by one.
    Modeled,
    /// It is left out knowingly, with all that stands in it.
    Ignored,
    /// It is not known.
    Unknown,
}

/// What becomes of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SettingClass {
    /// It is kept.
    Modeled,
    /// It is left out knowingly.
    Ignored,
    /// It is not known.
    Unknown,
}

/// The class of a section by its path; sections within others are joined by ` / `.
pub(super) fn section_class(path: &str) -> SectionClass {
    if MODELED_INDEX.contains_key(path) {
        return SectionClass::Modeled;
    }
    if is_left_out(path) { SectionClass::Ignored } else { SectionClass::Unknown }
}

/// Whether a section is ignored, by its own name or by the words it begins with.
fn is_left_out(path: &str) -> bool {
    let mut head = path;
    loop {
        if IGNORED_INDEX.sections.contains(head) {
            return true;
        }
        match head.rsplit_once(' ') {
            Some((shorter, _)) => head = shorter,
            None => return false,
        }
    }
}

/// The class of a setting of a modeled section.
pub(super) fn setting_class(path: &str, key: &str) -> SettingClass {
    if MODELED_INDEX.get(path).is_some_and(|keys| keys.contains(key)) {
        return SettingClass::Modeled;
    }
    let everywhere = IGNORED_INDEX.settings.get("");
    let here = IGNORED_INDEX.settings.get(path);
    let begins = |known: &&str| known.strip_suffix('*').is_some_and(|head| key.starts_with(head));
    let ignored = |keys: &BTreeSet<&str>| keys.contains(key) || keys.iter().any(begins);
    let ignored = everywhere.into_iter().chain(here).any(ignored);
    // Of some sections that are left out, a few settings are read.
    if ignored || is_left_out(path) { SettingClass::Ignored } else { SettingClass::Unknown }
}

/// Whether a section holds rules: what is not read in it makes the rule uncertain, and is said so.
pub(super) fn holds_rules(path: &str) -> bool {
    path.ends_with("policy")
        || path.ends_with("policy6")
        || ["firewall central-snat-map", "firewall acl", "firewall acl6"].contains(&path)
}

static MODELED_INDEX: LazyLock<BTreeMap<&'static str, BTreeSet<&'static str>>> = LazyLock::new(|| {
    let mut index: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (paths, keys) in MODELED {
        for path in paths.split(',').map(str::trim) {
            index.entry(path).or_default().extend(keys.split_whitespace());
        }
    }
    index
});

struct IgnoredIndex {
    sections: BTreeSet<&'static str>,
    /// Keys by the path of their section; the empty path stands for every section. One that ends in `*` stands for all
    /// that begin so.
    settings: BTreeMap<&'static str, BTreeSet<&'static str>>,
}

/// The list of what is ignored, taken apart: `config PATH, PATH` and `set KEY, KEY [in PATH, PATH]`.
static IGNORED_INDEX: LazyLock<IgnoredIndex> = LazyLock::new(|| {
    let mut index = IgnoredIndex { sections: BTreeSet::new(), settings: BTreeMap::new() };
    for kind in IGNORED {
        if let Some(paths) = kind.name.strip_prefix("config ") {
            index.sections.extend(paths.split(',').map(str::trim));
        } else if let Some(settings) = kind.name.strip_prefix("set ") {
            let (keys, paths) = settings.split_once(" in ").unwrap_or((settings, ""));
            for path in paths.split(',').map(str::trim) {
                index.settings.entry(path).or_default().extend(keys.split(',').map(str::trim));
            }
        }
    }
    index
});

/// The sections that are read and, of each, the settings that are. A section may stand in several rows.
const MODELED: &[(&str, &str)] = &[
    (
        "system interface",
        "vdom ip type status interface vlanid allowaccess role member dedicated-to mode trust-ip-1 trust-ip-2 \
         trust-ip-3 secondary-ip",
    ),
    ("system interface / secondaryip", "ip allowaccess"),
    ("system interface / ipv6", "ip6-address ip6-allowaccess ip6-mode"),
    ("system interface / ipv6 / ip6-extra-addr", ""),
    ("system zone", "interface intrazone"),
    ("system sdwan, system virtual-wan-link", "status"),
    ("system sdwan / zone, system virtual-wan-link / zone", ""),
    ("system sdwan / members, system virtual-wan-link / members", "interface zone status"),
    (
        "system settings",
        "opmode central-nat ngfw-mode asymroute asymroute6 multicast-forward multicast-skip-policy status",
    ),
    (
        "system global",
        "admin-port admin-sport admin-ssh-port admin-telnet-port admin-https-redirect admin-telnet \
         allow-traffic-redirect ipv6-allow-traffic-redirect private-data-encryption",
    ),
    (
        "system admin",
        "trusthost1 trusthost2 trusthost3 trusthost4 trusthost5 trusthost6 trusthost7 trusthost8 trusthost9 \
         trusthost10 ip6-trusthost1 ip6-trusthost2 ip6-trusthost3 ip6-trusthost4 ip6-trusthost5 ip6-trusthost6 \
         ip6-trusthost7 ip6-trusthost8 ip6-trusthost9 ip6-trusthost10 password remote-auth peer-auth",
    ),
    ("system vdom-link, system npu-vlink", ""),
    ("vpn ipsec phase1-interface, vpn ipsec phase1", "interface"),
    ("vpn ssl settings", "status port source-interface source-address"),
    ("system dhcp server", "status interface"),
    ("system dns-server", ""),
    ("system ntp", "server-mode interface"),
    ("firewall acl, firewall acl6", "status name interface srcaddr dstaddr service comments schedule"),
    ("firewall ttl-policy", "status action srcintf srcaddr service schedule ttl comments"),
    ("system probe-response", "port"),
    ("system snmp community", "name status"),
    ("system snmp user", "status security-level"),
    ("log setting", "fwpolicy-implicit-log fwpolicy6-implicit-log"),
    (
        "firewall address",
        "type subnet start-ip end-ip fqdn wildcard-fqdn wildcard country sub-type interface macaddr start-mac \
         end-mac sdn filter epg-name node-ip-only obj-id obj-type obj-tag sdn-tag tenant organization policy-group \
         subnet-name fsso-group tag-type tag-detection-level clearpass-spt route-tag associated-interface hw-vendor \
         hw-model os sw-version",
    ),
    ("firewall address / list", "ip obj-id net-id"),
    (
        "firewall address6",
        "type ip6 start-ip end-ip fqdn country sdn macaddr start-mac end-mac host host-type template epg-name \
         tenant sdn-tag wildcard route-tag obj-id sub-type interface",
    ),
    ("firewall address6 / subnet-segment", "type value"),
    ("firewall address6 / list", "ip obj-id net-id"),
    ("firewall addrgrp, firewall addrgrp6", "member exclude exclude-member type category"),
    ("firewall multicast-address, firewall multicast-address6", "type start-ip end-ip subnet ip6"),
    (
        "firewall service custom",
        "protocol protocol-number tcp-portrange udp-portrange sctp-portrange udplite-portrange icmptype icmpcode \
         iprange fqdn proxy app-service-type application app-category",
    ),
    ("firewall service group", "member proxy"),
    ("firewall schedule onetime, firewall schedule recurring", "start end start-utc end-utc day"),
    ("firewall schedule group", "member"),
    (
        "firewall vip, firewall vip6",
        "type status extip extaddr extintf mappedip mapped-addr portforward protocol extport mappedport src-filter \
         srcintf-filter service nat44 nat46 nat64 nat66 ipv4-mappedip ipv6-mappedip ipv4-mappedport ipv6-mappedport \
         server-type src-vip-filter",
    ),
    ("firewall vip / realservers, firewall vip6 / realservers", "ip port status type address"),
    ("firewall vipgrp, firewall vipgrp6", "member interface"),
    ("firewall ippool, firewall ippool6", "type startip endip nat46 nat64"),
    (POLICIES, POLICY_KEYS),
    (POLICIES, POLICY_CONTENT_KEYS),
    (
        "firewall local-in-policy, firewall local-in-policy6",
        "intf srcaddr dstaddr srcaddr-negate dstaddr-negate service service-negate action schedule status comments \
         ha-mgmt-intf-only internet-service-src internet-service-src-name internet-service-src-group \
         internet-service-src-custom internet-service-src-custom-group internet-service-src-negate \
         internet-service6-src internet-service6-src-name internet-service6-src-group internet-service6-src-custom \
         internet-service6-src-custom-group internet-service6-src-negate logtraffic",
    ),
    (
        "firewall multicast-policy, firewall multicast-policy6",
        "name status srcintf dstintf srcaddr dstaddr action protocol start-port end-port snat snat-ip dnat comments \
         logtraffic",
    ),
    ("firewall dos-policy, firewall dos-policy6", "status interface srcaddr dstaddr service comments name"),
    (
        "firewall dos-policy / anomaly, firewall dos-policy6 / anomaly",
        "status log action threshold quarantine",
    ),
    (
        "firewall central-snat-map",
        "status type srcintf dstintf orig-addr dst-addr orig-addr6 dst-addr6 protocol orig-port dst-port nat-port \
         nat nat46 nat64 nat-ippool nat-ippool6 comments",
    ),
];

const POLICIES: &str =
    "firewall policy, firewall policy6, firewall consolidated policy, firewall security-policy";

/// What of a policy bears on which packets it matches and what becomes of them.
const POLICY_KEYS: &str = "name comments status srcintf dstintf srcaddr dstaddr srcaddr4 dstaddr4 srcaddr6 dstaddr6 \
    srcaddr-negate dstaddr-negate srcaddr6-negate dstaddr6-negate service service-negate action schedule \
    schedule-timeout nat nat46 nat64 ippool poolname poolname4 poolname6 fixedport natip \
    match-vip match-vip-only logtraffic logtraffic-start send-deny-packet groups users fsso-groups devices \
    internet-service internet-service-id internet-service-name internet-service-group internet-service-custom \
    internet-service-custom-group internet-service-negate internet-service-src internet-service-src-id \
    internet-service-src-name internet-service-src-group internet-service-src-custom \
    internet-service-src-custom-group internet-service-src-negate internet-service6 internet-service6-name \
    internet-service6-group internet-service6-custom internet-service6-custom-group internet-service6-negate \
    internet-service6-src internet-service6-src-name internet-service6-src-group internet-service6-src-custom \
    internet-service6-src-custom-group internet-service6-src-negate internet-service-fortiguard \
    internet-service-src-fortiguard internet-service6-fortiguard internet-service6-src-fortiguard \
    network-service-dynamic network-service-src-dynamic \
    vpntunnel inbound outbound natinbound natoutbound permit-any-host permit-stun-host policy-expiry \
    policy-expiry-date policy-expiry-date-utc tos tos-mask tos-negate src-vendor-mac vlan-filter rsso \
    reputation-minimum reputation-direction reputation-minimum6 reputation-direction6 ztna-status ztna-ems-tag \
    ztna-ems-tag-secondary ztna-ems-tag-negate ztna-geo-tag ztna-device-ownership ztna-policy-redirect \
    ztna-tags-match-logic sgt sgt-check application app-category app-group url-category enforce-default-app-port \
    learning-mode rtp-nat rtp-addr fsso";

/// What of a policy looks into what passes.
pub(super) const POLICY_CONTENT_KEYS: &str = "utm-status profile-type profile-group av-profile webfilter-profile \
    dnsfilter-profile emailfilter-profile spamfilter-profile dlp-sensor dlp-profile file-filter-profile ips-sensor \
    ips-voip-filter application-list voip-profile icap-profile waf-profile ssh-filter-profile cifs-profile \
    videofilter-profile sctp-filter-profile diameter-filter-profile virtual-patch-profile casb-profile \
    ssl-ssh-profile profile-protocol-options scan-botnet-connections";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_both_read_and_ignored() {
        for (path, keys) in MODELED_INDEX.iter() {
            let both: Vec<_> = keys
                .iter()
                .filter(|key| IGNORED_INDEX.settings.get(path).is_some_and(|ignored| ignored.contains(*key)))
                .collect();
            assert!(both.is_empty(), "{path}: {both:?}");
        }
        for path in IGNORED_INDEX.settings.keys().filter(|path| !path.is_empty()) {
            assert!(MODELED_INDEX.contains_key(path), "{path} is not read");
        }
    }

    #[test]
    fn sections_are_found_by_their_first_words() {
        assert_eq!(section_class("firewall policy"), SectionClass::Modeled);
        assert_eq!(section_class("webfilter profile"), SectionClass::Ignored);
        assert_eq!(section_class("log setting"), SectionClass::Modeled);
        assert_eq!(section_class("log syslogd setting"), SectionClass::Ignored);
        assert_eq!(section_class("system unheard-of"), SectionClass::Unknown);
        assert_eq!(section_class("vpn ipsec phase1-interface"), SectionClass::Modeled);
        assert_eq!(setting_class("vpn ipsec phase1-interface", "interface"), SettingClass::Modeled);
        assert_eq!(setting_class("vpn ipsec phase1-interface", "proposal"), SettingClass::Ignored);
        assert_eq!(setting_class("firewall policy", "uuid"), SettingClass::Ignored);
        assert_eq!(setting_class("firewall policy", "unheard-of"), SettingClass::Unknown);
    }
}
