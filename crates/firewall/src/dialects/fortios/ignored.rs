//! What is ignored knowingly, and why. The list is what the reader looks up: a row that begins with `config` names
//! sections (with all sections that begin with the same words), a row that begins with `set` names settings, of every
//! section or of those behind ` in `.

use crate::dialects::IgnoredKind;

const fn kind(name: &'static str, reason: &'static str) -> IgnoredKind {
    IgnoredKind { name, reason }
}

/// What is ignored.
pub(super) const IGNORED: &[IgnoredKind] = &[
    kind("blank line", "says nothing"),
    kind("comment", "is for people; of the header, model, version and mode are noted"),
    kind("unset", "sets back to the default, which is what a setting that is not there has"),
    kind("get, show, diagnose, execute", "ask, or do something once; they set nothing"),
    kind(
        "any setting that keeps a secret",
        "its place and how it is kept are noted; it is on no packet's way",
    ),
    // Settings of all sections.
    kind(
        "set uuid, uuid-idx, color, comment, comments, comment6, description, alias, \
         fabric-object, category, visibility, snmp-index, global-label, label, image-base64, \
         tags, cli-status, show-in-gui",
        "names, shows and sorts things for people; a policy's comments are kept with it",
    ),
    // Settings of policies: what happens to what passes.
    kind(
        "set traffic-shaper, traffic-shaper-reverse, per-ip-shaper, diffserv-forward, \
         diffserv-reverse, diffservcode-forward, diffservcode-rev, diffserv-copy, class-id, \
         vlan-cos-fwd, vlan-cos-rev, dynamic-shaping, tcp-mss-sender, tcp-mss-receiver, \
         session-ttl, tcp-timeout-pid, udp-timeout-pid, timeout-send-rst in firewall policy, \
         firewall policy6, firewall consolidated policy, firewall security-policy",
        "shapes, marks and times what passes; it stops nothing",
    ),
    kind(
        "set capture-packet, logtraffic-app, log-unmatched-traffic, policy-behaviour-type, \
         custom-log-fields, np-acceleration, auto-asic-offload, delay-tcp-npu-session, \
         application-charts, radius-mac-auth-bypass, disclaimer, block-notification, \
         replacemsg-override-group, redirect-url, auth-cert, auth-redirect-addr, auth-path, \
         email-collect, identity-based-route, ntlm, ntlm-guest, ntlm-enabled-browsers, \
         fsso-agent-for-ntlm, captive-portal-exempt, passive-wan-health-measurement, wanopt, \
         wanopt-detection, wanopt-passive-opt, wanopt-profile, wanopt-peer, webcache, \
         webcache-https, webproxy-profile, webproxy-forward-server, wccp, \
         decrypted-traffic-mirror, ssl-mirror, ssl-mirror-intf, inspection-mode, \
         http-policy-redirect, ssh-policy-redirect, ssh-policy-check, https-policy-redirect, \
         ssl-ssh-profile-mode, cgn-session-quota, cgn-resource-quota, cgn-eif, cgn-eim, \
         cgn-log-server-grp, geoip-anycast, geoip-match, best-route, disclaimer-timeout, \
         learning-mode-timeout, dsri, fec, pfcp-profile, gtp-profile, mms-profile, \
         telemetry-profile, port-preserve, port-random, ztna-proxy, nat-source-vip-policy in \
         firewall policy, firewall policy6, firewall consolidated policy, firewall \
         security-policy",
        "logs, speeds up, caches, mirrors, measures or asks users in another way; which packets \
         \
         match is not changed",
    ),
    kind(
        "set anti-replay, tcp-session-without-syn, firewall-session-dirty in firewall policy, \
         firewall policy6, firewall consolidated policy, firewall security-policy",
        "bears on packets in the middle of a connection, not on which connections open",
    ),
    kind(
        "set traffic-shaper, auto-asic-offload, id, ips-sensor, utm-status, logtraffic-start in \
         firewall multicast-policy, firewall multicast-policy6",
        "shapes, speeds up and inspects what passes",
    ),
    kind(
        "set virtual-patch, policyid in firewall local-in-policy, firewall local-in-policy6",
        "looks for known attacks in what the policy accepts",
    ),
    kind("set policyid in firewall dos-policy, firewall dos-policy6", "is the entry's own number"),
    kind(
        "set quarantine-expiry, quarantine-log in firewall dos-policy / anomaly, firewall \
         dos-policy6 / anomaly",
        "says how long and how loudly, where the entry itself says what",
    ),
    kind(
        "set port-preserve, port-random, policyid in firewall central-snat-map",
        "bears on which source port is taken",
    ),
    // Settings of objects.
    kind(
        "set allow-routing, cache-ttl, passive-fqdn-learning, dirty, sdn-addr-type, tagging in \
         firewall address, firewall address6, firewall addrgrp, firewall addrgrp6",
        "says what else an object may be used for, and how long what it stands for is remembered",
    ),
    kind(
        "set tcp-halfclose-timer, tcp-halfopen-timer, tcp-timewait-timer, tcp-rst-timer, \
         udp-idle-timer, session-ttl, check-reset-range, helper, explicit-proxy in firewall \
         service custom, firewall service group",
        "bears on how long a session lives and which helper follows it",
    ),
    kind("set expiration-days in firewall schedule onetime", "warns some days before the end"),
    kind(
        "set id, arp-reply, ndp-reply, nat-source-vip, gratuitous-arp-interval, dns-mapping-ttl, \
         ldb-method, http-ip-header, http-ip-header-name, http-multiplex, http-multiplex-ttl, \
         http-multiplex-max-request, http-multiplex-max-concurrent-request, http-cookie-domain, \
         http-cookie-domain-from-host, http-cookie-path, http-cookie-generation, http-cookie-age, \
         http-cookie-share, https-cookie-secure, http-redirect, http-supported-max-version, \
         outlook-web-access, weblogic-server, websphere-server, persistence, monitor, \
         max-embryonic-connections, portmapping-type, ssl-mode, ssl-certificate, ssl-dh-bits, \
         ssl-algorithm, ssl-server-algorithm, ssl-pfs, ssl-min-version, ssl-max-version, \
         ssl-server-min-version, ssl-server-max-version, ssl-accept-ffdhe-groups, \
         ssl-send-empty-frags, ssl-client-fallback, ssl-client-renegotiation, \
         ssl-client-session-state-type, ssl-client-session-state-timeout, \
         ssl-client-session-state-max, ssl-client-rekey-count, ssl-server-renegotiation, \
         ssl-server-session-state-type, ssl-server-session-state-timeout, \
         ssl-server-session-state-max, ssl-http-location-conversion, ssl-http-match-host, \
         ssl-hpkp, ssl-hsts, ssl-hsts-age, ssl-hsts-include-subdomains, one-click-gslb-server, \
         gslb-hostname, gslb-domain-name, add-nat46-route, add-nat64-route, \
         embedded-ipv4-address, h2-support, h3-support, client-cert, user-agent-detect, \
         empty-cert-action in firewall vip, firewall vip6",
        "says how the device answers for the address, chooses a server and speaks with both ends",
    ),
    kind(
        "config firewall vip / quic, firewall vip / ssl-cipher-suites, firewall vip / \
         ssl-server-cipher-suites, firewall vip / gslb-public-ips, firewall vip6 / quic, firewall \
         vip6 / ssl-cipher-suites, firewall vip6 / ssl-server-cipher-suites",
        "says how connections are encrypted",
    ),
    kind(
        "set id, weight, holddown-interval, healthcheck, http-host, translate-host, \
         max-connections, monitor, client-ip, verify-cert, health-check-proto in firewall vip / \
         realservers, firewall vip6 / realservers",
        "shares load among the servers",
    ),
    kind(
        "set arp-reply, arp-intf, associated-interface, permit-any-host, pba-timeout, \
         pba-interim-log, block-size, port-per-user, num-blocks-per-user, startport, endport, \
         source-startip, source-endip, cgn-block-size, cgn-client-startip, cgn-client-endip, \
         cgn-fixedalloc, cgn-overload, cgn-port-start, cgn-port-end, cgn-spa, \
         utilization-alarm-raise, utilization-alarm-clear, subnet-broadcast-in-ippool, \
         add-nat46-route, add-nat64-route, exclude-ip, client-prefix-length, \
         privileged-port-use-pba, icmp-session-quota, tcp-session-quota, udp-session-quota in \
         firewall ippool, firewall ippool6",
        "bears on which source address and port of the pool is taken",
    ),
    // The device.
    kind(
        "set vrf, speed, mtu, mtu-override, estimated-upstream-bandwidth, \
         estimated-downstream-bandwidth, measured-upstream-bandwidth, \
         measured-downstream-bandwidth, bandwidth-measure-time, monitor-bandwidth, inbandwidth, \
         outbandwidth, macaddr, substitute-dst-mac, priority, distance, weight, lacp-mode, \
         lacp-speed, lacp-ha-slave, lacp-ha-secondary, min-links, min-links-down, algorithm, \
         aggregate, aggregate-type, redundant-interface, link-up-delay, device-index, devindex, \
         netbios-forward, wins-ip, arpforward, ndiscforward, broadcast-forward, bfd, \
         bfd-desired-min-tx, bfd-detect-mult, bfd-required-min-rx, l2forward, icmp-send-redirect, \
         icmp-accept-redirect, vlanforward, stpforward, stpforward-mode, ips-sniffer-mode, \
         ident-accept, ipmac, subst, fail-detect, fail-detect-option, fail-alert-method, \
         fail-action-on-extender, fail-alert-interfaces, dhcp-relay-service, dhcp-relay-ip, \
         dhcp-relay-type, dhcp-relay-agent-option, dhcp-relay-interface, \
         dhcp-relay-interface-select-method, dhcp-relay-request-all-server, \
         dhcp-relay-link-selection, dhcp-relay-source-ip, dhcp-smart-relay, \
         dhcp-relay-circuit-id, dhcp-relay-allow-no-end-option, dhcp-client-identifier, \
         dhcp-renew-time, dhcp-classless-route-addition, dhcp-broadcast-flag, \
         dhcp-snooping-server-list, dhcp-relay-vrf-select, dns-server-override, \
         dns-server-protocol, defaultgw, detectprotocol, detectserver, gwdetect, ha-priority, \
         ping-serv-status, detected-peer-mtu, disc-retry-timeout, padt-retry-timeout, username, \
         service-name, ac-name, lcp-echo-interval, lcp-max-echo-fails, idle-timeout, auth-type, \
         ipunnumbered, pppoe-unnumbered-negotiate, pptp-client, pptp-user, pptp-server-ip, \
         pptp-auth-type, pptp-timeout, remote-ip, tcp-mss, lldp-reception, lldp-transmission, \
         lldp-network-policy, device-identification, device-identification-active-scan, \
         device-user-identification, device-access-list, security-mode, security-mac-auth-bypass, \
         security-ip-auth-bypass, security-8021x-mode, security-8021x-master, \
         security-8021x-dynamic-vlan-id, security-8021x-member-mode, security-external-web, \
         security-external-logout, replacemsg-override-group, security-redirect-url, \
         security-exempt-list, security-groups, auth-cert, auth-portal-addr, reachable-time, \
         explicit-web-proxy, explicit-ftp-proxy, proxy-captive-portal, drop-overlapped-fragment, \
         drop-fragment, src-check, sample-rate, sample-direction, polling-interval, \
         sflow-sampler, netflow-sampler, netflow-sample-rate, netflow-sampler-id, \
         switch-controller-access-vlan, switch-controller-traffic-policy, \
         switch-controller-rspan-mode, switch-controller-mgmt-vlan, \
         switch-controller-igmp-snooping, switch-controller-igmp-snooping-proxy, \
         switch-controller-igmp-snooping-fast-leave, switch-controller-dhcp-snooping, \
         switch-controller-dhcp-snooping-verify-mac, switch-controller-dhcp-snooping-option82, \
         switch-controller-arp-inspection, switch-controller-learning-limit, \
         switch-controller-nac, switch-controller-dynamic, switch-controller-feature, \
         switch-controller-iot-scanning, switch-controller-offload, switch-controller-offload-ip, \
         switch-controller-offload-gw, switch-controller-source-ip, \
         switch-controller-access-vlan-intra, swc-vlan, swc-first-create, fortilink, \
         fortilink-stacking, fortilink-neighbor-detect, fortilink-split-interface, \
         fortilink-backup-link, auto-auth-extension-device, ap-discover, internal, phy-mode, \
         forward-domain, forward-error-correction, spillover-threshold, \
         ingress-spillover-threshold, egress-shaping-profile, ingress-shaping-profile, \
         disconnect-threshold, vlan-protocol, priority-override, preserve-session-route, switch, \
         managed-device, interconnect-profile, eap-supplicant, eap-method, eap-identity, \
         eap-ca-cert, eap-user-cert, mediatype, medium, ring-rx, ring-tx, poe, stp, stp-edge, \
         stp-ha-secondary, stp-ha-slave, trunk, captive-portal, cli-conn-status, egress-cos, \
         egress-queues, generic-receive-offload, ike-saml-server, ip-managed-by-fortiipam, \
         managed-subnetwork-size, sfp-dsl, sfp-dsl-adsl-fallback, sfp-dsl-autodetect, \
         sfp-dsl-mac, cert-lifetime, np-qos-profile, port-mirroring, exclude-signatures, \
         default-purdue-level, secondary-ip-v6, system-id, system-id-type, transceiver, \
         update-time, vin-id, wccp, wifi-ap-band, annex, atm-protocol, vectoring, vci, vpi, \
         vlan-id, dsl-mode, kickout-dsl, explicit-proxy, mirroring-direction, mirroring-port, \
         mirroring-filter, devices, remote-ip6, l2tp-client, vrrp-virtual-mac, dhcp-ra-giaddr, \
         acct-radius, acct-interim-interval in system interface",
        "bears on the link, on how the interface gets its address, on discovery, relaying, \
     \
         authentication at the port and measuring",
    ),
    kind(
        "config system interface / vrrp, system interface / tagging, system interface / \
         client-options, system interface / dhcp-snooping-server-list, system interface / \
         egress-queues, system interface / l2tp-client-settings, system interface / ipv6 / \
         ip6-prefix-list, system interface / ipv6 / ip6-delegated-prefix-list, system interface / \
         ipv6 / dhcp6-iapd-list, system interface / ipv6 / vrrp6, system interface / ipv6 / \
         ip6-route-list, system interface / ipv6 / ip6-rdnss-list, system interface / ipv6 / \
         ip6-dnssl-list, system interface / ipv6 / client-options, system interface / \
         mirroring-filter, system interface / wifi-networks, system interface / phy-setting",
        "bears on redundancy, on announcing addresses and on the link",
    ),
    kind(
        "set ip6-send-adv, ip6-manage-flag, ip6-other-flag, ip6-max-interval, ip6-min-interval, \
         ip6-link-mtu, ip6-reachable-time, ip6-retrans-time, ip6-default-life, ip6-hop-limit, \
         ip6-adv-rio, ip6-route-pref, autoconf, ip6-dns-server-override, ip6-upstream-interface, \
         ip6-subnet, ip6-delegated-prefix-iaid, dhcp6-relay-service, dhcp6-relay-type, \
         dhcp6-relay-ip, dhcp6-relay-source-interface, dhcp6-relay-source-ip, \
         dhcp6-relay-interface-id, dhcp6-client-options, dhcp6-prefix-delegation, \
         dhcp6-information-request, dhcp6-prefix-hint, dhcp6-prefix-hint-plt, \
         dhcp6-prefix-hint-vlt, dhcp6-iapd-list, nd-mode, nd-cert, nd-security-level, \
         nd-timestamp-delta, nd-timestamp-fuzz, nd-cga-modifier, ra-send-mtu, \
         unique-autoconf-addr, vrip6_link_local, vrrp-virtual-mac6, interface-identifier, \
         cli-conn6-status, icmp6-send-redirect in system interface / ipv6",
        "bears on how addresses are given and announced",
    ),
    kind(
        "set ping-serv-status, ha-priority, gwdetect, detectserver, detectprotocol, id, \
         secip-relay-ip in system interface / secondaryip",
        "watches a gateway",
    ),
    kind("set vcluster in system vdom-link, system npu-vlink", "bears on the cluster"),
    kind("set type in system vdom-link", "bears on the link"),
    kind(
        "config system sdwan / health-check, system sdwan / service, system sdwan / neighbor, \
         system sdwan / duplication, system sdwan / health-check-fortiguard, system \
         virtual-wan-link / health-check, system virtual-wan-link / service, system \
         virtual-wan-link / neighbor",
        "chooses among the uplinks of a zone; which interfaces are in the zone is read",
    ),
    kind(
        "set advpn-health-check, advpn-select, minimum-sla-meet-members, service-sla-tie-break in \
         system sdwan / zone, system virtual-wan-link / zone",
        "chooses among the uplinks of a zone",
    ),
    kind(
        "set gateway, gateway6, source, source6, cost, weight, priority, priority6, \
         spillover-threshold, ingress-spillover-threshold, volume-ratio, preferred-source, \
         transport-group in system sdwan / members, system virtual-wan-link / members",
        "chooses among the uplinks of a zone",
    ),
    kind(
        "set load-balance-mode, duplication-max-num, neighbor-hold-boot-time, neighbor-hold-down, \
         neighbor-hold-down-time, speedtest-bypass-routing, fail-detect, app-perf-log-period, \
         fail-alert-interfaces in system sdwan, system virtual-wan-link",
        "chooses among the uplinks of a zone",
    ),
    kind("set defaultgw, dns in system zone", "is of old versions, and bears on routing"),
    kind("config system zone / tagging", "sorts things for people"),
    kind(
        "set fwpolicy-log, brief-traffic-format, daemon-log, expolicy-implicit-log, extended-log, \
         faz-override, local-in-allow, local-in-deny-broadcast, local-in-deny-unicast, local-out, \
         local-out-ioc-detection, log-invalid-packet, log-policy-comment, log-policy-name, \
         log-user-in-upper, long-live-session-stat, neighbor-event, resolve-ip, resolve-port, \
         rest-api-get, rest-api-set, syslog-override, user-anonymize, anonymization-hash, \
         custom-log-fields, zone-name, rest-api-performance, extended-utm-log in log setting",
        "says what is logged; not what passes",
    ),
    kind(
        "set dst-addr-type, id, hosts, hosts6, query-v1-status, query-v2c-status, query-v1-port, \
         query-v2c-port, trap-v1-status, trap-v2c-status, trap-v1-lport, trap-v2c-lport, \
         trap-v1-rport, trap-v2c-rport, events, mib-view, vdoms, notify-hosts, notify-hosts6, \
         ha-direct, source-ip, source-ipv6, queries, query-port, trap-status, trap-lport, \
         trap-rport, auth-proto, priv-proto, interface-select-method, interface, vrf-select in \
         system snmp community, system snmp user",
        "says what the device tells of itself by SNMP; who may ask is not bounded by it here",
    ),
    kind(
        "config system snmp community / hosts, system snmp community / hosts6",
        "bounds who may ask by SNMP further, by the community; who reaches the port is taken from \
         \
         the interface",
    ),
    kind(
        "config system snmp sysinfo, system snmp mib-view, system snmp rmon-stat",
        "says what the device tells of itself",
    ),
    kind(
        "set http-probe-value, mode, security-mode, timeout, ttl-mode in system probe-response",
        "says how probes are answered",
    ),
    kind(
        "set accprofile, accprofile-override, vdom, vdom-override, guest-auth, guest-usergroups, \
         wildcard, force-password-change, password-expire, two-factor, two-factor-authentication, \
         two-factor-notification, fortitoken, email-to, sms-server, sms-custom-server, sms-phone, \
         schedule, remote-group, peer-group, gui-global-menu-favorites, gui-vdom-menu-favorites, \
         gui-new-feature-acknowledge, gui-ignore-release-overview-version, gui-dashboard, \
         gui-default-dashboard-template, hidden, radius-vdom-override, \
         radius-accprofile-override, allow-remove-admin-session, history0, history1, \
         ssh-certificate, ssh-public-key1, ssh-public-key2, ssh-public-key3, login-time, \
         first-login in system admin",
        "says what an administrator may do and how, not from where",
    ),
    kind("config system admin / gui-dashboard", "shows things to people"),
    kind(
        "config system admin / dashboard-tabs, system admin / dashboard, system admin / \
         gui-global-menu-favorites, system admin / gui-vdom-menu-favorites, system admin / \
         gui-new-feature-acknowledge, system admin / login-time, system admin / guest-usergroups, \
         system admin / vdom",
        "shows things to people",
    ),
    kind(
        "set hostname, timezone, language, gui-*, alias, admintimeout, admin-console-timeout, \
         admin-concurrent, admin-lockout-duration, admin-lockout-threshold, admin-login-max, \
         admin-maintainer, admin-restrict-local, admin-scp, admin-server-cert, \
         admin-ssh-grace-time, admin-ssh-password, admin-ssh-v1, admin-https-ssl-versions, \
         admin-https-ssl-banned-ciphers, admin-https-ssl-ciphersuites, admin-https-pki-required, \
         admin-hsts-max-age, admin-forticloud-sso-login, admin-forticloud-sso-default-profile, \
         admin-reset-button, admin-host, admin-auth-type, admin-entity-type, admin-ble-button, \
         admin-sp-server-cert, management-ip, management-port, management-port-use-admin-sport, \
         management-vdom, anti-replay, arp-max-entry, auth-cert, auth-http-port, auth-https-port, \
         auth-ike-saml-port, auth-keepalive, auth-session-limit, auth-session-auto-backup, \
         auto-auth-extension-device, autorun-log-fsck, av-affinity, av-failopen, \
         av-failopen-session, batch-cmdb, block-session-timer, br-fdb-max-entry, cert-chain-max, \
         cfg-revert-timeout, cfg-save, check-protocol-header, check-reset-range, cli-audit-log, \
         cloud-communication, clt-cert-req, cmdbsvr-affinity, compliance-check, \
         compliance-check-time, cpu-use-threshold, csr-ca-attribute, daily-restart, \
         default-service-source-port, device-identification-active-scan-delay, \
         device-idle-timeout, dh-params, dnsproxy-worker-count, dst, early-tcp-npu-session, \
         endpoint-control-fds-access, endpoint-control-portal-port, \
         extender-controller-reserved-network, failtime, faz-disk-buffer-size, fds-statistics, \
         fds-statistics-period, fec-port, fgd-alert-subscription, forticarrier-bypass, \
         fortiextender, fortiextender-data-port, fortiextender-discovery-lockdown, \
         fortiextender-provision-on-authorization, fortiextender-vlan-mode, \
         fortigslb-integration, fortiipam-integration, fortiservice-port, fortitoken-cloud, \
         forticonverter-integration, forticonverter-config-upload, fortiswitch-lldp, honor-df, \
         ha-affinity, hyper-scale-vdom-num, igmp-state-limit, ike-embryonic-limit, \
         interface-subnet-usage, internet-service-database, interval, ip-conflict-detection, \
         ip-fragment-mem-thresholds, ip-fragment-timeout, ip-src-port-range, ips-affinity, \
         ipsec-asic-offload, ipsec-ha-seqjump-rate, ipsec-hmac-offload, ipsec-soft-dec-async, \
         ipsec-qat-offload, ipsec-round-robin, ipv6-accept-dad, ipv6-allow-anycast-probe, \
         ipv6-allow-local-in-silent-drop, ipv6-allow-local-in-slient-drop, \
         ipv6-allow-multicast-probe, ipv6-fragment-timeout, ipv6-anycast, irq-time-accounting, \
         lcdpin, lcdprotection, ldapconntimeout, lldp-reception, lldp-transmission, \
         log-ssl-connection, log-uuid, log-uuid-address, log-uuid-policy, log-single-cpu-high, \
         login-timestamp, long-vdom-name, max-dlpstat-memory, max-route-cache-size, \
         mc-ttl-notchange, memory-use-threshold-extreme, memory-use-threshold-green, \
         memory-use-threshold-red, miglog-affinity, miglogd-children, \
         multi-factor-authentication, ndp-max-entry, num-cpus, np6-*, optimize, per-user-bal, \
         per-user-bwl, phase1-rekey, pmtu-discovery, policy-auth-concurrent, post-login-banner, \
         pre-login-banner, proxy-and-explicit-proxy, proxy-auth-lifetime, \
         proxy-auth-lifetime-timeout, proxy-auth-timeout, proxy-cert-use-mgmt-vdom, \
         proxy-cipher-hardware-acceleration, proxy-hardware-acceleration, \
         proxy-kxp-hardware-acceleration, proxy-keep-alive-mode, proxy-re-authentication-mode, \
         proxy-re-authentication-time, proxy-resource-mode, proxy-worker-count, purdue-level, \
         quic-ack-thresold, quic-congestion-control-algo, quic-max-datagram-size, quic-pmtud, \
         quic-tls-handshake-timeout, quic-udp-payload-size-shaping-per-cid, radius-port, \
         reboot-upon-config-restore, refresh, remoteauthtimeout, reset-sessionless-tcp, \
         rest-api-key-url-query, restart-time, revision-backup-on-logout, \
         revision-image-auto-backup, scanunit-count, scim-*, security-rating-result-submission, \
         security-rating-run-on-schedule, send-pmtu-icmp, sflowd-max-children-num, \
         service-expire-notification, single-vdom-npuvlink, snat-route-change, \
         special-file-23-support, speedtest-server, speedtestd-server-port, speedtestd-ctrl-port, \
         split-port, ssd-trim-date, ssd-trim-freq, ssd-trim-hour, ssd-trim-min, ssd-trim-weekday, \
         ssh-cbc-cipher, ssh-enc-algo, ssh-hmac-md5, ssh-hostkey-algo, ssh-hostkey-override, \
         ssh-kex-algo, ssh-kex-sha1, ssh-mac-algo, ssh-mac-weak, ssl-min-proto-version, \
         ssl-static-key-ciphers, sslvpn-affinity, sslvpn-cipher-hardware-acceleration, \
         sslvpn-ems-sn-check, sslvpn-kxp-hardware-acceleration, sslvpn-max-worker-count, \
         sslvpn-plugin-version-check, sslvpn-web-mode, strict-dirty-session-check, strong-crypto, \
         swap-partition, swap-upgrade, switch-controller, switch-controller-reserved-network, \
         sys-perf-log-interval, syslog-affinity, tcp-halfclose-timer, tcp-halfopen-timer, \
         tcp-option, tcp-random-source-port, tcp-rst-timer, tcp-timewait-timer, tftp, \
         tls-session-cache, tp-mc-skip-policy, traffic-priority, traffic-priority-level, \
         two-factor-email-expiry, two-factor-fac-expiry, two-factor-ftk-expiry, \
         two-factor-ftm-expiry, two-factor-sms-expiry, udp-idle-timer, upgrade-report, \
         url-filter-affinity, url-filter-count, use-usb-wan, user-device-store-max-devices, \
         user-device-store-max-unified-mem, user-device-store-max-users, \
         user-history-password-threshold, user-server-cert, vdom-admin, vdom-mode, vendor-mac, \
         vip-arp-range, virtual-server-count, virtual-server-hardware-acceleration, wad-affinity, \
         wad-csvc-cs-count, wad-memory-change-granularity, wad-restart-mode, \
         wad-restart-start-time, wad-restart-end-time, wad-source-affinity, wad-worker-count, \
         wan-type, wifi-ca-certificate, wifi-certificate, wimax-4g-usb, wireless-controller, \
         wireless-controller-port, wireless-mode, usb-autorun, legacy-poe-device-support, \
         virtual-switch-vlan, vpn-ems-sn-check, fgfm-*, autoupdate-*, \
         application-bandwidth-tracking, bfd-affinity, delay-tcp-npu-session, sp-load-balance in \
         system global",
        "bears on administration, timers, resources, looks and other services of the device; the \
         \
         ports of its administration are read",
    ),
    kind(
        "set allow-linkdown-path, allow-subnet-overlap, application-bandwidth-tracking, \
         asymroute-icmp, asymroute6-icmp, auxiliary-session, bfd, bfd-desired-min-tx, \
         bfd-detect-mult, bfd-dont-enforce-src-port, bfd-required-min-rx, block-land-attack, \
         comments, consolidated-firewall-mode, default-app-port-as-service, \
         default-policy-expiry-days, default-voip-alg-mode, deny-tcp-with-icmp, device, \
         dhcp-proxy, dhcp-proxy-interface, dhcp-proxy-interface-select-method, \
         dhcp-proxy-vrf-select, dhcp-server-ip, dhcp6-server-ip, discovered-device-timeout, \
         dp-load-distribution-method, dyn-addr-session-check, ecmp-max-paths, \
         email-portal-check-dns, ext-resource-session-check, firewall-session-dirty, \
         fqdn-session-check, fw-session-hairpin, gateway, gateway6, gui-*, h323-direct-model, \
         hyperscale-default-policy-action, http-external-dest, ike-detailed-event-logs, \
         ike-dn-format, ike-natt-port, ike-policy-route, ike-port, ike-quick-crash-detect, \
         ike-session-resume, ike-tcp-port, implicit-allow-dns, inspection-mode, \
         internet-service-app-ctrl-size, internet-service-database-cache, intree-ses-best-route, \
         ip, ip6, lan-extension-controller-addr, lldp-reception, lldp-transmission, \
         link-down-access, location-id, mac-ttl, manageip, manageip6, multicast-ttl-notchange, \
         nat46-force-ipv4-packet-forwarding, nat46-generate-ipv6-fragment-header, \
         nat64-force-ipv6-packet-forwarding, prp-trailer-action, sccp-port, \
         sctp-session-without-init, ses-denied-multicast-traffic, ses-denied-traffic, \
         sip-expectation, sip-helper, sip-nat-trace, sip-ssl-port, sip-tcp-port, sip-udp-port, \
         snat-hairpin-traffic, ssl-ssh-profile, strict-src-check, tcp-session-without-syn, \
         utf8-spam-tagging, v4-ecmp-mode, vdom-type, vpn-stats-log, vpn-stats-period, \
         wccp-cache-engine, session-insert-trial, policy-offload-level, pfcp-monitor-mode, \
         nat-type, cgn-*, detect-unknown-esp in system settings",
        "bears on helpers, timers, looks, routing and load; not on which connections the policies \
         \
         open",
    ),
    // Sections that set up other services of the device.
    kind(
        "config system accprofile, system alarm, system alias, system api-user, system arp-table, \
         system auto-install, system auto-script, system auto-update, system automation-action, \
         system automation-condition, system automation-destination, system automation-stitch, \
         system automation-trigger, system autoupdate, system bypass, system affinity-interrupt, \
         system affinity-packet-redistribution, system acme, system central-management, system \
         cloud-service, system console, system csf, system custom-language, system ddns, system \
         dedicated-mgmt, system device-upgrade, system dhcp, system dhcp6, system dns, system \
         dns-database, system dns-server, system dns64, system dscp-based-priority, system \
         email-server, system evpn, system external-resource, system federated-upgrade, system \
         fips-cc, system fm, system fortiai, system fortianalyzer-connector, system fortiguard, \
         system fortimanager, system fortindr, system fortisandbox, system fsso-polling, system \
         ftm-push, system geneve, system geoip-country, system geoip-override, system gre-tunnel, \
         system ha, system ha-monitor, system health-check-fortiguard, system ike, system ipam, \
         system ipip-tunnel, system ips, system ips-urlfilter-dns, system ips-urlfilter-dns6, \
         system ipsec-aggregate, system ipv6-neighbor-cache, system ipv6-tunnel, system \
         isf-queue-profile, system link-monitor, system lldp, system lte-modem, system \
         mac-address-table, system management-tunnel, system mobile-tunnel, system modem, system \
         nd-proxy, system netflow, system network-visibility, system ngfw-settings, system np6, \
         system np6xlite, system npu, system ntp, system object-tag, system object-tagging, \
         system password-policy, system password-policy-guest-admin, system physical-switch, \
         system pppoe-interface, system proxy-arp, system ptp, system replacemsg, system \
         replacemsg-group, system replacemsg-image, system resource-limits, system saml, system \
         sdn-connector, system sdn-proxy, system sdn-vpn, system security-rating, system \
         session-helper, system session-ttl, system sflow, system sit-tunnel, system smc-ntp, \
         system sms-server, system speed-test-schedule, system speed-test-server, system \
         speed-test-setting, system ssh-config, system sso-admin, system sso-forticloud-admin, \
         system sso-fortigate-cloud-admin, system standalone-cluster, system storage, system stp, \
         system switch-interface, system tos-based-priority, system vdom, system vdom-dns, system \
         vdom-exception, system vdom-netflow, system vdom-property, system vdom-radius-server, \
         system vdom-sflow, system virtual-switch, system virtual-wire-pair, system \
         vne-interface, system vne-tunnel, system vpce, system vxlan, system wccp, system \
         wireless, system cluster-sync, system elbc, system ips-sensor, system lan-extension, \
         system startup-error-log, system fortitoken-cloud, system port-pair, system mem-mgr, \
         system amc-slot, system carrier-endpoint-translation",
        "sets up other services, links and the administration of the device; which packets its \
 \
         policies forward is not changed by it",
    ),
    kind(
        "config log, report, alertemail, monitoring, gui, dashboard",
        "says what is logged, reported and shown",
    ),
    kind(
        "config webfilter, antivirus, ips, application, dnsfilter, emailfilter, spamfilter, dlp, \
         voip, icap, waf, file-filter, videofilter, ssh-filter, cifs, sctp-filter, \
         diameter-filter, virtual-patch, casb, gtp, mms",
        "looks into what policies accept: it can end a connection by what it carries, and opens \
         \
         none",
    ),
    kind(
        "config firewall profile-protocol-options, firewall ssl-ssh-profile, firewall \
         profile-group, firewall ssl, firewall ssl-server, firewall ssh, firewall access-proxy, \
         firewall access-proxy6, firewall access-proxy-virtual-host, firewall \
         access-proxy-ssh-client-cert, firewall decrypted-traffic-mirror, firewall auth-portal, \
         firewall identity-based-route, firewall ldb-monitor, firewall mms-profile, firewall gtp, \
         firewall on-demand-sniffer, firewall carrier-endpoint-bwl, firewall global",
        "looks into what policies accept, or says how users are asked",
    ),
    kind(
        "config firewall shaper, firewall shaping-policy, firewall shaping-profile, firewall \
         traffic-class, firewall dnstranslation, firewall vendor-mac, firewall iprope, firewall \
         ipmacbinding, firewall wildcard-fqdn, firewall proxy-address, firewall proxy-addrgrp, \
         firewall country, firewall region, firewall city, firewall vendor-mac-summary, firewall \
         sniffer, firewall ip-translation, firewall address6-template, firewall \
         network-service-dynamic, firewall pfcp",
        "shapes, watches or names; which packets the policies match is not changed by it",
    ),
    kind(
        "config firewall internet-service, firewall internet-service-name, firewall \
         internet-service-custom, firewall internet-service-custom-group, firewall \
         internet-service-group, firewall internet-service-extension, firewall \
         internet-service-addition, firewall internet-service-append, firewall \
         internet-service-definition, firewall internet-service-ipbl-reason, firewall \
         internet-service-ipbl-vendor, firewall internet-service-list, firewall \
         internet-service-owner, firewall internet-service-reputation, firewall \
         internet-service-sld, firewall internet-service-botnet, firewall \
         internet-service-cat-custom, firewall internet-service-fallback, firewall \
         internet-service-subapp, firewall internet-service-cat",
        "names addresses that the maker keeps up to date; a policy that uses one is uncertain",
    ),
    kind(
        "config firewall interface-policy, firewall interface-policy6",
        "inspects what an interface receives; it opens nothing, and ends a connection only by \
  \
         what it carries",
    ),
    kind(
        "config firewall service category, firewall address / tagging, firewall address6 / \
         tagging, firewall addrgrp / tagging, firewall addrgrp6 / tagging, firewall \
         multicast-address / tagging, firewall multicast-address6 / tagging, firewall \
         proxy-address / tagging",
        "sorts things for people",
    ),
    kind(
        "config user, authentication, endpoint-control, certificate, vpn certificate, \
         extension-controller, extender-controller, extender",
        "says who users are and how they are recognized; a policy that asks for users is \
       \
         uncertain",
    ),
    kind(
        "config vpn ipsec, vpn l2tp, vpn pptp, vpn ssl, vpn ocvpn, vpn kmip-server, vpn qkd",
        "sets up tunnels; what comes out of one passes the policies of its interface",
    ),
    kind(
        "config router, switch-controller, wireless-controller, wanopt, web-proxy, ftp-proxy, \
         ethernet-oam, wireless, automation",
        "sets up routes, switches, access points, caches and explicit proxies; which connections \
         \
         the policies open is not changed by it",
    ),
];
