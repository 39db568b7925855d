//! Use cases over files: what the command line (and later the server) offers, without its words and colors.
//!
//! Owns: finding the files of a workspace, reading its evidence, and putting the parts together. Leaves to others: what
//! a file means (`plant`, `traffic`, `firewall`), judging (`assess`), documents (`report`), arguments and terminals (`cli`).
//!
//! **Invariant:** nothing is half-written: files are written beside their place and moved there when whole.

pub mod answers;
pub mod error;
pub mod evidence;
pub mod files;
pub mod import;
pub mod init;
mod profiles;
pub mod propose;
pub mod review;
pub mod start;
pub mod verified;
pub mod workspace;
pub mod written;

pub use error::WorkbenchError;
pub use verified::{Verified, changed, verify};
pub use workspace::Workspace;
