//! Defines the cameras that the user named, as the settings file has them. Their keys are in the keyring, by address.

use serde::{Deserialize, Serialize};

use crate::base::rounding::as_typed;
use crate::protocol::camera::BoxFormat;

/// How to reach a camera.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CameraProfile {
    /// The name that the user sees.
    pub name: String,
    /// The address of the pictures.
    pub url: String,
    /// The name that the camera asks for together with a password, which is in the keyring; empty for none. A camera
    /// with a name has no other key.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user: String,
    /// Whether the user agreed that name and password go unencrypted to this camera, in a private network.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub open_login: bool,
    /// Where the camera wants its key.
    pub key_place: CameraKeyPlace,
    /// How the camera writes the boxes of its detections.
    pub box_format: BoxFormat,
    /// Where its pictures are forwarded to; `None` for nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forward: Option<ForwardProfile>,
}

/// Where a camera's pictures are forwarded to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ForwardProfile {
    /// The base address of the service that takes them.
    pub url: String,
    /// Whether the keyring has a key for this service.
    pub has_key: bool,
    /// Pictures per second, at most.
    #[serde(serialize_with = "as_typed")]
    pub per_second: f32,
}

impl Default for ForwardProfile {
    fn default() -> Self {
        Self { url: String::new(), has_key: false, per_second: 1.0 }
    }
}

/// Where a camera wants its key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, strum::EnumIter)]
#[serde(rename_all = "lowercase")]
pub enum CameraKeyPlace {
    /// The camera has no key, so the keyring is not asked.
    #[default]
    None,
    /// `Authorization: Bearer …`
    Header,
    /// `?token=…`
    Query,
    /// The key is offered as the subprotocol of the WebSocket.
    Subprotocol,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_camera_is_written_as_it_is_read() {
        let text = r#"
            [[cameras]]
            name = "Door"
            url = "ws://door.test:7103/ws/stream/1"
            key_place = "query"
            box_format = "xyxy"
            forward = { url = "https://api.test", per_second = 0.5 }

            [[cameras]]
            name = "Yard"
            url = "http://yard.test/stream.mjpeg"
            user = "admin"
            open_login = true
        "#;
        let settings: crate::settings::Settings = toml::from_str(text).unwrap();
        let [door, yard] = &settings.cameras[..] else {
            panic!("two cameras: {:?}", settings.cameras)
        };
        assert_eq!(door.key_place, CameraKeyPlace::Query);
        assert_eq!(door.box_format, BoxFormat::Xyxy);
        assert_eq!(door.forward.as_ref().map(|forward| forward.per_second), Some(0.5));
        assert_eq!((yard.key_place, &yard.forward), (CameraKeyPlace::None, &None));
        assert_eq!((yard.user.as_str(), yard.open_login, door.user.as_str()), ("admin", true, ""));
        let again = toml::from_str(&toml::to_string(&settings).unwrap());
        assert_eq!(again, Ok(settings));
    }
}
