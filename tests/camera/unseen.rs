//! A camera that nobody sees is asked for no pictures, unless somebody looks for objects in them.

use helmsight::model::{Condition, Status};
use helmsight::session::Attention;

use crate::picture;
use crate::scripted::{Camera, Say, parts_head};
use crate::support::Watched;

async fn is_left_and_taken_up_again(camera: Camera) {
    let mut watched = Watched::at(&camera.url);
    watched.picture(24).await;
    // Pictures go on to come, and none is decoded any more.
    watched.handle.set_attention(Attention::Unseen);
    let received = watched.handle.stats().frames_received;
    let more = |it: &Watched| it.handle.stats().frames_received > received + 5;
    while !more(&watched) {
        tokio::task::yield_now().await;
    }
    let decoded = watched.pictures.len();
    assert!(decoded <= 2, "{decoded}");
    assert_eq!(camera.asked().len(), 1);

    watched.handle.set_attention(Attention::Hidden);
    camera.is_left().await;
    assert_eq!(watched.handle.status(), Status::Connected);
    assert!(!watched.condition().is_stale(), "{:?}", watched.condition());

    watched.handle.set_attention(Attention::Focus);
    watched.picture(40).await;
    assert_eq!(watched.condition(), Condition::Live);
    assert_eq!(camera.asked().len(), 2);
    let connected = watched.texts().iter().filter(|text| **text == "Connected").count();
    assert_eq!(connected, 1, "the log tells of no connection that nobody missed");
    watched.close().await;
}

#[tokio::test]
async fn a_camera_over_a_socket_is_left_while_nobody_sees_it() {
    let script = |width| vec![Say::Repeat(picture(width), 20)];
    is_left_and_taken_up_again(Camera::socket("/ws/stream/1", vec![script(24), script(40)]).await)
        .await;
}

#[tokio::test]
async fn a_camera_over_http_is_left_while_nobody_sees_it() {
    let head = || parts_head("multipart/x-mixed-replace; boundary=f");
    let part = |width| [b"--f\r\n\r\n".as_slice(), &picture(width), b"\r\n"].concat();
    let script = |width| vec![head(), Say::Repeat(part(width), 20)];
    is_left_and_taken_up_again(Camera::http("/stream", vec![script(24), script(40)]).await).await;
}
