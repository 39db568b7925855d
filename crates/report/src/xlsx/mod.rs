//! Spreadsheets to fill in offline: the requirement workbook and the pack of questions.
//!
//! Owns what they look like and the hidden sheet by which they are read back ([`layout`]); reading and what changes is the
//! use case of `workbench`. Ids and texts are written as text, days as days, levels as numbers; every cell that can be filled
//! in is said again in the hidden sheet as it was, so that what a person changed can be told from what changed since.

mod book;
pub mod layout;
mod overviews;
mod pack;
pub mod records;
#[cfg(test)]
mod tests;
mod workbook;

pub use pack::pack;
pub use rust_xlsxwriter::XlsxError as WriteError;
pub use workbook::workbook;

/// A workbook, and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The file.
    pub bytes: Vec<u8>,
    /// How many texts were cut because a cell cannot hold them.
    pub cut: usize,
}
