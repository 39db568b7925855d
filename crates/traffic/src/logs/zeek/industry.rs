//! What the logs of ICSNPP say (cisagov/icsnpp-*, the README of each parser).

use super::super::book::Book;
use super::Definition;
use super::core::modbus_function;
use super::row::Row;
use crate::facts::Direction::{None as Neither, Request, Response};
use crate::facts::{Direction, End, Identity};

/// The logs. Those that give details of another count its functions only where that one is missing.
pub(super) const LOGS: &[Definition] = &[
    Definition::tcp("modbus_detailed", "modbus", modbus_detailed).mostly().of("modbus"),
    Definition::tcp("modbus_read_device_identification", "modbus", device_identification)
        .mostly()
        .of("modbus"),
    Definition::tcp("modbus_mask_write_register", "modbus", nothing).mostly().of("modbus"),
    Definition::tcp("modbus_read_write_multiple_registers", "modbus", nothing).mostly().of("modbus"),
    Definition::tcp("dnp3_control", "dnp3", nothing).mostly().of("dnp3"),
    Definition::tcp("s7comm", "s7comm", s7comm),
    Definition::tcp("s7comm_plus", "s7comm-plus", s7comm_plus),
    Definition::tcp("s7comm_read_szl", "s7comm", nothing).of("s7comm"),
    Definition::tcp("s7comm_upload_download", "s7comm", nothing).of("s7comm"),
    Definition::tcp("s7comm_known_devices", "s7comm", s7comm_known_devices).of("s7comm"),
    Definition::tcp("enip", "enip", enip).mostly(),
    Definition::tcp("cip", "enip", cip).mostly(),
    Definition::tcp("cip_identity", "enip", cip_identity).mostly().of("cip"),
    Definition::udp("cip_io", "cipio", nothing),
    Definition::udp("bacnet", "bacnet", bacnet),
    Definition::udp("bacnet_discovery", "bacnet", bacnet_discovery).of("bacnet"),
    Definition::udp("bacnet_device_control", "bacnet", nothing).of("bacnet"),
    Definition::tcp("opcua_binary", "opcua", opcua),
    Definition::tcp("opcua_binary_opensecure_channel", "opcua", nothing).of("opcua_binary"),
    Definition::tcp("opcua_binary_create_session", "opcua", nothing).of("opcua_binary"),
    Definition::tcp("opcua_binary_activate_session", "opcua", nothing).of("opcua_binary"),
    Definition::udp("hart_ip", "hart_ip", nothing).mostly(),
    Definition::udp("hart_ip_general", "hart_ip", nothing).mostly(),
    Definition::udp("profinet_io_cm", "pn_io_cm", nothing),
    Definition::tcp("synchrophasor", "c37118", nothing).mostly(),
    Definition::tcp("ge_srtp", "srtp", nothing),
    Definition::udp("omron_fins_general", "fins", nothing).mostly(),
    Definition::tcp("roc_plus", "roc", nothing),
];

fn nothing(_: &Row<'_>, _: &mut Book<'_>) {}

/// Who sent a message, where the log tells.
fn sender(row: &Row<'_>) -> Option<End> {
    row.flag("is_orig").map(|is_orig| if is_orig { End::Initiator } else { End::Responder })
}

/// The direction of a message of a protocol in which the originator asks.
fn direction(row: &Row<'_>) -> Direction {
    match sender(row) {
        Some(End::Initiator) => Request,
        Some(End::Responder) => Response,
        None => Neither,
    }
}

/// A line is an exchange; `matched` is false where only one side of it was seen.
fn modbus_detailed(row: &Row<'_>, book: &mut Book<'_>) {
    let Some(function) = row.text("func") else { return };
    let function = function.strip_suffix("_EXCEPTION").unwrap_or(&function);
    match (row.text("request_response").as_deref(), row.flag("matched")) {
        (Some("REQUEST"), _) => modbus_function(function, Request, book),
        (Some("RESPONSE"), _) => modbus_function(function, Response, book),
        (_, Some(true)) => {
            modbus_function(function, Request, book);
            modbus_function(function, Response, book);
        }
        // A response has no values to be told of a request.
        _ => modbus_function(function, Request, book),
    }
    if let Some(exception) = row.text("exception_code") {
        book.function_named("modbus", "exception", &exception, Response);
    }
}

fn device_identification(row: &Row<'_>, book: &mut Book<'_>) {
    let Some(value) = row.text("object_value") else { return };
    let what = match row.text("object_id").as_deref() {
        Some("VendorName") => Identity::Vendor,
        Some("ProductCode" | "ProductName" | "ModelName") => Identity::Product,
        Some("MajorMinorRevision") => Identity::Version,
        _ => return,
    };
    book.identity(End::Responder, what, &value);
}

