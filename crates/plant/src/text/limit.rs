//! Limits on what comes from outside. Each is tested at its edge and named in the message when it is hit.

/// Bytes of one file.
pub const FILE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Records of a whole workspace, parts of records included.
pub const RECORDS_MAX: usize = 500_000;

/// Levels to which values and keys nest.
pub const NESTING_MAX: usize = 24;

/// Characters of one text or cell.
pub const TEXT_CHARS_MAX: usize = 65_536;

/// Items of one list.
pub const LIST_ITEMS_MAX: usize = 100_000;

/// Columns of a CSV file.
pub const COLUMNS_MAX: usize = 512;

/// Characters of an id.
pub const ID_CHARS_MAX: usize = 64;

/// Levels to which zones nest.
pub const ZONE_DEPTH_MAX: usize = 32;

/// Diagnostics of one code that are told one by one; the rest is told as a number.
pub const DIAGNOSTICS_OF_A_CODE_MAX: usize = 200;

/// Members of groups looked at in all when ends of permits are checked.
pub const MEMBERS_MAX: usize = 2_000_000;

/// Names compared in all to find the nearest ones; beyond it, messages go without a suggestion.
pub const COMPARISONS_MAX: usize = 2_000_000;
