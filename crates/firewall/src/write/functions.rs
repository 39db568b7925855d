//! Functions of protocols that permits are limited to.

/// A function of a protocol.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Function {
    /// The field that has its code: `function` of Modbus and DNP3, `service` of CIP, `command` of EtherNet/IP.
    pub element: String,
    /// Its code.
    pub code: u32,
    /// Its name.
    pub name: String,
}

/// The functions that a permit is limited to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionLimit {
    /// The protocol: `modbus`, `dnp3`, `enip`, …
    pub protocol: String,
    /// What the permit allows.
    pub allowed: Vec<Function>,
    /// What the protocol has besides.
    pub others: Vec<Function>,
}
