//! A camera of the host's in a real window: its boxes lie around what they were found in, by the pixels on screen.

use std::collections::BTreeMap;

use crate::ground::{Clip, Found, find_ground, tiles};
use crate::host::{Host, TOKEN};
use crate::picture::{Ink, Part, Picture, Placing};
use crate::stage::{SOON, Stage};
use crate::window::{Place, Window};

const PLACE: Place = Place { name: "cam", display: 0 };

/// How far an edge may be from where it belongs: places are rounded to pixels, and so are ours.
const OFF_BY: i32 = 1;
/// Edges are looked for this far from there.
const REACH: i32 = 7;
/// Of an edge that has its color.
const MOST: f64 = 0.7;
/// Room for the label of another box, which may lie on this one.
const LABEL: (i32, i32) = (130, 26);
/// Boxes of each class that have to be right.
const EACH: usize = 2;

/// The color of a class is the same on every run.
fn color(class: &str) -> Ink {
    let rgb = match class {
        "person" => [0x56, 0xB4, 0xE9],
        "car" => [0xCC, 0x79, 0xA7],
        "ball" => [0x2F, 0x80, 0xD0],
        other => panic!("the clip has no {other}"),
    };
    Ink { rgb, off_by: 3 }
}

/// What was seen at one size.
#[derive(Debug, Default)]
struct Tally {
    right: BTreeMap<String, usize>,
    /// Boxes of a picture that came later, which would not have been right.
    noticed: usize,
}

impl Tally {
    fn has(&self, class: &str, count: usize) -> bool {
        self.right.get(class) >= Some(&count)
    }

    fn is_enough(&self) -> bool {
        ["person", "car", "ball"].iter().all(|class| self.has(class, EACH)) && self.noticed >= EACH
    }

    /// Compares what is shown in `part` with the boxes of the picture that is shown there.
    fn look(&mut self, clip: &Clip, screen: &Picture, part: Part, placing: Placing) {
        let nth = clip.shown(screen, part, placing);
        let found = &clip.still(nth).found;
        for (at, one) in found.iter().enumerate() {
            let place = place_of(one, placing);
            let others = found.iter().enumerate().filter(|(other, _)| *other != at);
            let is_alone = others
                .map(|(_, other)| place_of(other, placing).grown(LABEL.0, LABEL.1))
                .all(|other| !other.meets(place));
            // Near the picture's end a label lies on its own box.
            if !is_alone || !part.holds(place.grown(2, LABEL.1)) {
                continue;
            }
            let ink = color(&one.class);
            let off = edges_off(screen, &ink, place);
            assert!(
                off.iter().all(|off| off.is_some_and(|off| off.abs() <= OFF_BY)),
                "picture {nth} at {:.3}: {} at {place:?} has its edges off by {off:?}",
                placing.scale(),
                one.class
            );
            *self.right.entry(one.class.clone()).or_default() += 1;
            let later = clip.still(nth + 2).found.iter();
            let is_there = later
                .filter(|later| later.class == one.class)
                .map(|later| edges_off(screen, &ink, place_of(later, placing)))
                .any(|off| off.iter().all(|off| off.is_some_and(|off| off.abs() <= OFF_BY)));
            self.noticed += usize::from(!is_there);
        }
    }
}

/// Where a box has to be on screen.
fn place_of(found: &Found, placing: Placing) -> Part {
    let [left, top, right, bottom] = found.edges;
    let (from, to) = (placing.to_window((left, top)), placing.to_window((right, bottom)));
    Part { left: from.0, top: from.1, right: to.0, bottom: to.1 }
}

/// How far out of place the outermost lines of this color are: left, top, right, bottom; `None` where there is none.
fn edges_off(screen: &Picture, ink: &Ink, place: Part) -> [Option<i32>; 4] {
    let Part { left, top, right, bottom } = place;
    let column = |x: i32| Part { left: x, right: x + 1, ..place };
    let row = |y: i32| Part { top: y, bottom: y + 1, ..place };
    let is_line = |part: Part| screen.share(ink, part) >= MOST;
    // From outside inwards.
    [
        (-REACH..=REACH).find(|by| is_line(column(left + by))),
        (-REACH..=REACH).find(|by| is_line(row(top + by))),
        (-REACH..=REACH).rev().find(|by| is_line(column(right - 1 + by))),
        (-REACH..=REACH).rev().find(|by| is_line(row(bottom - 1 + by))),
    ]
}