/// The kind of message, and of jobs and user data the function.
fn s7comm(row: &Row<'_>, book: &mut Book<'_>) {
    let Some(kind) = row.code("rosctr_code") else { return };
    let function = row.code("function_code");
    // User data says in the upper half of its code who speaks: 4 asks, 8 answers (s7comm, parameter header).
    let direction = match (kind, function) {
        (1, _) => Request,
        (2 | 3, _) => Response,
        (7, Some(code)) if code >> 4 == 4 => Request,
        (7, Some(code)) if code >> 4 == 8 => Response,
        _ => Neither,
    };
    book.function("s7comm", "message", kind, direction);
    let Some(function) = function else { return };
    if kind == 7 {
        let known = row.text("subfunction_name");
        let group = function & 0x0f;
        match known.as_deref() {
            Some("Read SZL") if group == 4 => {
                book.function_named("s7comm", "userdata-group", "read-szl", direction);
            }
            Some("Read Clock") if group == 7 => {
                book.function_named("s7comm", "userdata-group", "read-clock", direction);
            }
            Some("Set Clock") if group == 7 => {
                book.function_named("s7comm", "userdata-group", "set-clock", direction);
            }
            _ => book.function("s7comm", "userdata-group", group, direction),
        }
    } else {
        book.function("s7comm", "function", function, direction);
    }
}

fn s7comm_plus(row: &Row<'_>, book: &mut Book<'_>) {
    let Some(opcode) = row.code("opcode") else { return };
    let direction = match opcode {
        0x31 => Request,
        0x32 => Response,
        _ => Neither,
    };
    book.function("s7comm-plus", "message", opcode, direction);
}

fn s7comm_known_devices(row: &Row<'_>, book: &mut Book<'_>) {
    book.answered();
    book.identity(End::Responder, Identity::Vendor, "Siemens");
    let columns = [
        ("automation_system_name", Identity::Name),
        ("module_name", Identity::Name),
        ("module_type", Identity::Kind),
        ("module_serial", Identity::Serial),
    ];
    for (column, what) in columns {
        if let Some(value) = row.text(column) {
            book.identity(End::Responder, what, &value);
        }
    }
    if let Some(plant) = row.text("plant_name") {
        book.property("plant-name", &plant);
    }
}

fn enip(row: &Row<'_>, book: &mut Book<'_>) {
    let code = row.code("enip_command_code").or_else(|| row.code("command_code"));
    if let Some(code) = code {
        book.function("enip", "command", code, direction(row));
    }
}

fn cip(row: &Row<'_>, book: &mut Book<'_>) {
    let direction = match row.text("direction").as_deref() {
        Some("request") => Request,
        Some("response") => Response,
        _ => direction(row),
    };
    if let Some(code) = row.code("cip_service_code") {
        // The highest bit marks a response (CIP Volume 1, section 2-4).
        let service = u8::try_from(code & 0x7f).unwrap_or_default();
        let class = row.code("class_id");
        let by_symbol = class.is_none() && row.text("class_name").is_none();
        book.cip_service(class, by_symbol, service, direction);
    }
    if direction == Response
        && let Some(status) = row.code("cip_status_code")
    {
        book.function("cip", "status", status, Response);
    }
}

/// What a device says of itself; it may be another than the end that passes it on.
fn cip_identity(row: &Row<'_>, book: &mut Book<'_>) {
    let Some(about) = sender(row) else { return };
    let columns = [
        ("vendor_name", Identity::Vendor),
        ("product_name", Identity::Product),
        ("revision", Identity::Version),
        ("serial_number", Identity::Serial),
        ("device_type_name", Identity::Kind),
    ];
    for (column, what) in columns {
        if let Some(value) = row.text(column) {
            let value = value.strip_prefix("0x").filter(|_| what == Identity::Serial).unwrap_or(&value);
            book.identity(about, what, value);
        }
    }
}

fn bacnet(row: &Row<'_>, book: &mut Book<'_>) {
    let kind = row.text("pdu_type").unwrap_or_default().to_uppercase();
    let (element, direction) = match kind.as_str() {
        "CONFIRMED_REQUEST" => ("confirmed-service", Request),
        "UNCONFIRMED_REQUEST" => ("unconfirmed-service", Neither),
        "SIMPLE_ACK" | "COMPLEX_ACK" | "ERROR" => ("confirmed-service", Response),
        _ => return,
    };
    if let Some(service) = row.text("pdu_service") {
        book.function_named("bacnet", element, &service, direction);
    }
}

fn bacnet_discovery(row: &Row<'_>, book: &mut Book<'_>) {
    let Some(service) = row.text("pdu_service") else { return };
    book.function_named("bacnet", "unconfirmed-service", &service, Neither);
    if service == "i-am"
        && let (Some(about), Some(vendor)) = (sender(row), row.text("vendor"))
    {
        book.identity(about, Identity::Vendor, &vendor);
    }
}

fn opcua(row: &Row<'_>, book: &mut Book<'_>) {
    let name = row.text("identifier_str");
    let direction = match name.as_deref() {
        Some(name) if name.ends_with("Request") => Request,
        Some(name) if name.ends_with("Response") || name == "ServiceFault" => Response,
        _ => direction(row),
    };
    if let Some(kind) = row.text("msg_type") {
        let direction = match kind.as_ref() {
            "HEL" => Request,
            "ACK" => Response,
            _ => direction,
        };
        book.function_text("opcua", "message", &kind, direction);
    }
    if let (Some(code), Some(_)) = (row.code("identifier"), name) {
        book.function("opcua", "service", code, direction);
    }
    for (column, property) in [("sec_policy_uri", "security-policy"), ("endpoint", "endpoint-url")] {
        if let Some(value) = row.text(column) {
            let value = value.rsplit('#').next().filter(|_| column == "sec_policy_uri").unwrap_or(&value);
            book.property(property, value);
        }
    }
}
