//! How much memory this process has.

/// Resident bytes; 0 where the system does not tell.
pub(crate) fn resident() -> usize {
    const PAGE: usize = 4096;
    let pages = std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
    pages.unwrap_or_default() * PAGE
}
