//! Runs the threads that turn compressed pictures into pixels, which all streams share.

use std::sync::Arc;
use std::{io, thread};

use tokio::sync::watch;

use super::decode::{Decode, decode};
use super::queue::DecodeQueue;
use super::request::DecodeRequest;
use super::stream::DecodeStream;
use super::{DecodedFrame, StreamStats};
use crate::base::{Mailbox, Wake};
use crate::model::{EncodedFrame, Traffic};

/// The decoder threads. Each ends after the picture at hand when the pool is dropped.
#[derive(Debug)]
pub struct DecodePool {
    queue: Arc<DecodeQueue>,
}

impl DecodePool {
    /// Starts `threads` threads that are named "decode-1", "decode-2" and so on.
    pub fn new(threads: usize) -> io::Result<Self> {
        Self::with_decoder(threads, decode)
    }

    fn with_decoder(threads: usize, decode: Decode) -> io::Result<Self> {
        let pool = Self { queue: Arc::new(DecodeQueue::default()) };
        for n in 1..=threads.max(1) {
            let queue = pool.queue.clone();
            thread::Builder::new().name(format!("decode-{n}")).spawn(move || queue.work(decode))?;
        }
        Ok(pool)
    }

    /// Sets the longest side that can be uploaded, in pixels. Larger pictures are halved until they fit.
    pub fn set_max_texture_side(&self, side: u32) {
        self.queue.set_max_side(side);
    }

    /// Adds a stream: pictures go from `frames` to `decoded`, `traffic` gets to know which could be read, and `wake` is
    /// called when the reader of `decoded` and `traffic` has to look.
    pub fn stream(
        &self,
        frames: Arc<Mailbox<EncodedFrame>>,
        decoded: Arc<Mailbox<DecodedFrame>>,
        stats: Arc<StreamStats>,
        traffic: watch::Sender<Traffic>,
        wake: Wake,
    ) -> DecodeRequest {
        let stream = DecodeStream::new(frames, decoded, stats, traffic, wake);
        DecodeRequest::new(stream, self.queue.clone())
    }
}