async fn open<'a>(stage: &'a Stage, cameras: &[String]) -> Window<'a> {
    let arguments: Vec<&str> = cameras.iter().flat_map(|url| ["--camera", url]).collect();
    Window::open_at(stage, PLACE, &arguments, |command| {
        command.env("HELMSIGHT_TOKEN", TOKEN);
    })
    .await
}

/// Presses a key and waits until the picture has a size that fits.
async fn zoomed(window: &Window<'_>, key: &str, fits: impl Fn(f64) -> bool) -> Placing {
    window.key(key).await;
    let look = async || {
        let screen = window.picture()?;
        find_ground(&screen, screen.whole()).filter(|placing| fits(placing.scale()))
    };
    window.stage.until(&format!("the size of {key}"), SOON, look).await
}

/// Looks until enough boxes were seen in a part of the window.
async fn boxes_are_right(window: &Window<'_>, clip: &Clip, placing: Placing, sight: Part) {
    let mut tally = Tally::default();
    let what = format!("enough boxes at {:.3}", placing.scale());
    let look = async || {
        tally.look(clip, &window.picture()?, sight, placing);
        tally.is_enough().then_some(())
    };
    window.stage.until(&what, SOON, look).await;
}

#[tokio::test]
async fn boxes_lie_around_their_objects_at_every_size() {
    let Some(stage) = Stage::set("boxes").await else {
        return;
    };
    let clip = Clip::read();
    let host = Host::start(&stage, "127.0.0.1:0").await;
    let window = open(&stage, &[host.camera_url("demo-1")]).await;

    let fit = zoomed(&window, "f", |scale| scale > 1.1).await;
    let (from, to) = (fit.to_window((0.0, 0.0)), fit.to_window((640.0, 360.0)));
    let sight = Part { left: from.0, top: from.1, right: to.0, bottom: to.1 };
    boxes_are_right(&window, &clip, fit, sight).await;
    let actual = zoomed(&window, "0", |scale| (scale - 1.0).abs() < 0.005).await;
    boxes_are_right(&window, &clip, actual, sight).await;
    // From step to step, until the picture is larger than the window.
    let mut larger = actual;
    while larger.scale() < fit.scale() {
        let before = larger.scale();
        larger = zoomed(&window, "plus", |scale| scale > before * 1.05).await;
    }
    boxes_are_right(&window, &clip, larger, sight).await;
}

#[tokio::test]
async fn boxes_lie_around_their_objects_in_tiles() {
    let Some(stage) = Stage::set("boxes-in-tiles").await else {
        return;
    };
    let clip = Clip::read();
    let host = Host::start(&stage, "127.0.0.1:0").await;
    let cameras = ["demo-1", "demo-5", "demo-9", "demo-13"].map(|id| host.camera_url(id));
    let window = open(&stage, &cameras).await;
    window.key("w").await;
    // An object may be on one of the lines by which a place is found.
    let four_tiles = async || {
        let screen = window.picture()?;
        let tiles = tiles(&screen).into_iter();
        let placed = tiles.filter_map(|tile| Some((tile, find_ground(&screen, tile)?)));
        <[_; 4]>::try_from(placed.collect::<Vec<_>>()).ok()
    };
    let tiles = stage.until("four tiles", SOON, four_tiles).await;
    let mut tallies: [Tally; 4] = Default::default();
    let look = async || {
        let screen = window.picture()?;
        for ((tile, placing), tally) in tiles.iter().zip(&mut tallies) {
            tally.look(&clip, &screen, *tile, *placing);
        }
        let each = tallies.iter().all(|tally| tally.has("person", 1) && tally.has("ball", 1));
        let cars = tallies.iter().filter(|tally| tally.has("car", 1));
        (each && cars.count() >= 2).then_some(())
    };
    stage.until("enough boxes in every tile", SOON, look).await;
}
