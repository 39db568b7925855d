//! Names that monitors give to functions, and the codes they stand for.
//!
//! Most are the protocol's own, spelled another way, and are found in its table. The rest stand here, each with its
//! code in the monitor's own table: Zeek `base/protocols/{modbus,dnp3}/consts.zeek`, Suricata `rust/src/{enip,smb}`.

use crate::protocol::{Class, Protocol};

/// Protocol, element, name without anything but letters and digits, code.
const ALIASES: &[(&str, &str, &str, u32)] = &[
    ("modbus", "function", "reportslaveid", 17),
    ("modbus", "function", "program584984", 13),
    ("modbus", "function", "poll584984", 14),
    ("modbus", "function", "program884u84", 18),
    ("modbus", "function", "resetcommlink884u84", 19),
    ("modbus", "function", "programconcept", 40),
    ("modbus", "function", "multiplefunctioncodes", 41),
    ("modbus", "function", "encapinterfacetransport", 43),
    ("modbus", "function", "programunity", 90),
    ("modbus", "function", "objectmessaging", 91),
    ("modbus", "function", "firmwarereplacement", 125),
    ("modbus", "function", "program5849842", 126),
    ("modbus", "function", "reportlocaladdress", 127),
    ("modbus", "exception", "slavedevicefailure", 4),
    ("modbus", "exception", "slavedevicebusy", 6),
    ("modbus", "exception", "gatewaytargetdevicefailedtorespond", 11),
    ("dnp3", "function", "directoperatenr", 6),
    ("dnp3", "function", "immedfreeze", 7),
    ("dnp3", "function", "immedfreezenr", 8),
    ("dnp3", "function", "freezeclear", 9),
    ("dnp3", "function", "freezeclearnr", 10),
    ("dnp3", "function", "freezeattimenr", 12),
    ("dnp3", "function", "initializeappl", 16),
    ("dnp3", "function", "startappl", 17),
    ("dnp3", "function", "stopappl", 18),
    ("dnp3", "function", "saveconfig", 19),
    ("dnp3", "function", "delaymeasure", 23),
    ("dnp3", "function", "getfileinfo", 28),
    ("dnp3", "function", "authenticatefile", 29),
    ("dnp3", "function", "abortfile", 30),
    ("dnp3", "function", "activateconfig", 31),
    ("dnp3", "function", "authenticatereq", 32),
    ("dnp3", "function", "authenticateerr", 33),
    ("dnp3", "function", "authenticateresp", 131),
    ("cip", "service", "executepcccservice", 0x4b),
    ("cip", "service", "readdata", 0x4c),
    ("cip", "service", "writedata", 0x4d),
    ("cip", "service", "readwritemodifydata", 0x4e),
    ("cip", "service", "readdatafragmented", 0x52),
    ("cip", "service", "writedatafragmented", 0x53),
    ("snmp", "pdu", "getnextrequest", 1),
    ("snmp", "pdu", "getbulkrequest", 5),
    ("snmp", "pdu", "trapv1", 4),
    ("snmp", "pdu", "trapv2", 7),
];

/// The code that a name stands for; and name and class, where they are not the first that the code has.
pub(super) fn find(
    protocol: &Protocol,
    element: u8,
    name: &str,
) -> Option<(u32, Option<(&'static str, Class)>)> {
    let element_of = protocol.elements.get(usize::from(element))?;
    let wanted = squeezed(name);
    let alias = ALIASES.iter().find(|(of, within, alias, _)| {
        *of == protocol.name && *within == element_of.name && *alias == wanted
    });
    if let Some((.., code)) = alias {
        return Some((*code, None));
    }
    let function = element_of.functions.iter().find(|function| squeezed(function.name) == wanted)?;
    let first = protocol.function(element, function.code);
    let meaning = first.is_none_or(|first| first.name != function.name);
    Some((function.code, meaning.then_some((function.name, function.class))))
}

/// A name's letters and digits, lowercase.
fn squeezed(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::protocol_named;

    #[test]
    fn every_alias_is_of_an_element_that_is_read() {
        for (name, element, alias, _) in ALIASES {
            let protocol = protocol_named(name).unwrap();
            assert!(protocol.elements.iter().any(|known| known.name == *element), "{name} {element}");
            assert_eq!(squeezed(alias), *alias);
        }
    }

    #[test]
    fn a_name_is_found_however_it_is_spelled() {
        let code = |protocol: &str, name| {
            let protocol = protocol_named(protocol).unwrap();
            find(protocol, 0, name).map(|(code, _)| code)
        };
        assert_eq!(code("modbus", "READ_HOLDING_REGISTERS"), Some(3));
        assert_eq!(code("modbus", "ENCAP_INTERFACE_TRANSPORT"), Some(43));
        assert_eq!(code("dnp3", "DIRECT_OPERATE_NR"), Some(6));
        assert_eq!(code("enip", "send_r_r_data"), Some(0x6f));
        assert_eq!(code("cip", "Get Attribute List"), Some(3));
        assert_eq!(code("modbus", "READ_THE_MANUAL"), None);
    }
}
