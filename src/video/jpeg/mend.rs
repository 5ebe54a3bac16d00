//! Mends what webcams and cameras leave out of a JPEG: tables that everybody knows, and the end marker.

/// The Huffman tables, of which a DC and an AC table of each number are apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct HuffmanTables(u8);

impl HuffmanTables {
    const NUMBERS: u8 = 4;

    /// Adds the tables that a segment defines.
    pub(super) fn define(&mut self, mut segment: &[u8]) {
        while let [place, counts @ ..] = segment
            && let Some((counts, symbols)) = counts.split_first_chunk::<16>()
        {
            self.add(place >> 4, place & 0xF);
            let symbols_len = counts.iter().map(|count| usize::from(*count)).sum();
            segment = symbols.get(symbols_len..).unwrap_or_default();
        }
    }

    /// Adds the tables that the scan with this header is coded with.
    pub(super) fn name(&mut self, scan_header: &[u8]) {
        let Some((components, rest)) = scan_header.split_first() else { return };
        for pair in rest.chunks_exact(2).take(usize::from(*components)) {
            self.add(DC, pair[1] >> 4);
            self.add(AC, pair[1] & 0xF);
        }
    }

    /// Returns those that are in `self` and not in `other`.
    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn add(&mut self, class: u8, number: u8) {
        if class <= AC && number < Self::NUMBERS {
            self.0 |= 1 << (class * Self::NUMBERS + number);
        }
    }

    fn has(self, class: u8, number: u8) -> bool {
        self.0 & (1 << (class * Self::NUMBERS + number)) != 0
    }
}

const DC: u8 = 0;
const AC: u8 = 1;

/// Returns `whole`, which begins with its start marker, with the standard tables in the place of `missing`, and with an
/// end where `lacks_end`.
pub(super) fn mended(whole: &[u8], missing: HuffmanTables, lacks_end: bool) -> Vec<u8> {
    let (start, rest) = whole.split_at(2);
    let mut mended = Vec::with_capacity(whole.len() + 512);
    mended.extend(start);
    for (class, number, counts, symbols) in STANDARD {
        if missing.has(class, number) {
            let length = 2 + 1 + counts.len() + symbols.len();
            mended.extend([0xFF, 0xC4]);
            mended.extend((length as u16).to_be_bytes());
            mended.push(class << 4 | number);
            mended.extend(counts);
            mended.extend(symbols);
        }
    }
    mended.extend(rest);
    if lacks_end {
        // No code of a Huffman table is all ones. So where the scan is not complete, the decoder fails here instead of
        // making up what is missing; where it is complete, the decoder does not come here.
        mended.extend([0xFF, 0x00].repeat(ONES));
        mended.extend([0xFF, 0xD9]);
    }
    mended
}

/// Bytes of ones that are more than any code, whatever of a code or of a value is before them.
const ONES: usize = 16;

/// Class, number, number of codes of each length, and symbols of the tables of ITU T.81, K.3. Motion JPEG leaves them
/// out.
const STANDARD: [(u8, u8, [u8; 16], &[u8]); 4] = [
    (
        DC,
        0,
        [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
        &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    ),
    (
        DC,
        1,
        [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0],
        &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    ),
    (AC, 0, [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125], LUMINANCE),
    (AC, 1, [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119], CHROMINANCE),
];

#[rustfmt::skip]
const LUMINANCE: &[u8] = &[
    0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07, 0x22, 0x71,
    0x14, 0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15, 0x52, 0xD1, 0xF0, 0x24, 0x33, 0x62, 0x72,
    0x82, 0x09, 0x0A, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x34, 0x35, 0x36, 0x37,
    0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59,
    0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0x83,
    0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3,
    0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3,
    0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE1, 0xE2,
    0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
];

#[rustfmt::skip]
const CHROMINANCE: &[u8] = &[
    0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71, 0x13, 0x22,
    0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xA1, 0xB1, 0xC1, 0x09, 0x23, 0x33, 0x52, 0xF0, 0x15, 0x62, 0x72, 0xD1,
    0x0A, 0x16, 0x24, 0x34, 0xE1, 0x25, 0xF1, 0x17, 0x18, 0x19, 0x1A, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x35, 0x36,
    0x37, 0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58,
    0x59, 0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A,
    0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A,
    0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA,
    0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA,
    0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_tables_are_whole() {
        for (class, number, counts, symbols) in STANDARD {
            let codes: usize = counts.iter().map(|count| usize::from(*count)).sum();
            assert_eq!(codes, symbols.len(), "{class} {number}");
        }
        let mut all = HuffmanTables::default();
        let whole = mended(&[0xFF, 0xD8], HuffmanTables(0x33), false);
        let mut rest = &whole[2..];
        while let [0xFF, 0xC4, high, low, after @ ..] = rest {
            let length = usize::from(u16::from_be_bytes([*high, *low])) - 2;
            all.define(&after[..length]);
            rest = &after[length..];
        }
        assert_eq!((all, rest), (HuffmanTables(0x33), &[][..]));
    }

    #[test]
    fn what_a_scan_names_is_told_from_what_there_is() {
        let mut named = HuffmanTables::default();
        named.name(&[3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0]);
        assert_eq!(named, HuffmanTables(0x33));
        let mut defined = HuffmanTables::default();
        defined.define(&[&[0x10][..], &[0; 15], &[2, 7, 8, 0x01], &[0; 16]].concat());
        assert_eq!(named.without(defined), HuffmanTables(0x21));
        defined.define(&[0x11, 3]);
        assert!(!defined.has(AC, 1), "a table that is cut off is none");
    }
}
