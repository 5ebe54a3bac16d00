//! Makes names and tokens that nobody can guess.

use super::error::HostError;

/// Returns `N` random bytes in hexadecimal; an error where the system has none.
pub(crate) fn random_hex<const N: usize>() -> Result<String, HostError> {
    use std::fmt::Write as _;
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).map_err(|err| HostError::Random(err.to_string()))?;
    let mut text = String::with_capacity(2 * N);
    for byte in bytes {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
    }
    Ok(text)
}
