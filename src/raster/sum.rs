//! Sums up what is painted, so that a change is seen without comparing all of it.

/// An odd number without a pattern in its bits.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Adds one value to a sum in which the order counts.
pub(super) fn mixed(sum: u64, value: u64) -> u64 {
    (sum.rotate_left(23) ^ value).wrapping_mul(SPREAD)
}
