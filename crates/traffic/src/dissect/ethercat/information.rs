//! The slave information interface: the EEPROM of a device, which the master reads word by word through registers
//! (ETG.1000.4, 6.4). Its first words tell who made the device and what it is (ETG.2010).

use super::super::brief::Brief;
use super::super::octets::Octets;
use crate::facts::{Fact, Facts};

/// Control and status; the data that were read.
pub(super) const CONTROL: u16 = 0x0502;
pub(super) const DATA: u16 = 0x0508;
/// Bits of the status: still reading, and the kinds of errors.
const BUSY_OR_FAILED: u16 = 0xF800;

/// Words of the EEPROM (ETG.2010, table 2).
const VENDOR: u32 = 0x08;
const PRODUCT: u32 = 0x0A;
const REVISION: u32 = 0x0C;
const SERIAL: u32 = 0x0E;

/// What was asked for last in a conversation: of which station, which word.
#[derive(Debug, Default)]
pub(super) struct Asked(Option<(u16, u32)>);

impl Asked {
    /// A command is written: command, then the word it is for.
    pub(super) fn write(&mut self, station: u16, data: &[u8]) {
        let mut octets = Octets::new(data);
        if octets.u16_le().is_some_and(|command| command & 0x0700 == 0x0100)
            && let Some(word) = octets.u32_le().or_else(|| octets.u16_le().map(u32::from))
        {
            self.0 = Some((station, word));
        }
    }

    /// Status is read, the word, and data behind it.
    pub(super) fn status(&mut self, station: u16, data: &[u8], facts: &mut dyn Facts) {
        let mut octets = Octets::new(data);
        let ready = octets.u16_le().is_some_and(|status| status & BUSY_OR_FAILED == 0);
        if let (true, Some(word), Some(value)) = (ready, octets.u32_le(), octets.u32_le()) {
            say(station, word, value, facts);
        }
    }

    /// Data are read: of the word that was asked for.
    pub(super) fn data(&mut self, station: u16, data: &[u8], facts: &mut dyn Facts) {
        let mut octets = Octets::new(data);
        if let Some((_, word)) = self.0.take_if(|(asked, _)| *asked == station)
            && let Some(value) = octets.u32_le()
        {
            say(station, word, value, facts);
            // Two words more, where the device gives them.
            if let Some(next) = octets.u32_le() {
                say(station, word.wrapping_add(2), next, facts);
            }
        }
    }
}

fn say(station: u16, word: u32, value: u32, facts: &mut dyn Facts) {
    let what = match word {
        _ if value == 0 => return,
        VENDOR => "vendor",
        PRODUCT => "product code",
        REVISION => "revision",
        SERIAL => "serial number",
        _ => return,
    };
    let maker = match (word, value) {
        (VENDOR, 0x0002) => " (Beckhoff)",
        (VENDOR, 0x0083) => " (Omron)",
        (VENDOR, 0x0539) => " (Yaskawa)",
        _ => "",
    };
    let text = Brief::<64>::of(format_args!("station {station:#06x}: {what} {value:#010x}{maker}"));
    facts.say(Fact::Property { name: "device-behind", value: text.as_str() });
}