impl Drop for DecodePool {
    fn drop(&mut self) {
        self.queue.close();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

    use bytes::Bytes;
    use egui::{Color32, ColorImage};

    use super::*;
    use crate::model::{FrameSize, ImageFormat};
    use crate::video::DecodeError;
    use crate::video::decode::{Buffers, DecodeOptions};
    use crate::video::stream::Turn;

    const JPEG: &[u8] = include_bytes!("../../tests/data/pictures/odd-420.jpg");

    struct Fixture {
        pool: DecodePool,
        frames: Arc<Mailbox<EncodedFrame>>,
        decoded: Arc<Mailbox<DecodedFrame>>,
        stats: Arc<StreamStats>,
        traffic: watch::Sender<Traffic>,
        wakes: Arc<AtomicUsize>,
        request: DecodeRequest,
    }

    impl Fixture {
        fn new(threads: usize, decode: Decode) -> Self {
            let pool = DecodePool::with_decoder(threads, decode).unwrap();
            let (frames, decoded, stats, wakes) =
                <(Arc<_>, Arc<_>, Arc<StreamStats>, Arc<AtomicUsize>)>::default();
            let traffic = watch::Sender::default();
            let count = wakes.clone();
            let wake = Wake::new(move || _ = count.fetch_add(1, Ordering::SeqCst));
            let request = pool.stream(
                Arc::clone(&frames),
                Arc::clone(&decoded),
                stats.clone(),
                traffic.clone(),
                wake,
            );
            Self { pool, frames, decoded, stats, traffic, wakes, request }
        }

        fn send(&self, data: &'static [u8]) {
            let frame =
                EncodedFrame::bare(ImageFormat::Jpeg, Bytes::from_static(data), Instant::now());
            self.frames.publish(frame);
            self.request.ask();
        }

        fn wait_for<T>(&self, what: &str, mut ready: impl FnMut(&Self) -> Option<T>) -> T {
            let deadline = Instant::now() + Duration::from_secs(20);
            while Instant::now() < deadline {
                if let Some(value) = ready(self) {
                    return value;
                }
                thread::yield_now();
            }
            panic!("waited too long for {what}");
        }

        fn picture(&self) -> DecodedFrame {
            self.wait_for("a picture", |fixture| fixture.decoded.take())
        }

        fn refused(&self) -> u64 {
            self.stats.snapshot().frames_refused
        }
    }

    /// "Decodes" to one pixel whose red is the first byte of the data, and panics at 255.
    fn first_byte(
        frame: &EncodedFrame,
        _: DecodeOptions,
        _: &mut Buffers,
    ) -> Result<(ColorImage, FrameSize), DecodeError> {
        let byte = frame.data[0];
        assert_ne!(byte, 255, "a planted bug");
        let pixel = Color32::from_rgb(byte, 0, 0);
        Ok((ColorImage::new([1, 1], vec![pixel]), FrameSize { width: 1, height: 1 }))
    }

    static NUMBERS: [u8; 200] = {
        let mut numbers = [0; 200];
        let mut n = 0;
        while n < numbers.len() {
            numbers[n] = n as u8;
            n += 1;
        }
        numbers
    };

    #[test]
    fn a_picture_comes_out_and_wakes_once() {
        let fixture = Fixture::new(2, decode);
        fixture.send(JPEG);
        let picture = fixture.picture();
        assert_eq!(
            (picture.image.size, picture.size),
            ([67, 35], FrameSize { width: 67, height: 35 })
        );
        fixture.wait_for("the wake", |fixture| {
            (fixture.wakes.load(Ordering::SeqCst) == 1).then_some(())
        });
        assert!(fixture.stats.snapshot().decode > Duration::ZERO);
    }

    #[test]
    fn a_bad_picture_is_counted_and_the_stream_goes_on() {
        let fixture = Fixture::new(1, decode);
        fixture.send(&JPEG[..200]);
        fixture.wait_for("the wake", |fixture| {
            (fixture.wakes.load(Ordering::SeqCst) == 1).then_some(())
        });
        assert_eq!(fixture.refused(), 1);
        assert!(fixture.decoded.take().is_none());
        let unread = fixture.traffic.borrow().unread.clone().unwrap();
        assert!(unread.count == 1 && unread.why.contains("damaged"), "{unread:?}");
        fixture.send(JPEG);
        fixture.picture();
        let traffic = fixture.traffic.borrow().clone();
        assert!(traffic.unread.is_none() && traffic.last_frame.is_some(), "{traffic:?}");
    }

    #[test]
    fn a_panic_in_the_decoder_costs_one_picture() {
        let fixture = Fixture::new(1, first_byte);
        fixture.send(&[255]);
        fixture.wait_for("the refusal", |fixture| (fixture.refused() == 1).then_some(()));
        fixture.send(&[7]);
        assert_eq!(fixture.picture().image[(0, 0)].r(), 7);
    }

    #[test]
    fn pictures_of_a_stream_keep_their_order_and_the_newest_arrives() {
        static RUNNING: AtomicUsize = AtomicUsize::new(0);
        fn alone(
            frame: &EncodedFrame,
            wanted: DecodeOptions,
            buffers: &mut Buffers,
        ) -> Result<(ColorImage, FrameSize), DecodeError> {
            assert_eq!(RUNNING.fetch_add(1, Ordering::SeqCst), 0, "two threads on one stream");
            thread::yield_now();
            let picture = first_byte(frame, wanted, buffers);
            RUNNING.fetch_sub(1, Ordering::SeqCst);
            picture
        }
        let fixture = Fixture::new(4, alone);
        let mut last = None;
        for number in NUMBERS.chunks(1) {
            fixture.send(number);
            let shown = fixture.decoded.take().map(|picture| picture.image[(0, 0)].r());
            assert!(shown.is_none() || shown > last, "{shown:?} after {last:?}");
            last = shown.or(last);
        }
        if last != Some(199) {
            fixture.wait_for("the newest", |f| {
                f.decoded.take().filter(|picture| picture.image[(0, 0)].r() == 199)
            });
        }
        assert_eq!(fixture.refused(), 0);
    }

    #[test]
    fn a_flood_leaves_one_ticket_and_wakes_only_for_a_first_picture() {
        let fixture = Fixture::new(1, first_byte);
        let idle = || fixture.wait_for("rest", |f| (f.request.turn() == Turn::Idle).then_some(()));
        for number in NUMBERS.chunks(1) {
            fixture.send(number);
            assert!(fixture.pool.queue.streams().waiting.len() <= 1);
            if number[0] < 5 {
                idle();
            }
        }
        idle();
        // Nobody took a picture, so there was one wake, and every picture but the last was superseded at one hop or the
        // other.
        assert_eq!(fixture.wakes.load(Ordering::SeqCst), 1);
        assert_eq!(fixture.stats.snapshot().frames_superseded + fixture.frames.superseded(), 199);
        assert_eq!(fixture.picture().image[(0, 0)].r(), 199);
    }

    #[test]
    fn a_hidden_stream_decodes_its_newest_picture_once_it_is_seen() {
        let fixture = Fixture::new(1, first_byte);
        fixture.request.set_visible(false);
        fixture.send(&[1]);
        fixture.send(&[2]);
        assert_eq!(fixture.request.turn(), Turn::Idle);
        fixture.request.set_visible(true);
        assert_eq!(fixture.picture().image[(0, 0)].r(), 2);
    }

    #[test]
    fn a_stream_held_to_a_rate_shows_its_newest_when_its_time_comes() {
        let fixture = Fixture::new(2, first_byte);
        fixture.request.set_max_rate(Some(20));
        let started = Instant::now();
        fixture.send(&NUMBERS[..1]);
        fixture.picture();
        for number in NUMBERS.chunks(1) {
            fixture.send(number);
        }
        fixture.wait_for("the newest", |f| {
            f.decoded.take().filter(|picture| picture.image[(0, 0)].r() == 199)
        });
        assert!(started.elapsed() >= Duration::from_millis(40));
    }

    #[test]
    fn a_stream_that_waits_for_its_time_goes_on_at_once_when_the_rate_is_lifted() {
        let fixture = Fixture::new(1, first_byte);
        fixture.request.set_max_rate(Some(1));
        for number in [&[1], &[2], &[3]] {
            fixture.send(number);
            fixture.wait_for("the turn", |f| {
                let later = f.pool.queue.streams().later.len();
                (f.request.turn() == Turn::Idle || later == 1).then_some(())
            });
        }
        fixture.request.set_max_rate(None);
        assert!(fixture.pool.queue.streams().later.is_empty());
        fixture.wait_for("the newest", |f| {
            f.decoded.take().filter(|picture| picture.image[(0, 0)].r() == 3)
        });
    }

    #[test]
    fn a_picture_shown_larger_again_is_decoded_again_in_full() {
        let fixture = Fixture::new(1, decode);
        fixture.request.set_shown_scale(0.25);
        fixture.send(JPEG);
        assert_eq!(fixture.picture().image.size, [17, 9]);
        fixture.request.set_shown_scale(1.0);
        let sharp = fixture.picture();
        assert_eq!((sharp.image.size, sharp.size), ([67, 35], FrameSize { width: 67, height: 35 }));
        fixture.pool.set_max_texture_side(64);
        fixture.send(JPEG);
        assert_eq!(fixture.picture().image.size, [34, 18]);
    }

    #[test]
    fn threads_end_with_the_pool_and_asking_stays_harmless() {
        let Fixture { pool, frames, request, .. } = Fixture::new(3, first_byte);
        drop(frames);
        let queue = Arc::downgrade(&pool.queue);
        drop(pool);
        request.ask();
        request.ask();
        assert!(queue.upgrade().is_none_or(|queue| queue.streams().waiting.is_empty()));
        drop(request);
        let deadline = Instant::now() + Duration::from_secs(20);
        while queue.strong_count() > 0 {
            assert!(Instant::now() < deadline, "threads live on");
            thread::yield_now();
        }
    }
}
