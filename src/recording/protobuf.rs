//! Writes and reads the wire format of Protocol Buffers, as far as recordings need it: a few fields of four messages.

/// One message that is being written.
#[derive(Debug, Default)]
pub(super) struct MessageBytes(Vec<u8>);

impl MessageBytes {
    pub(super) fn varint(mut self, number: u32, value: u64) -> Self {
        self.tag(number, 0);
        self.raw_varint(value);
        self
    }

    pub(super) fn double(mut self, number: u32, value: f64) -> Self {
        self.tag(number, 1);
        self.0.extend(value.to_le_bytes());
        self
    }

    pub(super) fn bytes(mut self, number: u32, value: &[u8]) -> Self {
        self.tag(number, 2);
        self.raw_varint(value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    pub(super) fn text(self, number: u32, value: &str) -> Self {
        self.bytes(number, value.as_bytes())
    }

    pub(super) fn message(self, number: u32, value: Self) -> Self {
        self.bytes(number, &value.0)
    }

    pub(super) fn messages(self, number: u32, values: impl IntoIterator<Item = Self>) -> Self {
        values.into_iter().fold(self, |all, value| all.message(number, value))
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }

    fn tag(&mut self, number: u32, wire_type: u64) {
        self.raw_varint(u64::from(number) << 3 | wire_type);
    }

    fn raw_varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value as u8) | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

/// The value of a field, as the wire tells its type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32(u32),
}

impl<'a> Value<'a> {
    pub(super) fn number(self) -> Option<u64> {
        if let Self::Varint(number) = self { Some(number) } else { None }
    }

    pub(super) fn double(self) -> Option<f64> {
        if let Self::Fixed64(bits) = self { Some(f64::from_bits(bits)) } else { None }
    }

    pub(super) fn bytes(self) -> Option<&'a [u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    pub(super) fn text(self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }
}

/// Reads the fields of a message one after the other. `Some(None)` says that the message is damaged, and is the last.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Option<(u32, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<(u32, Value<'a>)> {
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).ok()?;
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed64(u64::from_le_bytes(self.take(8)?.try_into().ok()?)),
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                Value::Bytes(self.take(length)?)
            }
            5 => Value::Fixed32(u32::from_le_bytes(self.take(4)?.try_into().ok()?)),
            _ => return None,
        };
        Some((number, value))
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_they_are_written() {
        let inner = MessageBytes::default().double(1, -0.5);
        let bytes = MessageBytes::default()
            .varint(1, 0)
            .varint(2, u64::MAX)
            .text(300, "é")
            .message(4, inner)
            .finish();
        let fields: Vec<_> = Fields(&bytes).collect::<Option<Vec<_>>>().unwrap();
        assert_eq!(fields[0], (1, Value::Varint(0)));
        assert_eq!(fields[1], (2, Value::Varint(u64::MAX)));
        assert_eq!((fields[2].0, fields[2].1.text()), (300, Some("é")));
        let inner = Fields(fields[3].1.bytes().unwrap()).next().unwrap().unwrap();
        assert_eq!((inner.0, inner.1.double()), (1, Some(-0.5)));
        // Whatever is cut off, the reader ends and says so or has read whole fields.
        for length in 0..bytes.len() {
            assert!(Fields(&bytes[..length]).count() <= fields.len());
        }
        assert_eq!(Fields(&[0xFF; 20]).collect::<Vec<_>>(), [None]);
    }
}
