//! One file or folder per system that can be watched.

pub mod cobrowse;
pub mod computers;

pub use cobrowse::CobrowseService;
pub use computers::ComputersBackend;
