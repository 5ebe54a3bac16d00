//! Tells where an address leads: to this computer, into its own network, or out to the internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Names that end so are those of a network of one's own.
const LOCAL_ENDS: [&str; 5] = [".local", ".lan", ".internal", ".intranet", ".home.arpa"];

/// Where an address leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The address is of this computer.
    ThisComputer,
    /// The address is of a private network.
    OwnNetwork,
    /// The address has another use than that of a server on the internet, such as multicast.
    Special,
    /// The address is of the internet.
    Internet,
}

impl Place {
    /// Returns the place that `url` names, without asking what its name stands for. It is `None` for an address without
    /// a host.
    pub fn of(url: &Url) -> Option<Self> {
        url.host().map(|host| Self::of_host(&host))
    }

    /// Returns the place that `host` names, without asking what its name stands for.
    pub fn of_host<S: AsRef<str>>(host: &Host<S>) -> Self {
        match host {
            Host::Domain(name) => Self::of_name(name.as_ref()),
            Host::Ipv4(address) => Self::of_v4(*address),
            Host::Ipv6(address) => Self::of_v6(*address),
        }
    }

    /// Returns the place of a numeric address.
    pub fn of_ip(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => Self::of_v6(address),
        }
    }

    /// Returns the place that a name tells by itself. A name of the internet may still stand for another place.
    fn of_name(name: &str) -> Self {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        if name == "localhost" || name.ends_with(".localhost") {
            Self::ThisComputer
        } else if !name.contains('.') || LOCAL_ENDS.iter().any(|end| name.ends_with(end)) {
            Self::OwnNetwork
        } else {
            Self::Internet
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        let [a, b, c, _] = address.octets();
        if address.is_loopback() {
            Self::ThisComputer
        } else if address.is_private() || address.is_link_local() {
            Self::OwnNetwork
        } else {
            match (a, b, c) {
                (0 | 224..=255, ..)
                | (100, 64..=127, _)
                | (192, 0, 0 | 2)
                | (192, 88, 99)
                | (198, 18..=19, _)
                | (198, 51, 100)
                | (203, 0, 113) => Self::Special,
                _ => Self::Internet,
            }
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        if let IpAddr::V4(address) = address.to_canonical() {
            return Self::of_v4(address);
        }
        let [a, b, c, .., y, z] = address.segments();
        match (a, b, c) {
            _ if address.is_loopback() => Self::ThisComputer,
            _ if address.is_unique_local() || address.is_unicast_link_local() => Self::OwnNetwork,
            (0x64, 0xff9b, 0) => Self::translated(y, z),
            (0x2002, ..) => Self::translated(b, c),
            (0x2001, 0..=0x1ff | 0xdb8, _) | (0x3fff, 0..=0xfff, _) => Self::Special,
            (0x2000..=0x3fff, ..) => Self::Internet,
            _ => Self::Special,
        }
    }

    /// Returns the place of an address that translators turn into the address of version 4 that is a part of it.
    fn translated(high: u16, low: u16) -> Self {
        match Self::of_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))) {
            Self::Internet => Self::Internet,
            Self::ThisComputer | Self::OwnNetwork | Self::Special => Self::Special,
        }
    }
}

/// Tells whether `url` leads to this computer.
pub fn is_loopback(url: &Url) -> bool {
    Place::of(url) == Some(Place::ThisComputer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_an_address_tells_its_place() {
        use Place::{Internet, OwnNetwork, Special, ThisComputer};
        for (place, hosts) in [
            (
                ThisComputer,
                &["127.0.0.1", "127.9.9.9", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"]
                    [..],
            ),
            (ThisComputer, &["localhost", "LOCALHOST.", "app.localhost"]),
            (
                OwnNetwork,
                &["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.5", "169.254.169.254"],
            ),
            (OwnNetwork, &["[fd00::1]", "[fe80::1]", "[::ffff:10.0.0.1]"]),
            (OwnNetwork, &["camera", "nas.local", "nas.LAN.", "a.internal", "b.home.arpa"]),
            (
                Special,
                &["0.0.0.0", "100.64.0.1", "192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1"],
            ),
            (
                Special,
                &[
                    "255.255.255.255",
                    "[::]",
                    "[ff02::1]",
                    "[2001:db8::1]",
                    "[fec0::1]",
                    "[2001::1]",
                ],
            ),
            (Special, &["[64:ff9b::7f00:1]", "[64:ff9b::a00:1]", "[2002:a00:1::]"]),
            (
                Internet,
                &[
                    "8.8.8.8",
                    "172.32.0.1",
                    "192.167.0.1",
                    "100.128.0.1",
                    "[2606:4700::1111]",
                    "[64:ff9b::808:808]",
                ],
            ),
            (Internet, &["example.com", "127.0.0.1.example.com", "localhost.example.com"]),
        ] {
            for host in hosts {
                let url = Url::parse(&format!("https://{host}/")).unwrap();
                assert_eq!(Place::of(&url), Some(place), "{host}");
            }
        }
        assert_eq!(Place::of(&Url::parse("data:,x").unwrap()), None);
    }
}
