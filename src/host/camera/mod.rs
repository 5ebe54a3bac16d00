//! Serves cameras to try a wall of pictures with: each plays one bundled clip from another place.
//!
//! There is no player. What a camera shows is a matter of the time, and every subscriber asks for it when it can take a
//! picture: a slow one skips, holds up nobody, and what nobody watches costs nothing.

mod clip;
mod mjpeg;
mod socket;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use super::error::ApiError;
use super::state::tasks::HostTasks;
use clip::{CLIP, Still};

/// A host has so many demo cameras: `demo-1` and so on, below `ws/stream/`.
pub const DEMO_CAMERAS: usize = 16;
/// A client may ask for so many pictures a second; above the clip's own rate they repeat.
const FPS: std::ops::RangeInclusive<f64> = 0.1..=60.0;

/// Routes the list of cameras.
pub(crate) fn list_route<S>(cameras: Arc<Cameras>) -> Router<S> {
    Router::new().route("/cameras", get(list)).with_state(cameras)
}

/// Routes each camera as a stream and as a socket.
pub(crate) fn routes<S>(cameras: Arc<Cameras>) -> Router<S> {
    Router::new()
        .route("/cameras/{id}/stream.mjpeg", get(mjpeg::stream))
        .route("/ws/stream/{id}", get(socket::upgrade))
        .with_state(cameras)
}

/// The clock that all cameras of a host go by, and how many watch each.
pub(crate) struct Cameras {
    since: Instant,
    watching: [Arc<AtomicUsize>; DEMO_CAMERAS],
    tasks: HostTasks,
}

#[derive(Debug, Deserialize)]
struct FeedQuery {
    fps: Option<f64>,
}

/// The pictures of one subscriber.
struct Feed {
    id: String,
    since: Instant,
    /// The time by which this camera's clip is ahead of the clock.
    ahead: Duration,
    ticks: Interval,
    _watching: CameraWatch,
}

/// A picture that is due now.
struct CameraPicture {
    still: &'static Still,
    /// The time of the picture, in milliseconds.
    timestamp: i64,
}

struct CameraWatch(Arc<AtomicUsize>);

async fn list(State(cameras): State<Arc<Cameras>>) -> Json<Vec<Value>> {
    let camera = |nth: usize| {
        let id = format!("demo-{}", nth + 1);
        json!({
            "id": id,
            "name": format!("Demo camera {}", nth + 1),
            "width": clip::SIZE.width,
            "height": clip::SIZE.height,
            "fps": CLIP.fps(),
            "watching": cameras.watching[nth].load(Ordering::Relaxed),
            "endpoints": {"ws": format!("/ws/stream/{id}"), "mjpeg": format!("/cameras/{id}/stream.mjpeg")},
        })
    };
    Json((0..DEMO_CAMERAS).map(camera).collect())
}

impl Cameras {
    pub(crate) fn new(tasks: HostTasks) -> Self {
        Self { since: Instant::now(), watching: Default::default(), tasks }
    }

    fn feed(&self, id: String, query: &FeedQuery) -> Result<Feed, ApiError> {
        let nth = nth(&id).ok_or_else(|| {
            ApiError::new(
                StatusCode::NOT_FOUND,
                "there is no such camera; GET /cameras lists those that there are",
            )
        })?;
        let fps = query.fps.unwrap_or_else(|| CLIP.fps());
        if !FPS.contains(&fps) {
            return Err(ApiError::bad("fps is a number from 0.1 to 60"));
        }
        let mut ticks = interval(Duration::from_secs_f64(1.0 / fps));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Ok(Feed {
            id,
            since: self.since,
            ahead: CLIP.period() * nth as u32 / DEMO_CAMERAS as u32,
            ticks,
            _watching: CameraWatch::new(&self.watching[nth]),
        })
    }
}

impl Feed {
    /// Waits for the next picture; what a slow subscriber had no time for is skipped. It is cancel-safe.
    async fn next(&mut self) -> CameraPicture {
        let tick = self.ticks.tick().await;
        // Ticks are evenly spaced and wakeups are not. By the tick's time no picture comes twice and none is left out.
        let at = if tick.elapsed() < self.ticks.period() { tick } else { Instant::now() };
        CameraPicture {
            still: CLIP.at(at.duration_since(self.since) + self.ahead),
            timestamp: Timestamp::now().as_millisecond(),
        }
    }
}

impl CameraWatch {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count.clone())
    }
}

impl Drop for CameraWatch {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Returns which camera an id names. The first has a short name, too.
fn nth(id: &str) -> Option<usize> {
    if id == "demo" {
        return Some(0);
    }
    (0..DEMO_CAMERAS).find(|nth| id.strip_prefix("demo-") == Some((nth + 1).to_string().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(cameras: &Cameras, id: &str, fps: Option<f64>) -> Result<Feed, ApiError> {
        cameras.feed(id.to_owned(), &FeedQuery { fps })
    }

    #[tokio::test]
    async fn sixteen_cameras_and_no_other() {
        for (id, expected) in [
            ("demo", Some(0)),
            ("demo-1", Some(0)),
            ("demo-16", Some(15)),
            ("demo-0", None),
            ("demo-17", None),
            ("demo-01", None),
            ("demo-+1", None),
            ("demo-", None),
            ("Demo", None),
            ("", None),
        ] {
            assert_eq!(nth(id), expected, "{id}");
        }
        let cameras = Cameras::new(HostTasks::default());
        assert_eq!(feed(&cameras, "door", None).err().unwrap().code, StatusCode::NOT_FOUND);
        for fps in [0.0, -1.0, 61.0, f64::NAN, f64::INFINITY] {
            let refused = feed(&cameras, "demo", Some(fps)).err().unwrap();
            assert_eq!(refused.code, StatusCode::BAD_REQUEST, "{fps}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn every_picture_once_and_the_newest_after_a_pause() {
        let cameras = Cameras::new(HostTasks::default());
        let mut steady = feed(&cameras, "demo", None).unwrap();
        let every = steady.ticks.period();
        for n in 0..200 {
            let shot = steady.next().await;
            assert!(std::ptr::eq(shot.still, CLIP.at(every * n)), "{n}");
        }
        // Pictures that were missed are not made up for.
        let pause = every * 31 + every / 2;
        tokio::time::sleep(pause).await;
        let now = every * 199 + pause;
        assert!(std::ptr::eq(steady.next().await.still, CLIP.at(now)));
        let next = steady.next().await;
        assert_eq!(cameras.since.elapsed(), every * 231);
        assert!(std::ptr::eq(next.still, CLIP.at(every * 231)));
    }

    #[tokio::test(start_paused = true)]
    async fn each_camera_is_somewhere_else_and_all_who_watch_one_see_the_same() {
        let cameras = Cameras::new(HostTasks::default());
        let mut shown = Vec::new();
        for n in 1..=DEMO_CAMERAS {
            let id = format!("demo-{n}");
            let mut feeds = [None, Some(2.0)].map(|fps| feed(&cameras, &id, fps).unwrap());
            let (one, other) = (feeds[0].next().await, feeds[1].next().await);
            assert!(std::ptr::eq(one.still, other.still));
            assert_eq!(cameras.watching[n - 1].load(Ordering::Relaxed), 2);
            shown.push(std::ptr::from_ref(one.still));
        }
        shown.sort();
        shown.dedup();
        assert_eq!(shown.len(), DEMO_CAMERAS);
        assert!(cameras.watching.iter().all(|n| n.load(Ordering::Relaxed) == 0));
    }
}
